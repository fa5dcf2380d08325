/* A peer that is alive to the kernel but says nothing (stopped, or behind a dead link): PING asks,
 * and closes. The clock is a fake one; nobody waits half a minute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "rpc/connection.h"
#include "rpc/envelope.h"
#include "rpc/opening.h"
#include "support/rpc_fixture.h"
#include "support/rpc_raw.h"

struct silent {
    struct test_service service;
    struct rpc_server *server;
    struct raw_peer *raw;
};

static void silent_start(struct silent *silent, uint16_t protocol)
{
    ctx_test_clock_start();
    test_service_init(&silent->service);
    silent->server = test_server_start(&silent->service, "tcp://127.0.0.1:0", NULL);
    silent->raw = raw_connect(rpc_server_url(silent->server), protocol);
    assert_non_null(silent->raw);
    uint16_t answer;
    assert_true(raw_read_opening(silent->raw, &answer));
}

static void silent_stop(struct silent *silent)
{
    raw_free(silent->raw);
    rpc_server_stop(silent->server);
    ctx_test_clock_end();
    assert_true(ctx_test_no_leaks());
}

static void read_type(struct raw_peer *raw, enum rpc_frame_type type)
{
    struct rpc_frame frame;
    assert_true(raw_read(raw, &frame));
    assert_int_equal(frame.type, type);
}

static void silence_is_asked_and_then_closed(void **state)
{
    (void)state;
    struct silent silent;
    silent_start(&silent, RPC_SP_CLIENT);
    raw_send_hello(silent.raw);
    read_type(silent.raw, RPC_FRAME_HELLO);
    raw_send_call(silent.raw, 1, TEST_BLOCK.name, 0, 0);
    assert_true(test_service_wait_started(&silent.service, 1));
    /* HELLO's timer goes off first and becomes the one that watches. */
    ctx_test_clock_advance(CLOCK_MS(RPC_HELLO_TIMEOUT_MS));
    ctx_test_clock_advance(CLOCK_MS(RPC_PING_AFTER_MS));
    read_type(silent.raw, RPC_FRAME_PING);
    ctx_test_clock_advance(CLOCK_MS(RPC_PING_AFTER_MS));
    read_type(silent.raw, RPC_FRAME_PING);
    assert_int_equal(silent.service.n_stopped, 0);
    ctx_test_clock_advance(CLOCK_MS(RPC_PING_AFTER_MS));
    assert_true(raw_is_closed_by_peer(silent.raw));
    assert_true(test_service_wait_stopped(&silent.service, 1));
    assert_int_equal(silent.service.cause, CTX_CAUSE_PEER_LOST);
    silent_stop(&silent);
}

static void a_stock_client_may_be_silent(void **state)
{
    (void)state;
    struct silent silent;
    silent_start(&silent, RPC_SP_REQ);
    ctx_test_clock_advance(CLOCK_MS(RPC_HELLO_TIMEOUT_MS));
    for (int i = 0; i < 6; i++) {
        ctx_test_clock_advance(CLOCK_MS(RPC_PING_AFTER_MS));
    }
    raw_send_call(silent.raw, 1, TEST_ECHO_INLINE.name, 0, 0);
    read_type(silent.raw, RPC_FRAME_REPLY);
    silent_stop(&silent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_is_asked_and_then_closed),
        cmocka_unit_test(a_stock_client_may_be_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
