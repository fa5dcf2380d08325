/* What comes over the wire from others that must be shown the door: peers that say what they must
 * not, too little, or too much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rpc/connection.h"
#include "rpc/envelope.h"
#include "rpc/opening.h"
#include "support/rpc_fixture.h"
#include "support/rpc_raw.h"
#include "walkie/report/v1/report.pb-c.h"

static void expect_closed(
    struct rpc_fixture *fixture, uint16_t protocol, bool says_hello, const void *bytes, size_t len)
{
    struct raw_peer *raw = raw_connect(rpc_server_url(fixture->server), protocol);
    assert_non_null(raw);
    if (says_hello) {
        raw_send_hello(raw);
    }
    raw_send_bytes(raw, bytes, len);
    assert_true(raw_is_closed_by_peer(raw));
    raw_free(raw);
}

#define HEAD(length, ...)                                                                          \
    {                                                                                              \
        0, 0, 0, 0, 0, 0, 0, length, __VA_ARGS__                                                   \
    }

static void malformed_bytes_close_the_connection_and_nothing_else(void **state)
{
    struct rpc_fixture *fixture = *state;
    static const uint8_t http[] = "GET / HTTP/1.1\r\n\r\n";
    expect_closed(fixture, 0, false, http, sizeof(http));
    expect_closed(fixture, 0x50, false, http, 0); /* SURVEYOR */
    static const uint8_t too_long[] = {0, 0, 0, 1, 0, 0, 0, 0};
    expect_closed(fixture, RPC_SP_CLIENT, true, too_long, sizeof(too_long));
    static const uint8_t no_top_bit[] = HEAD(8, 0, 0, 0, 1, RPC_FRAME_PING, 0, 0, 0);
    expect_closed(fixture, RPC_SP_CLIENT, true, no_top_bit, sizeof(no_top_bit));
    static const uint8_t unknown_type[] = HEAD(8, 0x80, 0, 0, 1, 99, 0, 0, 0);
    expect_closed(fixture, RPC_SP_CLIENT, true, unknown_type, sizeof(unknown_type));
    static const uint8_t long_header[] = HEAD(8, 0x80, 0, 0, 1, RPC_FRAME_CALL, 0, 0, 9);
    expect_closed(fixture, RPC_SP_CLIENT, true, long_header, sizeof(long_header));
    static const uint8_t short_frame[] = HEAD(3, 0x80, 0, 0);
    expect_closed(fixture, RPC_SP_CLIENT, true, short_frame, sizeof(short_frame));
    expect_closed(fixture, RPC_SP_REQ, false, short_frame, sizeof(short_frame));
    static const uint8_t before_hello[] = HEAD(8, 0x80, 0, 0, 1, RPC_FRAME_CALL, 0, 0, 0);
    expect_closed(fixture, RPC_SP_CLIENT, false, before_hello, sizeof(before_hello));
    static const uint8_t second_hello[] = HEAD(10, 0x80, 0, 0, 0, RPC_FRAME_HELLO, 0, 0, 2, 8, 1);
    expect_closed(fixture, RPC_SP_CLIENT, true, second_hello, sizeof(second_hello));
    static const uint8_t from_server[] = HEAD(8, 0x80, 0, 0, 1, RPC_FRAME_REPLY, 0, 0, 0);
    expect_closed(fixture, RPC_SP_CLIENT, true, from_server, sizeof(from_server));
    static const uint8_t bad_call[] = HEAD(10, 0x80, 0, 0, 1, RPC_FRAME_CALL, 0, 0, 2, 0x0a, 0xff);
    expect_closed(fixture, RPC_SP_CLIENT, true, bad_call, sizeof(bad_call));
    assert_true(rpc_channel_is_ready(fixture->channel)); /* the others' connection stands */
}

static void an_id_in_use_closes_the_connection(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct raw_peer *raw = raw_connect(rpc_server_url(fixture->server), RPC_SP_CLIENT);
    assert_non_null(raw);
    raw_send_hello(raw);
    raw_send_call(raw, 1, TEST_BLOCK.name, 0, 0);
    /* In one batch the first would be told before a worker has it, and would never start. */
    assert_true(test_service_wait_started(&fixture->service, 1));
    raw_send_call(raw, 1, TEST_BLOCK.name, 0, 0);
    assert_true(raw_is_closed_by_peer(raw));
    raw_free(raw);
    assert_true(test_service_wait_stopped(&fixture->service, 1));
    assert_int_equal(fixture->service.cause, CTX_CAUSE_PEER_LOST);
}

static void a_peer_that_says_nothing_is_closed_in_time(void **state)
{
    struct rpc_fixture *fixture = *state;
    uint64_t start_ns = clock_now_ns();
    expect_closed(fixture, 0, false, "", 0);
    assert_true(clock_now_ns() - start_ns >= CLOCK_MS(RPC_HELLO_TIMEOUT_MS) - CLOCK_MS(50));
    assert_true(clock_now_ns() - start_ns < CLOCK_SECONDS(10));
    expect_closed(fixture, RPC_SP_CLIENT, false, "", 0);
}

static void a_ping_is_answered_with_its_token(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct raw_peer *raw = raw_connect(rpc_server_url(fixture->server), RPC_SP_CLIENT);
    assert_non_null(raw);
    raw_send_hello(raw);
    uint16_t protocol;
    struct rpc_frame frame;
    assert_true(raw_read_opening(raw, &protocol));
    assert_true(raw_read(raw, &frame));
    Walkie__Rpc__V1__Ping ping = WALKIE__RPC__V1__PING__INIT;
    ping.token = UINT64_C(0x1122334455667788);
    uint8_t header[ENVELOPE_LEN_MAX];
    struct rpc_frame sent = {.call_id = RPC_CALL_ID_CONNECTION,
        .type = RPC_FRAME_PING,
        .header = {header, envelope_pack(header, &ping.base)}};
    raw_send_frame(raw, &sent);
    assert_true(raw_read(raw, &frame));
    assert_int_equal(frame.type, RPC_FRAME_PONG);
    struct envelope_memory memory;
    envelope_memory_init(&memory);
    const Walkie__Rpc__V1__Ping *pong = envelope_unpack_ping(&memory, frame.header);
    assert_non_null(pong);
    assert_true(pong->token == ping.token);
    envelope_memory_finish(&memory);
    raw_free(raw);
}

static bool is_closed_to(void *raw)
{
    struct rpc_frame pong = {.call_id = RPC_CALL_ID_CONNECTION, .type = RPC_FRAME_PONG};
    uint8_t prefix[RPC_FRAME_PREFIX_MAX];
    rpc_frame_write_prefix(prefix, false, &pong);
    return !raw_send_bytes(raw, prefix, rpc_frame_prefix_len(false));
}

/* It asks for ever more and takes nothing: it must not cost us all our memory. */
static void a_peer_that_takes_no_answers_is_closed(void **state)
{
    struct rpc_fixture *fixture = *state;
    enum { ANSWER_LEN = 1 << 20, N_CALLS = 2 * (RPC_SEND_QUEUE_MAX >> 20) };
    struct raw_peer *raw = raw_connect(rpc_server_url(fixture->server), RPC_SP_CLIENT);
    assert_non_null(raw);
    raw_send_hello(raw);
    Walkie__Rpc__V1__CallMetadata metadata = WALKIE__RPC__V1__CALL_METADATA__INIT;
    metadata.method = (char *)(uintptr_t)TEST_ECHO_INLINE.name;
    uint8_t header[ENVELOPE_LEN_MAX];
    size_t header_len = envelope_pack(header, &metadata.base);
    Walkie__Report__V1__EchoRequest request = WALKIE__REPORT__V1__ECHO_REQUEST__INIT;
    request.reply_len = ANSWER_LEN;
    uint8_t payload[16];
    size_t payload_len = walkie__report__v1__echo_request__pack(&request, payload);
    for (uint32_t i = 1; i <= N_CALLS; i++) {
        struct rpc_frame frame = {.call_id = RPC_CALL_ID_TOP | i,
            .type = RPC_FRAME_CALL,
            .header = {header, header_len},
            .payload = {payload, payload_len}};
        raw_send_frame(raw, &frame);
    }
    assert_true(wait_until(is_closed_to, raw));
    assert_true(rpc_channel_is_ready(fixture->channel));
    raw_free(raw);
}

#define BOTH(test)                                                                                 \
    {#test " (tcp)", test, rpc_fixture_set_up_tcp, rpc_fixture_tear_down, NULL},                   \
    {                                                                                              \
#test " (ipc)", test, rpc_fixture_set_up_ipc, rpc_fixture_tear_down, NULL                  \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(malformed_bytes_close_the_connection_and_nothing_else,
            rpc_fixture_set_up_tcp, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            an_id_in_use_closes_the_connection, rpc_fixture_set_up_tcp, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_peer_that_says_nothing_is_closed_in_time,
            rpc_fixture_set_up_tcp, rpc_fixture_tear_down),
        BOTH(a_ping_is_answered_with_its_token),
        cmocka_unit_test_setup_teardown(
            a_peer_that_takes_no_answers_is_closed, rpc_fixture_set_up_tcp, rpc_fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
