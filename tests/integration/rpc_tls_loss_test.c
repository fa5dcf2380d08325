/* Peers within TLS that go, in every way there is: killed, closed, half-closed, silent. nng
 * swallows some of it; the calls must be told all the same, and soon. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <nng/nng.h>

#include "ctx/test.h"
#include "rpc/connection.h"
#include "rpc/opening.h"
#include "support/certificates.h"
#include "support/rpc_bare.h"
#include "support/rpc_fixture.h"
#include "support/rpc_process.h"
#include "support/rpc_tls_files.h"

enum { URL_MAX = 128, TOLD_WITHIN_MS = RPC_TLS_LOST_AFTER_MS };

/* --- another process ------------------------------------------------------------------------ */

static void use_argument(char *argument)
{
    (void)test_certificates_use(argument);
    test_use_tls(NULL, test_tls_new(RPC_TLS_CLIENT, "client", "ca"));
}

static int run_client(char *url)
{
    use_argument(url);
    struct rpc_channel *channel = test_channel_new(url);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    static struct call_record record;
    if (rpc_channel_wait_ready(scope->ctx, channel) != STATUS_OK ||
        record_start(&record, ctx_background(), channel, &TEST_BLOCK, 0) != STATUS_OK) {
        return 1;
    }
    for (;;) {
        pause(); /* until killed */
    }
}

static void a_killed_client_stops_its_call(void **state)
{
    (void)state;
    struct test_service service;
    test_service_init(&service);
    struct rpc_server *server = test_server_start(&service, "tls+tcp://127.0.0.1:0", NULL);
    uint64_t worst_ns = 0;
    for (unsigned int i = 1; i <= 10; i++) {
        struct rpc_process client;
        rpc_process_start(&client, "--client", test_certificates_argument(rpc_server_url(server)));
        assert_true(test_service_wait_started(&service, i));
        uint64_t killed_ns = clock_now_ns();
        rpc_process_kill(&client);
        assert_true(test_service_wait_stopped(&service, i));
        uint64_t took_ns = clock_now_ns() - killed_ns;
        worst_ns = took_ns > worst_ns ? took_ns : worst_ns;
    }
    print_message("killed: the call was told after %.1f ms at worst\n", (double)worst_ns / 1e6);
    assert_true(worst_ns <= CLOCK_MS(TOLD_WITHIN_MS));
    assert_int_equal(service.n_stopped_for_peer, 10);
    rpc_server_stop(server);
    assert_true(ctx_test_no_leaks());
}

static void a_channel_that_closes_stops_its_call(void **state)
{
    (void)state;
    struct test_service service;
    test_service_init(&service);
    struct rpc_server *server = test_server_start(&service, "tls+tcp://127.0.0.1:0", NULL);
    struct rpc_channel *channel = test_channel_new(rpc_server_url(server));
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    assert_int_equal(rpc_channel_wait_ready(scope->ctx, channel), STATUS_OK);
    struct call_record record = {.n_ends = 0};
    assert_int_equal(record_start(&record, scope->ctx, channel, &TEST_BLOCK, 0), STATUS_OK);
    assert_true(test_service_wait_started(&service, 1));
    uint64_t closed_ns = clock_now_ns();
    rpc_channel_free(channel);
    assert_true(test_service_wait_stopped(&service, 1));
    uint64_t took_ns = clock_now_ns() - closed_ns;
    print_message("closed: the call was told after %.1f ms\n", (double)took_ns / 1e6);
    assert_true(took_ns <= CLOCK_MS(TOLD_WITHIN_MS));
    record_finish(&record);
    rpc_server_stop(server);
}

/* --- an end that nng swallows --------------------------------------------------------------- */

static int run_bare(char *url)
{
    use_argument(url);
    struct rpc_bare bare;
    rpc_bare_dial(&bare, url, test_client_tls());
    uint8_t opening[RPC_OPENING_LEN];
    rpc_opening_write(opening, RPC_SP_REQ);
    rpc_bare_send(&bare, opening, sizeof(opening));
    while (pause() != 0) { /* until killed */
    }
    return 0;
}

/* A connection whose reader is busy while its peer dies: no receive is posted then, and nng 1.5.2
 * forgets the end. */
struct busy {
    nng_stream *stream;
    _Atomic bool is_reading;
    _Atomic bool is_released;
    _Atomic bool is_closed;
};

static bool is_set(void *flag)
{
    return atomic_load((_Atomic bool *)flag);
}

static bool is_swallowed(void *stream)
{
    return !transport_is_connected(stream);
}

static void busy_on_ready(void *owner, const struct rpc_peer *peer)
{
    struct busy *busy = owner;
    (void)peer;
    atomic_store(&busy->is_reading, true);
    (void)wait_until(is_set, &busy->is_released);
}

static void busy_on_batch_end(void *owner)
{
    (void)owner;
}

static void busy_on_closed(void *owner)
{
    struct busy *busy = owner;
    atomic_store(&busy->is_closed, true);
}

static nng_stream *accept_bare(struct rpc_process *process)
{
    struct rpc_address address;
    nng_stream_listener *listener = NULL;
    nng_aio *aio = NULL;
    int port = 0;
    assert_int_equal(rpc_address_parse("tls+tcp://127.0.0.1:0", &address, NULL), STATUS_OK);
    assert_int_equal(
        transport_listener_new(&address, test_server_tls(), &listener, NULL), STATUS_OK);
    assert_int_equal(nng_stream_listener_listen(listener), 0);
    assert_int_equal(nng_aio_alloc(&aio, NULL, NULL), 0);
    assert_int_equal(nng_stream_listener_get_int(listener, NNG_OPT_TCP_BOUND_PORT, &port), 0);
    char url[URL_MAX];
    snprintf(url, sizeof(url), "tls+tcp://127.0.0.1:%d", port);
    rpc_process_start(process, "--bare", test_certificates_argument(url));
    nng_stream_listener_accept(listener, aio);
    nng_aio_wait(aio);
    assert_int_equal(nng_aio_result(aio), 0);
    nng_stream *stream = nng_aio_get_output(aio, 0);
    nng_aio_free(aio);
    nng_stream_listener_close(listener);
    nng_stream_listener_free(listener);
    return stream;
}

static void an_end_that_nng_swallows_is_found(void **state)
{
    (void)state;
    static const struct rpc_connection_events EVENTS = {
        .on_ready = busy_on_ready, .on_batch_end = busy_on_batch_end, .on_closed = busy_on_closed};
    struct rpc_process peer;
    ctx_test_clock_start(); /* it stands still: the timer, which would find out too, does not run */
    struct busy busy = {.stream = accept_bare(&peer)};
    const struct rpc_connection_options options = {.events = &EVENTS,
        .owner = &busy,
        .side = RPC_SIDE_SERVER,
        .transport = RPC_TRANSPORT_TLS,
        .tls = test_server_tls(),
        .name = "busy"};
    struct rpc_connection *connection = rpc_connection_new(busy.stream, &options);
    assert_non_null(connection);
    rpc_connection_start(connection);
    assert_true(wait_until(is_set, &busy.is_reading));
    rpc_process_kill(&peer);
    assert_true(wait_until(is_swallowed, busy.stream)); /* nng knows, and nobody waits for it */
    assert_false(atomic_load(&busy.is_closed));
    atomic_store(&busy.is_released, true);
    assert_true(wait_until(is_set, &busy.is_closed));
    rpc_connection_reap(connection);
    rpc_connection_unref(connection);
    ctx_test_clock_end();
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--client") == 0) {
        return run_client(argv[2]);
    }
    if (argc == 3 && strcmp(argv[1], "--bare") == 0) {
        return run_bare(argv[2]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_client_stops_its_call),
        cmocka_unit_test(a_channel_that_closes_stops_its_call),
        cmocka_unit_test(an_end_that_nng_swallows_is_found),
    };
    return cmocka_run_group_tests(tests, test_tls_set_up, test_tls_tear_down);
}
