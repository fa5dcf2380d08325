/* The late END: a caller that gave up is told what became of the work. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "support/rpc_site.h"
#include "walkie/report/v1/report.pb-c.h"

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

/* Call, wait until the handler runs, and give up. */
static void call_and_give_up(struct rpc_channel *channel, struct test_service *service,
    const struct rpc_method *method, struct late_record *record)
{
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    Walkie__Report__V1__WorkRequest request = WALKIE__REPORT__V1__WORK_REQUEST__INIT;
    assert_int_equal(
        rpc_call_start(scope->ctx, channel, method, &request.base, &LATE_EVENTS, record, NULL),
        STATUS_OK);
    if (service != NULL) {
        assert_true(test_service_wait_started(service, 1));
    }
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    assert_true(wait_until(first_end_came, record));
    assert_int_equal(record->n_ends, 1);
}

/* A handler that stops late enough is the deterministic case: it waits for the gate. */
static void a_caller_that_gave_up_hears_the_end_of_a_stubborn_handler(void **state)
{
    struct rpc_fixture *fixture = *state;
    static struct late_record record = {
        .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    call_and_give_up(fixture->channel, &fixture->service, &TEST_STUBBORN, &record);
    assert_int_equal(record.end.account.outcome, RPC_OUTCOME_UNKNOWN);
    assert_true(record.end.is_followed);
    assert_int_equal(record.n_late, 0);
    test_service_open_gate(&fixture->service);
    assert_true(wait_until(the_servers_end_came, &record));
    assert_int_equal(record.n_ends, 1);
    assert_int_equal(record.n_late, 1);
    assert_int_equal(record.late.account.outcome, RPC_OUTCOME_COMMITTED);
}

/* Who keeps something until the late END must not keep it for ever: once nothing can come any more,
 * that is told as well. */
static void assert_nobody_knows(const struct late_record *record, enum ctx_cause cause)
{
    assert_true(record->end.is_followed);
    assert_int_equal(record->n_ends, 1);
    assert_int_equal(record->n_late, 1);
    assert_int_equal(record->late.account.outcome, RPC_OUTCOME_UNKNOWN);
    assert_int_equal(record->late.cause, cause);
}

static void a_caller_that_gave_up_hears_of_the_end_of_the_channel(void **state)
{
    struct rpc_fixture *fixture = *state;
    static struct late_record record = {
        .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    call_and_give_up(fixture->channel, &fixture->service, &TEST_STUBBORN, &record);
    rpc_channel_free(fixture->channel);
    fixture->channel = NULL;
    assert_nobody_knows(&record, CTX_CAUSE_CANCELLED);
    test_service_open_gate(&fixture->service);
}

static void a_caller_that_gave_up_hears_of_the_loss_of_the_connection(void **state)
{
    (void)state;
    static struct late_record record = {
        .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    struct site site;
    site_start(&site, 0, true, site_many_workers);
    /* Stopped, it answers no cancel. */
    int how;
    assert_int_equal(kill(site.process.pid, SIGSTOP), 0);
    assert_int_equal(waitpid(site.process.pid, &how, WUNTRACED), site.process.pid);
    assert_true(WIFSTOPPED(how));
    call_and_give_up(site.channel, NULL, &TEST_STUBBORN, &record);
    rpc_process_kill(&site.process);
    site.has_process = false;
    assert_true(wait_until(the_servers_end_came, &record));
    site_stop(&site);
    assert_nobody_knows(&record, CTX_CAUSE_PEER_LOST);
}

static void a_cancelled_caller_can_hear_what_became_of_the_work(void **state)
{
    struct rpc_fixture *fixture = *state;
    static struct late_record record = {
        .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    call_and_give_up(fixture->channel, &fixture->service, &TEST_BLOCK, &record);
    assert_true(wait_until(the_servers_end_came, &record));
    assert_int_equal(record.n_ends, 1);
    bool is_late = record.n_late > 0;
    assert_int_equal(record.n_late, is_late ? 1 : 0);
    assert_int_equal(record.end.is_followed, is_late);
    const struct rpc_end *truth = is_late ? &record.late : &record.end;
    assert_int_equal(truth->status, STATUS_CANCELLED);
    assert_int_equal(truth->cause, CTX_CAUSE_USER_CANCELLED);
    assert_int_equal(truth->account.outcome, RPC_OUTCOME_STOPPED);
    assert_true(truth->account.stop_latency_ns > 0);
    if (is_late) {
        assert_int_equal(record.end.account.outcome, RPC_OUTCOME_UNKNOWN);
    }
}

/* The context ends while a callback runs: its thread tells the end, and the late one still comes.
 */
struct busy_record {
    struct late_record record;
    struct ctx_scope *scope;
    bool has_ended; /* told by the notifier, which runs one function after another */
};

static void note_end(void *arg)
{
    struct busy_record *busy = arg;
    pthread_mutex_lock(&busy->record.mutex);
    busy->has_ended = true;
    pthread_cond_broadcast(&busy->record.changed);
    pthread_mutex_unlock(&busy->record.mutex);
}

/* Ours is registered when the call's is in the notifier's queue: it runs behind that. */
static void give_up_within(void *arg, struct bytes piece)
{
    struct busy_record *busy = arg;
    (void)piece;
    ctx_cancel(busy->scope, CTX_CAUSE_USER_CANCELLED);
    struct ctx_after *after = ctx_after_func(busy->scope->ctx, note_end, busy);
    pthread_mutex_lock(&busy->record.mutex);
    while (after != NULL && !busy->has_ended) {
        pthread_cond_wait(&busy->record.changed, &busy->record.mutex);
    }
    pthread_mutex_unlock(&busy->record.mutex);
    ctx_stop(after);
}

static void a_caller_that_gives_up_within_a_callback_hears_both_ends(void **state)
{
    static const struct rpc_call_events EVENTS = {
        .on_chunk = give_up_within, .on_end = record_first_end, .on_late_end = record_late_end};
    struct rpc_fixture *fixture = *state;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    static struct busy_record busy;
    busy = (struct busy_record){.scope = scope};
    pthread_mutex_init(&busy.record.mutex, NULL);
    pthread_cond_init(&busy.record.changed, NULL);
    Walkie__Report__V1__WorkRequest request = WALKIE__REPORT__V1__WORK_REQUEST__INIT;
    request.ms = 2 * RPC_CREDIT_DEFAULT;
    assert_int_equal(rpc_call_start(scope->ctx, fixture->channel, &TEST_STREAM, &request.base,
                         &EVENTS, &busy, NULL),
        STATUS_OK);
    assert_true(wait_until(the_servers_end_came, &busy.record));
    assert_true(busy.has_ended);
    assert_true(busy.record.end.is_followed);
    assert_int_equal(busy.record.end.cause, CTX_CAUSE_USER_CANCELLED);
    assert_int_equal(busy.record.n_ends, 1);
    assert_int_equal(busy.record.n_late, 1);
    assert_int_equal(busy.record.late.account.outcome, RPC_OUTCOME_STOPPED);
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
    assert_true(wait_until(first_end_came, &hasty.record));
    assert_int_equal(hasty.record.n_ends, 1);
    assert_int_equal(hasty.record.end.status, STATUS_OK);
    assert_int_equal(hasty.record.end.cause, CTX_CAUSE_NONE);
    assert_int_equal(hasty.record.end.account.outcome, RPC_OUTCOME_COMMITTED);
}

static int check_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : 1;
}

#define WITH_FIXTURE(test)                                                                         \
    cmocka_unit_test_setup_teardown(test, rpc_fixture_set_up_tcp, rpc_fixture_tear_down)

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--server") == 0) {
        return site_serve(argv[2]);
    }
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(a_caller_that_gave_up_hears_the_end_of_a_stubborn_handler),
        WITH_FIXTURE(a_caller_that_gave_up_hears_of_the_end_of_the_channel),
        cmocka_unit_test_teardown(
            a_caller_that_gave_up_hears_of_the_loss_of_the_connection, check_leaks),
        WITH_FIXTURE(a_cancelled_caller_can_hear_what_became_of_the_work),
        WITH_FIXTURE(a_caller_that_gives_up_within_a_callback_hears_both_ends),
        WITH_FIXTURE(a_caller_that_leaves_with_the_answer_in_hand_has_had_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
