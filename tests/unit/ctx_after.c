/* after_func. The fake clock; callbacks record, the test thread asserts. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

#include "ctx/ctx.h"
#include "ctx/test.h"

static int clock_set_up(void **state)
{
    (void)state;
    ctx_test_clock_start();
    return 0;
}

static int clock_tear_down(void **state)
{
    (void)state;
    ctx_test_clock_end();
    return ctx_test_no_leaks() ? 0 : 1;
}

/* A door that a task or callback waits behind until the test opens it. */
struct door {
    struct ctx_scope *scope;
};

static void door_make(struct door *door)
{
    door->scope = ctx_with_cancel(ctx_background());
}

static void door_open(struct door *door)
{
    ctx_cancel(door->scope, CTX_CAUSE_CANCELLED);
}

/* --- after_func ----------------------------------------------------------------------------- */

static void count_run(void *arg)
{
    atomic_fetch_add((_Atomic int *)arg, 1);
}

static void the_function_runs_once_when_the_context_is_done(void **state)
{
    (void)state;
    _Atomic int n_runs = 0;
    CTX_SCOPE(parent, ctx_with_timeout(ctx_background(), CTX_MS(10)));
    CTX_SCOPE(child, ctx_with_cancel(parent->ctx));
    struct ctx_after *after = ctx_after_func(child->ctx, count_run, &n_runs);
    assert_non_null(after);
    ctx_test_clock_advance(CTX_MS(9));
    assert_int_equal(n_runs, 0);
    ctx_test_clock_advance(CTX_MS(1));
    assert_int_equal(n_runs, 1);
    ctx_cancel(child, CTX_CAUSE_CANCELLED);
    ctx_test_settle();
    assert_int_equal(n_runs, 1);
    assert_false(ctx_stop_wait(after));
}

static void the_function_of_a_done_context_runs_soon(void **state)
{
    (void)state;
    _Atomic int n_runs = 0;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    ctx_cancel(scope, CTX_CAUSE_CANCELLED);
    struct ctx_after *after = ctx_after_func(scope->ctx, count_run, &n_runs);
    ctx_test_settle();
    assert_int_equal(n_runs, 1);
    assert_false(ctx_stop(after));
}

static void a_stop_that_wins_keeps_the_function_from_running(void **state)
{
    (void)state;
    _Atomic int n_runs = 0;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct ctx_after *first = ctx_after_func(scope->ctx, count_run, &n_runs);
    struct ctx_after *second = ctx_after_func(scope->ctx, count_run, &n_runs);
    struct ctx_after *third = ctx_after_func(scope->ctx, count_run, &n_runs);
    assert_true(ctx_stop(second));
    assert_true(ctx_stop_wait(first));
    ctx_cancel(scope, CTX_CAUSE_CANCELLED);
    ctx_test_settle();
    assert_int_equal(n_runs, 1);
    assert_false(ctx_stop(third));
    assert_true(ctx_stop(NULL));
}

static void a_registration_on_the_background_can_be_stopped(void **state)
{
    (void)state;
    _Atomic int n_runs = 0;
    struct ctx_after *after = ctx_after_func(ctx_background(), count_run, &n_runs);
    assert_true(ctx_stop(after));
    assert_int_equal(n_runs, 0);
}

static void a_registration_outlives_the_scope(void **state)
{
    (void)state;
    _Atomic int n_runs = 0;
    struct ctx_scope *scope = ctx_with_cancel(ctx_background());
    struct ctx_after *after = ctx_after_func(scope->ctx, count_run, &n_runs);
    ctx_scope_end(scope);
    ctx_test_settle();
    assert_int_equal(n_runs, 1);
    assert_false(ctx_stop(after));
}

static void wait_behind(void *arg)
{
    struct door *door = arg;
    ctx_wait(door->scope->ctx);
}

/* The notifier is held behind a door, so the second function is queued and not running. */
static void a_queued_function_can_still_be_stopped(void **state)
{
    (void)state;
    _Atomic int n_runs = 0;
    struct door door;
    door_make(&door);
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    ctx_cancel(scope, CTX_CAUSE_CANCELLED);
    struct ctx_after *held = ctx_after_func(scope->ctx, wait_behind, &door);
    struct ctx_after *queued = ctx_after_func(scope->ctx, count_run, &n_runs);
    struct ctx_after *behind = ctx_after_func(scope->ctx, count_run, &n_runs);
    assert_true(ctx_stop_wait(queued));
    door_open(&door);
    ctx_test_settle();
    assert_int_equal(n_runs, 1);
    assert_false(ctx_stop_wait(behind));
    assert_false(ctx_stop_wait(held));
    ctx_scope_end(door.scope);
}

struct self_stop {
    _Atomic(struct ctx_after *) after;
    struct door door;
    _Atomic int has_won;
};

static void stop_myself(void *arg)
{
    struct self_stop *self = arg;
    ctx_wait(self->door.scope->ctx);
    self->has_won = ctx_stop_wait(self->after);
}

static void a_function_may_stop_itself_without_waiting_for_itself(void **state)
{
    (void)state;
    struct self_stop self = {.has_won = -1};
    door_make(&self.door);
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    self.after = ctx_after_func(scope->ctx, stop_myself, &self);
    ctx_cancel(scope, CTX_CAUSE_CANCELLED);
    door_open(&self.door);
    ctx_test_settle();
    assert_int_equal(self.has_won, 0);
    ctx_scope_end(self.door.scope);
}

static void end_scope(void *arg)
{
    ctx_scope_end(arg);
}

static void a_function_may_end_a_scope(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct ctx_scope *other = ctx_with_cancel(scope->ctx);
    struct ctx_after *after = ctx_after_func(scope->ctx, end_scope, other);
    uint64_t n_live = ctx_live_scopes();
    ctx_cancel(scope, CTX_CAUSE_CANCELLED);
    ctx_test_settle();
    assert_int_equal(ctx_live_scopes(), n_live - 1);
    assert_false(ctx_stop_wait(after));
}

/* --- callbacks that the canceller runs ------------------------------------------------------- */

struct place {
    pthread_t thread;
    _Atomic int n_runs;
};

static void note_place(void *arg)
{
    struct place *place = arg;
    place->thread = pthread_self();
    place->n_runs++;
}

static void collected_functions_run_on_the_thread_that_cancelled_when_it_says_so(void **state)
{
    (void)state;
    struct place first = {.n_runs = 0};
    struct place second = {.n_runs = 0};
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    CTX_SCOPE(child, ctx_with_cancel(scope->ctx));
    struct ctx_after *of_scope = ctx_after_func(scope->ctx, note_place, &first);
    struct ctx_after *of_child = ctx_after_func(child->ctx, note_place, &second);
    struct ctx_callbacks callbacks = CTX_CALLBACKS_NONE;
    ctx_cancel_collect(scope, CTX_CAUSE_CLIENT_DISCONNECTED, CTX_SOURCE_HERE, &callbacks);
    assert_int_equal(ctx_cause(child->ctx), CTX_CAUSE_CLIENT_DISCONNECTED);
    ctx_test_settle();
    assert_int_equal(first.n_runs + second.n_runs, 0);
    ctx_callbacks_run(&callbacks);
    assert_int_equal(first.n_runs, 1);
    assert_int_equal(second.n_runs, 1);
    assert_true(pthread_equal(first.thread, pthread_self()));
    assert_true(pthread_equal(second.thread, pthread_self()));
    ctx_callbacks_run(&callbacks);
    assert_int_equal(first.n_runs, 1);
    assert_false(ctx_stop(of_scope));
    assert_false(ctx_stop_wait(of_child));
}

static void a_collected_function_can_still_be_stopped(void **state)
{
    (void)state;
    _Atomic int n_runs = 0;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct ctx_after *first = ctx_after_func(scope->ctx, count_run, &n_runs);
    struct ctx_after *second = ctx_after_func(scope->ctx, count_run, &n_runs);
    struct ctx_after *third = ctx_after_func(scope->ctx, count_run, &n_runs);
    struct ctx_callbacks callbacks = CTX_CALLBACKS_NONE;
    ctx_cancel_collect(scope, CTX_CAUSE_CANCELLED, CTX_SOURCE_HERE, &callbacks);
    assert_true(ctx_stop(first));
    assert_true(ctx_stop_wait(third));
    ctx_callbacks_run(&callbacks);
    assert_int_equal(n_runs, 1);
    assert_false(ctx_stop(second));
}

static void only_the_first_of_two_cancels_collects(void **state)
{
    (void)state;
    _Atomic int n_runs = 0;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct ctx_after *after = ctx_after_func(scope->ctx, count_run, &n_runs);
    struct ctx_callbacks first = CTX_CALLBACKS_NONE;
    struct ctx_callbacks second = CTX_CALLBACKS_NONE;
    ctx_cancel_collect(scope, CTX_CAUSE_CANCELLED, CTX_SOURCE_HERE, &first);
    ctx_cancel_collect(scope, CTX_CAUSE_PEER_LOST, CTX_SOURCE_HERE, &second);
    ctx_callbacks_run(&second);
    assert_int_equal(n_runs, 0);
    ctx_callbacks_run(&first);
    assert_int_equal(n_runs, 1);
    assert_false(ctx_stop(after));
}

struct nested {
    struct ctx_scope *scope;
    struct ctx_after *after;
    _Atomic int has_won;
};

/* Cancels another tree, whose function stops this one's registration, on one thread. */
static void cancel_another(void *arg)
{
    struct nested *nested = arg;
    struct ctx_callbacks callbacks = CTX_CALLBACKS_NONE;
    ctx_cancel_collect(nested->scope, CTX_CAUSE_CANCELLED, CTX_SOURCE_HERE, &callbacks);
    ctx_callbacks_run(&callbacks);
}

static void stop_the_outer(void *arg)
{
    struct nested *nested = arg;
    nested->has_won = ctx_stop_wait(nested->after);
}

static void collected_functions_may_cancel_and_collect_in_turn(void **state)
{
    (void)state;
    struct nested nested = {.has_won = -1};
    CTX_SCOPE(outer, ctx_with_cancel(ctx_background()));
    CTX_SCOPE(inner, ctx_with_cancel(ctx_background()));
    nested.scope = inner;
    nested.after = ctx_after_func(outer->ctx, cancel_another, &nested);
    struct ctx_after *of_inner = ctx_after_func(inner->ctx, stop_the_outer, &nested);
    struct ctx_callbacks callbacks = CTX_CALLBACKS_NONE;
    ctx_cancel_collect(outer, CTX_CAUSE_CANCELLED, CTX_SOURCE_HERE, &callbacks);
    ctx_callbacks_run(&callbacks);
    assert_int_equal(nested.has_won, 0);
    assert_false(ctx_stop_wait(of_inner));
}

#define CLOCKED(test) cmocka_unit_test_setup_teardown(test, clock_set_up, clock_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLOCKED(the_function_runs_once_when_the_context_is_done),
        CLOCKED(the_function_of_a_done_context_runs_soon),
        CLOCKED(a_stop_that_wins_keeps_the_function_from_running),
        CLOCKED(a_registration_on_the_background_can_be_stopped),
        CLOCKED(a_registration_outlives_the_scope),
        CLOCKED(a_queued_function_can_still_be_stopped),
        CLOCKED(a_function_may_stop_itself_without_waiting_for_itself),
        CLOCKED(a_function_may_end_a_scope),
        CLOCKED(collected_functions_run_on_the_thread_that_cancelled_when_it_says_so),
        CLOCKED(a_collected_function_can_still_be_stopped),
        CLOCKED(only_the_first_of_two_cancels_collects),
        CLOCKED(collected_functions_may_cancel_and_collect_in_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
