/* Many calls that pause, and ones that are told to stop while they do, in real time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "rpc_admission_service.h"
#include "rpc_pause_look.h"
#include "support/log_file.h"

enum { LONG_MS = 600000, DEAF_AFTER_MS = 20, N_PACED = 1000, PACE_MS = 20 };

static struct rpc_fixture *fixture;

static void one_worker(struct rpc_server_options *options)
{
    options->n_workers = 1;
}

static int set_up(void **state)
{
    (void)state;
    fixture = rpc_fixture_new("tcp://127.0.0.1:0", one_worker);
    return 0;
}

static void deaf_soon(struct rpc_server_options *options)
{
    admission_service_use(options);
    options->deaf_after_ns = CLOCK_MS(DEAF_AFTER_MS);
}

static int set_up_deaf(void **state)
{
    (void)state;
    log_file_clear();
    fixture = rpc_fixture_new("tcp://127.0.0.1:0", deaf_soon);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rpc_fixture_free(fixture);
    return ctx_test_no_leaks() ? 0 : 1;
}

static void start(struct call_record *record, const struct ctx *ctx,
    const struct rpc_method *method, uint32_t size)
{
    assert_int_equal(record_start(record, ctx, fixture->channel, method, size), STATUS_OK);
}

static void assert_ends(struct call_record *record, enum status status)
{
    assert_true(record_wait_end(record));
    assert_int_equal(record->end.status, status);
    assert_int_equal(record->n_ends, 1);
    record_finish(record);
}

/* The paused call was told first, and waits for the worker of the one that does not listen. */
static void a_call_that_pauses_is_not_deaf(void **state)
{
    (void)state;
    CTX_SCOPE(first, ctx_with_cancel(ctx_background()));
    CTX_SCOPE(second, ctx_with_cancel(ctx_background()));
    struct call_record paused = {0};
    struct call_record holder = {0};
    start(&paused, first->ctx, &PAUSE, LONG_MS);
    pause_wait(fixture->server, 1);
    start(&holder, second->ctx, &HOLD, 0);
    assert_true(test_service_wait_started(&fixture->service, 1));
    ctx_cancel(first, CTX_CAUSE_USER_CANCELLED);
    assert_non_null(log_file_wait("ctx.done", "Admission/Pause"));
    ctx_cancel(second, CTX_CAUSE_USER_CANCELLED);
    assert_non_null(log_file_wait("ctx.deaf", "Admission/Hold"));
    assert_int_equal(log_file_count("ctx.deaf", "Admission/Pause"), 0);
    test_service_open_gate(&fixture->service);
    assert_ends(&holder, STATUS_CANCELLED);
    assert_ends(&paused, STATUS_CANCELLED);
}

/* Two pauses each: one after the other on the one worker they would take 40 s. */
static void a_thousand_paced_calls_need_one_worker(void **state)
{
    (void)state;
    struct call_record *records = calloc(N_PACED, sizeof(*records));
    assert_non_null(records);
    uint64_t start_ns = clock_now_ns();
    for (unsigned int i = 0; i < N_PACED; i++) {
        start(&records[i], ctx_background(), &TEST_PAUSE, PACE_MS);
    }
    for (unsigned int i = 0; i < N_PACED; i++) {
        assert_ends(&records[i], STATUS_OK);
    }
    assert_true(clock_now_ns() - start_ns < CLOCK_SECONDS(TEST_WAIT_SECONDS));
    assert_int_equal(fixture->service.n_stopped, N_PACED);
    free(records);
}

/* Cancels that race with ends of pauses: each call ends once, whatever comes first. */
static void cancels_and_ends_of_pauses_may_meet(void **state)
{
    (void)state;
    struct call_record *records = calloc(N_PACED, sizeof(*records));
    assert_non_null(records);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(PACE_MS + PACE_MS / 2)));
    for (unsigned int i = 0; i < N_PACED; i++) {
        start(&records[i], scope->ctx, &TEST_PAUSE, i % PACE_MS);
    }
    unsigned int n_ended = 0;
    for (unsigned int i = 0; i < N_PACED; i++) {
        n_ended += record_wait_end(&records[i]) && records[i].n_ends == 1;
        record_finish(&records[i]);
    }
    assert_int_equal(n_ended, N_PACED);
    free(records);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_call_that_pauses_is_not_deaf, set_up_deaf, tear_down),
        cmocka_unit_test_setup_teardown(a_thousand_paced_calls_need_one_worker, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cancels_and_ends_of_pauses_may_meet, set_up, tear_down),
    };
    log_file_start(LOG_LEVEL_INFO);
    int result = cmocka_run_group_tests(tests, NULL, NULL);
    log_file_end();
    return result;
}
