/* A client that leaves is noticed at once over HTTP/2, too: by stream and by connection. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nghttp2/nghttp2.h>

#include "base/clock.h"
#include "integration/http_h2_fixture.h"

/* Send a request for /park and wait until it is parked. */
static struct http_exchange *park(
    struct http_fixture *fixture, struct h2_client *client, int32_t *ret_id)
{
    int32_t id = h2_client_get(client, "/park");
    assert_true(h2_client_flush(client));
    struct http_exchange *exchange = http_fixture_parked(fixture);
    assert_false(ctx_done(http_exchange_ctx(exchange)));
    assert_string_equal(http_version(exchange), "HTTP/2");
    if (ret_id != NULL) {
        *ret_id = id;
    }
    return exchange;
}

static void assert_left_as(struct http_fixture *fixture, struct http_exchange *exchange,
    const char *how, unsigned int n_done)
{
    struct http_fixture_done done = http_fixture_done(fixture, n_done);
    assert_true(done.summary.is_disconnected);
    assert_false(done.summary.is_complete);
    assert_string_equal(done.disconnect, how);
    assert_int_equal(done.summary.status_code, 499);
    assert_int_equal(done.cause, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_int_equal(ctx_cause(http_exchange_ctx(exchange)), CTX_CAUSE_CLIENT_DISCONNECTED);
    /* An answer that comes too late is ignored. */
    http_respond(exchange, 200, "text/plain", bytes_of("late"));
    http_exchange_unref(exchange);
    assert_int_equal(http_fixture_n_done(fixture), n_done);
}

static void assert_left(
    struct http_fixture *fixture, struct http_exchange *exchange, const char *how)
{
    assert_left_as(fixture, exchange, how, 1);
}

static void rst_stream_cancels_a_parked_request(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    int32_t id = 0;
    struct http_exchange *exchange = park(*state, client, &id);
    h2_client_reset(client, id, NGHTTP2_CANCEL);
    assert_true(h2_client_flush(client));
    assert_left(*state, exchange, "rst_stream");
    h2_client_free(client);
}

static void rst_stream_leaves_the_other_streams_alone(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    int32_t one_id = 0;
    int32_t other_id = 0;
    struct http_exchange *one = park(*state, client, &one_id);
    struct http_exchange *other = park(*state, client, &other_id);
    h2_client_reset(client, one_id, NGHTTP2_CANCEL);
    assert_true(h2_client_flush(client));
    assert_left(*state, one, "rst_stream");
    assert_false(ctx_done(http_exchange_ctx(other)));
    http_respond(other, 200, "text/plain", bytes_of("other"));
    http_exchange_unref(other);
    assert_string_equal(h2_client_wait(client, other_id)->body, "other");
    h2_client_free(client);
}

static void close_cancels_a_parked_request(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    http_h2_hello(client);
    struct http_exchange *exchange = park(*state, client, NULL);
    h2_client_free(client);
    assert_left_as(*state, exchange, "fin", 2);
}

static void reset_cancels_a_parked_request(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    http_h2_hello(client); /* a server that still writes to it may learn of the reset by that */
    struct http_exchange *exchange = park(*state, client, NULL);
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    assert_int_equal(setsockopt(h2_client_fd(client), SOL_SOCKET, SO_LINGER, &now, sizeof(now)), 0);
    h2_client_free(client);
    assert_left_as(*state, exchange, "reset", 2);
}

static void half_close_counts_as_gone(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    struct http_exchange *exchange = park(*state, client, NULL);
    shutdown(h2_client_fd(client), SHUT_WR);
    assert_left(*state, exchange, "fin");
    h2_client_free(client);
}

static void half_close_sent_with_the_request_counts_as_gone(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    (void)h2_client_get(client, "/park");
    assert_true(h2_client_flush(client));
    shutdown(h2_client_fd(client), SHUT_WR);
    assert_left(*state, http_fixture_parked(*state), "fin");
    h2_client_free(client);
}

static void a_lost_connection_cancels_all_its_streams(void **state)
{
    enum { STREAMS = 100 };
    struct h2_client *client = http_h2_connect(*state, NULL);
    struct http_exchange *exchanges[STREAMS];
    for (int i = 0; i < STREAMS; i++) {
        (void)h2_client_get(client, "/park");
    }
    assert_true(h2_client_flush(client));
    for (int i = 0; i < STREAMS; i++) {
        exchanges[i] = http_fixture_parked(*state);
    }
    h2_client_free(client);
    struct http_fixture_done done = http_fixture_done(*state, STREAMS);
    assert_true(done.summary.is_disconnected);
    for (int i = 0; i < STREAMS; i++) {
        assert_int_equal(ctx_cause(http_exchange_ctx(exchanges[i])), CTX_CAUSE_CLIENT_DISCONNECTED);
        http_exchange_unref(exchanges[i]);
    }
}

static void assert_cancelled_soon(const struct ctx *ctx)
{
    struct pollfd wait = {.fd = ctx_done_fd(ctx), .events = POLLIN};
    assert_int_equal(poll(&wait, 1, HTTP_FIXTURE_WAIT_MS), 1);
    assert_int_equal(ctx_cause(ctx), CTX_CAUSE_CLIENT_DISCONNECTED);
}

static void a_goodbye_without_fin_cancels_all_its_streams(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    struct http_exchange *one = park(*state, client, NULL);
    struct http_exchange *other = park(*state, client, NULL);
    tls_client_goodbye(h2_client_fd(client));
    struct http_fixture_done done = http_fixture_done(*state, 2);
    assert_true(done.summary.is_disconnected);
    assert_string_equal(done.disconnect, "close_notify");
    assert_int_equal(ctx_cause(http_exchange_ctx(one)), CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_int_equal(ctx_cause(http_exchange_ctx(other)), CTX_CAUSE_CLIENT_DISCONNECTED);
    http_exchange_unref(one);
    http_exchange_unref(other);
    h2_client_free(client);
}

static void close_is_heard_while_the_loop_is_busy(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    int other = http_client_connect(*state);
    struct http_exchange *first = park(*state, client, NULL);
    struct http_exchange *second = park(*state, client, NULL);
    http_client_send(other, HTTP_GET("/block"));
    http_fixture_blocked(*state);
    h2_client_free(client);
    /* The lookout tells both, though the loop reads nothing now. */
    assert_cancelled_soon(http_exchange_ctx(first));
    assert_cancelled_soon(http_exchange_ctx(second));
    assert_int_equal(http_fixture_n_done(*state), 0);
    http_fixture_unblock(*state);
    (void)http_fixture_done(*state, 2);
    http_exchange_unref(first);
    http_exchange_unref(second);
    close(other);
}

static void a_killed_process_is_noticed(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        pause();
        _exit(0);
    }
    struct http_exchange *exchange = park(*state, client, NULL);
    h2_client_free(client); /* the child's copy is the last one */
    assert_false(ctx_done(http_exchange_ctx(exchange)));
    kill(child, SIGKILL);
    struct http_fixture_done done = http_fixture_done(*state, 1);
    assert_true(done.summary.is_disconnected);
    assert_int_equal(done.cause, CTX_CAUSE_CLIENT_DISCONNECTED);
    http_exchange_unref(exchange);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void goaway_from_the_client_lets_its_streams_finish(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    int32_t id = 0;
    struct http_exchange *exchange = park(*state, client, &id);
    /* RFC 9113 6.8: it says that no stream of the server's is wanted; the client's own go on. */
    assert_true(h2_client_frame(client, NGHTTP2_GOAWAY, 0, 0, "\0\0\0\0\0\0\0\0", 8));
    http_respond(exchange, 200, "text/plain", bytes_of("done"));
    http_exchange_unref(exchange);
    const struct h2_client_answer *answer = h2_client_wait(client, id);
    assert_int_equal(answer->status, 200);
    assert_true(h2_client_wait_end(client)); /* and then the connection is closed */
    h2_client_free(client);
    assert_true(http_fixture_done(*state, 1).summary.is_complete);
}

static void a_client_that_leaves_while_streaming_cancels(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    int32_t id = 0;
    struct http_exchange *exchange = park(*state, client, &id);
    http_respond_begin(exchange, 200, "text/plain", HTTP_LENGTH_UNKNOWN);
    http_respond_piece(exchange, bytes_of("one"));
    h2_client_wait_body(client, id, 3);
    h2_client_reset(client, id, NGHTTP2_CANCEL);
    assert_true(h2_client_flush(client));
    struct http_fixture_done done = http_fixture_done(*state, 1);
    assert_true(done.summary.is_disconnected);
    assert_int_equal(done.summary.status_code, 200);
    assert_int_equal(done.summary.bytes_sent, 3);
    assert_true(ctx_done(http_exchange_ctx(exchange)));
    http_exchange_unref(exchange);
    h2_client_free(client);
}

static void a_client_that_leaves_during_a_complete_answer_is_noticed(void **state)
{
    http_fixture_set_big(*state, 32 << 20);
    struct h2_client *client = http_h2_connect(*state, NULL);
    int32_t id = h2_client_get(client, "/big");
    h2_client_wait_body(client, id, 1);
    h2_client_free(client);
    struct http_fixture_done done = http_fixture_done(*state, 1);
    assert_true(done.summary.is_disconnected);
    assert_false(done.summary.is_complete);
    assert_int_equal(done.summary.status_code, 200);
    assert_true(done.summary.bytes_sent < 32 << 20);
}

static int compare(const void *one, const void *two)
{
    uint64_t a = *(const uint64_t *)one;
    uint64_t b = *(const uint64_t *)two;
    return a < b ? -1 : a > b;
}

static void a_reset_is_noticed_within_microseconds(void **state)
{
    enum { TRIES = 300 };
    uint64_t took_ns[TRIES];
    struct h2_client *client = http_h2_connect(*state, NULL);
    for (unsigned int i = 0; i < TRIES; i++) {
        int32_t id = 0;
        struct http_exchange *exchange = park(*state, client, &id);
        h2_client_reset(client, id, NGHTTP2_CANCEL);
        uint64_t start_ns = clock_now_ns();
        assert_true(h2_client_flush(client));
        took_ns[i] = http_fixture_done(*state, i + 1).at_ns - start_ns;
        http_exchange_unref(exchange);
    }
    h2_client_free(client);
    qsort(took_ns, TRIES, sizeof(took_ns[0]), compare);
    print_message("RST_STREAM to callback: p50 %.1f us, p99 %.1f us, of %d\n",
        (double)took_ns[TRIES / 2] / 1e3, (double)took_ns[TRIES * 99 / 100] / 1e3, TRIES);
    assert_true(took_ns[TRIES / 2] < CLOCK_MS(20));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_TEST(rst_stream_cancels_a_parked_request),
        HTTP_TEST(rst_stream_leaves_the_other_streams_alone),
        HTTP_TEST(close_cancels_a_parked_request),
        HTTP_TEST(reset_cancels_a_parked_request),
        HTTP_TEST(half_close_counts_as_gone),
        HTTP_TEST(half_close_sent_with_the_request_counts_as_gone),
        HTTP_TEST(a_lost_connection_cancels_all_its_streams),
        HTTP_TEST(close_is_heard_while_the_loop_is_busy),
        HTTP_TEST(a_killed_process_is_noticed),
        HTTP_TEST(goaway_from_the_client_lets_its_streams_finish),
        HTTP_TEST(a_client_that_leaves_while_streaming_cancels),
        HTTP_TEST(a_client_that_leaves_during_a_complete_answer_is_noticed),
        HTTP_TEST(a_reset_is_noticed_within_microseconds),
    };
    /* Without TLS nothing says goodbye but FIN. */
    const struct CMUnitTest tests_of_tls[] = {
        HTTP_TEST(a_goodbye_without_fin_cancels_all_its_streams),
    };
    int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    return n_failed +
           (http_fixture_is_tls() ? cmocka_run_group_tests(tests_of_tls, NULL, NULL) : 0);
}
