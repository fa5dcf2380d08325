/* What a channel makes again, and what it does not: calls lost with a server that is killed (a
 * process of its own: this program, called with --server), refused by a full one, cancelled in
 * between, out of memory. Linked with -Wl,--wrap also for the timer of the pause in between, so
 * that it can be held. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "ctx/timer.h"
#include "rpc/retry.h"
#include "support/failing_memory.h"
#include "support/rpc_site.h"

/* The client's row of a method that may be made twice; the server does not care. */
static const struct rpc_method STUBBORN_AGAIN = {
    .name = "walkie.test.v1.Test/Stubborn", .kind = RPC_UNARY, .flags = RPC_IDEMPOTENT};

/* The pause between two attempts is short. To look at a call in it, it is held: made longer than a
 * test waits for anything. */
static _Atomic enum { PAUSE_AS_IT_IS, PAUSE_HELD, PAUSE_BEGUN } pause_state;

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl*): the linker's --wrap names them so. */
void __real_ctx_timer_start(struct ctx_timer *timer, uint64_t due_ns);
void __wrap_ctx_timer_start(struct ctx_timer *timer, uint64_t due_ns);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl*) */

void __wrap_ctx_timer_start(struct ctx_timer *timer, uint64_t due_ns)
{
    bool is_soon = due_ns <= clock_now_ns() + CLOCK_MS(RPC_RETRY_PAUSE_MS);
    if (is_soon && atomic_load(&pause_state) != PAUSE_AS_IT_IS) {
        due_ns += CLOCK_SECONDS(2 * TEST_WAIT_SECONDS);
        atomic_store(&pause_state, PAUSE_BEGUN);
    }
    __real_ctx_timer_start(timer, due_ns);
}

static bool has_begun_to_pause(void *arg)
{
    (void)arg;
    return atomic_load(&pause_state) == PAUSE_BEGUN;
}

static void one_worker(struct rpc_server_options *options)
{
    options->n_workers = 1;
    options->queue_max = 1;
}

static void lost_calls_are_made_again_elsewhere_if_that_is_harmless(void **state)
{
    (void)state;
    enum { N_CALLS = 10 };
    struct call_record once[N_CALLS] = {{.n_ends = 0}};
    struct call_record again[N_CALLS] = {{.n_ends = 0}};
    struct site site;
    site_start(&site, 1, true, site_many_workers);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(2 * TEST_WAIT_SECONDS)));
    site_start_calls(&site, scope->ctx, &TEST_STUBBORN, once, N_CALLS);
    unsigned int n_once_lost = site_look(site.channel).links[0].n_calls;
    site_start_calls(&site, scope->ctx, &STUBBORN_AGAIN, again, N_CALLS);
    unsigned int n_again_lost = site_look(site.channel).links[0].n_calls - n_once_lost;
    assert_in_range(n_once_lost, 1, N_CALLS - 1);
    assert_in_range(n_again_lost, 1, N_CALLS - 1);
    uint64_t remaining_ns = ctx_remaining_ns(scope->ctx);
    rpc_process_kill(&site.process);
    site.has_process = false;
    test_service_open_gate(&site.services[0]);
    assert_int_equal(site_n_with_status(again, N_CALLS, STATUS_OK), N_CALLS);
    assert_int_equal(site_n_with_status(once, N_CALLS, STATUS_OK), N_CALLS - n_once_lost);
    for (size_t i = 0; i < N_CALLS; i++) {
        if (once[i].end.status != STATUS_OK) {
            assert_int_equal(once[i].end.status, STATUS_UNAVAILABLE);
            assert_int_equal(once[i].end.cause, CTX_CAUSE_PEER_LOST);
            assert_int_equal(once[i].end.account.outcome, RPC_OUTCOME_UNKNOWN);
        }
    }
    assert_int_equal(site.services[0].n_started, 2 * N_CALLS - n_once_lost);
    assert_true(site.services[0].remaining_ns < remaining_ns); /* of the attempt, not of the call */
    site_finish_calls(once, N_CALLS);
    site_finish_calls(again, N_CALLS);
    site_stop(&site);
}

static void a_spent_budget_makes_nothing_again(void **state)
{
    (void)state;
    enum {
        N_CALLS = 60,
        N_RETRIES = RPC_RETRY_BURST_START + N_CALLS * RPC_RETRY_PERCENT / 100,
    };
    static struct call_record records[N_CALLS];
    struct site site;
    site_start(&site, 1, true, site_many_workers);
    site_start_calls(&site, ctx_background(), &STUBBORN_AGAIN, records, N_CALLS);
    unsigned int n_lost = site_look(site.channel).links[0].n_calls;
    assert_in_range(n_lost, N_RETRIES + 1, N_CALLS);
    test_service_open_gate(&site.services[0]);
    rpc_process_kill(&site.process);
    site.has_process = false;
    assert_int_equal(site_n_with_status(records, N_CALLS, STATUS_UNAVAILABLE), n_lost - N_RETRIES);
    assert_int_equal(site_n_with_status(records, N_CALLS, STATUS_OK), N_CALLS - n_lost + N_RETRIES);
    site_finish_calls(records, N_CALLS);
    site_stop(&site);
}

static void count_queued(void *arg, const struct rpc_call_info *info)
{
    *(unsigned int *)arg += strcmp(info->method, TEST_STUBBORN.name) == 0 && !info->is_running;
}

static bool is_queue_full(void *server)
{
    unsigned int n_queued = 0;
    rpc_server_each_call(server, count_queued, &n_queued);
    return n_queued == 1;
}

/* Its one worker is busy and its queue full, through a channel of its own. */
static void fill_server(struct site *site, struct rpc_channel *channel, struct call_record *records)
{
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    assert_int_equal(rpc_channel_wait_ready(scope->ctx, channel), STATUS_OK);
    struct site only = {.channel = channel};
    site_start_calls(&only, ctx_background(), &TEST_STUBBORN, &records[0], 1);
    assert_true(test_service_wait_started(&site->services[0], 1));
    site_start_calls(&only, ctx_background(), &TEST_STUBBORN, &records[1], 1);
    assert_true(wait_until(is_queue_full, site->servers[0]));
}

static void what_a_full_server_refuses_goes_to_another_one(void **state)
{
    (void)state;
    enum { N_CALLS = 10 };
    struct call_record fillers[2] = {{.n_ends = 0}};
    struct call_record records[N_CALLS] = {{.n_ends = 0}};
    struct site site;
    site_start(&site, 2, false, one_worker);
    struct rpc_channel *filling = test_channel_new(rpc_server_url(site.servers[0]));
    fill_server(&site, filling, fillers);
    site_start_calls(&site, ctx_background(), &TEST_ECHO, records, N_CALLS);
    assert_int_equal(site_n_with_status(records, N_CALLS, STATUS_OK), N_CALLS);
    assert_int_equal(site.services[0].n_started, 1);
    assert_int_equal(site.services[1].n_started, N_CALLS);
    site_finish_calls(records, N_CALLS);
    test_service_open_gate(&site.services[0]);
    assert_int_equal(site_n_with_status(fillers, 2, STATUS_OK), 2);
    site_finish_calls(fillers, 2);
    rpc_channel_free(filling);
    site_stop(&site);
}

static void the_only_server_is_not_asked_again_when_it_is_full(void **state)
{
    (void)state;
    struct call_record fillers[2] = {{.n_ends = 0}};
    struct call_record record = {.n_ends = 0};
    struct site site;
    site_start(&site, 1, false, one_worker);
    fill_server(&site, site.channel, fillers);
    site_start_calls(&site, ctx_background(), &STUBBORN_AGAIN, &record, 1);
    assert_true(record_wait_end(&record));
    assert_int_equal(record.end.status, STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(record.end.account.outcome, RPC_OUTCOME_NOT_STARTED);
    test_service_open_gate(&site.services[0]);
    assert_int_equal(site_n_with_status(fillers, 2, STATUS_OK), 2);
    site_finish_calls(fillers, 2);
    site_finish_calls(&record, 1);
    site_stop(&site);
}

static bool has_no_calls(void *channel)
{
    return site_look(channel).n_calls == 0;
}

/* The call is lost and pauses, as there is no other server; it is cancelled then. */
static void a_cancel_between_attempts_ends_the_call_at_once(void **state)
{
    (void)state;
    struct call_record record = {.n_ends = 0};
    struct site site;
    site_start(&site, 0, true, site_many_workers);
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    site_start_calls(&site, scope->ctx, &STUBBORN_AGAIN, &record, 1);
    atomic_store(&pause_state, PAUSE_HELD);
    rpc_process_kill(&site.process);
    site.has_process = false;
    assert_true(wait_until(has_begun_to_pause, NULL));
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    assert_true(record_wait_end(&record));
    assert_int_equal(record.end.status, STATUS_CANCELLED);
    assert_int_equal(record.end.account.outcome, RPC_OUTCOME_UNKNOWN); /* of the first attempt */
    assert_false(record.end.is_followed);                              /* and nobody will tell */
    site_finish_calls(&record, 1);
    site_stop(&site);
    atomic_store(&pause_state, PAUSE_AS_IT_IS);
}

static void freeing_the_channel_in_a_pause_ends_the_call(void **state)
{
    (void)state;
    struct call_record record = {.n_ends = 0};
    struct site site;
    site_start(&site, 0, true, site_many_workers);
    site_start_calls(&site, ctx_background(), &STUBBORN_AGAIN, &record, 1);
    rpc_process_kill(&site.process);
    site.has_process = false;
    assert_true(wait_until(has_no_calls, site.channel));
    site_stop(&site);
    assert_int_equal(record.end.status, STATUS_UNAVAILABLE);
    site_finish_calls(&record, 1);
}

/* To pause, a call must keep how its attempt ended: without memory for that it ends so at once. */
static void without_memory_for_a_pause_a_lost_call_ends(void **state)
{
    (void)state;
    struct call_record record = {.n_ends = 0};
    struct site site;
    site_start(&site, 0, true, site_many_workers);
    site_start_calls(&site, ctx_background(), &STUBBORN_AGAIN, &record, 1);
    unsigned int n_failed_before = failing_memory_count();
    failing_memory_start_at(0, true);
    rpc_process_kill(&site.process);
    site.has_process = false;
    bool has_ended = record_wait_end(&record);
    failing_memory_stop();
    assert_true(has_ended);
    assert_true(failing_memory_count() > n_failed_before);
    assert_int_equal(record.end.status, STATUS_UNAVAILABLE);
    assert_int_equal(record.end.cause, CTX_CAUSE_PEER_LOST);
    assert_int_equal(record.end.account.outcome, RPC_OUTCOME_UNKNOWN);
    site_finish_calls(&record, 1);
    site_stop(&site);
}

static int check_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--server") == 0) {
        return site_serve(argv[2]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(
            lost_calls_are_made_again_elsewhere_if_that_is_harmless, check_leaks),
        cmocka_unit_test_teardown(a_spent_budget_makes_nothing_again, check_leaks),
        cmocka_unit_test_teardown(what_a_full_server_refuses_goes_to_another_one, check_leaks),
        cmocka_unit_test_teardown(the_only_server_is_not_asked_again_when_it_is_full, check_leaks),
        cmocka_unit_test_teardown(a_cancel_between_attempts_ends_the_call_at_once, check_leaks),
        cmocka_unit_test_teardown(freeing_the_channel_in_a_pause_ends_the_call, check_leaks),
        cmocka_unit_test_teardown(without_memory_for_a_pause_a_lost_call_ends, check_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
