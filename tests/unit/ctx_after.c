/* after_func. The fake clock; callbacks record, the test thread asserts. */
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
