/* Stock REQ clients: what a caller without our library can do, over each transport. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/supplemental/tls/tls.h>

#include "rpc/connection.h"
#include "rpc/envelope.h"
#include "rpc/opening.h"
#include "support/certificates.h"
#include "support/rpc_fixture.h"
#include "support/rpc_raw.h"
#include "support/rpc_tls_files.h"
#include "walkie/report/v1/report.pb-c.h"

static int set_up_tls(void **state)
{
    *state = rpc_fixture_new("tls+tcp://127.0.0.1:0", NULL);
    return 0;
}

enum { BODY_MAX = 512 };

/* What a stock client sends: a frame without its call id, which SP itself makes. */
static size_t stock_body(uint8_t body[BODY_MAX], const char *method, uint32_t ms)
{
    Walkie__Rpc__V1__CallMetadata metadata = WALKIE__RPC__V1__CALL_METADATA__INIT;
    metadata.method = (char *)(uintptr_t)method;
    metadata.remaining_ns = CLOCK_SECONDS(10);
    Walkie__Report__V1__WorkRequest request = WALKIE__REPORT__V1__WORK_REQUEST__INIT;
    request.ms = ms;
    size_t header_len = walkie__rpc__v1__call_metadata__pack(&metadata, body + 4);
    body[0] = RPC_FRAME_CALL;
    body[1] = 0;
    be16_put(body + 2, (uint16_t)header_len);
    return 4 + header_len + walkie__report__v1__work_request__pack(&request, body + 4 + header_len);
}

/* As proto/README.md tells: what nng itself has for TLS, and nothing of ours. */
static void set_tls(nng_dialer dialer)
{
    assert_int_equal(
        nng_dialer_set_string(dialer, NNG_OPT_TLS_CA_FILE, test_certificate("ca.pem")), 0);
    assert_int_equal(
        nng_dialer_set_string(dialer, NNG_OPT_TLS_CERT_KEY_FILE, test_certificate("both.pem")), 0);
    assert_int_equal(nng_dialer_set_string(dialer, NNG_OPT_TLS_SERVER_NAME, "localhost"), 0);
}

static nng_socket stock_client(const char *url)
{
    nng_socket socket;
    nng_dialer dialer;
    assert_int_equal(nng_req0_open(&socket), 0);
    assert_int_equal(nng_socket_set_ms(socket, NNG_OPT_RECVTIMEO, TEST_WAIT_SECONDS * 1000), 0);
    assert_int_equal(nng_dialer_create(&dialer, socket, url), 0);
    if (strncmp(url, "tls+tcp://", strlen("tls+tcp://")) == 0) {
        set_tls(dialer);
    }
    assert_int_equal(nng_dialer_start(dialer, 0), 0);
    return socket;
}

/* Send a body, receive the answer, and check that it is an END. */
static struct rpc_end stock_end(nng_socket socket, uint8_t *body, size_t len)
{
    assert_int_equal(nng_send(socket, body, len, 0), 0);
    uint8_t answer[4096];
    size_t answer_len = sizeof(answer);
    assert_int_equal(nng_recv(socket, answer, &answer_len, 0), 0);
    assert_true(answer_len >= 4);
    assert_int_equal(answer[0], RPC_FRAME_END);
    struct rpc_end end;
    assert_true(envelope_unpack_end((struct bytes){answer + 4, be16_get(answer + 2)}, &end));
    return end;
}

static void expect_stock_end(
    nng_socket socket, uint8_t *body, size_t len, enum status status, enum rpc_outcome outcome)
{
    struct rpc_end end = stock_end(socket, body, len);
    assert_int_equal(end.status, status);
    assert_int_equal(end.account.outcome, outcome);
}

/* Refused before anything began, and in words. */
static void expect_stock_refusal(nng_socket socket, uint8_t *body, size_t len)
{
    struct rpc_end end = stock_end(socket, body, len);
    assert_int_equal(end.status, STATUS_INVALID_ARGUMENT);
    assert_int_equal(end.account.outcome, RPC_OUTCOME_NOT_STARTED);
    assert_true(strlen(end.message) > 10);
}

static void a_stock_client_makes_a_unary_call(void **state)
{
    struct rpc_fixture *fixture = *state;
    nng_socket socket = stock_client(rpc_server_url(fixture->server));
    uint8_t body[BODY_MAX];
    for (int i = 0; i < 3; i++) {
        size_t len = stock_body(body, TEST_ECHO.name, 0);
        assert_int_equal(nng_send(socket, body, len, 0), 0);
        uint8_t answer[4096];
        size_t answer_len = sizeof(answer);
        assert_int_equal(nng_recv(socket, answer, &answer_len, 0), 0);
        assert_int_equal(answer[0], RPC_FRAME_REPLY);
        struct rpc_account account;
        assert_true(
            envelope_unpack_reply((struct bytes){answer + 4, be16_get(answer + 2)}, &account));
        assert_int_equal(account.outcome, RPC_OUTCOME_COMMITTED);
    }
    assert_true(fixture->service.remaining_ns > CLOCK_SECONDS(5)); /* its deadline counts */
    nng_close(socket);
}

static void a_stock_client_hears_what_was_wrong(void **state)
{
    struct rpc_fixture *fixture = *state;
    nng_socket socket = stock_client(rpc_server_url(fixture->server));
    uint8_t body[BODY_MAX];
    size_t len = stock_body(body, TEST_FAIL.name, 0);
    expect_stock_end(socket, body, len, STATUS_NOT_FOUND, RPC_OUTCOME_STOPPED);
    len = stock_body(body, TEST_STREAM.name, 0);
    expect_stock_end(socket, body, len, STATUS_UNIMPLEMENTED, RPC_OUTCOME_NOT_STARTED);
    len = stock_body(body, "no such thing", 0);
    expect_stock_end(socket, body, len, STATUS_UNIMPLEMENTED, RPC_OUTCOME_NOT_STARTED);
    assert_int_equal(fixture->service.n_started, 1);
    nng_close(socket);
}

/* What cannot be understood has an answer, and the next request on the same connection one, too. */
static void every_malformed_request_is_answered_and_the_connection_stays(void **state)
{
    struct rpc_fixture *fixture = *state;
    nng_socket socket = stock_client(rpc_server_url(fixture->server));
    static const struct {
        uint8_t body[12];
        size_t len;
    } CASES[] = {
        {{0}, 0},                                         /* nothing */
        {{RPC_FRAME_CALL}, 1},                            /* no more than a type */
        {{RPC_FRAME_CALL, 0, 0}, 3},                      /* no header length */
        {{RPC_FRAME_CALL, 0, 0, 1}, 4},                   /* a header that is not there */
        {{RPC_FRAME_CALL, 0, 0xff, 0xff, 1, 2}, 6},       /* one that is longer than the rest */
        {{RPC_FRAME_CALL, 0, 0, 2, 0x0a, 0xff}, 6},       /* one that is no protobuf */
        {{RPC_FRAME_CALL, 0, 0, 4, 0x09, 1, 2, 3}, 8},    /* a deadline that is cut off */
        {{RPC_FRAME_CALL, 0, 0, 4, 0x12, 9, 'a', 'b'}, 8} /* a method that is cut off */
    };
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        uint8_t body[BODY_MAX];
        memcpy(body, CASES[i].body, sizeof(CASES[i].body));
        expect_stock_refusal(socket, body, CASES[i].len);
    }
    for (unsigned int type = 0; type <= UINT8_MAX; type++) {
        uint8_t body[] = {(uint8_t)type, 0, 0, 0};
        if (type != RPC_FRAME_CALL) {
            expect_stock_refusal(socket, body, sizeof(body));
        }
    }
    assert_int_equal(fixture->service.n_started, 0);
    uint8_t body[BODY_MAX];
    size_t len = stock_body(body, TEST_FAIL.name, 0);
    expect_stock_end(socket, body, len, STATUS_NOT_FOUND, RPC_OUTCOME_STOPPED);
    nng_close(socket);
}

static void a_stock_client_that_leaves_stops_its_call(void **state)
{
    struct rpc_fixture *fixture = *state;
    nng_socket socket = stock_client(rpc_server_url(fixture->server));
    uint8_t body[BODY_MAX];
    assert_int_equal(nng_send(socket, body, stock_body(body, TEST_BLOCK.name, 0), 0), 0);
    assert_true(test_service_wait_started(&fixture->service, 1));
    nng_close(socket);
    assert_true(test_service_wait_stopped(&fixture->service, 1));
    assert_int_equal(fixture->service.cause, CTX_CAUSE_PEER_LOST);
}

static void a_request_that_is_sent_again_joins_the_running_call(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct raw_peer *raw = raw_connect(rpc_server_url(fixture->server), RPC_SP_REQ);
    assert_non_null(raw);
    uint16_t protocol = 0;
    assert_true(raw_read_opening(raw, &protocol));
    assert_int_equal(protocol, RPC_SP_REP);
    raw_send_call(raw, 5, TEST_STUBBORN.name, 0, 0);
    raw_send_call(raw, 5, TEST_STUBBORN.name, 0, 0);
    raw_send_call(raw, 6, TEST_ECHO_INLINE.name, 0, 0);
    struct rpc_frame frame;
    assert_true(raw_read(raw, &frame)); /* the echo: both others have been read */
    assert_int_equal(frame.call_id, RPC_CALL_ID_TOP | 6);
    assert_true(test_service_wait_started(&fixture->service, 2));
    test_service_open_gate(&fixture->service);
    assert_true(raw_read(raw, &frame));
    assert_int_equal(frame.call_id, RPC_CALL_ID_TOP | 5);
    /* One answer, not two: the next is the next echo's. */
    raw_send_call(raw, 7, TEST_ECHO_INLINE.name, 0, 0);
    assert_true(raw_read(raw, &frame));
    assert_int_equal(frame.call_id, RPC_CALL_ID_TOP | 7);
    assert_int_equal(fixture->service.n_started, 3); /* two echoes, one stubborn */
    raw_free(raw);
}

static size_t append_file(uint8_t *bytes, size_t len, const char *path)
{
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    size_t n = fread(bytes + len, 1, 4096, file);
    fclose(file);
    return len + n;
}

/* nng takes certificate and key from one file. */
static int set_up_tls_files(void **state)
{
    test_tls_set_up(state);
    uint8_t both[2 * 4096];
    size_t len = append_file(both, 0, test_certificate("client.pem"));
    len = append_file(both, len, test_certificate("client.key"));
    test_certificate_write("both.pem", both, len);
    return 0;
}

#define OVER(transport, set_up, test)                                                              \
    {                                                                                              \
#test " (" transport ")", test, set_up, rpc_fixture_tear_down, NULL                        \
    }
#define OVER_TCP(test) OVER("tcp", rpc_fixture_set_up_tcp, test)
#define OVER_IPC(test) OVER("ipc", rpc_fixture_set_up_ipc, test)
#define OVER_EACH(test) OVER_TCP(test), OVER_IPC(test), OVER("tls", set_up_tls, test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OVER_EACH(a_stock_client_makes_a_unary_call),
        OVER_EACH(a_stock_client_hears_what_was_wrong),
        OVER_EACH(every_malformed_request_is_answered_and_the_connection_stays),
        OVER_EACH(a_stock_client_that_leaves_stops_its_call),
        OVER_TCP(a_request_that_is_sent_again_joins_the_running_call),
        OVER_IPC(a_request_that_is_sent_again_joins_the_running_call),
    };
    return cmocka_run_group_tests(tests, set_up_tls_files, test_tls_tear_down);
}
