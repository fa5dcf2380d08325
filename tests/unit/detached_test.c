/* The detached-call detector: what is reported, what is not, and how often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "ctx/ctx.h"
#include "ctx/current.h"
#include "ctx/group.h"
#include "ctx/test.h"
#include "obs/detached.h"
#include "obs/trace.h"
#include "support/log_file.h"

static unsigned int n_lines(void)
{
    return log_file_count("ctx.detached", "");
}

static struct ctx_scope *handler;
static struct trace trace;

static int set_up(void **state)
{
    (void)state;
    ctx_test_clock_start();
    trace_init(&trace);
    trace.method = "Handled";
    handler = ctx_with_value(ctx_background(), &TRACE_KEY, &trace);
    (void)ctx_current_set(handler->ctx);
    log_file_clear();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)ctx_current_set(NULL);
    ctx_scope_end(handler);
    ctx_test_clock_end();
    return ctx_test_no_leaks() ? 0 : 1;
}

static void a_context_that_derives_from_the_handlers_is_silent(void **state)
{
    (void)state;
    CTX_SCOPE(child, ctx_with_timeout(handler->ctx, CTX_SECONDS(1)));
    CTX_SCOPE(grandchild, ctx_with_cancel(child->ctx));
    detached_check(CTX_HERE, handler->ctx, "rpc");
    detached_check(CTX_HERE, grandchild->ctx, "rpc");
    assert_int_equal(n_lines(), 0);
}

static void without_cancel_says_that_it_is_meant(void **state)
{
    (void)state;
    CTX_SCOPE(child, ctx_with_cancel(handler->ctx));
    CTX_SCOPE(detached, ctx_without_cancel(child->ctx));
    CTX_SCOPE(below, ctx_with_timeout(detached->ctx, CTX_SECONDS(1)));
    detached_check(CTX_HERE, below->ctx, "sql");
    assert_int_equal(n_lines(), 0);
}

static void a_background_is_reported_with_the_place_and_the_handlers_method(void **state)
{
    (void)state;
    char site[256];
    snprintf(site, sizeof(site), "\"site\":\"%s:%d\"", __FILE__, __LINE__ + 1);
    detached_check(CTX_HERE, ctx_background(), "sql");
    assert_int_equal(n_lines(), 1);
    const char *text = log_file_find("ctx.detached", "");
    assert_non_null(strstr(text, site));
    assert_non_null(strstr(text, "\"what\":\"sql\""));
    assert_non_null(strstr(text, "\"context\":\"background\""));
    assert_non_null(strstr(text, "\"method\":\"Handled\""));
    assert_non_null(strstr(text, "\"trace_id\""));
}

static void a_scope_of_the_background_and_todo_are_reported_too(void **state)
{
    (void)state;
    CTX_SCOPE(other, ctx_with_timeout(ctx_background(), CTX_SECONDS(1)));
    detached_check(CTX_HERE, other->ctx, "rpc");
    assert_non_null(log_file_find("ctx.detached", "\"context\":\"another\""));
    detached_check(CTX_HERE, ctx_todo(), "rpc");
    assert_non_null(log_file_find("ctx.detached", "\"context\":\"todo\""));
    assert_int_equal(n_lines(), 2);
}

static void outside_a_handler_nothing_is_reported(void **state)
{
    (void)state;
    (void)ctx_current_set(NULL);
    detached_check(CTX_HERE, ctx_background(), "rpc");
    assert_int_equal(n_lines(), 0);
}

static void one_place_writes_one_line_an_interval_and_counts_the_rest(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        if (i == 11) {
            assert_int_equal(n_lines(), 1);
            ctx_test_clock_advance(DETACHED_INTERVAL_NS);
        }
        detached_check(CTX_HERE, ctx_background(), "http");
    }
    assert_int_equal(n_lines(), 2);
    assert_non_null(log_file_find("ctx.detached", "\"silent\":10"));
}

static enum status call_from_task(const struct ctx *ctx, void *arg)
{
    detached_check(CTX_HERE, arg == NULL ? ctx : arg, "sql");
    return STATUS_OK;
}

static void a_task_of_a_group_is_inside_the_handler(void **state)
{
    (void)state;
    struct ctx_group *group = ctx_group_new(handler->ctx);
    (void)ctx_group_run(group, call_from_task, NULL);
    assert_int_equal(ctx_group_wait(group), STATUS_OK);
    assert_int_equal(n_lines(), 0);
    group = ctx_group_new(handler->ctx);
    (void)ctx_group_run(group, call_from_task, (void *)(uintptr_t)ctx_background());
    assert_int_equal(ctx_group_wait(group), STATUS_OK);
    assert_int_equal(n_lines(), 1);
}

int main(void)
{
    log_file_start(LOG_LEVEL_WARN);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_context_that_derives_from_the_handlers_is_silent),
        TEST(without_cancel_says_that_it_is_meant),
        TEST(a_background_is_reported_with_the_place_and_the_handlers_method),
        TEST(a_scope_of_the_background_and_todo_are_reported_too),
        TEST(outside_a_handler_nothing_is_reported),
        TEST(one_place_writes_one_line_an_interval_and_counts_the_rest),
        TEST(a_task_of_a_group_is_inside_the_handler),
    };
    int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    log_file_end();
    return n_failed;
}
