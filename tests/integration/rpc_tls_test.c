/* Calls within TLS, with certificates at both ends: everything that works over tcp. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "support/rpc_fixture.h"
#include "support/rpc_tls_files.h"

static int set_up(void **state)
{
    *state = rpc_fixture_new("tls+tcp://127.0.0.1:0", NULL);
    return 0;
}

static void a_call_is_answered(void **state)
{
    struct rpc_fixture *fixture = *state;
    static const uint32_t LENGTHS[] = {0, 1, 1000, 16384, 100000, 3 << 20};
    for (size_t i = 0; i < LENGTH_OF(LENGTHS); i++) {
        struct call_record record = {.n_ends = 0};
        assert_int_equal(
            record_start(&record, ctx_background(), fixture->channel, &TEST_ECHO, LENGTHS[i]),
            STATUS_OK);
        assert_true(record_wait_end(&record));
        assert_int_equal(record.end.status, STATUS_OK);
        assert_true(record.reply_len >= LENGTHS[i]);
        record_finish(&record);
    }
}

/* nng takes what it is given in pieces of 16 KB within TLS: nothing may be lost or come twice. */
static void a_long_stream_comes_whole(void **state)
{
    struct rpc_fixture *fixture = *state;
    enum { LENGTH = 8 << 20 };
    static const struct rpc_method *const METHODS[] = {&TEST_STREAM, &TEST_FILE};
    for (size_t i = 0; i < LENGTH_OF(METHODS); i++) {
        struct call_record record = {.n_ends = 0};
        assert_int_equal(
            record_start(&record, ctx_background(), fixture->channel, METHODS[i], LENGTH),
            STATUS_OK);
        assert_true(record_wait_end(&record));
        assert_int_equal(record.end.status, STATUS_OK);
        assert_int_equal(record.n_bytes, LENGTH);
        assert_int_equal(record.n_wrong_bytes, 0);
        record_finish(&record);
    }
}

static void a_slow_reader_slows_its_own_call_alone(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct call_record slow = {.holds_credit = true};
    struct call_record quick = {.n_ends = 0};
    assert_int_equal(
        record_start(&slow, ctx_background(), fixture->channel, &TEST_STREAM, 4 << 20), STATUS_OK);
    assert_true(record_wait_bytes(&slow, RPC_CREDIT_DEFAULT));
    assert_int_equal(
        record_start(&quick, ctx_background(), fixture->channel, &TEST_ECHO, 1000), STATUS_OK);
    assert_true(record_wait_end(&quick));
    assert_int_equal(slow.n_ends, 0);
    record_consume(&slow);
    assert_true(record_wait_end(&slow));
    assert_int_equal(slow.n_bytes, 4 << 20);
    record_finish(&slow);
    record_finish(&quick);
}

static void a_cancelled_call_stops_with_its_cause(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct ctx_scope *scope = ctx_with_cancel(ctx_background());
    struct call_record record = {.n_ends = 0};
    assert_int_equal(
        record_start(&record, scope->ctx, fixture->channel, &TEST_BLOCK, 0), STATUS_OK);
    assert_true(test_service_wait_started(&fixture->service, 1));
    ctx_cancel(scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_true(test_service_wait_stopped(&fixture->service, 1));
    assert_int_equal(fixture->service.cause, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_true(record_wait_end(&record));
    record_finish(&record);
    ctx_scope_end(scope);
}

static void a_deadline_is_inherited(void **state)
{
    struct rpc_fixture *fixture = *state;
    ctx_test_clock_start();
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CLOCK_MS(50)));
    struct call_record record = {.n_ends = 0};
    assert_int_equal(
        record_start(&record, scope->ctx, fixture->channel, &TEST_BLOCK, 0), STATUS_OK);
    assert_true(test_service_wait_started(&fixture->service, 1));
    ctx_test_clock_advance(CTX_MS(50));
    assert_true(record_wait_end(&record));
    assert_int_equal(record.end.status, STATUS_DEADLINE_EXCEEDED);
    assert_true(test_service_wait_stopped(&fixture->service, 1));
    assert_int_equal(fixture->service.cause, CTX_CAUSE_DEADLINE_EXCEEDED);
    record_finish(&record);
}

static void many_calls_share_the_connection(void **state)
{
    struct rpc_fixture *fixture = *state;
    enum { N_CALLS = 500 };
    static struct call_record records[N_CALLS];
    for (size_t i = 0; i < N_CALLS; i++) {
        assert_int_equal(record_start(&records[i], ctx_background(), fixture->channel,
                             i % 2 == 0 ? &TEST_ECHO : &TEST_ECHO_INLINE, (uint32_t)(i * 37)),
            STATUS_OK);
    }
    for (size_t i = 0; i < N_CALLS; i++) {
        assert_true(record_wait_end(&records[i]));
        assert_int_equal(records[i].end.status, STATUS_OK);
        record_finish(&records[i]);
    }
}

static void one_server_serves_every_transport(void **state)
{
    (void)state;
    char listen[RPC_ADDRESSES_TEXT_MAX];
    snprintf(listen, sizeof(listen), "tcp://127.0.0.1:0,tls+tcp://127.0.0.1:0,%s", test_ipc_url());
    struct test_service service;
    test_service_init(&service);
    struct rpc_server *server = test_server_start(&service, listen, NULL);
    struct rpc_address addresses[RPC_ADDRESSES_MAX];
    size_t n_addresses = 0;
    assert_int_equal(
        rpc_address_parse_list(rpc_server_url(server), addresses, &n_addresses, NULL), STATUS_OK);
    assert_int_equal(n_addresses, 3);
    assert_true(addresses[0].port != 0 && addresses[1].port != 0);
    for (size_t i = 0; i < n_addresses; i++) {
        struct rpc_channel *channel = test_channel_new(addresses[i].url);
        CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
        assert_int_equal(rpc_channel_wait_ready(scope->ctx, channel), STATUS_OK);
        struct call_record record = {.n_ends = 0};
        assert_int_equal(record_start(&record, scope->ctx, channel, &TEST_ECHO, 10), STATUS_OK);
        assert_true(record_wait_end(&record));
        assert_int_equal(record.end.status, STATUS_OK);
        record_finish(&record);
        rpc_channel_free(channel);
    }
    rpc_server_stop(server);
    assert_true(ctx_test_no_leaks());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_call_is_answered, set_up, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_long_stream_comes_whole, set_up, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            a_slow_reader_slows_its_own_call_alone, set_up, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            a_cancelled_call_stops_with_its_cause, set_up, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_deadline_is_inherited, set_up, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            many_calls_share_the_connection, set_up, rpc_fixture_tear_down),
        cmocka_unit_test(one_server_serves_every_transport),
    };
    return cmocka_run_group_tests(tests, test_tls_set_up, test_tls_tear_down);
}
