/* Silence within TLS, by a fake clock: after one second it is asked about, after three it is the
 * end. Stock clients cannot be asked: for them only the end of the stream counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "rpc/connection.h"
#include "rpc/envelope.h"
#include "rpc/opening.h"
#include "support/rpc_bare.h"
#include "support/rpc_fixture.h"
#include "support/rpc_tls_files.h"

/* A server, and a peer with a call that runs until told to stop. */
struct silent {
    struct test_service service;
    struct rpc_server *server;
    struct rpc_bare bare;
};

static int silent_start(void **state, uint16_t protocol)
{
    static struct silent silent;
    ctx_test_clock_start();
    test_service_init(&silent.service);
    silent.server = test_server_start(&silent.service, "tls+tcp://127.0.0.1:0", NULL);
    rpc_bare_dial(&silent.bare, rpc_server_url(silent.server), test_client_tls());
    rpc_bare_open(&silent.bare, protocol);
    rpc_bare_call(&silent.bare, 1, &TEST_BLOCK);
    *state = &silent;
    return test_service_wait_started(&silent.service, 1) ? 0 : 1;
}

static int start_ours(void **state)
{
    return silent_start(state, RPC_SP_CLIENT);
}

static int start_stock(void **state)
{
    return silent_start(state, RPC_SP_REQ);
}

static int stop(void **state)
{
    struct silent *silent = *state;
    rpc_server_stop(silent->server);
    ctx_test_clock_end();
    return ctx_test_no_leaks() ? 0 : 1;
}

static void read_type(struct rpc_bare *bare, enum rpc_frame_type type, struct rpc_frame *frame)
{
    do {
        assert_true(rpc_bare_read(bare, frame));
    } while (frame->type != type);
}

static void silence_ends_the_connection_after_three_seconds(void **state)
{
    struct silent *silent = *state;
    ctx_test_clock_advance(CLOCK_MS(RPC_HELLO_TIMEOUT_MS)); /* this timer is the first to look */
    ctx_test_clock_advance(CLOCK_MS(RPC_TLS_LOST_AFTER_MS - RPC_HELLO_TIMEOUT_MS - 1));
    assert_int_equal(silent->service.n_stopped, 0);
    ctx_test_clock_advance(CLOCK_MS(1));
    assert_true(test_service_wait_stopped(&silent->service, 1));
    assert_int_equal(silent->service.cause, CTX_CAUSE_PEER_LOST);
    rpc_bare_free(&silent->bare);
}

/* PING comes after each second of silence; who answers stays, for as long as it answers. */
static void who_answers_ping_stays(void **state)
{
    struct silent *silent = *state;
    ctx_test_clock_advance(CLOCK_MS(RPC_HELLO_TIMEOUT_MS - RPC_TLS_PING_AFTER_MS));
    for (uint32_t i = 2; i < 12; i++) {
        struct rpc_frame frame;
        ctx_test_clock_advance(CLOCK_MS(RPC_TLS_PING_AFTER_MS));
        read_type(&silent->bare, RPC_FRAME_PING, &frame);
        Walkie__Rpc__V1__Ping pong = WALKIE__RPC__V1__PING__INIT;
        rpc_bare_send_frame(&silent->bare, RPC_CALL_ID_CONNECTION, RPC_FRAME_PONG, &pong.base);
        /* The answer to a call tells that the server has read what came before it. */
        rpc_bare_call(&silent->bare, i, &TEST_ECHO_INLINE);
        read_type(&silent->bare, RPC_FRAME_REPLY, &frame);
    }
    assert_int_equal(silent->service.n_stopped, 0);
    rpc_bare_free(&silent->bare);
    assert_true(test_service_wait_stopped(&silent->service, 1));
}

static void a_stock_client_may_be_silent_but_not_gone(void **state)
{
    struct silent *silent = *state;
    for (int i = 0; i < 30; i++) {
        ctx_test_clock_advance(CLOCK_MS(RPC_TLS_PING_AFTER_MS));
    }
    rpc_bare_call(&silent->bare, 2, &TEST_ECHO_INLINE);
    struct rpc_frame frame;
    assert_true(rpc_bare_read(&silent->bare, &frame)); /* nothing was sent to it before */
    assert_int_equal(frame.type, RPC_FRAME_REPLY);
    assert_int_equal(silent->service.n_stopped, 0);
    rpc_bare_free(&silent->bare);
    assert_true(test_service_wait_stopped(&silent->service, 1));
    assert_int_equal(silent->service.cause, CTX_CAUSE_PEER_LOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            silence_ends_the_connection_after_three_seconds, start_ours, stop),
        cmocka_unit_test_setup_teardown(who_answers_ping_stays, start_ours, stop),
        cmocka_unit_test_setup_teardown(
            a_stock_client_may_be_silent_but_not_gone, start_stock, stop),
    };
    return cmocka_run_group_tests(tests, test_tls_set_up, test_tls_tear_down);
}
