/* Mistake 3: the context is never released. A handler that leaves a scope behind is named when its
 * call ends, with the place that made the scope. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "support/log_file.h"
#include "support/rpc_fixture.h"

static int clear_log(void **state)
{
    (void)state;
    log_file_clear();
    return 0;
}

static int set_up(void **state)
{
    (void)clear_log(state);
    *state = rpc_fixture_new("tcp://127.0.0.1:0", NULL);
    return 0;
}

static int check_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : 1;
}

static int tear_down(void **state)
{
    rpc_fixture_free(*state);
    return check_leaks(state);
}

static void call_once(struct rpc_fixture *fixture, const struct rpc_method *method, uint32_t size)
{
    struct call_record record = {0};
    assert_int_equal(
        record_start(&record, ctx_background(), fixture->channel, method, size), STATUS_OK);
    assert_true(record_wait_end(&record));
    record_finish(&record);
}

/* The calls so far have ended on the server, too. */
static void settle(struct rpc_fixture *fixture)
{
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CLOCK_SECONDS(TEST_WAIT_SECONDS)));
    assert_int_equal(rpc_server_drain(scope->ctx, fixture->server), STATUS_OK);
}

static void a_scope_that_a_handler_leaves_is_named_by_its_place(void **state)
{
    struct rpc_fixture *fixture = *state;
    call_once(fixture, &TEST_LEAK, 1);
    const char *line = log_file_wait("ctx.leaked", "");
    assert_non_null(line);
    assert_non_null(strstr(line, "\"method\":\"walkie.test.v1.Test/Leak\""));
    assert_non_null(strstr(line, "\"site\":\"tests/support/rpc_service.c:"));
    assert_non_null(strstr(line, "\"when\":\"call_end\""));
    assert_true(log_file_number(line, "scopes") == 1);
    settle(fixture);
    assert_int_equal(log_file_count("ctx.leaked", ""), 1);
    ctx_scope_end(fixture->service.leaked);
    ctx_scope_end(fixture->service.outlives);
}

static void leak_and_cancel(void)
{
    struct rpc_fixture *fixture = rpc_fixture_new("tcp://127.0.0.1:0", NULL);
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct call_record record = {0};
    assert_int_equal(record_start(&record, scope->ctx, fixture->channel, &TEST_LEAK, 2), STATUS_OK);
    assert_true(test_service_wait_started(&fixture->service, 1));
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    assert_true(record_wait_end(&record));
    record_finish(&record);
    settle(fixture);
    ctx_scope_end(fixture->service.leaked);
    ctx_scope_end(fixture->service.outlives);
    rpc_fixture_free(fixture);
}

/* The look at the test before is paid for by a pause, in which leaks are only counted: so it may
 * take several calls until one is named. */
static void a_scope_that_is_left_behind_on_the_way_out_of_a_cancel_is_named_too(void **state)
{
    (void)state;
    uint64_t limit_ns = clock_now_ns() + CLOCK_SECONDS(TEST_WAIT_SECONDS);
    const char *line = NULL;
    while (line == NULL && clock_now_ns() < limit_ns) {
        leak_and_cancel();
        line = log_file_find("ctx.leaked", "");
    }
    assert_non_null(line);
    assert_true(log_file_number(line, "scopes") == 1);
    assert_true(log_file_number(line, "done_ms") >= 0);
}

static void what_is_meant_to_outlive_the_call_is_not_named(void **state)
{
    struct rpc_fixture *fixture = *state;
    call_once(fixture, &TEST_LEAK, 0);
    settle(fixture);
    assert_int_equal(log_file_count("ctx.leaked", ""), 0);
    ctx_scope_end(fixture->service.outlives);
}

static void calls_that_end_in_order_are_not_named(void **state)
{
    struct rpc_fixture *fixture = *state;
    call_once(fixture, &TEST_ECHO, 0);
    call_once(fixture, &TEST_ECHO_INLINE, 0);
    call_once(fixture, &TEST_FILE, 100000);
    struct call_record deferred = {0};
    assert_int_equal(
        record_start(&deferred, ctx_background(), fixture->channel, &TEST_DEFER, 0), STATUS_OK);
    assert_true(test_service_wait_deferred(&fixture->service, 1));
    rpc_call_finish(fixture->service.deferred[0], STATUS_OK);
    assert_true(record_wait_end(&deferred));
    record_finish(&deferred);
    settle(fixture);
    assert_int_equal(log_file_count("ctx.leaked", ""), 0);
}

int main(void)
{
    log_file_start(LOG_LEVEL_WARN);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_scope_that_a_handler_leaves_is_named_by_its_place),
        cmocka_unit_test_setup_teardown(
            a_scope_that_is_left_behind_on_the_way_out_of_a_cancel_is_named_too, clear_log,
            check_leaks),
        TEST(what_is_meant_to_outlive_the_call_is_not_named),
        TEST(calls_that_end_in_order_are_not_named),
    };
    int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    log_file_end();
    return n_failed;
}
