/* Calls end to end, over tcp and over ipc: answers, failures, deadlines, traces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "obs/trace.h"
#include "support/rpc_fixture.h"
#include "walkie/report/v1/report.pb-c.h"

static void echo_with(
    struct rpc_fixture *fixture, const struct rpc_method *method, const char *text)
{
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(10)));
    Walkie__Report__V1__EchoRequest request = WALKIE__REPORT__V1__ECHO_REQUEST__INIT;
    request.payload = (ProtobufCBinaryData){strlen(text), (uint8_t *)(uintptr_t)text};
    ProtobufCMessage *answer = NULL;
    struct rpc_end end;
    enum status status = rpc_call_unary(scope->ctx, fixture->channel, method, &request.base,
        &walkie__report__v1__echo_reply__descriptor, &answer, &end);
    assert_int_equal(status, STATUS_OK);
    const Walkie__Report__V1__EchoReply *reply = (const Walkie__Report__V1__EchoReply *)answer;
    assert_int_equal(reply->payload.len, strlen(text));
    assert_memory_equal(reply->payload.data, text, strlen(text));
    protobuf_c_message_free_unpacked(answer, NULL);
    assert_int_equal(end.account.outcome, RPC_OUTCOME_COMMITTED);
    assert_true(end.account.run_ns > 0);
    assert_int_equal(end.cause, CTX_CAUSE_NONE);
}

static void a_unary_call_gets_its_answer_and_its_account(void **state)
{
    echo_with(*state, &TEST_ECHO_INLINE, "hello");
    echo_with(*state, &TEST_ECHO, "hello, worker");
}

static void the_deadline_and_its_origin_are_inherited(void **state)
{
    struct rpc_fixture *fixture = *state;
    CTX_SCOPE(scope, ctx_with_deadline_origin(ctx_background(), CTX_ORIGIN_GRPC_TIMEOUT_HEADER,
                         clock_now_ns() + CLOCK_SECONDS(3)));
    struct call_record record = {0};
    assert_int_equal(
        record_start(&record, scope->ctx, fixture->channel, &TEST_ECHO, 10), STATUS_OK);
    assert_true(record_wait_end(&record));
    assert_int_equal(record.end.status, STATUS_OK);
    assert_true(fixture->service.remaining_ns <= CLOCK_SECONDS(3));
    assert_true(fixture->service.remaining_ns > CLOCK_SECONDS(3) - CLOCK_MS(500));
    assert_int_equal(fixture->service.origin, CTX_ORIGIN_GRPC_TIMEOUT_HEADER);
    assert_int_equal(fixture->service.hops, 1);
    record_finish(&record);
}

static void the_trace_goes_along(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct trace trace;
    trace_init(&trace);
    CTX_SCOPE(scope, ctx_with_value(ctx_background(), &TRACE_KEY, &trace));
    struct call_record record = {0};
    assert_int_equal(
        record_start(&record, scope->ctx, fixture->channel, &TEST_ECHO, 10), STATUS_OK);
    assert_true(record_wait_end(&record));
    assert_memory_equal(fixture->service.trace_id, trace.trace_id, sizeof(trace.trace_id));
    assert_memory_equal(fixture->service.parent_span_id, trace.span_id, sizeof(trace.span_id));
    assert_string_equal(fixture->service.trace_method, TEST_ECHO.name);
    record_finish(&record);
}

static void a_failure_brings_its_status_and_words(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct call_record record = {0};
    assert_int_equal(
        record_start(&record, ctx_background(), fixture->channel, &TEST_FAIL, 0), STATUS_OK);
    assert_true(record_wait_end(&record));
    assert_int_equal(record.end.status, STATUS_NOT_FOUND);
    assert_string_equal(record.end.message, "no site 42");
    assert_int_equal(record.end.account.outcome, RPC_OUTCOME_STOPPED);
    assert_int_equal(record.n_replies, 0);
    record_finish(&record);
}

static void what_cannot_run_is_refused_unstarted(void **state)
{
    struct rpc_fixture *fixture = *state;
    static const struct rpc_method unknown = {.name = "walkie.test.v1.Test/Nothing"};
    const struct rpc_method *methods[] = {&unknown, &TEST_FAULT};
    const enum status statuses[] = {STATUS_UNIMPLEMENTED, STATUS_PERMISSION_DENIED};
    for (size_t i = 0; i < LENGTH_OF(methods); i++) {
        struct call_record record = {0};
        assert_int_equal(
            record_start(&record, ctx_background(), fixture->channel, methods[i], 0), STATUS_OK);
        assert_true(record_wait_end(&record));
        assert_int_equal(record.end.status, statuses[i]);
        assert_int_equal(record.end.account.outcome, RPC_OUTCOME_NOT_STARTED);
        record_finish(&record);
    }
    assert_int_equal(fixture->service.n_started, 0);
}

static void a_handler_without_an_answer_is_an_internal_error(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct call_record record = {0};
    assert_int_equal(
        record_start(&record, ctx_background(), fixture->channel, &TEST_MUTE, 0), STATUS_OK);
    assert_true(record_wait_end(&record));
    assert_int_equal(record.end.status, STATUS_INTERNAL);
    record_finish(&record);
}

static void the_method_caps_and_defaults_the_deadline(void **state)
{
    struct rpc_fixture *fixture = *state;
    CTX_SCOPE(hour, ctx_with_timeout(ctx_background(), CTX_SECONDS(3600)));
    CTX_SCOPE(none, ctx_with_cancel(ctx_background()));
    const struct ctx_scope *scopes[] = {hour, none};
    const enum ctx_origin origins[] = {CTX_ORIGIN_METHOD_CAP, CTX_ORIGIN_METHOD_DEFAULT};
    const uint64_t limits[] = {CLOCK_SECONDS(10), CLOCK_SECONDS(5)};
    for (unsigned int i = 0; i < LENGTH_OF(scopes); i++) {
        struct call_record record = {0};
        assert_int_equal(
            record_start(&record, scopes[i]->ctx, fixture->channel, &TEST_CAPPED, 0), STATUS_OK);
        assert_true(test_service_wait_started(&fixture->service, i + 1));
        assert_int_equal(fixture->service.origin, origins[i]);
        assert_true(fixture->service.remaining_ns <= limits[i]);
        assert_true(fixture->service.remaining_ns > limits[i] - CLOCK_SECONDS(2));
        ctx_cancel(scopes[i], CTX_CAUSE_CANCELLED);
        assert_true(record_wait_end(&record));
        record_finish(&record);
    }
}

static void a_deadline_ends_the_call_on_both_sides(void **state)
{
    struct rpc_fixture *fixture = *state;
    ctx_test_clock_start();
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(50)));
    struct call_record record = {0};
    assert_int_equal(
        record_start(&record, scope->ctx, fixture->channel, &TEST_BLOCK, 0), STATUS_OK);
    assert_true(test_service_wait_started(&fixture->service, 1));
    ctx_test_clock_advance(CTX_MS(50));
    assert_true(record_wait_end(&record));
    assert_int_equal(record.end.status, STATUS_DEADLINE_EXCEEDED);
    assert_true(test_service_wait_stopped(&fixture->service, 1));
    assert_int_equal(fixture->service.cause, CTX_CAUSE_DEADLINE_EXCEEDED);
    assert_int_equal(record.n_ends, 1);
    record_finish(&record);
}

static void a_stream_brings_every_byte_in_order(void **state)
{
    struct rpc_fixture *fixture = *state;
    const struct rpc_method *methods[] = {&TEST_STREAM, &TEST_FILE};
    enum { STREAM_LEN = 3000001 };
    for (size_t i = 0; i < LENGTH_OF(methods); i++) {
        struct call_record record = {0};
        assert_int_equal(
            record_start(&record, ctx_background(), fixture->channel, methods[i], STREAM_LEN),
            STATUS_OK);
        assert_true(record_wait_end(&record));
        assert_int_equal(record.end.status, STATUS_OK);
        assert_int_equal(record.n_replies, 1);
        assert_int_equal(record.n_bytes, STREAM_LEN);
        assert_int_equal(record.n_wrong_bytes, 0);
        assert_int_equal(record.end.account.outcome, RPC_OUTCOME_COMMITTED);
        record_finish(&record);
    }
}

static void progress_is_told_and_rate_limited(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct call_record record = {0};
    assert_int_equal(
        record_start(&record, ctx_background(), fixture->channel, &TEST_PROGRESS, 0), STATUS_OK);
    assert_true(record_wait_progress(&record, 1));
    assert_string_equal(record.stage, "first");
    test_service_open_gate(&fixture->service);
    assert_true(record_wait_end(&record));
    assert_int_equal(record.n_progress, 1);
    record_finish(&record);
}

static void a_deferred_call_holds_no_worker(void **state)
{
    struct rpc_fixture *fixture = *state;
    enum { N_DEFERRED = 16 }; /* four times the workers */
    struct call_record records[N_DEFERRED] = {{.n_ends = 0}};
    for (unsigned int i = 0; i < N_DEFERRED; i++) {
        assert_int_equal(
            record_start(&records[i], ctx_background(), fixture->channel, &TEST_DEFER, 0),
            STATUS_OK);
    }
    assert_true(test_service_wait_deferred(&fixture->service, N_DEFERRED));
    echo_with(fixture, &TEST_ECHO, "there is a worker for me");
    for (unsigned int i = 0; i < N_DEFERRED; i++) {
        rpc_call_finish(fixture->service.deferred[i], STATUS_OK);
    }
    for (unsigned int i = 0; i < N_DEFERRED; i++) {
        assert_true(record_wait_end(&records[i]));
        assert_int_equal(records[i].end.status, STATUS_OK);
        record_finish(&records[i]);
    }
}

#define BOTH(test)                                                                                 \
    {#test " (tcp)", test, rpc_fixture_set_up_tcp, rpc_fixture_tear_down, NULL},                   \
    {                                                                                              \
#test " (ipc)", test, rpc_fixture_set_up_ipc, rpc_fixture_tear_down, NULL                  \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(a_unary_call_gets_its_answer_and_its_account),
        BOTH(the_deadline_and_its_origin_are_inherited),
        BOTH(the_trace_goes_along),
        BOTH(a_failure_brings_its_status_and_words),
        BOTH(what_cannot_run_is_refused_unstarted),
        BOTH(a_handler_without_an_answer_is_an_internal_error),
        BOTH(the_method_caps_and_defaults_the_deadline),
        BOTH(a_deadline_ends_the_call_on_both_sides),
        BOTH(a_stream_brings_every_byte_in_order),
        BOTH(progress_is_told_and_rate_limited),
        BOTH(a_deferred_call_holds_no_worker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
