/* Shared calls in a storm: thousands of few questions, cancelled at random moments by their
 * callers, with and without memory. Each call ends exactly once, no answer is another's or in
 * pieces, and nothing is left. Meant for ThreadSanitizer and AddressSanitizer above all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "obs/log.h"
#include "support/failing_memory.h"
#include "support/rpc_shared_service.h"

enum {
    N_THREADS = 4,
    N_ROUNDS = 300,
    N_BATCH = 4,
    FILE_LEN = 200000,
    N_KEYS = 3,
    FAILS_ONE_IN = 200
};

struct storm {
    struct rpc_fixture *fixture;
    uint64_t seed;
    unsigned int n_started;
    unsigned int n_ended_once;
    unsigned int n_answered;
    unsigned int n_callbacks_late;
    unsigned int n_wrong; /* an answer in pieces, or somebody else's */
};

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void judge(struct storm *storm, struct call_record *record, uint32_t len, bool is_stream)
{
    if (!record_wait_end(record)) {
        return; /* counted by its absence */
    }
    bool is_answered = record->end.status == STATUS_OK;
    storm->n_ended_once += record->n_ends == 1;
    storm->n_answered += is_answered;
    storm->n_callbacks_late += record->n_after_end;
    storm->n_wrong += record->n_wrong_bytes > 0;
    storm->n_wrong += is_answered && is_stream && record->n_bytes != len;
    storm->n_wrong += is_answered && record->n_replies != 1;
    record_finish(record);
}

/* Some calls of one question, with time enough or not; all together cancelled now and then. */
static void call_some(struct storm *storm)
{
    static const struct rpc_method *const methods[] = {
        &SHARED_FILE, &SHARED_FILE, &SHARED_CHUNKS, &SHARED_ANSWER, &SHARED_BROKEN};
    uint64_t random = next_random(&storm->seed);
    const struct rpc_method *method = methods[random % LENGTH_OF(methods)];
    uint32_t len = FILE_LEN + (uint32_t)(random >> 8) % N_KEYS;
    CTX_SCOPE(all, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    struct ctx_scope *scopes[N_BATCH];
    struct call_record records[N_BATCH];
    bool has_started[N_BATCH];
    for (size_t i = 0; i < N_BATCH; i++) {
        bool is_hasty = (next_random(&storm->seed) & 1) != 0;
        uint64_t timeout_ns = CLOCK_US(next_random(&storm->seed) % 2000) + 1;
        scopes[i] = is_hasty ? ctx_with_timeout(all->ctx, timeout_ns) : ctx_with_cancel(all->ctx);
        records[i] = (struct call_record){.holds_credit = false};
        has_started[i] = record_start(&records[i], scopes[i]->ctx, storm->fixture->channel, method,
                             len) == STATUS_OK;
        storm->n_started += has_started[i];
    }
    if ((random >> 40 & 3) == 0) {
        (void)ctx_wait_until(all->ctx, clock_now_ns() + CLOCK_US(random >> 44 & 0x1ff));
        ctx_cancel(all, CTX_CAUSE_CLIENT_DISCONNECTED);
    }
    for (size_t i = 0; i < N_BATCH; i++) {
        if (has_started[i]) {
            judge(storm, &records[i], len, method->kind == RPC_SERVER_STREAM);
        }
        ctx_scope_end(scopes[i]);
    }
}

static void *storm_main(void *arg)
{
    for (unsigned int i = 0; i < N_ROUNDS; i++) {
        call_some(arg);
    }
    return NULL;
}

static void run_storm(const char *listen, unsigned int chance)
{
    struct rpc_fixture *fixture = rpc_fixture_new(listen, serve_shared);
    test_service_open_gate(&fixture->service);
    struct storm storms[N_THREADS];
    pthread_t threads[N_THREADS];
    failing_memory_start(chance);
    for (unsigned int i = 0; i < N_THREADS; i++) {
        storms[i] =
            (struct storm){.fixture = fixture, .seed = UINT64_C(0x9e3779b97f4a7c15) * (i + 1)};
        assert_int_equal(pthread_create(&threads[i], NULL, storm_main, &storms[i]), 0);
    }
    unsigned int n_answered = 0;
    unsigned int n_called = 0;
    for (unsigned int i = 0; i < N_THREADS; i++) {
        pthread_join(threads[i], NULL);
        n_answered += storms[i].n_answered;
        n_called += storms[i].n_started;
    }
    failing_memory_stop();
    for (unsigned int i = 0; i < N_THREADS; i++) {
        assert_int_equal(storms[i].n_ended_once, storms[i].n_started);
        assert_int_equal(storms[i].n_callbacks_late, 0);
        assert_int_equal(storms[i].n_wrong, 0);
    }
    /* Without memory for the send queue the connection goes, and takes all its calls along. */
    assert_true(n_answered > (chance == 0 ? N_ROUNDS : 0));
    assert_true(shared_wait_members(fixture->server, 0));
    /* Sharing took place: fewer runs than calls. */
    pthread_mutex_lock(&fixture->service.mutex);
    unsigned int n_runs = fixture->service.n_started;
    pthread_mutex_unlock(&fixture->service.mutex);
    assert_true(n_runs < n_called);
    rpc_fixture_free(fixture);
    ctx_test_settle();
    assert_true(ctx_test_no_leaks());
}

static void every_shared_call_of_a_storm_ends_once_and_whole(void **state)
{
    (void)state;
    run_storm("tcp://127.0.0.1:0", 0);
}

static void shared_calls_survive_want_of_memory(void **state)
{
    (void)state;
    run_storm("tcp://127.0.0.1:0", FAILS_ONE_IN);
    assert_true(failing_memory_count() > 30);
}

int main(void)
{
    struct log_options options = {.service = "storm", .level = LOG_LEVEL_ERROR};
    if (log_init(&options, NULL) != STATUS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shared_call_of_a_storm_ends_once_and_whole),
        cmocka_unit_test(shared_calls_survive_want_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
