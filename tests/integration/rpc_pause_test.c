/* Calls that wait without a worker (rpc_call_pause). Pauses end by the fake clock, where nothing
 * else is said: by less than the seconds of silence that make a connection lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "rpc/metadata.h"
#include "rpc_admission_service.h"
#include "support/log_file.h"
#include "support/rpc_shared_service.h"

enum { PAUSE_MS = 1000, LONG_MS = 600000, DEAF_AFTER_MS = 20, N_PACED = 1000, PACE_MS = 20 };

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

static int set_up_real_time(void **state)
{
    (void)state;
    start_with(one_worker);
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

/* --- looking at calls ----------------------------------------------------------------------- */

struct look {
    struct rpc_server *server;
    unsigned int n_paused;
    unsigned int n_paused_running; /* never any */
    unsigned int n_waiting;        /* queued */
    unsigned int n_wanted;
    uint64_t done; /* of the checkpoint of the last paused one */
    char stage[RPC_STAGE_MAX];
    int thread_id;
};

static void look_at(void *arg, const struct rpc_call_info *info)
{
    struct look *look = arg;
    look->n_waiting += !info->is_running && !info->is_paused;
    if (info->is_paused) {
        look->n_paused++;
        look->n_paused_running += info->is_running;
        look->done = info->done;
        look->thread_id = info->thread_id;
        strncpy(look->stage, info->stage == NULL ? "" : info->stage, sizeof(look->stage) - 1);
    }
}

static void look_anew(struct look *look)
{
    *look = (struct look){.server = look->server, .n_wanted = look->n_wanted};
    rpc_server_each_call(look->server, look_at, look);
}

static bool has_paused(void *arg)
{
    struct look *look = arg;
    look_anew(look);
    return look->n_paused == look->n_wanted;
}

static bool has_waiting(void *arg)
{
    struct look *look = arg;
    look_anew(look);
    return look->n_waiting == look->n_wanted;
}

/* Of the second one it is the stage that says so: between the two the call is on its worker. */
static bool is_in_second_pause(void *arg)
{
    struct look *look = arg;
    look_anew(look);
    return look->n_paused == 1 && look->done == 1;
}

static void wait_paused(unsigned int n_calls)
{
    struct look look = {.server = fixture->server, .n_wanted = n_calls};
    assert_true(wait_until(has_paused, &look));
}

static void wait_second_pause(void)
{
    struct look look = {.server = fixture->server};
    assert_true(wait_until(is_in_second_pause, &look));
}

/* --- how long ------------------------------------------------------------------------------- */

static void a_paused_call_goes_on_at_its_time_and_pauses_again(void **state)
{
    (void)state;
    struct call_record record = {0};
    start(&record, ctx_background(), &TEST_PAUSE, PAUSE_MS);
    wait_paused(1);
    ctx_test_clock_advance(CTX_MS(PAUSE_MS) - 1);
    struct look look = {.server = fixture->server};
    look_anew(&look);
    assert_int_equal(look.n_paused, 1);
    assert_int_equal(look.done, 0);
    ctx_test_clock_advance(1);
    wait_second_pause();
    ctx_test_clock_advance(CTX_MS(PAUSE_MS));
    assert_true(record_wait_end(&record));
    assert_int_equal(record.end.account.outcome, RPC_OUTCOME_COMMITTED);
    assert_int_equal(record.end.account.run_ns, 0); /* pauses are no work */
    assert_ends(&record, STATUS_OK);
}

static void a_paused_call_is_seen_with_its_stage_and_without_a_worker(void **state)
{
    (void)state;
    struct call_record record = {0};
    start(&record, ctx_background(), &TEST_PAUSE, PAUSE_MS);
    wait_paused(1);
    struct look look = {.server = fixture->server};
    look_anew(&look);
    assert_int_equal(look.n_paused, 1);
    assert_int_equal(look.n_paused_running, 0);
    assert_int_equal(look.thread_id, 0);
    assert_string_equal(look.stage, "pausing");
    ctx_test_clock_advance(CTX_MS(PAUSE_MS));
    wait_second_pause();
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
    wait_paused(2);
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
    wait_paused(1);
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
    wait_paused(1);
    ctx_test_clock_advance(CTX_MS(PAUSE_MS));
    wait_second_pause();
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
    wait_paused(1);
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
    wait_paused(1);
    struct drain drain = {fixture->server, STATUS_INTERNAL};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, drain_main, &drain), 0);
    ctx_test_clock_advance(CTX_MS(PAUSE_MS));
    wait_second_pause();
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
    wait_paused(1);
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
    wait_paused(1);
    start(&holder, ctx_background(), &HOLD, 0); /* the only worker */
    assert_true(test_service_wait_started(&fixture->service, 1));
    for (size_t i = 0; i < SINGLE_QUEUE_MAX; i++) {
        start(&fresh[i], others.scope->ctx, &NOTE, 0);
    }
    struct look look = {.server = fixture->server, .n_wanted = SINGLE_QUEUE_MAX};
    assert_true(wait_until(has_waiting, &look));
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

/* --- shared --------------------------------------------------------------------------------- */

static void members_of_a_flight_that_pauses_all_get_its_answer(void **state)
{
    (void)state;
    struct call_record records[3] = {0};
    for (size_t i = 0; i < 3; i++) {
        start(&records[i], ctx_background(), &SHARED_PAUSE, PAUSE_MS);
    }
    assert_true(shared_wait_members(fixture->server, 3));
    wait_paused(3); /* the shared work's state is theirs */
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
    wait_paused(2);
    ctx_cancel(scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_true(test_service_wait_stopped(&fixture->service, 1));
    assert_int_equal(fixture->service.cause, CTX_CAUSE_CLIENT_DISCONNECTED);
    for (size_t i = 0; i < 2; i++) {
        assert_ends(&records[i], STATUS_CANCELLED);
    }
}

/* --- in real time --------------------------------------------------------------------------- */

static void deaf_soon(struct rpc_server_options *options)
{
    admission_service_use(options);
    options->deaf_after_ns = CLOCK_MS(DEAF_AFTER_MS);
}

static int set_up_deaf(void **state)
{
    (void)state;
    log_file_clear();
    start_with(deaf_soon);
    return 0;
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
    wait_paused(1);
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

#define REAL_TIME(test) cmocka_unit_test_setup_teardown(test, set_up_real_time, tear_down)
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
            members_of_a_flight_that_pauses_all_get_its_answer, set_up_shared, tear_down),
        cmocka_unit_test_setup_teardown(
            a_paused_flight_ends_when_its_last_member_leaves, set_up_shared, tear_down),
        cmocka_unit_test_setup_teardown(a_call_that_pauses_is_not_deaf, set_up_deaf, tear_down),
        REAL_TIME(a_thousand_paced_calls_need_one_worker),
        REAL_TIME(cancels_and_ends_of_pauses_may_meet),
    };
    log_file_start(LOG_LEVEL_INFO);
    int result = cmocka_run_group_tests(tests, NULL, NULL);
    log_file_end();
    return result;
}
