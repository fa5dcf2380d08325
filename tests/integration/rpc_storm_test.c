/* Thousands of calls, cancelled at random moments by other threads: each ends exactly once, nothing
 * is lost, nothing is left. Meant for ThreadSanitizer and AddressSanitizer above all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "ctx/test.h"
#include "obs/log.h"
#include "support/rpc_fixture.h"

enum { N_THREADS = 4, N_CALLS = 1500, STREAM_LEN = 300000 };

struct storm {
    struct rpc_fixture *fixture;
    struct rpc_channel *channels[2];
    uint64_t seed;
    unsigned int n_ended_once;
    unsigned int n_callbacks_late;
    unsigned int n_wrong_bytes;
    unsigned int n_not_started;
};

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void call_and_cancel(struct storm *storm)
{
    static const struct rpc_method *const methods[] = {
        &TEST_ECHO_INLINE, &TEST_ECHO, &TEST_BLOCK, &TEST_STREAM, &TEST_FILE, &TEST_FAIL};
    uint64_t random = next_random(&storm->seed);
    const struct rpc_method *method = methods[random % LENGTH_OF(methods)];
    uint64_t timeout_ns = CLOCK_US(random >> 8 & 0x7ff) + 1;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), timeout_ns));
    struct call_record record = {.holds_credit = (random >> 20 & 1) != 0};
    struct rpc_channel *channel = storm->channels[random >> 21 & 1];
    if (record_start(&record, scope->ctx, channel, method, STREAM_LEN) != STATUS_OK) {
        storm->n_not_started++;
        return;
    }
    if ((random >> 22 & 3) == 0) {
        ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    } else if ((random >> 22 & 3) == 1) {
        (void)ctx_wait_until(scope->ctx, clock_now_ns() + CLOCK_US(random >> 24 & 0xff));
        ctx_cancel(scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    }
    if (!record_wait_end(&record)) {
        return; /* counted by its absence */
    }
    storm->n_wrong_bytes += record.n_wrong_bytes > 0;
    storm->n_callbacks_late += record.n_after_end;
    storm->n_ended_once += record.n_ends == 1;
    record_finish(&record);
}

static void *storm_main(void *arg)
{
    for (unsigned int i = 0; i < N_CALLS; i++) {
        call_and_cancel(arg);
    }
    return NULL;
}

static void count_call(void *arg, const struct rpc_call_info *info)
{
    (void)info;
    ++*(unsigned int *)arg;
}

static bool has_no_calls(void *arg)
{
    unsigned int n_calls = 0;
    rpc_server_each_call(arg, count_call, &n_calls);
    return n_calls == 0;
}

static void every_call_of_a_storm_ends_exactly_once(const char *listen)
{
    struct rpc_fixture *fixture = rpc_fixture_new(listen, NULL);
    struct rpc_channel *second = test_channel_new(rpc_server_url(fixture->server));
    struct storm storms[N_THREADS];
    pthread_t threads[N_THREADS];
    for (unsigned int i = 0; i < N_THREADS; i++) {
        storms[i] = (struct storm){.fixture = fixture,
            .channels = {fixture->channel, second},
            .seed = UINT64_C(0x9e3779b97f4a7c15) * (i + 1)};
        assert_int_equal(pthread_create(&threads[i], NULL, storm_main, &storms[i]), 0);
    }
    for (unsigned int i = 0; i < N_THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    for (unsigned int i = 0; i < N_THREADS; i++) {
        assert_int_equal(storms[i].n_not_started, 0);
        assert_int_equal(storms[i].n_ended_once, N_CALLS);
        assert_int_equal(storms[i].n_callbacks_late, 0);
        assert_int_equal(storms[i].n_wrong_bytes, 0);
    }
    assert_true(wait_until(has_no_calls, fixture->server));
    rpc_channel_free(second);
    rpc_fixture_free(fixture);
    ctx_test_settle();
    assert_int_equal(ctx_live_scopes(), 0);
}

static void every_call_of_a_storm_ends_exactly_once_over_tcp(void **state)
{
    (void)state;
    every_call_of_a_storm_ends_exactly_once("tcp://127.0.0.1:0");
}

static void every_call_of_a_storm_ends_exactly_once_over_ipc(void **state)
{
    (void)state;
    every_call_of_a_storm_ends_exactly_once(test_ipc_url());
}

/* Channels come and go while their calls are in flight. */
static void channels_freed_in_a_storm_end_their_calls(void **state)
{
    (void)state;
    enum { N_ROUNDS = 30, N_IN_FLIGHT = 20 };
    struct rpc_fixture *fixture = rpc_fixture_new("tcp://127.0.0.1:0", NULL);
    static const struct rpc_method *const methods[] = {&TEST_BLOCK, &TEST_ECHO, &TEST_STREAM};
    CTX_SCOPE(bound, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    for (unsigned int round = 0; round < N_ROUNDS; round++) {
        struct rpc_channel *channel = test_channel_new(rpc_server_url(fixture->server));
        if (round % 3 != 0) {
            assert_int_equal(rpc_channel_wait_ready(bound->ctx, channel), STATUS_OK);
        }
        struct call_record records[N_IN_FLIGHT] = {{.n_ends = 0}};
        for (size_t i = 0; i < N_IN_FLIGHT; i++) {
            assert_int_equal(record_start(&records[i], bound->ctx, channel,
                                 methods[i % LENGTH_OF(methods)], STREAM_LEN),
                STATUS_OK);
        }
        rpc_channel_free(channel);
        for (size_t i = 0; i < N_IN_FLIGHT; i++) {
            assert_int_equal(records[i].n_ends, 1);
            record_finish(&records[i]);
        }
    }
    assert_true(wait_until(has_no_calls, fixture->server));
    rpc_fixture_free(fixture);
}

int main(void)
{
    struct log_options options = {
        .service = "storm", .level = LOG_LEVEL_ERROR, .format = LOG_FORMAT_TEXT};
    if (log_init(&options, NULL) != STATUS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_of_a_storm_ends_exactly_once_over_tcp),
        cmocka_unit_test(every_call_of_a_storm_ends_exactly_once_over_ipc),
        cmocka_unit_test(channels_freed_in_a_storm_end_their_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
