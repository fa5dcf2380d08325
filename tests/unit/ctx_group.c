/* Groups, sleepers in them, and checkpoints. The fake clock; tasks record, the test thread asserts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

#include "ctx/checkpoint.h"
#include "ctx/ctx.h"
#include "ctx/current.h"
#include "ctx/group.h"
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

/* --- groups --------------------------------------------------------------------------------- */

struct task_log {
    _Atomic int n_runs;
    _Atomic uint32_t cause;
    _Atomic(const struct ctx *) handler;
    _Atomic(const void *) value;
};

static const struct ctx_key GROUP_KEY = {"group"};

static enum status task_succeed(const struct ctx *ctx, void *arg)
{
    struct task_log *log = arg;
    log->n_runs++;
    log->handler = ctx_current();
    log->value = ctx_value(ctx, &GROUP_KEY);
    return STATUS_OK;
}

static enum status task_fail(const struct ctx *ctx, void *arg)
{
    (void)ctx;
    (void)arg;
    return STATUS_DATA_LOSS;
}

static enum status task_wait(const struct ctx *ctx, void *arg)
{
    struct task_log *log = arg;
    enum status status = ctx_wait(ctx);
    log->cause = ctx_cause(ctx);
    return status;
}

static void a_group_runs_every_task_with_the_callers_context(void **state)
{
    (void)state;
    struct task_log logs[3] = {{.n_runs = 0}};
    CTX_SCOPE(handler, ctx_with_value(ctx_background(), &GROUP_KEY, logs));
    const struct ctx *before = ctx_current_set(handler->ctx);
    struct ctx_group *group = ctx_group_new(handler->ctx);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(ctx_group_run(group, task_succeed, &logs[i]), STATUS_OK);
    }
    assert_int_equal(ctx_group_wait(group), STATUS_OK);
    assert_ptr_equal(ctx_current_set(before), handler->ctx);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(logs[i].n_runs, 1);
        assert_ptr_equal(logs[i].handler, handler->ctx);
        assert_ptr_equal(logs[i].value, logs);
    }
    assert_false(ctx_done(handler->ctx));
}

static void the_first_failure_cancels_the_siblings_and_is_the_result(void **state)
{
    (void)state;
    struct task_log log = {.n_runs = 0};
    CTX_SCOPE(parent, ctx_with_cancel(ctx_background()));
    struct ctx_group *group = ctx_group_new(parent->ctx);
    ctx_group_run(group, task_wait, &log);
    ctx_group_run(group, task_fail, NULL);
    assert_int_equal(ctx_group_wait(group), STATUS_DATA_LOSS);
    assert_int_equal(log.cause, CTX_CAUSE_SIBLING_FAILED);
    assert_false(ctx_done(parent->ctx));
}

static void cancelling_the_parent_reaches_the_tasks(void **state)
{
    (void)state;
    struct task_log log = {.n_runs = 0};
    CTX_SCOPE(parent, ctx_with_cancel(ctx_background()));
    struct ctx_group *group = ctx_group_new(parent->ctx);
    ctx_group_run(group, task_wait, &log);
    ctx_cancel(parent, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_int_equal(ctx_group_wait(group), STATUS_CANCELLED);
    assert_int_equal(log.cause, CTX_CAUSE_CLIENT_DISCONNECTED);
}

static void one_task_too_many_fails_the_group(void **state)
{
    (void)state;
    struct task_log log = {.n_runs = 0};
    struct ctx_group *group = ctx_group_new(ctx_background());
    for (size_t i = 0; i < CTX_GROUP_TASKS_MAX; i++) {
        assert_int_equal(ctx_group_run(group, task_wait, &log), STATUS_OK);
    }
    assert_int_equal(ctx_group_run(group, task_wait, &log), STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(ctx_group_wait(group), STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(log.cause, CTX_CAUSE_SIBLING_FAILED);
}

static void no_group_needs_no_special_path(void **state)
{
    (void)state;
    assert_int_equal(ctx_group_run(NULL, task_fail, NULL), STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(ctx_group_wait(NULL), STATUS_RESOURCE_EXHAUSTED);
}

static void an_empty_group_is_ok(void **state)
{
    (void)state;
    assert_int_equal(ctx_group_wait(ctx_group_new(ctx_background())), STATUS_OK);
}

/* Whether it has begun to sleep or not when the clock moves, it must sleep by the fake clock. */
static enum status task_sleep(const struct ctx *ctx, void *arg)
{
    _Atomic uint64_t *ret_slept_ns = arg;
    uint64_t start_ns = clock_now_ns();
    enum status status = ctx_sleep(ctx, CTX_SECONDS(3600));
    *ret_slept_ns = clock_now_ns() - start_ns;
    return status;
}

static void a_sleeper_is_woken_by_the_fake_clock(void **state)
{
    (void)state;
    _Atomic uint64_t slept_ns = 0;
    struct ctx_group *group = ctx_group_new(ctx_background());
    ctx_group_run(group, task_sleep, (void *)&slept_ns);
    while (slept_ns == 0) {
        ctx_test_clock_advance(CTX_SECONDS(600));
    }
    assert_int_equal(ctx_group_wait(group), STATUS_OK);
    assert_true(slept_ns >= CTX_SECONDS(3600));
}

static void a_sleeper_is_woken_by_a_deadline_of_the_fake_clock(void **state)
{
    (void)state;
    _Atomic uint64_t slept_ns = 0;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(60)));
    struct ctx_group *group = ctx_group_new(scope->ctx);
    ctx_group_run(group, task_sleep, (void *)&slept_ns);
    ctx_test_clock_advance(CTX_SECONDS(60));
    assert_int_equal(ctx_group_wait(group), STATUS_DEADLINE_EXCEEDED);
}

/* --- checkpoints ---------------------------------------------------------------------------- */

struct progress {
    const char *stage;
    uint64_t done;
    uint64_t total;
};

static void record_progress(void *arg, const char *stage, uint64_t done, uint64_t total)
{
    *(struct progress *)arg = (struct progress){.stage = stage, .done = done, .total = total};
}

static void a_checkpoint_records_the_stage_and_polls(void **state)
{
    (void)state;
    struct progress progress = {.stage = NULL};
    struct ctx_watch watch = {.on_progress = record_progress, .arg = &progress};
    CTX_SCOPE(timed, ctx_with_timeout(ctx_background(), CTX_MS(100)));
    CTX_SCOPE(scope, ctx_with_value(timed->ctx, &CTX_WATCH_KEY, &watch));
    ctx_test_clock_advance(CTX_MS(40));
    assert_int_equal(ctx_checkpoint(scope->ctx, "render", 3, 9), STATUS_OK);
    assert_string_equal(watch.stage, "render");
    assert_int_equal(watch.done, 3);
    assert_int_equal(watch.total, 9);
    assert_int_equal(watch.n_polls, 1);
    assert_int_equal(watch.last_poll_ns, clock_now_ns());
    assert_string_equal(progress.stage, "render");
    assert_int_equal(progress.done, 3);
    assert_int_equal(progress.total, 9);
    clock_set_fake_ns(clock_now_ns() + CTX_MS(60)); /* unheard by the timer thread */
    assert_int_equal(ctx_checkpoint(scope->ctx, "write", 0, 0), STATUS_DEADLINE_EXCEEDED);
    assert_string_equal(watch.stage, "write");
    assert_int_equal(watch.n_polls, 2);
}

static void a_checkpoint_without_a_watch_only_polls(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    assert_int_equal(ctx_checkpoint(scope->ctx, "render", 0, 0), STATUS_OK);
    ctx_cancel(scope, CTX_CAUSE_SERVER_DRAINING);
    assert_int_equal(ctx_checkpoint(scope->ctx, "render", 1, 0), STATUS_UNAVAILABLE);
}

#define CLOCKED(test) cmocka_unit_test_setup_teardown(test, clock_set_up, clock_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLOCKED(a_group_runs_every_task_with_the_callers_context),
        CLOCKED(the_first_failure_cancels_the_siblings_and_is_the_result),
        CLOCKED(cancelling_the_parent_reaches_the_tasks),
        CLOCKED(one_task_too_many_fails_the_group),
        CLOCKED(no_group_needs_no_special_path),
        CLOCKED(an_empty_group_is_ok),
        CLOCKED(a_sleeper_is_woken_by_the_fake_clock),
        CLOCKED(a_sleeper_is_woken_by_a_deadline_of_the_fake_clock),
        CLOCKED(a_checkpoint_records_the_stage_and_polls),
        CLOCKED(a_checkpoint_without_a_watch_only_polls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
