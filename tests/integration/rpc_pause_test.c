/* Calls that wait without a worker (rpc_call_pause). Pauses end by the fake clock: by less than the
 * seconds of silence that make a connection lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "rpc/debug.h"
#include "rpc/metadata.h"
#include "rpc_admission_service.h"
#include "rpc_pause_look.h"
#include "support/rpc_shared_service.h"
#include "walkie/rpc/v1/debug.pb-c.h"

enum { PAUSE_MS = 1000 };

static struct rpc_fixture *fixture;

static void one_worker(struct rpc_server_options *options)
{
    options->n_workers = 1;
}

static void start_with(void (*adjust)(struct rpc_server_options *options))
{
    fixture = rpc_fixture_new("tcp://127.0.0.1:0", adjust);
}

static int set_up(void **state)
{
    (void)state;
    start_with(one_worker);
    ctx_test_clock_start();
    return 0;
}

static int set_up_admission(void **state)
{
    (void)state;
    admission_service_reset();
    start_with(admission_service_use);
    ctx_test_clock_start();
    return 0;
}

static int set_up_shared(void **state)
{
    (void)state;
    start_with(serve_shared);
    ctx_test_clock_start();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ctx_test_clock_end();
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
    assert_int_equal(record->n_after_end, 0);
    record_finish(record);
}

/* --- how long ------------------------------------------------------------------------------- */

static void a_paused_call_goes_on_at_its_time_and_pauses_again(void **state)
{
    (void)state;
    struct call_record record = {0};
    start(&record, ctx_background(), &TEST_PAUSE, PAUSE_MS);
    pause_wait(fixture->server, 1);
    ctx_test_clock_advance(CTX_MS(PAUSE_MS) - 1);
    struct pause_look look = pause_look(fixture->server);
    assert_int_equal(look.n_paused, 1);
    assert_int_equal(look.done, 0);
    ctx_test_clock_advance(1);
    pause_wait_second(fixture->server);
    ctx_test_clock_advance(CTX_MS(PAUSE_MS));
    assert_true(record_wait_end(&record));
    assert_int_equal(record.end.account.outcome, RPC_OUTCOME_COMMITTED);
    assert_int_equal(record.end.account.run_ns, 0); /* pauses are no work */
    assert_ends(&record, STATUS_OK);
}

static void assert_is_listed_as_paused(void)
{
    const Walkie__Rpc__V1__ListCallsRequest request = WALKIE__RPC__V1__LIST_CALLS_REQUEST__INIT;
    ProtobufCMessage *message = NULL;
    assert_int_equal(
        rpc_call_unary(ctx_background(), fixture->channel, &RPC_LIST_CALLS, &request.base,
            &walkie__rpc__v1__list_calls_reply__descriptor, &message, NULL),
        STATUS_OK);
    Walkie__Rpc__V1__ListCallsReply *reply = (Walkie__Rpc__V1__ListCallsReply *)message;
    assert_int_equal(reply->n_calls, 1);
    assert_int_equal(reply->calls[0]->state, WALKIE__RPC__V1__CALL_STATE__CALL_STATE_PAUSED);
    assert_string_equal(reply->calls[0]->stage, "pausing");
    walkie__rpc__v1__list_calls_reply__free_unpacked(reply, NULL);
}

static void a_paused_call_is_seen_with_its_stage_and_without_a_worker(void **state)
{
    (void)state;
    struct call_record record = {0};
    start(&record, ctx_background(), &TEST_PAUSE, PAUSE_MS);
    pause_wait(fixture->server, 1);
    struct pause_look look = pause_look(fixture->server);
    assert_int_equal(look.n_paused, 1);
    assert_int_equal(look.n_paused_running, 0);
    assert_int_equal(look.thread_id, 0);
    assert_string_equal(look.stage, "pausing");
    assert_is_listed_as_paused();
    ctx_test_clock_advance(CTX_MS(PAUSE_MS));
    pause_wait_second(fixture->server);
    ctx_test_clock_advance(CTX_MS(PAUSE_MS));
    assert_ends(&record, STATUS_OK);
}

static void others_use_the_worker_of_one_that_pauses(void **state)
{
    (void)state;
    struct call_record paused[2] = {0};
    struct call_record other = {0};
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    start(&paused[0], scope->ctx, &TEST_PAUSE, PAUSE_MS);
    start(&paused[1], scope->ctx, &TEST_PAUSE, PAUSE_MS);
    pause_wait(fixture->server, 2);
    start(&other, ctx_background(), &TEST_ECHO, 0);
    assert_ends(&other, STATUS_OK);
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    assert_ends(&paused[0], STATUS_CANCELLED);
    assert_ends(&paused[1], STATUS_CANCELLED);
}

/* --- told to stop --------------------------------------------------------------------------- */

static void a_cancel_ends_a_pause_at_once(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct call_record record = {0};
    start(&record, scope->ctx, &TEST_PAUSE, PAUSE_MS);
    pause_wait(fixture->server, 1);
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    assert_true(test_service_wait_stopped(&fixture->service, 1));
    assert_int_equal(fixture->service.cause, CTX_CAUSE_USER_CANCELLED);
    assert_ends(&record, STATUS_CANCELLED);
}

static void a_deadline_ends_a_pause_at_its_time(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(PAUSE_MS + 100)));
    struct call_record record = {0};
    start(&record, scope->ctx, &TEST_PAUSE, PAUSE_MS);
    pause_wait(fixture->server, 1);
    ctx_test_clock_advance(CTX_MS(PAUSE_MS));
    pause_wait_second(fixture->server);
    ctx_test_clock_advance(CTX_MS(100));
    assert_true(test_service_wait_stopped(&fixture->service, 1));
    assert_int_equal(fixture->service.cause, CTX_CAUSE_DEADLINE_EXCEEDED);
    assert_ends(&record, STATUS_DEADLINE_EXCEEDED);
}

static void a_lost_connection_ends_a_pause_at_once(void **state)
{
    (void)state;
    struct rpc_channel *other = test_channel_new(rpc_server_url(fixture->server));
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    assert_int_equal(rpc_channel_wait_ready(scope->ctx, other), STATUS_OK);
    struct call_record record = {0};
    assert_int_equal(record_start(&record, scope->ctx, other, &TEST_PAUSE, PAUSE_MS), STATUS_OK);
    pause_wait(fixture->server, 1);
    rpc_channel_free(other);
    assert_true(test_service_wait_stopped(&fixture->service, 1));
    assert_true(record_wait_end(&record));
    record_finish(&record);
}

struct drain {
    struct rpc_server *server;
    enum status status;
};

static void *drain_main(void *arg)
{
    struct drain *drain = arg;
    drain->status = rpc_server_drain(ctx_background(), drain->server);
    return NULL;
}

static void draining_waits_for_calls_that_pause(void **state)
{
    (void)state;
    struct call_record record = {0};
    start(&record, ctx_background(), &TEST_PAUSE, PAUSE_MS);
    pause_wait(fixture->server, 1);
    struct drain drain = {fixture->server, STATUS_INTERNAL};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, drain_main, &drain), 0);
    ctx_test_clock_advance(CTX_MS(PAUSE_MS));
    pause_wait_second(fixture->server);
    ctx_test_clock_advance(CTX_MS(PAUSE_MS));
    assert_ends(&record, STATUS_OK);
    pthread_join(thread, NULL);
    assert_int_equal(drain.status, STATUS_OK);
}

static void a_server_that_stops_ends_pauses_at_once(void **state)
{
    (void)state;
    struct call_record record = {0};
    start(&record, ctx_background(), &TEST_PAUSE, PAUSE_MS);
    pause_wait(fixture->server, 1);
    rpc_server_stop(STEAL(fixture->server)); /* the fixture's end is content with none */
    assert_int_equal(fixture->service.n_stopped, 1);
    assert_int_equal(fixture->service.cause, CTX_CAUSE_SERVER_DRAINING);
    assert_ends(&record, STATUS_UNAVAILABLE);
}

/* --- whose turn it is ----------------------------------------------------------------------- */

/* What a caller says of itself. */
struct caller {
    struct rpc_metadata_entry entry;
    struct rpc_metadata metadata;
    struct ctx_scope *scope;
};

static void caller_init(struct caller *caller, const char *principal)
{
    rpc_metadata_init(&caller->metadata, &caller->entry, 1);
    assert_int_equal(
        rpc_metadata_set(&caller->metadata, RPC_METADATA_PRINCIPAL, bytes_of(principal)),
        STATUS_OK);
    caller->scope = ctx_with_value(ctx_background(), &RPC_METADATA_KEY, &caller->metadata);
}

static void who_goes_on_goes_before_those_who_have_not_begun(void **state)
{
    (void)state;
    struct call_record paused = {0};
    struct call_record holder = {0};
    struct call_record fresh[SINGLE_QUEUE_MAX] = {0};
    struct caller first;
    struct caller others;
    caller_init(&first, "paused");
    caller_init(&others, "fresh");
    start(&paused, first.scope->ctx, &PAUSE, PAUSE_MS);
    pause_wait(fixture->server, 1);
    start(&holder, ctx_background(), &HOLD, 0); /* the only worker */
    assert_true(test_service_wait_started(&fixture->service, 1));
    for (size_t i = 0; i < SINGLE_QUEUE_MAX; i++) {
        start(&fresh[i], others.scope->ctx, &NOTE, 0);
    }
    pause_wait_queued(fixture->server, SINGLE_QUEUE_MAX);
    ctx_test_clock_advance(CTX_MS(PAUSE_MS)); /* it has a turn, and no place in the full queue */
    test_service_open_gate(&fixture->service);
    assert_ends(&holder, STATUS_OK);
    assert_ends(&paused, STATUS_OK);
    for (size_t i = 0; i < SINGLE_QUEUE_MAX; i++) {
        assert_ends(&fresh[i], STATUS_OK);
    }
    assert_string_equal(admission_service_order(), "pffffffffffff");
    ctx_scope_end(first.scope);
    ctx_scope_end(others.scope);
}

/* They hold memory as those do that wait in the queue. */
static void no_more_pause_than_may_wait_in_the_queue(void **state)
{
    (void)state;
    struct call_record paused[SINGLE_QUEUE_MAX] = {0};
    struct call_record excess = {0};
    struct call_record later = {0};
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    for (unsigned int i = 0; i < SINGLE_QUEUE_MAX; i++) {
        start(&paused[i], scope->ctx, &PAUSE, PAUSE_MS);
        pause_wait(fixture->server, i + 1);
    }
    start(&excess, ctx_background(), &PAUSE, PAUSE_MS);
    assert_true(record_wait_end(&excess));
    assert_non_null(strstr(excess.end.message, "try again later"));
    assert_ends(&excess, STATUS_RESOURCE_EXHAUSTED);
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    for (unsigned int i = 0; i < SINGLE_QUEUE_MAX; i++) {
        assert_ends(&paused[i], STATUS_CANCELLED);
    }
    start(&later, ctx_background(), &PAUSE, 0);
    assert_ends(&later, STATUS_OK);
}

/* --- shared --------------------------------------------------------------------------------- */

static void members_of_a_flight_that_pauses_all_get_its_answer(void **state)
{
    (void)state;
    struct call_record records[3] = {0};
    for (size_t i = 0; i < 3; i++) {
        start(&records[i], ctx_background(), &SHARED_PAUSE, PAUSE_MS);
    }
    assert_true(shared_wait_members(fixture->server, 3));
    pause_wait(fixture->server, 3); /* the shared work's state is theirs */
    ctx_test_clock_advance(CTX_MS(PAUSE_MS));
    for (size_t i = 0; i < 3; i++) {
        assert_ends(&records[i], STATUS_OK);
    }
    assert_int_equal(fixture->service.n_started, 1);
}

static void a_paused_flight_ends_when_its_last_member_leaves(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct call_record records[2] = {0};
    for (size_t i = 0; i < 2; i++) {
        start(&records[i], scope->ctx, &SHARED_PAUSE, PAUSE_MS);
    }
    assert_true(shared_wait_members(fixture->server, 2));
    pause_wait(fixture->server, 2);
    ctx_cancel(scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_true(test_service_wait_stopped(&fixture->service, 1));
    assert_int_equal(fixture->service.cause, CTX_CAUSE_CLIENT_DISCONNECTED);
    for (size_t i = 0; i < 2; i++) {
        assert_ends(&records[i], STATUS_CANCELLED);
    }
}

#define FAKE_TIME(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TIME(a_paused_call_goes_on_at_its_time_and_pauses_again),
        FAKE_TIME(a_paused_call_is_seen_with_its_stage_and_without_a_worker),
        FAKE_TIME(others_use_the_worker_of_one_that_pauses),
        FAKE_TIME(a_cancel_ends_a_pause_at_once),
        FAKE_TIME(a_deadline_ends_a_pause_at_its_time),
        FAKE_TIME(a_lost_connection_ends_a_pause_at_once),
        FAKE_TIME(draining_waits_for_calls_that_pause),
        FAKE_TIME(a_server_that_stops_ends_pauses_at_once),
        cmocka_unit_test_setup_teardown(
            who_goes_on_goes_before_those_who_have_not_begun, set_up_admission, tear_down),
        cmocka_unit_test_setup_teardown(
            no_more_pause_than_may_wait_in_the_queue, set_up_admission, tear_down),
        cmocka_unit_test_setup_teardown(
            members_of_a_flight_that_pauses_all_get_its_answer, set_up_shared, tear_down),
        cmocka_unit_test_setup_teardown(
            a_paused_flight_ends_when_its_last_member_leaves, set_up_shared, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
