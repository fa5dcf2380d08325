/* Many calls that end at once: their CANCELs share frames, and each of them counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/rpc_fixture.h"

enum { N_CALLS = 400 };

static struct call_record records[N_CALLS];
static struct ctx_scope *scopes[N_CALLS];

/* One call runs, the others wait behind it: a lost CANCEL would leave its call there for ever. */
static void one_worker(struct rpc_server_options *options)
{
    options->n_workers = 1;
    options->queue_max = N_CALLS;
}

static int set_up_tcp(void **state)
{
    *state = rpc_fixture_new("tcp://127.0.0.1:0", one_worker);
    return 0;
}

static int set_up_ipc(void **state)
{
    *state = rpc_fixture_new(test_ipc_url(), one_worker);
    return 0;
}

static void count_call(void *arg, const struct rpc_call_info *info)
{
    (void)info;
    unsigned int *n_calls = arg;
    (*n_calls)++;
}

static unsigned int calls_at(struct rpc_fixture *fixture)
{
    unsigned int n_calls = 0;
    rpc_server_each_call(fixture->server, count_call, &n_calls);
    return n_calls;
}

static bool has_all_calls(void *fixture)
{
    return calls_at(fixture) == N_CALLS;
}

static bool has_no_call(void *fixture)
{
    return calls_at(fixture) == 0;
}

static void start_all(struct rpc_fixture *fixture, const struct ctx *ctx)
{
    for (size_t i = 0; i < N_CALLS; i++) {
        scopes[i] = ctx_with_cancel(ctx);
        assert_int_equal(
            record_start(&records[i], scopes[i]->ctx, fixture->channel, &TEST_BLOCK, 0), STATUS_OK);
    }
    assert_true(wait_until(has_all_calls, fixture));
    assert_true(test_service_wait_started(&fixture->service, 1));
}

/* Each caller has its end with its cause, the server has none of the calls, and the connection is
 * as good as before. */
static void expect_all_cancelled(struct rpc_fixture *fixture, const enum ctx_cause causes[2])
{
    for (size_t i = 0; i < N_CALLS; i++) {
        assert_true(record_wait_end(&records[i]));
        assert_int_equal(records[i].end.cause, causes[i % 2]);
        record_finish(&records[i]);
        ctx_scope_end(scopes[i]);
    }
    assert_true(wait_until(has_no_call, fixture));
    struct call_record echo = {0};
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    assert_int_equal(
        record_start(&echo, scope->ctx, fixture->channel, &TEST_ECHO_INLINE, 10), STATUS_OK);
    assert_true(record_wait_end(&echo));
    assert_int_equal(echo.end.status, STATUS_OK);
    record_finish(&echo);
}

static void the_end_of_a_scope_above_cancels_each_call_below(void **state)
{
    struct rpc_fixture *fixture = *state;
    CTX_SCOPE(above, ctx_with_cancel(ctx_background()));
    start_all(fixture, above->ctx);
    ctx_cancel(above, CTX_CAUSE_USER_CANCELLED);
    expect_all_cancelled(
        fixture, (enum ctx_cause[]){CTX_CAUSE_USER_CANCELLED, CTX_CAUSE_USER_CANCELLED});
    assert_int_equal(fixture->service.cause, CTX_CAUSE_USER_CANCELLED);
}

static void only_cancels_of_one_cause_share_a_frame(void **state)
{
    struct rpc_fixture *fixture = *state;
    const enum ctx_cause causes[2] = {CTX_CAUSE_USER_CANCELLED, CTX_CAUSE_CLIENT_DISCONNECTED};
    start_all(fixture, ctx_background());
    for (size_t i = 0; i < N_CALLS; i++) {
        ctx_cancel(scopes[i], causes[i % 2]);
    }
    expect_all_cancelled(fixture, causes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            the_end_of_a_scope_above_cancels_each_call_below, set_up_tcp, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            the_end_of_a_scope_above_cancels_each_call_below, set_up_ipc, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            only_cancels_of_one_cause_share_a_frame, set_up_tcp, rpc_fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
