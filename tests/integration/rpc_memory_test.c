/* When memory runs out at random moments: no call is lost, none ends twice, nothing crashes, and
 * when there is memory again everything works. Every allocation of ours and of the contexts fails
 * with some chance; nng's and protobuf-c's own do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/hmac.h"
#include "ctx/test.h"
#include "obs/log.h"
#include "rpc/interceptor_auth.h"
#include "support/failing_memory.h"
#include "support/rpc_fixture.h"

enum { N_CALLS = 4000, REST_EVERY = 50, STREAM_LEN = 300000 };

/* Both sides ask interceptors, so that theirs are among the allocations. */
static struct rpc_auth *auth;
static struct rpc_server_interceptor server_chain[1];
static struct rpc_client_interceptor client_chain[1];

static struct rpc_auth *load_key(void)
{
    char path[] = "/tmp/walkie-key-XXXXXX";
    int fd = mkstemp(path);
    static const uint8_t key[HMAC_KEY_FILE_MIN] = {1};
    assert_int_equal(write(fd, key, sizeof(key)), sizeof(key));
    close(fd);
    struct rpc_auth *loaded = NULL;
    enum status status = rpc_auth_load(path, &loaded, NULL);
    unlink(path);
    assert_int_equal(status, STATUS_OK);
    return loaded;
}

static void use_auth(struct rpc_server_options *options)
{
    options->interceptors = server_chain;
    options->n_interceptors = LENGTH_OF(server_chain);
}

static void sign_calls(struct rpc_fixture *fixture)
{
    rpc_channel_free(fixture->channel);
    client_chain[0] = rpc_auth_client(auth);
    struct rpc_channel_options options = {.backend = rpc_server_url(fixture->server),
        .name = "test-client",
        .interceptors = client_chain,
        .n_interceptors = LENGTH_OF(client_chain)};
    assert_int_equal(rpc_channel_new(&options, &fixture->channel, NULL), STATUS_OK);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    assert_int_equal(rpc_channel_wait_ready(scope->ctx, fixture->channel), STATUS_OK);
}

struct tally {
    unsigned int n_refused; /* by rpc_call_start: no callback may run */
    unsigned int n_ended_once;
    unsigned int n_ok;
    unsigned int n_callbacks_late;
};

static void call_once(struct rpc_fixture *fixture, unsigned int number, struct tally *tally)
{
    static const struct rpc_method *const methods[] = {
        &TEST_ECHO, &TEST_STREAM, &TEST_FILE, &TEST_BLOCK, &TEST_FAIL, &TEST_PROGRESS, &TEST_PAUSE};
    const struct rpc_method *method = methods[number % LENGTH_OF(methods)];
    bool waits = method == &TEST_BLOCK;
    CTX_SCOPE(scope,
        ctx_with_timeout(ctx_background(), waits ? CTX_MS(1) : CTX_SECONDS(TEST_WAIT_SECONDS)));
    struct rpc_metadata_entry entry;
    struct rpc_metadata metadata;
    rpc_metadata_init(&metadata, &entry, 1);
    assert_int_equal(
        rpc_metadata_set(&metadata, RPC_METADATA_PRINCIPAL, bytes_of("somebody")), STATUS_OK);
    CTX_SCOPE(with_metadata, ctx_with_value(scope->ctx, &RPC_METADATA_KEY, &metadata));
    struct call_record record = {0};
    uint32_t size = method == &TEST_PAUSE ? 1 : STREAM_LEN;
    if (record_start(&record, with_metadata->ctx, fixture->channel, method, size) != STATUS_OK) {
        tally->n_refused++;
        tally->n_callbacks_late += record.n_ends;
        return;
    }
    if (record_wait_end(&record)) {
        tally->n_ended_once += record.n_ends == 1;
        tally->n_ok += record.end.status == STATUS_OK;
        tally->n_callbacks_late += record.n_after_end;
    }
    record_finish(&record);
}

/* A connection that was lost for want of memory is dialled anew only after some milliseconds, in
 * which calls fail at once: without a rest now and then all of them might. */
static void rest(struct rpc_fixture *fixture)
{
    failing_memory_stop();
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    assert_int_equal(rpc_channel_wait_ready(scope->ctx, fixture->channel), STATUS_OK);
    failing_memory_start(20);
}

static void calls_survive_want_of_memory(void **state)
{
    (void)state;
    auth = load_key();
    server_chain[0] = rpc_auth_server(auth);
    struct rpc_fixture *fixture = rpc_fixture_new("tcp://127.0.0.1:0", use_auth);
    sign_calls(fixture);
    test_service_open_gate(&fixture->service);
    struct tally tally = {.n_ok = 0};
    failing_memory_start(20);
    for (unsigned int i = 0; i < N_CALLS; i++) {
        if (i % REST_EVERY == 0) {
            rest(fixture);
        }
        call_once(fixture, i, &tally);
    }
    failing_memory_stop();
    assert_true(failing_memory_count() > 100);
    assert_int_equal(tally.n_ended_once + tally.n_refused, N_CALLS);
    assert_int_equal(tally.n_callbacks_late, 0);
    assert_true(tally.n_ok > 0);

    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    assert_int_equal(rpc_channel_wait_ready(scope->ctx, fixture->channel), STATUS_OK);
    struct tally after = {.n_ok = 0};
    call_once(fixture, 0, &after);
    assert_int_equal(after.n_ok, 1);
    rpc_fixture_free(fixture);
    rpc_auth_free(auth);
}

static int check_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : 1;
}

int main(void)
{
    struct log_options options = {.service = "memory", .level = LOG_LEVEL_ERROR};
    if (log_init(&options, NULL) != STATUS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(calls_survive_want_of_memory, check_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
