/* Steps that listen to nobody: waited for, left alone, bounded, drained. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>

#include "ctx/aside.h"

enum { LIMIT_S = 10 };

/* What the steps of a test share; each step holds one reference. */
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int n_running;
    int n_released;
    bool may_end;
    bool has_seen_left;
} shared = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void note(int *number, int by)
{
    pthread_mutex_lock(&shared.mutex);
    *number += by;
    pthread_cond_broadcast(&shared.changed);
    pthread_mutex_unlock(&shared.mutex);
}

/* Wait until the number is so large. False: it was not, in all the time. */
static bool reach(const int *number, int wanted)
{
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += LIMIT_S;
    pthread_mutex_lock(&shared.mutex);
    int result = 0;
    while (*number < wanted && result == 0) {
        result = pthread_cond_timedwait(&shared.changed, &shared.mutex, &limit);
    }
    bool is_reached = *number >= wanted;
    pthread_mutex_unlock(&shared.mutex);
    return is_reached;
}

static void run_short(void *arg, const _Atomic bool *is_left)
{
    *(bool *)arg = is_left != NULL;
}

/* Runs until it may end, whatever becomes of the caller; on the caller's own thread not at all. */
static void run_deaf(void *arg, const _Atomic bool *is_left)
{
    (void)arg;
    if (is_left == NULL) {
        return;
    }
    note(&shared.n_running, 1);
    pthread_mutex_lock(&shared.mutex);
    while (!shared.may_end) {
        pthread_cond_wait(&shared.changed, &shared.mutex);
    }
    shared.has_seen_left = atomic_load(is_left);
    pthread_mutex_unlock(&shared.mutex);
}

static void release(void *arg)
{
    free(arg);
    note(&shared.n_released, 1);
}

static int begin(void **state)
{
    (void)state;
    shared.n_running = 0;
    shared.n_released = 0;
    shared.may_end = false;
    shared.has_seen_left = false;
    return 0;
}

static void let_end(void)
{
    pthread_mutex_lock(&shared.mutex);
    shared.may_end = true;
    pthread_cond_broadcast(&shared.changed);
    pthread_mutex_unlock(&shared.mutex);
    CTX_SCOPE(moment, ctx_with_timeout(ctx_background(), CTX_SECONDS(LIMIT_S)));
    assert_int_equal(ctx_aside_drain(moment->ctx), STATUS_OK);
    assert_int_equal(ctx_aside_left(), 0);
}

static void a_step_that_ends_first_is_the_callers_again(void **state)
{
    (void)state;
    bool was_aside = false;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    assert_int_equal(ctx_aside(scope->ctx, run_short, release, &was_aside), STATUS_OK);
    assert_true(was_aside);
    assert_int_equal(shared.n_released, 0);
}

static void a_context_that_is_done_runs_nothing(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    ctx_cancel(scope, CTX_CAUSE_CANCELLED);
    assert_int_equal(ctx_aside(scope->ctx, run_deaf, release, malloc(1)), ctx_err(scope->ctx));
    assert_int_equal(shared.n_running, 0);
    assert_int_equal(shared.n_released, 1);
}

struct leaver {
    struct ctx_scope *scope;
    enum status status;
};

static void *leave(void *arg)
{
    struct leaver *leaver = arg;
    leaver->status = ctx_aside(leaver->scope->ctx, run_deaf, release, malloc(1));
    return NULL;
}

/* Start a deaf step and leave it. Returns what the caller got. */
static enum status leave_one(int n_running)
{
    struct leaver leaver = {.scope = ctx_with_cancel(ctx_background())};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, leave, &leaver), 0);
    bool is_running = reach(&shared.n_running, n_running);
    ctx_cancel(leaver.scope, CTX_CAUSE_CANCELLED);
    assert_int_equal(pthread_join(thread, NULL), 0);
    ctx_scope_end(leaver.scope);
    assert_true(is_running);
    return leaver.status;
}

static void a_caller_that_is_told_to_stop_leaves_at_once(void **state)
{
    (void)state;
    assert_int_equal(leave_one(1), STATUS_CANCELLED);
    assert_int_equal(shared.n_released, 0); /* the step goes on, with what it was given */
    assert_int_equal(ctx_aside_left(), 1);
    let_end();
    assert_true(reach(&shared.n_released, 1));
    assert_true(shared.has_seen_left);
}

static void no_more_than_the_limit_are_left_alone(void **state)
{
    (void)state;
    for (int i = 1; i <= CTX_ASIDE_LEFT_MAX; i++) {
        assert_int_equal(leave_one(i), STATUS_CANCELLED);
    }
    assert_int_equal(ctx_aside_left(), CTX_ASIDE_LEFT_MAX);
    bool was_aside = true;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    assert_int_equal(ctx_aside(scope->ctx, run_short, release, &was_aside), STATUS_OK);
    assert_false(was_aside); /* it ran here */
    let_end();
    assert_true(reach(&shared.n_released, CTX_ASIDE_LEFT_MAX));
}

static void draining_has_a_limit(void **state)
{
    (void)state;
    assert_int_equal(leave_one(1), STATUS_CANCELLED);
    CTX_SCOPE(moment, ctx_with_timeout(ctx_background(), CTX_MS(20)));
    assert_int_equal(ctx_aside_drain(moment->ctx), STATUS_DEADLINE_EXCEEDED);
    let_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_step_that_ends_first_is_the_callers_again, begin),
        cmocka_unit_test_setup(a_context_that_is_done_runs_nothing, begin),
        cmocka_unit_test_setup(a_caller_that_is_told_to_stop_leaves_at_once, begin),
        cmocka_unit_test_setup(no_more_than_the_limit_are_left_alone, begin),
        cmocka_unit_test_setup(draining_has_a_limit, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
