/* The late END: a caller that gave up is told what became of the work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "support/rpc_fixture.h"
#include "walkie/report/v1/report.pb-c.h"

static int set_up(void **state)
{
    *state = rpc_fixture_new("tcp://127.0.0.1:0", NULL);
    return 0;
}

static int tear_down(void **state)
{
    rpc_fixture_free(*state);
    return ctx_test_no_leaks() ? 0 : 1;
}

/* Outlives its call: the channel may use it until it is freed. */
struct late_record {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    unsigned int n_ends;
    unsigned int n_late;
    struct rpc_end end;
    struct rpc_end late;
};

static void record_first_end(void *arg, const struct rpc_end *end)
{
    struct late_record *record = arg;
    pthread_mutex_lock(&record->mutex);
    record->n_ends++;
    record->end = *end;
    pthread_cond_broadcast(&record->changed);
    pthread_mutex_unlock(&record->mutex);
}

static void record_late_end(void *arg, const struct rpc_end *end)
{
    struct late_record *record = arg;
    pthread_mutex_lock(&record->mutex);
    record->n_late++;
    record->late = *end;
    pthread_cond_broadcast(&record->changed);
    pthread_mutex_unlock(&record->mutex);
}

static const struct rpc_call_events LATE_EVENTS = {
    .on_end = record_first_end, .on_late_end = record_late_end};

static bool first_end_came(void *arg)
{
    struct late_record *record = arg;
    pthread_mutex_lock(&record->mutex);
    bool has_come = record->n_ends > 0;
    pthread_mutex_unlock(&record->mutex);
    return has_come;
}

/* Late, or so quickly that the caller's own end had not yet been told. */
static bool the_servers_end_came(void *arg)
{
    struct late_record *record = arg;
    pthread_mutex_lock(&record->mutex);
    bool was_quick = record->n_ends > 0 && record->end.account.outcome != RPC_OUTCOME_UNKNOWN;
    bool has_come = was_quick || (record->n_ends > 0 && record->n_late > 0);
    pthread_mutex_unlock(&record->mutex);
    return has_come;
}

/* A handler that stops late enough is the deterministic case: it waits for the gate. */
static void a_caller_that_gave_up_hears_the_end_of_a_stubborn_handler(void **state)
{
    struct rpc_fixture *fixture = *state;
    static struct late_record record = {
        .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    Walkie__Report__V1__WorkRequest request = WALKIE__REPORT__V1__WORK_REQUEST__INIT;
    assert_int_equal(rpc_call_start(scope->ctx, fixture->channel, &TEST_STUBBORN, &request.base,
                         &LATE_EVENTS, &record, NULL),
        STATUS_OK);
    assert_true(test_service_wait_started(&fixture->service, 1));
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    assert_true(wait_until(first_end_came, &record));
    assert_int_equal(record.end.account.outcome, RPC_OUTCOME_UNKNOWN);
    assert_int_equal(record.n_late, 0);
    test_service_open_gate(&fixture->service);
    assert_true(wait_until(the_servers_end_came, &record));
    assert_int_equal(record.n_ends, 1);
    assert_int_equal(record.n_late, 1);
    assert_int_equal(record.late.account.outcome, RPC_OUTCOME_COMMITTED);
}

/* Who keeps something until the late END must not keep it for ever: once nothing can come any more,
 * that is told as well. */
static void a_caller_that_gave_up_hears_that_nobody_knows_any_more(void **state)
{
    struct rpc_fixture *fixture = *state;
    static struct late_record record = {
        .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    Walkie__Report__V1__WorkRequest request = WALKIE__REPORT__V1__WORK_REQUEST__INIT;
    assert_int_equal(rpc_call_start(scope->ctx, fixture->channel, &TEST_STUBBORN, &request.base,
                         &LATE_EVENTS, &record, NULL),
        STATUS_OK);
    assert_true(test_service_wait_started(&fixture->service, 1));
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    assert_true(wait_until(first_end_came, &record));
    assert_true(record.end.is_followed);
    rpc_channel_free(fixture->channel);
    fixture->channel = NULL;
    assert_int_equal(record.n_ends, 1);
    assert_int_equal(record.n_late, 1);
    assert_int_equal(record.late.account.outcome, RPC_OUTCOME_UNKNOWN);
    test_service_open_gate(&fixture->service);
}

static void a_cancelled_caller_can_hear_what_became_of_the_work(void **state)
{
    struct rpc_fixture *fixture = *state;
    static struct late_record record = {
        .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    Walkie__Report__V1__WorkRequest request = WALKIE__REPORT__V1__WORK_REQUEST__INIT;
    assert_int_equal(rpc_call_start(scope->ctx, fixture->channel, &TEST_BLOCK, &request.base,
                         &LATE_EVENTS, &record, NULL),
        STATUS_OK);
    assert_true(test_service_wait_started(&fixture->service, 1));
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    assert_true(wait_until(the_servers_end_came, &record));
    assert_int_equal(record.n_ends, 1);
    bool is_late = record.n_late > 0;
    assert_int_equal(record.n_late, is_late ? 1 : 0);
    const struct rpc_end *truth = is_late ? &record.late : &record.end;
    assert_int_equal(truth->status, STATUS_CANCELLED);
    assert_int_equal(truth->cause, CTX_CAUSE_USER_CANCELLED);
    assert_int_equal(truth->account.outcome, RPC_OUTCOME_STOPPED);
    assert_true(truth->account.stop_latency_ns > 0);
    if (is_late) {
        assert_int_equal(record.end.account.outcome, RPC_OUTCOME_UNKNOWN);
    }
}

/* A gateway's request is over as soon as its answer has left, and so is its context. */
struct hasty_record {
    struct late_record record;
    struct ctx_scope *scope;
};

static void leave_with_the_answer(void *arg, struct bytes message)
{
    struct hasty_record *hasty = arg;
    (void)message;
    ctx_cancel(hasty->scope, CTX_CAUSE_CANCELLED);
}

static void record_hasty_end(void *arg, const struct rpc_end *end)
{
    struct hasty_record *hasty = arg;
    record_first_end(&hasty->record, end);
}

static bool has_ended(void *arg)
{
    struct late_record *record = arg;
    pthread_mutex_lock(&record->mutex);
    bool is_ended = record->n_ends > 0;
    pthread_mutex_unlock(&record->mutex);
    return is_ended;
}

static void a_caller_that_leaves_with_the_answer_in_hand_has_had_it(void **state)
{
    static const struct rpc_call_events EVENTS = {
        .on_reply = leave_with_the_answer, .on_end = record_hasty_end};
    struct rpc_fixture *fixture = *state;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    static struct hasty_record hasty;
    hasty = (struct hasty_record){.scope = scope};
    pthread_mutex_init(&hasty.record.mutex, NULL);
    pthread_cond_init(&hasty.record.changed, NULL);
    const Walkie__Report__V1__EchoRequest request = WALKIE__REPORT__V1__ECHO_REQUEST__INIT;
    assert_int_equal(rpc_call_start(scope->ctx, fixture->channel, &TEST_ECHO, &request.base,
                         &EVENTS, &hasty, NULL),
        STATUS_OK);
    assert_true(wait_until(has_ended, &hasty.record));
    assert_int_equal(hasty.record.n_ends, 1);
    assert_int_equal(hasty.record.end.status, STATUS_OK);
    assert_int_equal(hasty.record.end.cause, CTX_CAUSE_NONE);
    assert_int_equal(hasty.record.end.account.outcome, RPC_OUTCOME_COMMITTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_caller_that_gave_up_hears_the_end_of_a_stubborn_handler, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_caller_that_gave_up_hears_that_nobody_knows_any_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_cancelled_caller_can_hear_what_became_of_the_work, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_caller_that_leaves_with_the_answer_in_hand_has_had_it, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
