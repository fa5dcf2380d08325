/* Out of memory: allocation 0, 1, 2 ... fails until the whole exercise succeeds. Linked with
 * -Wl,--wrap=malloc,--wrap=calloc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

#include "ctx/ctx.h"
#include "ctx/flight.h"
#include "ctx/group.h"
#include "ctx/test.h"

enum { NEVER_FAIL = -1, N_BALLAST_MAX = 8192, N_NODES_PER_SLAB = 64 };

static int fail_in = NEVER_FAIL; /* allocations until the one that fails */
static size_t n_allocations;

static struct ctx_scope *ballast[N_BALLAST_MAX];
static size_t n_ballast;

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl*): the linker's --wrap names them so. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl*) */

static bool has_to_fail(void)
{
    n_allocations++;
    if (fail_in < 0) {
        return false;
    }
    return fail_in-- == 0;
}

void *__wrap_malloc(size_t size)
{
    return has_to_fail() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return has_to_fail() ? NULL : __real_calloc(count, size);
}

static void ballast_add(void)
{
    assert_true(n_ballast < N_BALLAST_MAX);
    ballast[n_ballast] = ctx_with_cancel(ctx_background());
    n_ballast++;
}

/* Nodes are recycled: use up the free ones, so that the next scope needs memory. */
static void use_up_free_nodes(void)
{
    size_t n_before = n_allocations;
    while (n_allocations == n_before) {
        ballast_add();
    }
    for (int i = 1; i < N_NODES_PER_SLAB; i++) {
        ballast_add();
    }
}

static void count_run(void *arg)
{
    atomic_fetch_add((_Atomic int *)arg, 1);
}

static enum status task_count(const struct ctx *ctx, void *arg)
{
    count_run(arg);
    return ctx_err(ctx);
}

static const struct ctx_key KEY = {"key"};

/* Returns whether nothing failed; asserts that what failed said so. */
static bool exercise_tree(void)
{
    CTX_SCOPE(cancel, ctx_with_cancel(ctx_background()));
    CTX_SCOPE(value, ctx_with_value(cancel->ctx, &KEY, &KEY));
    CTX_SCOPE(timeout, ctx_with_timeout(value->ctx, CTX_SECONDS(60)));
    CTX_SCOPE(detached, ctx_without_cancel(timeout->ctx));
    enum status status = ctx_err(timeout->ctx);
    if (status != STATUS_OK) {
        assert_int_equal(status, STATUS_RESOURCE_EXHAUSTED);
        assert_int_equal(ctx_cause(timeout->ctx), CTX_CAUSE_OUT_OF_MEMORY);
        assert_true(ctx_done(timeout->ctx));
        assert_int_equal(ctx_sleep(timeout->ctx, CTX_SECONDS(60)), STATUS_RESOURCE_EXHAUSTED);
        return false;
    }
    ctx_cancel(cancel, CTX_CAUSE_USER_CANCELLED);
    assert_int_equal(ctx_cause(timeout->ctx), CTX_CAUSE_USER_CANCELLED);
    assert_false(ctx_done(detached->ctx));
    return true;
}

static bool exercise_after(void)
{
    _Atomic int n_runs = 0;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct ctx_after *after = ctx_after_func(scope->ctx, count_run, (void *)&n_runs);
    ctx_cancel(scope, CTX_CAUSE_CANCELLED);
    ctx_test_settle();
    assert_int_equal(n_runs, after == NULL ? 0 : 1);
    ctx_stop(after);
    return after != NULL && ctx_cause(scope->ctx) == CTX_CAUSE_CANCELLED;
}

static bool exercise_group(void)
{
    _Atomic int n_runs = 0;
    struct ctx_group *group = ctx_group_new(ctx_background());
    ctx_group_run(group, task_count, (void *)&n_runs);
    enum status status = ctx_group_wait(group);
    assert_int_equal(status, n_runs == 1 ? STATUS_OK : STATUS_RESOURCE_EXHAUSTED);
    return status == STATUS_OK;
}

static void forget_result(struct ctx_result *result)
{
    (void)result;
}

static enum status make_result(
    const struct ctx *ctx, void *arg, struct ctx_result **ret_result, struct error *ret_error)
{
    (void)ret_error;
    static struct ctx_result result;
    ctx_result_init(&result, forget_result);
    *ret_result = &result;
    ++*(unsigned int *)arg;
    return ctx_err(ctx);
}

static bool exercise_flight(void)
{
    unsigned int n_runs = 0;
    struct ctx_result *result = NULL;
    struct ctx_flights *flights = ctx_flights_new(0);
    enum status status = STATUS_RESOURCE_EXHAUSTED;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(60)));
    if (flights != NULL && ctx_err(scope->ctx) == STATUS_OK) {
        status = ctx_flight_share(
            scope->ctx, flights, bytes_of("key"), make_result, &n_runs, &result, NULL);
    }
    ctx_flights_free(flights); /* asserts that no flight is left */
    assert_int_equal(status, n_runs == 1 ? STATUS_OK : STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(result != NULL, n_runs == 1);
    ctx_result_unref(result);
    return status == STATUS_OK;
}

static void every_failed_allocation_is_told_and_nothing_leaks(void **state)
{
    (void)state;
    bool (*const exercises[])(void) = {
        exercise_tree, exercise_after, exercise_group, exercise_flight};
    for (size_t i = 0; i < sizeof exercises / sizeof exercises[0]; i++) {
        bool has_succeeded = false;
        int n_failures = 0;
        while (!has_succeeded) {
            use_up_free_nodes();
            uint64_t n_live = ctx_live_scopes();
            fail_in = n_failures;
            has_succeeded = exercises[i]();
            bool has_failed_one = fail_in < 0;
            fail_in = NEVER_FAIL;
            assert_int_equal(ctx_live_scopes(), n_live);
            assert_int_equal(has_succeeded, !has_failed_one);
            n_failures += has_failed_one;
        }
        assert_true(n_failures > 0);
    }
}

static void the_scope_of_no_memory_is_done_and_harmless(void **state)
{
    (void)state;
    use_up_free_nodes();
    fail_in = 0;
    struct ctx_scope *scope = ctx_with_cancel(ctx_background());
    assert_int_equal(ctx_err(scope->ctx), STATUS_RESOURCE_EXHAUSTED);
    assert_true(ctx_done_at_ns(scope->ctx) > 0);
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    assert_int_equal(ctx_cause(scope->ctx), CTX_CAUSE_OUT_OF_MEMORY);
    CTX_SCOPE(child, ctx_with_timeout(scope->ctx, CTX_SECONDS(1)));
    assert_int_equal(ctx_cause(child->ctx), CTX_CAUSE_OUT_OF_MEMORY);
    assert_true(ctx_done_fd(scope->ctx) >= 0);
    ctx_unref(ctx_ref(scope->ctx));
    ctx_scope_end(scope);
}

static int end_ballast(void **state)
{
    (void)state;
    for (; n_ballast > 0; n_ballast--) {
        ctx_scope_end(ballast[n_ballast - 1]);
    }
    return ctx_test_no_leaks() ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_failed_allocation_is_told_and_nothing_leaks, end_ballast),
        cmocka_unit_test_teardown(the_scope_of_no_memory_is_done_and_harmless, end_ballast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
