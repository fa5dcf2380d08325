/* Reflection: a server with descriptors describes itself, whatever its workers do; one without does
 * not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rpc/reflection.h"
#include "support/rpc_fixture.h"
#include "walkie/descriptors.h"
#include "walkie/rpc/v1/reflection.pb-c.h"

typedef Walkie__Rpc__V1__DescribeReply describe_reply;
typedef Walkie__Rpc__V1__Method method_message;

static void with_descriptors(struct rpc_server_options *options)
{
    options->descriptors = SERVICE_DESCRIPTORS;
    options->n_workers = 1;
}

static void with_descriptors_and_faults(struct rpc_server_options *options)
{
    with_descriptors(options);
    options->allow_faults = true;
}

static int set_up(void **state)
{
    *state = rpc_fixture_new("tcp://127.0.0.1:0", with_descriptors);
    return 0;
}

static int set_up_with_faults(void **state)
{
    *state = rpc_fixture_new("tcp://127.0.0.1:0", with_descriptors_and_faults);
    return 0;
}

/* NULL unless the status is OK. */
static describe_reply *describe(struct rpc_fixture *fixture, enum status expected)
{
    Walkie__Rpc__V1__DescribeRequest request = WALKIE__RPC__V1__DESCRIBE_REQUEST__INIT;
    ProtobufCMessage *reply = NULL;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    enum status status = rpc_call_unary(scope->ctx, fixture->channel, &RPC_DESCRIBE, &request.base,
        &walkie__rpc__v1__describe_reply__descriptor, &reply, NULL);
    assert_int_equal(status, expected);
    return (describe_reply *)reply;
}

static void reply_free(describe_reply *reply)
{
    walkie__rpc__v1__describe_reply__free_unpacked(reply, NULL);
}

static const method_message *find(const describe_reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->n_methods; i++) {
        if (strcmp(reply->methods[i]->name, name) == 0) {
            return reply->methods[i];
        }
    }
    fail_msg("%s is not described", name);
    return NULL;
}

static void a_server_lists_its_methods_with_their_limits(void **state)
{
    describe_reply *reply = describe(*state, STATUS_OK);
    const method_message *method = find(reply, TEST_ECHO_INLINE.name);
    assert_int_equal(method->kind, WALKIE__RPC__V1__METHOD_KIND__METHOD_KIND_UNARY);
    assert_true(method->is_inline);
    assert_false(method->is_builtin);
    assert_string_equal(method->class_name, "");
    method = find(reply, TEST_STREAM.name);
    assert_int_equal(method->kind, WALKIE__RPC__V1__METHOD_KIND__METHOD_KIND_SERVER_STREAM);
    assert_false(method->is_inline);
    method = find(reply, TEST_CAPPED.name);
    assert_int_equal(method->timeout_default_ns, TEST_CAPPED.timeout_default_ns);
    assert_int_equal(method->timeout_max_ns, TEST_CAPPED.timeout_max_ns);
    assert_string_equal(method->class_name, "default");
    reply_free(reply);
}

static void the_built_in_methods_are_listed_as_such(void **state)
{
    describe_reply *reply = describe(*state, STATUS_OK);
    const method_message *method = find(reply, RPC_DESCRIBE.name);
    assert_true(method->is_builtin);
    assert_true(method->is_idempotent);
    reply_free(reply);
}

static void the_descriptors_arrive_byte_for_byte(void **state)
{
    describe_reply *reply = describe(*state, STATUS_OK);
    assert_true(SERVICE_DESCRIPTORS.len > 0);
    assert_int_equal(reply->descriptors.len, SERVICE_DESCRIPTORS.len);
    assert_memory_equal(reply->descriptors.data, SERVICE_DESCRIPTORS.data, SERVICE_DESCRIPTORS.len);
    reply_free(reply);
}

static void a_fault_method_is_said_to_be_refused(void **state)
{
    describe_reply *reply = describe(*state, STATUS_OK);
    assert_true(find(reply, TEST_FAULT.name)->is_fault);
    assert_true(find(reply, TEST_FAULT.name)->is_refused);
    reply_free(reply);
}

static void where_faults_are_allowed_none_is_refused(void **state)
{
    describe_reply *reply = describe(*state, STATUS_OK);
    assert_true(find(reply, TEST_FAULT.name)->is_fault);
    assert_false(find(reply, TEST_FAULT.name)->is_refused);
    reply_free(reply);
}

static void a_server_whose_only_worker_is_busy_describes_itself(void **state)
{
    struct rpc_fixture *fixture = *state;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct call_record record = {0};
    assert_int_equal(
        record_start(&record, scope->ctx, fixture->channel, &TEST_BLOCK, 0), STATUS_OK);
    assert_true(test_service_wait_started(&fixture->service, 1));
    reply_free(describe(fixture, STATUS_OK));
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    assert_true(record_wait_end(&record));
    record_finish(&record);
}

static void a_server_without_descriptors_describes_nothing(void **state)
{
    assert_null(describe(*state, STATUS_UNIMPLEMENTED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_server_lists_its_methods_with_their_limits, set_up, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            the_built_in_methods_are_listed_as_such, set_up, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            the_descriptors_arrive_byte_for_byte, set_up, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            a_fault_method_is_said_to_be_refused, set_up, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            where_faults_are_allowed_none_is_refused, set_up_with_faults, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            a_server_whose_only_worker_is_busy_describes_itself, set_up, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_server_without_descriptors_describes_nothing,
            rpc_fixture_set_up_tcp, rpc_fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
