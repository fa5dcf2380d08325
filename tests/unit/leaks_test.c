/* The leak watch: which scopes count as leaked, and how often they are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctx/ctx.h"
#include "ctx/registry.h"
#include "ctx/test.h"
#include "obs/leaks.h"
#include "obs/scope_census.h"
#include "support/log_file.h"

static int set_up(void **state)
{
    (void)state;
    ctx_test_clock_start();
    /* Past what other tests have told of the same place. */
    ctx_test_clock_advance(LEAKS_INTERVAL_NS);
    log_file_clear();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ctx_test_clock_end();
    return ctx_test_no_leaks() ? 0 : 1;
}

static void a_scope_past_its_deadline_is_leaked_after_the_time_given(void **state)
{
    (void)state;
    int line = __LINE__ + 1;
    struct ctx_scope *scope = ctx_with_timeout(ctx_background(), CTX_SECONDS(1));
    ctx_test_clock_advance(CTX_SECONDS(10));
    leaks_look(CTX_SECONDS(10)); /* done for nine seconds */
    assert_int_equal(log_file_count("ctx.leaked", ""), 0);
    ctx_test_clock_advance(CTX_SECONDS(1));
    leaks_look(CTX_SECONDS(10));
    char site[256];
    snprintf(site, sizeof(site), "\"site\":\"%s:%d\"", __FILE__, line);
    const char *told = log_file_find("ctx.leaked", site);
    assert_non_null(told);
    assert_true(log_file_number(told, "age_ms") >= 11000 - 10);
    assert_true(log_file_number(told, "done_ms") == 10000);
    assert_true(log_file_number(told, "scopes") == 1);
    ctx_scope_end(scope);
}

static void a_scope_that_is_not_done_is_not_leaked_however_old(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    ctx_test_clock_advance(CTX_SECONDS(86400));
    leaks_look(CTX_SECONDS(10));
    assert_int_equal(log_file_count("ctx.leaked", ""), 0);
    assert_false(ctx_done(scope->ctx));
}

static void a_place_is_told_once_an_interval_with_all_its_scopes(void **state)
{
    (void)state;
    enum { N_SCOPES = 5 };
    struct ctx_scope *scopes[N_SCOPES];
    CTX_SCOPE(parent, ctx_with_cancel(ctx_background()));
    for (int i = 0; i < N_SCOPES; i++) {
        scopes[i] = ctx_with_cancel(parent->ctx);
    }
    ctx_cancel(parent, CTX_CAUSE_CANCELLED);
    ctx_test_clock_advance(CTX_SECONDS(10));
    leaks_look(CTX_SECONDS(10));
    leaks_look(CTX_SECONDS(10));
    assert_int_equal(log_file_count("ctx.leaked", "\"scopes\":5"), 1);
    ctx_test_clock_advance(LEAKS_INTERVAL_NS);
    leaks_look(CTX_SECONDS(10));
    assert_int_equal(log_file_count("ctx.leaked", "\"scopes\":5"), 2);
    for (int i = 0; i < N_SCOPES; i++) {
        ctx_scope_end(scopes[i]);
    }
}

static void a_scope_is_pinned_by_what_is_below_it_and_by_nothing_else(void **state)
{
    (void)state;
    CTX_SCOPE(top, ctx_with_cancel(ctx_background()));
    assert_false(ctx_scope_is_pinned(top));
    const struct ctx *held = ctx_ref(top->ctx);
    assert_false(ctx_scope_is_pinned(top));
    struct ctx_scope *child = ctx_with_cancel(top->ctx);
    struct ctx_scope *grandchild = ctx_with_cancel(child->ctx);
    ctx_cancel(top, CTX_CAUSE_CANCELLED); /* takes the children off its list; the pins remain */
    assert_true(ctx_scope_is_pinned(top));
    ctx_scope_end(child);
    assert_true(ctx_scope_is_pinned(top));
    ctx_scope_end(grandchild);
    assert_false(ctx_scope_is_pinned(top));
    ctx_unref(held);
}

static void only_live_scopes_in_line_are_below(void **state)
{
    (void)state;
    CTX_SCOPE(top, ctx_with_cancel(ctx_background()));
    CTX_SCOPE(beside, ctx_with_cancel(ctx_background()));
    struct ctx_scope *child = ctx_with_cancel(top->ctx);
    struct ctx_scope *grandchild = ctx_with_cancel(child->ctx);
    struct ctx_scope *outlives = ctx_without_cancel(child->ctx);
    struct ctx_scope *below_that = ctx_with_cancel(outlives->ctx);
    ctx_scope_end(child);
    struct scope_census *census = scope_census_take(top->ctx, 0);
    assert_non_null(census);
    assert_int_equal(census->n_scopes, 1);
    free(census);
    census = scope_census_take(NULL, 0);
    assert_int_equal(census->n_scopes, 5);
    free(census);
    ctx_scope_end(grandchild);
    ctx_scope_end(below_that);
    ctx_scope_end(outlives);
}

static void the_end_of_a_scope_tells_what_is_left_below_it(void **state)
{
    (void)state;
    struct ctx_scope *top = ctx_with_cancel(ctx_background());
    leaks_check_ended(top);
    assert_int_equal(log_file_count("ctx.leaked", ""), 0);
    struct ctx_scope *left = ctx_with_cancel(top->ctx);
    leaks_check_ended(top);
    assert_int_equal(log_file_count("ctx.leaked", "\"when\":\"call_end\""), 1);
    ctx_scope_end(top);
    ctx_scope_end(left);
}

static void a_look_is_paid_for_by_a_pause_in_which_leaks_are_only_counted(void **state)
{
    (void)state;
    struct ctx_scope *top = ctx_with_cancel(ctx_background());
    struct ctx_scope *first = ctx_with_cancel(top->ctx);
    ctx_test_clock_advance(CTX_SECONDS(10)); /* past the pause of whatever was looked at before */
    leaks_check_ended(top);
    assert_int_equal(log_file_count("ctx.leaked", "\"when\":\"call_end\""), 1);
    ctx_scope_end(first);
    struct ctx_scope *second = ctx_with_cancel(top->ctx);
    leaks_check_ended(top); /* the clock stands still */
    assert_int_equal(log_file_count("ctx.leaked", "\"when\":\"call_end\""), 1);
    ctx_test_clock_advance(CTX_SECONDS(10));
    leaks_check_ended(top);
    assert_int_equal(log_file_count("ctx.leaked", "\"when\":\"call_end\""), 2);
    ctx_scope_end(second);
    ctx_scope_end(top);
}

int main(void)
{
    log_file_start(LOG_LEVEL_WARN);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_scope_past_its_deadline_is_leaked_after_the_time_given),
        TEST(a_scope_that_is_not_done_is_not_leaked_however_old),
        TEST(a_place_is_told_once_an_interval_with_all_its_scopes),
        TEST(a_scope_is_pinned_by_what_is_below_it_and_by_nothing_else),
        TEST(only_live_scopes_in_line_are_below),
        TEST(the_end_of_a_scope_tells_what_is_left_below_it),
        TEST(a_look_is_paid_for_by_a_pause_in_which_leaks_are_only_counted),
    };
    int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    log_file_end();
    return n_failed;
}
