/* Call metadata end to end: what a handler reads, what is not passed on, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rpc/envelope.h"
#include "rpc/metadata.h"
#include "rpc/opening.h"
#include "support/rpc_fixture.h"
#include "support/rpc_raw.h"
#include "walkie/report/v1/report.pb-c.h"

/* What the handler saw; written before it answers, read by the test after the call's end. */
static struct {
    char principal[64];
    bool has_scope;
    bool is_in_context;
} seen;

static enum status read_metadata(const struct ctx *ctx, struct rpc_server_call *call, void *service)
{
    (void)service;
    struct bytes value = {NULL, 0};
    bool has_principal = rpc_call_metadata(call, RPC_METADATA_PRINCIPAL, &value);
    snprintf(seen.principal, sizeof(seen.principal), "%.*s", has_principal ? (int)value.len : 4,
        has_principal ? (const char *)value.data : "none");
    seen.has_scope = rpc_call_metadata(call, RPC_METADATA_SCOPE, &value);
    seen.is_in_context = rpc_metadata_of(ctx) != NULL;
    Walkie__Report__V1__EchoReply reply = WALKIE__REPORT__V1__ECHO_REPLY__INIT;
    return rpc_call_reply(call, &reply.base);
}

static const struct rpc_binding BINDINGS[] = {
    {&TEST_ECHO_INLINE, read_metadata, NULL}, {&TEST_ECHO, read_metadata, NULL}};

static void use_bindings(struct rpc_server_options *options)
{
    options->bindings = BINDINGS;
    options->n_bindings = LENGTH_OF(BINDINGS);
}

static int set_up(void **state)
{
    memset(&seen, 0, sizeof(seen));
    *state = rpc_fixture_new("tcp://127.0.0.1:0", use_bindings);
    return 0;
}

static void call_with(
    struct rpc_fixture *fixture, const struct ctx *ctx, const struct rpc_method *method)
{
    struct call_record record = {0};
    assert_int_equal(record_start(&record, ctx, fixture->channel, method, 0), STATUS_OK);
    assert_true(record_wait_end(&record));
    assert_int_equal(record.end.status, STATUS_OK);
    record_finish(&record);
}

static void a_handler_reads_what_its_caller_attached(void **state)
{
    const struct rpc_method *methods[] = {&TEST_ECHO_INLINE, &TEST_ECHO};
    for (size_t i = 0; i < LENGTH_OF(methods); i++) {
        struct rpc_metadata_entry entries[2];
        struct rpc_metadata metadata;
        rpc_metadata_init(&metadata, entries, LENGTH_OF(entries));
        assert_int_equal(
            rpc_metadata_set(&metadata, RPC_METADATA_PRINCIPAL, bytes_of("ann")), STATUS_OK);
        assert_int_equal(
            rpc_metadata_set(&metadata, RPC_METADATA_SCOPE, bytes_of("centre 10")), STATUS_OK);
        CTX_SCOPE(scope, ctx_with_value(ctx_background(), &RPC_METADATA_KEY, &metadata));
        call_with(*state, scope->ctx, methods[i]);
        assert_string_equal(seen.principal, "ann");
        assert_true(seen.has_scope);
        /* A call that the handler made would not carry it on. */
        assert_false(seen.is_in_context);
    }
}

static void without_metadata_there_is_none(void **state)
{
    call_with(*state, ctx_background(), &TEST_ECHO);
    assert_string_equal(seen.principal, "none");
    assert_false(seen.has_scope);
}

/* A peer of Walkie's protocol whose CALL has one entry with this key. */
static void call_raw(struct rpc_fixture *fixture, const char *key, struct rpc_end *ret_end)
{
    struct raw_peer *raw = raw_connect(rpc_server_url(fixture->server), RPC_SP_CLIENT);
    assert_non_null(raw);
    raw_send_hello(raw);
    Walkie__Rpc__V1__CallMetadata call = WALKIE__RPC__V1__CALL_METADATA__INIT;
    call.method = (char *)(uintptr_t)TEST_ECHO.name;
    Walkie__Rpc__V1__MetadataEntry entry = WALKIE__RPC__V1__METADATA_ENTRY__INIT;
    entry.key = (char *)(uintptr_t)key;
    Walkie__Rpc__V1__MetadataEntry *entries[] = {&entry};
    call.n_metadata = 1;
    call.metadata = entries;
    uint8_t header[ENVELOPE_LEN_MAX];
    struct rpc_frame frame = {.call_id = RPC_CALL_ID_TOP | 1,
        .type = RPC_FRAME_CALL,
        .header = {header, envelope_pack(header, &call.base)}};
    raw_send_frame(raw, &frame);
    uint16_t protocol = 0;
    assert_true(raw_read_opening(raw, &protocol));
    assert_true(raw_read_end(raw, 1, ret_end));
    raw_free(raw);
}

static void malformed_metadata_ends_the_call_unstarted_in_words(void **state)
{
    struct rpc_end end;
    call_raw(*state, "Principal", &end);
    assert_int_equal(end.status, STATUS_INVALID_ARGUMENT);
    assert_int_equal(end.account.outcome, RPC_OUTCOME_NOT_STARTED);
    assert_string_equal(end.message, "a key of metadata is too long, empty, or not lower case");
    assert_string_equal(seen.principal, ""); /* the handler did not run */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_handler_reads_what_its_caller_attached, set_up, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            without_metadata_there_is_none, set_up, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            malformed_metadata_ends_the_call_unstarted_in_words, set_up, rpc_fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
