/* Mistake 2: the context is not passed on. A call made inside a handler under another context is
 * named with its place; one under the handler's, or meant to outlive it, is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ctx/current.h"
#include "ctx/test.h"
#include "support/log_file.h"
#include "support/rpc_fixture.h"
#include "walkie/report/v1/report.pb-c.h"

static int set_up(void **state)
{
    log_file_clear();
    *state = rpc_fixture_new("tcp://127.0.0.1:0", NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)ctx_current_set(NULL);
    rpc_fixture_free(*state);
    return ctx_test_no_leaks() ? 0 : 1;
}

static enum status call_unary(struct rpc_fixture *fixture, const struct ctx *ctx, int *ret_line)
{
    Walkie__Report__V1__EchoRequest request = WALKIE__REPORT__V1__ECHO_REQUEST__INIT;
    ProtobufCMessage *reply = NULL;
    *ret_line = __LINE__ + 1;
    enum status status = rpc_call_unary(ctx, fixture->channel, &TEST_ECHO, &request.base,
        &walkie__report__v1__echo_reply__descriptor, &reply, NULL);
    if (status == STATUS_OK) {
        protobuf_c_message_free_unpacked(reply, NULL);
    }
    return status;
}

static void a_call_without_the_handlers_context_is_named_by_its_place(void **state)
{
    CTX_SCOPE(handler, ctx_with_cancel(ctx_background()));
    (void)ctx_current_set(handler->ctx);
    int line = 0;
    enum status status = call_unary(*state, ctx_background(), &line);
    (void)ctx_current_set(NULL);
    assert_int_equal(status, STATUS_OK); /* it is reported, not stopped */
    char place[256];
    snprintf(place, sizeof(place), "\"site\":\"%s:%d\"", __FILE__, line);
    const char *told = log_file_find("ctx.detached", place);
    assert_non_null(told);
    assert_non_null(strstr(told, "\"what\":\"rpc\""));
    assert_int_equal(log_file_count("ctx.detached", ""), 1); /* once, not by unary and start */
}

static void a_call_under_the_handlers_context_is_not_named(void **state)
{
    CTX_SCOPE(handler, ctx_with_cancel(ctx_background()));
    CTX_SCOPE(child, ctx_with_timeout(handler->ctx, CTX_SECONDS(TEST_WAIT_SECONDS)));
    (void)ctx_current_set(handler->ctx);
    int line = 0;
    enum status status = call_unary(*state, child->ctx, &line);
    (void)ctx_current_set(NULL);
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(log_file_count("ctx.detached", ""), 0);
}

static void a_call_that_is_meant_to_outlive_the_handler_is_not_named(void **state)
{
    CTX_SCOPE(handler, ctx_with_cancel(ctx_background()));
    CTX_SCOPE(outlives, ctx_without_cancel(handler->ctx));
    ctx_cancel(handler, CTX_CAUSE_CANCELLED);
    (void)ctx_current_set(handler->ctx);
    int line = 0;
    enum status status = call_unary(*state, outlives->ctx, &line);
    (void)ctx_current_set(NULL);
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(log_file_count("ctx.detached", ""), 0);
}

int main(void)
{
    log_file_start(LOG_LEVEL_WARN);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_call_under_the_handlers_context_is_not_named),
        TEST(a_call_that_is_meant_to_outlive_the_handler_is_not_named),
        /* Last: one place has one line in ten seconds. */
        TEST(a_call_without_the_handlers_context_is_named_by_its_place),
    };
    int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    log_file_end();
    return n_failed;
}
