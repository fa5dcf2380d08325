/* Streams and their credit: a slow reader slows only itself, and costs bounded memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rpc/opening.h"
#include "support/rpc_fixture.h"
#include "support/rpc_raw.h"

enum { STREAM_LEN = 2000003, N_SLOW = 3 };

static void call_echo(struct rpc_fixture *fixture)
{
    struct call_record record = {0};
    assert_int_equal(
        record_start(&record, ctx_background(), fixture->channel, &TEST_ECHO, 1000), STATUS_OK);
    assert_true(record_wait_end(&record));
    assert_int_equal(record.end.status, STATUS_OK);
    record_finish(&record);
}

static void slow_readers_get_their_credit_and_no_more(
    struct rpc_fixture *fixture, const struct rpc_method *method)
{
    struct call_record slow[N_SLOW] = {{.n_ends = 0}};
    for (size_t i = 0; i < N_SLOW; i++) {
        slow[i].holds_credit = true;
        assert_int_equal(
            record_start(&slow[i], ctx_background(), fixture->channel, method, STREAM_LEN),
            STATUS_OK);
    }
    for (size_t i = 0; i < N_SLOW; i++) {
        assert_true(record_wait_bytes(&slow[i], RPC_CREDIT_DEFAULT));
    }
    /* Others on the same connection go on, unary and streaming. */
    call_echo(fixture);
    struct call_record quick = {0};
    assert_int_equal(
        record_start(&quick, ctx_background(), fixture->channel, &TEST_FILE, STREAM_LEN),
        STATUS_OK);
    assert_true(record_wait_end(&quick));
    assert_int_equal(quick.n_bytes, STREAM_LEN);
    record_finish(&quick);
    for (size_t i = 0; i < N_SLOW; i++) {
        assert_int_equal(slow[i].n_bytes, RPC_CREDIT_DEFAULT); /* not one byte more */
        record_consume(&slow[i]);
    }
    for (size_t i = 0; i < N_SLOW; i++) {
        assert_true(record_wait_end(&slow[i]));
        assert_int_equal(slow[i].end.status, STATUS_OK);
        assert_int_equal(slow[i].n_bytes, STREAM_LEN);
        assert_int_equal(slow[i].n_wrong_bytes, 0);
        record_finish(&slow[i]);
    }
}

static void slow_readers_of_chunks_slow_only_themselves(void **state)
{
    slow_readers_get_their_credit_and_no_more(*state, &TEST_STREAM);
}

static void slow_readers_of_files_slow_only_themselves(void **state)
{
    slow_readers_get_their_credit_and_no_more(*state, &TEST_FILE);
}

static void count_call(void *arg, const struct rpc_call_info *info)
{
    (void)info;
    ++*(unsigned int *)arg;
}

static bool has_no_calls(void *arg)
{
    unsigned int n_calls = 0;
    rpc_server_each_call(arg, count_call, &n_calls);
    return n_calls == 0;
}

static void cancel_ends_a_stream_that_waits_for_credit(void **state)
{
    struct rpc_fixture *fixture = *state;
    const struct rpc_method *methods[] = {&TEST_STREAM, &TEST_FILE};
    for (size_t i = 0; i < LENGTH_OF(methods); i++) {
        CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
        struct call_record record = {.holds_credit = true};
        assert_int_equal(
            record_start(&record, scope->ctx, fixture->channel, methods[i], STREAM_LEN), STATUS_OK);
        assert_true(record_wait_bytes(&record, RPC_CREDIT_DEFAULT));
        ctx_cancel(scope, CTX_CAUSE_CLIENT_DISCONNECTED);
        assert_true(record_wait_end(&record));
        assert_int_equal(record.end.status, STATUS_CANCELLED);
        assert_true(wait_until(has_no_calls, fixture->server));
        record_finish(&record);
    }
}

static void a_file_shorter_than_promised_ends_in_data_loss(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct call_record record = {0};
    assert_int_equal(
        record_start(&record, ctx_background(), fixture->channel, &TEST_FILE, TEST_SHORT_FILE_LEN),
        STATUS_OK);
    assert_true(record_wait_end(&record));
    assert_int_equal(record.end.status, STATUS_DATA_LOSS);
    assert_int_equal(record.end.account.outcome, RPC_OUTCOME_STOPPED);
    record_finish(&record);
}

static uint64_t resident_bytes(void)
{
    unsigned long total = 0;
    unsigned long resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%lu %lu", &total, &resident), 2);
    fclose(file);
    return (uint64_t)resident * 4096;
}

/* Two hundred streams, each with credit for 256 KB, to a socket that nobody reads. */
static void a_peer_that_never_reads_delays_nobody_and_costs_little(void **state)
{
    struct rpc_fixture *fixture = *state;
    enum { N_STREAMS = 200, LEN = RPC_CREDIT_DEFAULT + 1000, GROWTH_MAX = 16 << 20 };
    struct raw_peer *raw = raw_connect(rpc_server_url(fixture->server), RPC_SP_CLIENT);
    assert_non_null(raw);
    raw_send_hello(raw);
    uint64_t before = resident_bytes();
    for (uint32_t i = 1; i <= N_STREAMS; i++) {
        raw_send_call(raw, i, TEST_FILE.name, 0, LEN);
    }
    assert_true(test_service_wait_started(&fixture->service, N_STREAMS));
    call_echo(fixture); /* others are served */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    assert_true(resident_bytes() < before + GROWTH_MAX);
#else
    assert_true(before > 0); /* a sanitizer's own memory drowns ours */
#endif
    raw_free(raw);
    assert_true(wait_until(has_no_calls, fixture->server));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(slow_readers_of_chunks_slow_only_themselves,
            rpc_fixture_set_up_tcp, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(slow_readers_of_files_slow_only_themselves,
            rpc_fixture_set_up_tcp, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_file_shorter_than_promised_ends_in_data_loss,
            rpc_fixture_set_up_tcp, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(cancel_ends_a_stream_that_waits_for_credit,
            rpc_fixture_set_up_tcp, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_peer_that_never_reads_delays_nobody_and_costs_little,
            rpc_fixture_set_up_tcp, rpc_fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
