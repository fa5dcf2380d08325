/* Equal calls: the handler runs once, and each caller has its answer at its own pace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "obs/log.h"
#include "rpc/metadata.h"
#include "support/rpc_shared_service.h"

enum { N_CALLERS = 8, FILE_LEN = 1500000 };

static struct rpc_fixture *fixture;
static struct ctx_scope *patience; /* ends a test that hangs */

static int set_up(void **state)
{
    (void)state;
    fixture = rpc_fixture_new("tcp://127.0.0.1:0", serve_shared);
    patience = ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rpc_fixture_free(fixture);
    ctx_scope_end(patience);
    return ctx_test_no_leaks() ? 0 : 1;
}

static void start(struct call_record *record, const struct rpc_method *method, uint32_t size)
{
    assert_int_equal(
        record_start(record, patience->ctx, fixture->channel, method, size), STATUS_OK);
}

static unsigned int n_runs(void)
{
    pthread_mutex_lock(&fixture->service.mutex);
    unsigned int n_started = fixture->service.n_started;
    pthread_mutex_unlock(&fixture->service.mutex);
    return n_started;
}

static void assert_answered(struct call_record *record)
{
    assert_true(record_wait_end(record));
    assert_int_equal(record->end.status, STATUS_OK);
    assert_int_equal(record->end.account.outcome, RPC_OUTCOME_COMMITTED);
    assert_int_equal(record->n_replies, 1);
    assert_int_equal(record->n_ends, 1);
    assert_int_equal(record->n_after_end, 0);
}

static void assert_has_file(struct call_record *record, uint64_t len)
{
    assert_answered(record);
    assert_int_equal(record->n_bytes, len);
    assert_int_equal(record->n_wrong_bytes, 0);
}

/* --- equal and unequal ---------------------------------------------------------------------- */

static void equal_calls_run_the_handler_once(void **state)
{
    (void)state;
    struct call_record records[N_CALLERS] = {0};
    for (size_t i = 0; i < N_CALLERS; i++) {
        start(&records[i], &SHARED_ANSWER, 1);
    }
    assert_true(shared_wait_members(fixture->server, N_CALLERS));
    test_service_open_gate(&fixture->service);
    for (size_t i = 0; i < N_CALLERS; i++) {
        assert_answered(&records[i]);
        assert_int_equal(records[i].reply_len, records[0].reply_len);
        assert_true(records[i].reply_len > 0);
        record_finish(&records[i]);
    }
    assert_int_equal(n_runs(), 1);
}

static void calls_over_two_connections_are_shared(void **state)
{
    (void)state;
    struct rpc_channel *other = test_channel_new(rpc_server_url(fixture->server));
    assert_int_equal(rpc_channel_wait_ready(patience->ctx, other), STATUS_OK);
    struct call_record here = {0};
    struct call_record there = {0};
    start(&here, &SHARED_FILE, FILE_LEN);
    assert_int_equal(record_start(&there, patience->ctx, other, &SHARED_FILE, FILE_LEN), STATUS_OK);
    assert_true(shared_wait_members(fixture->server, 2));
    test_service_open_gate(&fixture->service);
    assert_has_file(&here, FILE_LEN);
    assert_has_file(&there, FILE_LEN);
    assert_int_equal(n_runs(), 1);
    record_finish(&here);
    record_finish(&there);
    rpc_channel_free(other);
}

static void run_apart(const struct rpc_method *method, const struct rpc_method *other, uint32_t len,
    uint32_t other_len)
{
    struct call_record one = {0};
    struct call_record two = {0};
    start(&one, method, len);
    start(&two, other, other_len);
    assert_true(test_service_wait_started(&fixture->service, 2));
    test_service_open_gate(&fixture->service);
    assert_has_file(&one, len);
    assert_has_file(&two, other_len);
    record_finish(&one);
    record_finish(&two);
}

static void calls_that_differ_in_the_request_run_apart(void **state)
{
    (void)state;
    run_apart(&SHARED_FILE, &SHARED_FILE, 1000, 2000);
}

static void calls_of_different_methods_run_apart(void **state)
{
    (void)state;
    run_apart(&SHARED_FILE, &SHARED_CHUNKS, 1000, 1000);
}

static void who_may_see_other_things_does_not_share(void **state)
{
    (void)state;
    struct rpc_metadata_entry entries[1];
    struct rpc_metadata metadata;
    rpc_metadata_init(&metadata, entries, LENGTH_OF(entries));
    assert_int_equal(
        rpc_metadata_set(&metadata, RPC_METADATA_SCOPE, bytes_of("site:7")), STATUS_OK);
    CTX_SCOPE(scoped, ctx_with_value(patience->ctx, &RPC_METADATA_KEY, &metadata));
    struct call_record records[3] = {0};
    start(&records[0], &SHARED_ANSWER, 1);
    for (size_t i = 1; i < LENGTH_OF(records); i++) {
        assert_int_equal(
            record_start(&records[i], scoped->ctx, fixture->channel, &SHARED_ANSWER, 1), STATUS_OK);
    }
    assert_true(shared_wait_members(fixture->server, 3));
    assert_true(test_service_wait_started(&fixture->service, 2));
    test_service_open_gate(&fixture->service);
    for (size_t i = 0; i < LENGTH_OF(records); i++) {
        assert_answered(&records[i]);
        record_finish(&records[i]);
    }
    assert_int_equal(n_runs(), 2);
}

static void a_call_after_the_data_changed_does_not_share(void **state)
{
    (void)state;
    struct call_record before = {0};
    struct call_record after = {0};
    start(&before, &SHARED_ANSWER, 1);
    assert_true(test_service_wait_started(&fixture->service, 1));
    atomic_fetch_add(&shared_data_version, 1);
    start(&after, &SHARED_ANSWER, 1);
    assert_true(test_service_wait_started(&fixture->service, 2));
    test_service_open_gate(&fixture->service);
    assert_answered(&before);
    assert_answered(&after);
    record_finish(&before);
    record_finish(&after);
}

static void a_call_after_the_answer_starts_afresh(void **state)
{
    (void)state;
    test_service_open_gate(&fixture->service);
    for (unsigned int i = 1; i <= 2; i++) {
        struct call_record record = {0};
        start(&record, &SHARED_FILE, 1000);
        assert_has_file(&record, 1000);
        assert_int_equal(n_runs(), i);
        record_finish(&record);
    }
}

/* --- answers -------------------------------------------------------------------------------- */

static void a_slow_reader_delays_only_itself(void **state)
{
    (void)state;
    struct call_record slow = {.holds_credit = true};
    struct call_record fast = {0};
    start(&slow, &SHARED_FILE, FILE_LEN);
    start(&fast, &SHARED_FILE, FILE_LEN);
    assert_true(shared_wait_members(fixture->server, 2));
    test_service_open_gate(&fixture->service);
    assert_has_file(&fast, FILE_LEN);
    assert_true(record_wait_bytes(&slow, RPC_CREDIT_DEFAULT));
    assert_int_equal(slow.n_bytes, RPC_CREDIT_DEFAULT);
    assert_int_equal(slow.n_ends, 0);
    record_consume(&slow);
    assert_has_file(&slow, FILE_LEN);
    assert_int_equal(n_runs(), 1);
    record_finish(&slow);
    record_finish(&fast);
}

static void a_stream_of_chunks_is_shared_as_a_file_is(void **state)
{
    (void)state;
    struct call_record one = {0};
    struct call_record two = {0};
    start(&one, &SHARED_CHUNKS, FILE_LEN);
    start(&two, &SHARED_CHUNKS, FILE_LEN);
    assert_true(shared_wait_members(fixture->server, 2));
    test_service_open_gate(&fixture->service);
    assert_has_file(&one, FILE_LEN);
    assert_has_file(&two, FILE_LEN);
    assert_int_equal(n_runs(), 1);
    record_finish(&one);
    record_finish(&two);
}

static void an_empty_stream_has_a_head_and_an_end(void **state)
{
    (void)state;
    test_service_open_gate(&fixture->service);
    struct call_record record = {0};
    start(&record, &SHARED_CHUNKS, 0);
    assert_has_file(&record, 0);
    record_finish(&record);
}

static void a_failure_is_told_to_all_in_the_handlers_words(void **state)
{
    (void)state;
    struct call_record records[2] = {0};
    start(&records[0], &SHARED_BROKEN, 1000);
    start(&records[1], &SHARED_BROKEN, 1000);
    assert_true(shared_wait_members(fixture->server, 2));
    test_service_open_gate(&fixture->service);
    for (size_t i = 0; i < LENGTH_OF(records); i++) {
        assert_true(record_wait_end(&records[i]));
        assert_int_equal(records[i].end.status, STATUS_NOT_FOUND);
        assert_string_equal(records[i].end.message, "no site 42");
        assert_int_equal(records[i].end.account.outcome, RPC_OUTCOME_STOPPED);
        assert_int_equal(records[i].end.cause, CTX_CAUSE_NONE);
        /* What came before the failure never left: no partial answer. */
        assert_int_equal(records[i].n_replies, 0);
        assert_int_equal(records[i].n_bytes, 0);
        record_finish(&records[i]);
    }
}

static void a_deferred_answer_is_shared(void **state)
{
    (void)state;
    struct call_record one = {0};
    struct call_record two = {0};
    start(&one, &SHARED_DEFERRED, 1);
    assert_true(test_service_wait_deferred(&fixture->service, 1));
    start(&two, &SHARED_DEFERRED, 1);
    assert_true(shared_wait_members(fixture->server, 2));
    rpc_call_finish(fixture->service.deferred[0], STATUS_OK);
    assert_answered(&one);
    assert_answered(&two);
    assert_int_equal(n_runs(), 1);
    record_finish(&one);
    record_finish(&two);
}

static void progress_reaches_all_who_were_there(void **state)
{
    (void)state;
    /* The only worker left is busy: the shared work waits for both to be there. */
    struct call_record busy[2] = {0};
    struct call_record one = {0};
    struct call_record two = {0};
    start(&busy[0], &SHARED_ANSWER, 1);
    start(&busy[1], &SHARED_ANSWER, 2);
    assert_true(test_service_wait_started(&fixture->service, 2));
    start(&one, &SHARED_FILE, 10);
    start(&two, &SHARED_FILE, 10);
    assert_true(shared_wait_members(fixture->server, 4));
    test_service_open_gate(&fixture->service);
    assert_has_file(&one, 10);
    assert_has_file(&two, 10);
    assert_int_equal(one.n_progress, 1);
    assert_int_equal(two.n_progress, 1);
    assert_string_equal(one.stage, "working");
    assert_string_equal(two.end.account.stage, "working");
    record_finish(&one);
    record_finish(&two);
    for (size_t i = 0; i < LENGTH_OF(busy); i++) {
        assert_answered(&busy[i]);
        record_finish(&busy[i]);
    }
}

static void members_hold_no_workers(void **state)
{
    (void)state;
    struct call_record members[N_CALLERS] = {0};
    for (size_t i = 0; i < N_CALLERS; i++) { /* two workers, one work */
        start(&members[i], &SHARED_ANSWER, 1);
    }
    assert_true(test_service_wait_started(&fixture->service, 1));
    struct call_record echo = {0};
    start(&echo, &UNSHARED_ECHO, 0);
    assert_answered(&echo);
    test_service_open_gate(&fixture->service);
    for (size_t i = 0; i < N_CALLERS; i++) {
        assert_answered(&members[i]);
        record_finish(&members[i]);
    }
    record_finish(&echo);
}

/* --- the binding ---------------------------------------------------------------------------- */

static enum status no_key(struct bytes request, void *service, struct buffer *key)
{
    (void)request;
    (void)service;
    (void)key;
    return STATUS_UNAVAILABLE;
}

static enum status answer_nothing(
    const struct ctx *ctx, struct rpc_server_call *call, void *service)
{
    (void)ctx;
    (void)service;
    return rpc_call_fail(call, STATUS_ABORTED, "ran");
}

static void bind_without_keys(struct rpc_server_options *options)
{
    static const struct rpc_binding bindings[] = {{&SHARED_ANSWER, answer_nothing, no_key}};
    options->bindings = bindings;
    options->n_bindings = LENGTH_OF(bindings);
}

static void a_call_without_a_key_runs_by_itself(void **state)
{
    (void)state;
    struct rpc_fixture *keyless = rpc_fixture_new("tcp://127.0.0.1:0", bind_without_keys);
    struct call_record record = {0};
    assert_int_equal(
        record_start(&record, patience->ctx, keyless->channel, &SHARED_ANSWER, 1), STATUS_OK);
    assert_true(record_wait_end(&record));
    assert_int_equal(record.end.status, STATUS_ABORTED);
    record_finish(&record);
    rpc_fixture_free(keyless);
}

static void an_inline_method_cannot_be_shared(void **state)
{
    (void)state;
    const struct rpc_binding binding = {&TEST_ECHO_INLINE, answer_nothing, no_key};
    struct rpc_server_options options = {
        .listen = "tcp://127.0.0.1:0", .bindings = &binding, .n_bindings = 1};
    struct rpc_server *server = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(rpc_server_start(&options, &server, &error), STATUS_INVALID_ARGUMENT);
    assert_non_null(strstr(error.text, "INLINE"));
    assert_non_null(strstr(error.text, "shared"));
}

#define FLIGHT_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    struct log_options options = {.service = "flight", .level = LOG_LEVEL_ERROR};
    if (log_init(&options, NULL) != STATUS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        FLIGHT_TEST(equal_calls_run_the_handler_once),
        FLIGHT_TEST(calls_over_two_connections_are_shared),
        FLIGHT_TEST(calls_that_differ_in_the_request_run_apart),
        FLIGHT_TEST(calls_of_different_methods_run_apart),
        FLIGHT_TEST(who_may_see_other_things_does_not_share),
        FLIGHT_TEST(a_call_after_the_data_changed_does_not_share),
        FLIGHT_TEST(a_call_after_the_answer_starts_afresh),
        FLIGHT_TEST(a_slow_reader_delays_only_itself),
        FLIGHT_TEST(a_stream_of_chunks_is_shared_as_a_file_is),
        FLIGHT_TEST(an_empty_stream_has_a_head_and_an_end),
        FLIGHT_TEST(a_failure_is_told_to_all_in_the_handlers_words),
        FLIGHT_TEST(a_deferred_answer_is_shared),
        FLIGHT_TEST(progress_reaches_all_who_were_there),
        FLIGHT_TEST(members_hold_no_workers),
        FLIGHT_TEST(a_call_without_a_key_runs_by_itself),
        FLIGHT_TEST(an_inline_method_cannot_be_shared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
