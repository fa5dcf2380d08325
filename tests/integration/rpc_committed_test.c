/* Work that is done for good before its answer fails (rpc_call_committed). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "ctx/test.h"
#include "support/rpc_fixture.h"

static enum status fail_late(const struct ctx *ctx, struct rpc_server_call *call, void *service)
{
    (void)ctx, (void)service;
    rpc_call_committed(call);
    return rpc_call_fail(call, STATUS_RESOURCE_EXHAUSTED, "no memory for the answer");
}

static enum status fail_early(const struct ctx *ctx, struct rpc_server_call *call, void *service)
{
    (void)ctx, (void)service;
    return rpc_call_fail(call, STATUS_RESOURCE_EXHAUSTED, "no memory");
}

static const struct rpc_binding BINDINGS[] = {
    {&TEST_ECHO, fail_late, NULL}, {&TEST_BLOCK, fail_early, NULL}};

static void use_ours(struct rpc_server_options *options)
{
    options->bindings = BINDINGS;
    options->n_bindings = LENGTH_OF(BINDINGS);
}

static int set_up(void **state)
{
    *state = rpc_fixture_new("tcp://127.0.0.1:0", use_ours);
    return 0;
}

static enum rpc_outcome outcome_of(struct rpc_fixture *fixture, const struct rpc_method *method)
{
    static struct call_record record;
    memset(&record, 0, sizeof(record));
    assert_int_equal(
        record_start(&record, ctx_background(), fixture->channel, method, 0), STATUS_OK);
    assert_true(record_wait_end(&record));
    assert_int_equal(record.end.status, STATUS_RESOURCE_EXHAUSTED);
    enum rpc_outcome outcome = record.end.account.outcome;
    record_finish(&record);
    return outcome;
}

static void what_is_done_for_good_is_committed_though_its_answer_fails(void **state)
{
    assert_int_equal(outcome_of(*state, &TEST_ECHO), RPC_OUTCOME_COMMITTED);
    assert_int_equal(outcome_of(*state, &TEST_BLOCK), RPC_OUTCOME_STOPPED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_done_for_good_is_committed_though_its_answer_fails,
            set_up, rpc_fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
