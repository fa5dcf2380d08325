/* Callers of shared work that leave, one by one and all at once, in time and by the loss of their
 * connection: the work lives as long as the last of them, and each END tells what is true. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "obs/log.h"
#include "rpc/opening.h"
#include "support/rpc_raw.h"
#include "support/rpc_shared_service.h"

enum { FILE_LEN = 1500000, N_LOST = 100, N_TRIES = 5 };

/* Slower under a sanitizer, by far; the claim is about a plain build. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { TOLD_WITHIN_MS = 1000 };
#else
enum { TOLD_WITHIN_MS = 20 };
#endif

static struct rpc_fixture *fixture;
static struct ctx_scope *patience; /* ends a test that hangs */
static struct raw_peer *raw;

static void serve_shared_with_little_room(struct rpc_server_options *options)
{
    serve_shared(options);
    options->queue_max = 1;
}

static int set_up(void **state)
{
    (void)state;
    fixture = rpc_fixture_new("tcp://127.0.0.1:0", serve_shared_with_little_room);
    patience = ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS));
    raw = raw_connect(rpc_server_url(fixture->server), RPC_SP_CLIENT);
    raw_send_hello(raw);
    uint16_t protocol;
    struct rpc_frame hello;
    return raw_read_opening(raw, &protocol) && raw_read(raw, &hello) ? 0 : 1;
}

static int tear_down(void **state)
{
    (void)state;
    raw_free(raw);
    rpc_fixture_free(fixture);
    ctx_scope_end(patience);
    ctx_test_clock_end(); /* which some begin */
    return ctx_test_no_leaks() ? 0 : 1;
}

static void start(
    struct call_record *record, const struct ctx *ctx, const struct rpc_method *method)
{
    assert_int_equal(record_start(record, ctx, fixture->channel, method, FILE_LEN), STATUS_OK);
}

static void assert_has_file(struct call_record *record)
{
    assert_true(record_wait_end(record));
    assert_int_equal(record->end.status, STATUS_OK);
    assert_int_equal(record->n_bytes, FILE_LEN);
    assert_int_equal(record->n_wrong_bytes, 0);
    assert_int_equal(record->n_after_end, 0);
    record_finish(record);
}

/* --- some leave ----------------------------------------------------------------------------- */

static void the_first_caller_leaves_and_the_second_still_gets_its_file(void **state)
{
    (void)state;
    CTX_SCOPE(first_scope, ctx_with_cancel(patience->ctx));
    struct call_record first = {0};
    struct call_record second = {0};
    start(&first, first_scope->ctx, &SHARED_FILE);
    assert_true(test_service_wait_started(&fixture->service, 1));
    start(&second, patience->ctx, &SHARED_FILE);
    assert_true(shared_wait_members(fixture->server, 2));
    ctx_cancel(first_scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_true(shared_wait_members(fixture->server, 1));
    test_service_open_gate(&fixture->service);
    assert_has_file(&second);
    assert_int_equal(fixture->service.cause, CTX_CAUSE_NONE);
    assert_int_equal(fixture->service.n_started, 1);
    assert_int_equal(first.n_replies, 0);
    record_finish(&first);
}

static void who_leaves_while_others_stay_hears_that_the_outcome_is_unknown(void **state)
{
    (void)state;
    raw_send_call(raw, 1, SHARED_FILE.name, 0, 10);
    assert_true(test_service_wait_started(&fixture->service, 1));
    raw_send_call(raw, 2, SHARED_FILE.name, 0, 10);
    assert_true(shared_wait_members(fixture->server, 2));
    raw_send_cancel(raw, 1, CTX_CAUSE_USER_CANCELLED);
    struct rpc_end end;
    assert_true(raw_read_end(raw, 1, &end)); /* at once: the gate is closed */
    assert_int_equal(end.status, STATUS_CANCELLED);
    assert_int_equal(end.cause, CTX_CAUSE_USER_CANCELLED);
    assert_int_equal(end.account.outcome, RPC_OUTCOME_UNKNOWN);
    assert_int_equal(end.account.stop_latency_ns, 0);
    assert_true(end.account.run_ns > 0);
    assert_string_equal(end.account.stage, "working");
}

static void the_last_to_leave_hears_how_the_work_stopped(void **state)
{
    (void)state;
    raw_send_call(raw, 1, SHARED_FILE.name, 0, 10);
    raw_send_call(raw, 2, SHARED_FILE.name, 0, 10);
    assert_true(test_service_wait_started(&fixture->service, 1));
    assert_true(shared_wait_members(fixture->server, 2));
    raw_send_cancel(raw, 1, CTX_CAUSE_USER_CANCELLED);
    raw_send_cancel(raw, 2, CTX_CAUSE_CLIENT_DISCONNECTED);
    struct rpc_end end;
    assert_true(raw_read_end(raw, 2, &end));
    assert_int_equal(end.status, STATUS_CANCELLED);
    assert_int_equal(end.cause, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_int_equal(end.account.outcome, RPC_OUTCOME_STOPPED);
    assert_string_equal(end.account.stage, "working");
    assert_true(end.account.stop_latency_ns > 0);
    assert_int_equal(fixture->service.cause, CTX_CAUSE_CLIENT_DISCONNECTED);
}

/* The best of a few tries: a bound in time says little on a machine that does other things too. */
static void the_handler_is_told_within_milliseconds_when_all_have_left(void **state)
{
    (void)state;
    uint64_t best_ns = CLOCK_NEVER;
    for (unsigned int i = 1; i <= N_TRIES && best_ns > CLOCK_MS(TOLD_WITHIN_MS); i++) {
        CTX_SCOPE(all, ctx_with_cancel(patience->ctx));
        struct call_record one = {0};
        struct call_record two = {0};
        start(&one, all->ctx, &SHARED_FILE);
        start(&two, all->ctx, &SHARED_FILE);
        assert_true(test_service_wait_started(&fixture->service, i));
        assert_true(shared_wait_members(fixture->server, 2));
        uint64_t cancelled_ns = clock_now_ns();
        ctx_cancel(all, CTX_CAUSE_USER_CANCELLED);
        assert_true(test_service_wait_stopped(&fixture->service, i));
        uint64_t took_ns = clock_now_ns() - cancelled_ns;
        best_ns = took_ns < best_ns ? took_ns : best_ns;
        assert_int_equal(fixture->service.cause, CTX_CAUSE_USER_CANCELLED);
        assert_true(record_wait_end(&one));
        assert_true(record_wait_end(&two));
        assert_true(shared_wait_members(fixture->server, 0));
        record_finish(&one);
        record_finish(&two);
    }
    assert_true(best_ns <= CLOCK_MS(TOLD_WITHIN_MS));
}

static void who_leaves_while_reading_does_not_disturb_the_others(void **state)
{
    (void)state;
    CTX_SCOPE(leaving, ctx_with_cancel(patience->ctx));
    struct call_record gone = {.holds_credit = true};
    struct call_record slow = {.holds_credit = true};
    start(&gone, leaving->ctx, &SHARED_FILE);
    start(&slow, patience->ctx, &SHARED_FILE);
    assert_true(shared_wait_members(fixture->server, 2));
    test_service_open_gate(&fixture->service);
    assert_true(record_wait_bytes(&gone, RPC_CREDIT_DEFAULT));
    assert_true(record_wait_bytes(&slow, RPC_CREDIT_DEFAULT));
    ctx_cancel(leaving, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_true(shared_wait_members(fixture->server, 1));
    record_consume(&slow);
    assert_has_file(&slow);
    record_finish(&gone);
}

/* --- time ----------------------------------------------------------------------------------- */

static void a_late_caller_with_more_time_keeps_the_work_alive(void **state)
{
    (void)state;
    ctx_test_clock_start();
    CTX_SCOPE(short_scope, ctx_with_timeout(ctx_background(), CTX_MS(100)));
    struct call_record hasty = {0};
    struct call_record patient = {0};
    start(&hasty, short_scope->ctx, &SHARED_FILE);
    start(&patient, patience->ctx, &SHARED_FILE);
    assert_true(test_service_wait_started(&fixture->service, 1));
    assert_true(shared_wait_members(fixture->server, 2));
    ctx_test_clock_advance(CTX_MS(100));
    assert_true(record_wait_end(&hasty));
    assert_int_equal(hasty.end.status, STATUS_DEADLINE_EXCEEDED);
    assert_true(shared_wait_members(fixture->server, 1));
    test_service_open_gate(&fixture->service);
    assert_has_file(&patient);
    assert_int_equal(fixture->service.cause, CTX_CAUSE_NONE);
    /* The handler's own deadline is the patient one's. */
    assert_true(fixture->service.remaining_ns > CTX_SECONDS(1));
    assert_int_equal(fixture->service.n_started, 1);
    record_finish(&hasty);
}

static void without_a_patient_caller_the_deadline_stops_the_work(void **state)
{
    (void)state;
    ctx_test_clock_start();
    raw_send_call(raw, 1, SHARED_FILE.name, CLOCK_MS(50), 10);
    raw_send_call(raw, 2, SHARED_FILE.name, CLOCK_MS(100), 10);
    assert_true(test_service_wait_started(&fixture->service, 1));
    assert_true(shared_wait_members(fixture->server, 2));
    ctx_test_clock_advance(CTX_MS(100));
    struct rpc_end end;
    assert_true(raw_read_end(raw, 2, &end));
    assert_int_equal(end.status, STATUS_DEADLINE_EXCEEDED);
    assert_int_equal(end.cause, CTX_CAUSE_DEADLINE_EXCEEDED);
    assert_int_equal(end.account.outcome, RPC_OUTCOME_STOPPED);
    assert_int_equal(fixture->service.cause, CTX_CAUSE_DEADLINE_EXCEEDED);
    assert_int_equal(fixture->service.n_started, 1);
}

/* --- the server's side ---------------------------------------------------------------------- */

static void a_lost_peer_takes_its_hundred_members_along_and_no_others(void **state)
{
    (void)state;
    struct call_record stays = {0};
    start(&stays, patience->ctx, &SHARED_FILE);
    assert_true(test_service_wait_started(&fixture->service, 1));
    for (uint32_t id = 1; id <= N_LOST; id++) {
        raw_send_call(raw, id, SHARED_FILE.name, 0, FILE_LEN);
    }
    assert_true(shared_wait_members(fixture->server, N_LOST + 1));
    raw_free(raw);
    raw = NULL;
    assert_true(shared_wait_members(fixture->server, 1));
    test_service_open_gate(&fixture->service);
    assert_has_file(&stays);
    assert_int_equal(fixture->service.n_started, 1);
    assert_int_equal(fixture->service.cause, CTX_CAUSE_NONE);
}

static void the_work_of_a_lost_peers_members_alone_is_told(void **state)
{
    (void)state;
    for (uint32_t id = 1; id <= N_LOST; id++) {
        raw_send_call(raw, id, SHARED_FILE.name, 0, FILE_LEN);
    }
    assert_true(test_service_wait_started(&fixture->service, 1));
    assert_true(shared_wait_members(fixture->server, N_LOST));
    raw_free(raw);
    raw = NULL;
    assert_true(test_service_wait_stopped(&fixture->service, 1));
    assert_int_equal(fixture->service.cause, CTX_CAUSE_PEER_LOST);
    assert_true(shared_wait_members(fixture->server, 0));
}

static void keep_both_workers_busy(void)
{
    for (uint32_t id = 1; id <= 2; id++) {
        raw_send_call(raw, id, SHARED_ANSWER.name, 0, id);
        assert_true(test_service_wait_started(&fixture->service, id));
    }
}

static void a_refusal_is_told_to_all_members(void **state)
{
    (void)state;
    keep_both_workers_busy();
    raw_send_call(raw, 3, SHARED_ANSWER.name, 0, 3); /* takes the one place in the queue */
    assert_true(shared_wait_members(fixture->server, 3));
    raw_send_call(raw, 4, SHARED_ANSWER.name, 0, 4);
    struct rpc_end end;
    assert_true(raw_read_end(raw, 4, &end));
    assert_int_equal(end.status, STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(end.account.outcome, RPC_OUTCOME_NOT_STARTED);
    /* But a member costs no place. */
    raw_send_call(raw, 5, SHARED_ANSWER.name, 0, 3);
    assert_true(shared_wait_members(fixture->server, 4));
}

static void queued_work_that_all_have_left_never_runs(void **state)
{
    (void)state;
    keep_both_workers_busy();
    raw_send_call(raw, 3, SHARED_ANSWER.name, 0, 3);
    raw_send_call(raw, 4, SHARED_ANSWER.name, 0, 3);
    assert_true(shared_wait_members(fixture->server, 4));
    struct rpc_end end;
    raw_send_cancel(raw, 3, CTX_CAUSE_USER_CANCELLED);
    assert_true(raw_read_end(raw, 3, &end));
    assert_int_equal(end.account.outcome, RPC_OUTCOME_UNKNOWN);
    raw_send_cancel(raw, 4, CTX_CAUSE_USER_CANCELLED);
    assert_true(raw_read_end(raw, 4, &end));
    assert_int_equal(end.account.outcome, RPC_OUTCOME_NOT_STARTED);
    assert_int_equal(end.cause, CTX_CAUSE_USER_CANCELLED);
    test_service_open_gate(&fixture->service);
    assert_true(shared_wait_members(fixture->server, 0));
    assert_int_equal(fixture->service.n_started, 2);
}

static void a_server_that_stops_tells_the_work_and_its_members(void **state)
{
    (void)state;
    for (uint32_t id = 1; id <= 3; id++) {
        raw_send_call(raw, id, SHARED_FILE.name, 0, 10);
    }
    assert_true(test_service_wait_started(&fixture->service, 1));
    assert_true(shared_wait_members(fixture->server, 3));
    rpc_server_stop(fixture->server);
    fixture->server = NULL;
    assert_int_equal(fixture->service.cause, CTX_CAUSE_SERVER_DRAINING);
    struct rpc_frame frame;
    unsigned int n_ends = 0;
    while (raw_read(raw, &frame)) {
        n_ends += frame.type == RPC_FRAME_END;
    }
    assert_int_equal(n_ends, 3);
}

static void draining_waits_for_members(void **state)
{
    (void)state;
    struct call_record one = {0};
    struct call_record two = {0};
    start(&one, patience->ctx, &SHARED_FILE);
    start(&two, patience->ctx, &SHARED_FILE);
    assert_true(shared_wait_members(fixture->server, 2));
    CTX_SCOPE(impatient, ctx_with_timeout(ctx_background(), CTX_MS(1)));
    assert_int_equal(rpc_server_drain(impatient->ctx, fixture->server), STATUS_DEADLINE_EXCEEDED);
    test_service_open_gate(&fixture->service);
    assert_int_equal(rpc_server_drain(patience->ctx, fixture->server), STATUS_OK);
    assert_has_file(&one);
    assert_has_file(&two);
}

#define LEAVE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    struct log_options options = {.service = "flight", .level = LOG_LEVEL_ERROR};
    if (log_init(&options, NULL) != STATUS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        LEAVE_TEST(the_first_caller_leaves_and_the_second_still_gets_its_file),
        LEAVE_TEST(who_leaves_while_others_stay_hears_that_the_outcome_is_unknown),
        LEAVE_TEST(the_last_to_leave_hears_how_the_work_stopped),
        LEAVE_TEST(the_handler_is_told_within_milliseconds_when_all_have_left),
        LEAVE_TEST(who_leaves_while_reading_does_not_disturb_the_others),
        LEAVE_TEST(a_late_caller_with_more_time_keeps_the_work_alive),
        LEAVE_TEST(without_a_patient_caller_the_deadline_stops_the_work),
        LEAVE_TEST(a_lost_peer_takes_its_hundred_members_along_and_no_others),
        LEAVE_TEST(the_work_of_a_lost_peers_members_alone_is_told),
        LEAVE_TEST(a_refusal_is_told_to_all_members),
        LEAVE_TEST(queued_work_that_all_have_left_never_runs),
        LEAVE_TEST(a_server_that_stops_tells_the_work_and_its_members),
        LEAVE_TEST(draining_waits_for_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
