/* Cancellation: it reaches the handler, the caller does not wait, and END tells the truth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rpc/envelope.h"
#include "rpc/opening.h"
#include "support/rpc_fixture.h"
#include "support/rpc_raw.h"

static void one_worker(struct rpc_server_options *options)
{
    options->n_workers = 1;
    options->queue_max = 2;
}

static void two_calls(struct rpc_server_options *options)
{
    options->calls_max = 2;
}

static int set_up_one_worker(void **state)
{
    *state = rpc_fixture_new("tcp://127.0.0.1:0", one_worker);
    return 0;
}

static int set_up_two_calls(void **state)
{
    *state = rpc_fixture_new("tcp://127.0.0.1:0", two_calls);
    return 0;
}

static struct raw_peer *raw_client(struct rpc_fixture *fixture)
{
    struct raw_peer *raw = raw_connect(rpc_server_url(fixture->server), RPC_SP_CLIENT);
    assert_non_null(raw);
    raw_send_hello(raw);
    uint16_t protocol = 0;
    assert_true(raw_read_opening(raw, &protocol));
    assert_int_equal(protocol, RPC_SP_SERVER);
    struct rpc_frame hello;
    assert_true(raw_read(raw, &hello));
    assert_int_equal(hello.type, RPC_FRAME_HELLO);
    return raw;
}

static void cancel_reaches_the_handler_with_its_cause(void **state)
{
    struct rpc_fixture *fixture = *state;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct call_record record = {0};
    assert_int_equal(
        record_start(&record, scope->ctx, fixture->channel, &TEST_BLOCK, 0), STATUS_OK);
    assert_true(test_service_wait_started(&fixture->service, 1));
    ctx_cancel(scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_true(test_service_wait_stopped(&fixture->service, 1));
    assert_int_equal(fixture->service.cause, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_true(record_wait_end(&record));
    assert_int_equal(record.end.status, STATUS_CANCELLED);
    assert_int_equal(record.end.cause, CTX_CAUSE_CLIENT_DISCONNECTED);
    record_finish(&record);
}

static void the_caller_does_not_wait_for_a_stubborn_handler(void **state)
{
    struct rpc_fixture *fixture = *state;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct call_record record = {0};
    assert_int_equal(
        record_start(&record, scope->ctx, fixture->channel, &TEST_STUBBORN, 0), STATUS_OK);
    assert_true(test_service_wait_started(&fixture->service, 1));
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    assert_true(record_wait_end(&record)); /* the gate is still shut */
    assert_int_equal(record.end.account.outcome, RPC_OUTCOME_UNKNOWN);
    test_service_open_gate(&fixture->service);
    assert_true(test_service_wait_stopped(&fixture->service, 1));
    /* The late answer must not reach the caller: an echo on the same connection comes after it. */
    struct call_record echo = {0};
    assert_int_equal(
        record_start(&echo, ctx_background(), fixture->channel, &TEST_ECHO_INLINE, 1), STATUS_OK);
    assert_true(record_wait_end(&echo));
    assert_int_equal(record.n_ends, 1);
    assert_int_equal(record.n_replies, 0);
    record_finish(&record);
    record_finish(&echo);
}

static void a_call_whose_context_is_done_is_never_sent(void **state)
{
    struct rpc_fixture *fixture = *state;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    ctx_cancel(scope, CTX_CAUSE_CANCELLED);
    struct call_record record = {0};
    assert_int_equal(record_start(&record, scope->ctx, fixture->channel, &TEST_ECHO, 0), STATUS_OK);
    assert_true(record_wait_end(&record));
    assert_int_equal(record.end.status, STATUS_CANCELLED);
    assert_int_equal(record.end.account.outcome, RPC_OUTCOME_NOT_STARTED);
    assert_int_equal(fixture->service.n_started, 0);
    record_finish(&record);
}

static void end_says_stopped_when_the_handler_gave_up(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct raw_peer *raw = raw_client(fixture);
    raw_send_call(raw, 1, TEST_BLOCK.name, 0, 0);
    assert_true(test_service_wait_started(&fixture->service, 1));
    raw_send_cancel(raw, 1, CTX_CAUSE_USER_CANCELLED);
    struct rpc_end end;
    assert_true(raw_read_end(raw, 1, &end));
    assert_int_equal(end.status, STATUS_CANCELLED);
    assert_int_equal(end.cause, CTX_CAUSE_USER_CANCELLED);
    assert_int_equal(end.account.outcome, RPC_OUTCOME_STOPPED);
    assert_string_equal(end.account.stage, "blocking");
    assert_true(end.account.stop_latency_ns > 0);
    raw_free(raw);
}

static void end_says_committed_when_the_handler_finished_all_the_same(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct raw_peer *raw = raw_client(fixture);
    raw_send_call(raw, 1, TEST_STUBBORN.name, 0, 0);
    assert_true(test_service_wait_started(&fixture->service, 1));
    raw_send_cancel(raw, 1, CTX_CAUSE_CLIENT_DISCONNECTED);
    /* The gate opens only when the cancel is known to have been read: an echo comes after it. */
    raw_send_call(raw, 2, TEST_ECHO_INLINE.name, 0, 0);
    struct rpc_frame frame;
    assert_true(raw_read(raw, &frame));
    assert_int_equal(frame.call_id, RPC_CALL_ID_TOP | 2);
    test_service_open_gate(&fixture->service);
    struct rpc_end end;
    assert_true(raw_read_end(raw, 1, &end));
    assert_int_equal(end.status, STATUS_CANCELLED);
    assert_int_equal(end.cause, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_int_equal(end.account.outcome, RPC_OUTCOME_COMMITTED);
    raw_free(raw);
}

/* The worker's CPU clock is read when the notifier gets to it: on a busy machine that may be late,
 * and less is seen as wasted. So the best of a few calls counts; what must hold for each is
 * asserted. */
static void end_accounts_the_cpu_wasted_after_the_cancel(void **state)
{
    enum { TRIES = 5, BURN_MS = 30 };
    struct rpc_fixture *fixture = *state;
    struct raw_peer *raw = raw_client(fixture);
    uint64_t most_wasted_ns = 0;
    for (uint32_t id = 1; id <= TRIES && most_wasted_ns < CLOCK_MS(BURN_MS - 1); id++) {
        raw_send_call(raw, id, TEST_BURN.name, 0, BURN_MS);
        assert_true(test_service_wait_started(&fixture->service, id));
        raw_send_cancel(raw, id, CTX_CAUSE_CANCELLED);
        struct rpc_end end;
        assert_true(raw_read_end(raw, id, &end));
        assert_true(end.account.wasted_cpu_ns <= end.account.cpu_ns);
        assert_true(end.account.stop_latency_ns >= CLOCK_MS(BURN_MS - 1));
        assert_string_equal(end.account.stage, "burning");
        most_wasted_ns =
            end.account.wasted_cpu_ns > most_wasted_ns ? end.account.wasted_cpu_ns : most_wasted_ns;
    }
    assert_true(most_wasted_ns >= CLOCK_MS(BURN_MS - 1));
    raw_free(raw);
}

static void a_queued_call_is_ended_at_once_and_never_runs(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct raw_peer *raw = raw_client(fixture);
    raw_send_call(raw, 1, TEST_STUBBORN.name, 0, 0);
    assert_true(test_service_wait_started(&fixture->service, 1));
    raw_send_call(raw, 2, TEST_ECHO.name, 0, 0);
    raw_send_call(raw, 3, TEST_ECHO.name, CLOCK_MS(20), 0);
    raw_send_cancel(raw, 2, CTX_CAUSE_USER_CANCELLED);
    struct rpc_end end;
    assert_true(raw_read_end(raw, 2, &end)); /* the only worker is still busy */
    assert_int_equal(end.status, STATUS_CANCELLED);
    assert_int_equal(end.account.outcome, RPC_OUTCOME_NOT_STARTED);
    assert_true(raw_read_end(raw, 3, &end));
    assert_int_equal(end.status, STATUS_DEADLINE_EXCEEDED);
    assert_int_equal(end.account.outcome, RPC_OUTCOME_NOT_STARTED);
    assert_true(end.account.queue_ns >= CLOCK_MS(20));
    assert_int_equal(fixture->service.n_started, 1);
    raw_free(raw);
}

static void a_call_cancelled_in_the_batch_that_brought_it_never_runs(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct raw_peer *raw = raw_client(fixture);
    raw_send_call(raw, 1, TEST_STUBBORN.name, 0, 0);
    assert_true(test_service_wait_started(&fixture->service, 1));
    enum { N_CALLS = 200 };
    for (uint32_t i = 2; i < 2 + N_CALLS; i++) {
        raw_send_call(raw, i, TEST_BLOCK.name, 0, 0);
        raw_send_cancel(raw, i, CTX_CAUSE_CANCELLED);
    }
    struct rpc_end end;
    for (uint32_t i = 0; i < N_CALLS; i++) {
        struct rpc_frame frame;
        assert_true(raw_read(raw, &frame));
        assert_int_equal(frame.type, RPC_FRAME_END);
        assert_true(envelope_unpack_end(frame.header, &end));
        assert_int_equal(end.account.outcome, RPC_OUTCOME_NOT_STARTED);
    }
    assert_int_equal(fixture->service.n_started, 1);
    raw_free(raw);
}

static void a_full_queue_refuses_and_says_so(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct raw_peer *raw = raw_client(fixture);
    raw_send_call(raw, 1, TEST_STUBBORN.name, 0, 0);
    assert_true(test_service_wait_started(&fixture->service, 1));
    for (uint32_t i = 2; i <= 4; i++) {
        raw_send_call(raw, i, TEST_ECHO.name, 0, 0);
    }
    struct rpc_end end;
    assert_true(raw_read_end(raw, 4, &end)); /* two are queued, this is the third */
    assert_int_equal(end.status, STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(end.account.outcome, RPC_OUTCOME_NOT_STARTED);
    raw_free(raw);
}

static void calls_beyond_the_connections_bound_are_refused(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct raw_peer *raw = raw_client(fixture);
    for (uint32_t i = 1; i <= 3; i++) {
        raw_send_call(raw, i, TEST_BLOCK.name, 0, 0);
    }
    struct rpc_end end;
    assert_true(raw_read_end(raw, 3, &end));
    assert_int_equal(end.status, STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(end.account.outcome, RPC_OUTCOME_NOT_STARTED);
    raw_free(raw);
}

static void the_channel_keeps_to_the_servers_bound(void **state)
{
    struct rpc_fixture *fixture = *state;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct call_record records[2] = {{.n_ends = 0}};
    for (size_t i = 0; i < LENGTH_OF(records); i++) {
        assert_int_equal(
            record_start(&records[i], scope->ctx, fixture->channel, &TEST_BLOCK, 0), STATUS_OK);
    }
    struct call_record third = {0};
    assert_int_equal(record_start(&third, scope->ctx, fixture->channel, &TEST_BLOCK, 0),
        STATUS_RESOURCE_EXHAUSTED);
    ctx_cancel(scope, CTX_CAUSE_CANCELLED);
    for (size_t i = 0; i < LENGTH_OF(records); i++) {
        assert_true(record_wait_end(&records[i]));
        record_finish(&records[i]);
    }
    assert_int_equal(third.n_ends, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cancel_reaches_the_handler_with_its_cause,
            rpc_fixture_set_up_tcp, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(cancel_reaches_the_handler_with_its_cause,
            rpc_fixture_set_up_ipc, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(the_caller_does_not_wait_for_a_stubborn_handler,
            rpc_fixture_set_up_tcp, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_call_whose_context_is_done_is_never_sent,
            rpc_fixture_set_up_tcp, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(end_says_stopped_when_the_handler_gave_up,
            rpc_fixture_set_up_ipc, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(end_says_committed_when_the_handler_finished_all_the_same,
            rpc_fixture_set_up_tcp, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(end_accounts_the_cpu_wasted_after_the_cancel,
            rpc_fixture_set_up_tcp, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_queued_call_is_ended_at_once_and_never_runs,
            set_up_one_worker, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_call_cancelled_in_the_batch_that_brought_it_never_runs,
            set_up_one_worker, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            a_full_queue_refuses_and_says_so, set_up_one_worker, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(calls_beyond_the_connections_bound_are_refused,
            set_up_two_calls, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            the_channel_keeps_to_the_servers_bound, set_up_two_calls, rpc_fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
