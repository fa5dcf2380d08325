/* Streamed answers: framing, the window, and that a broken one looks broken. */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "integration/http_fixture.h"

static char reply[HTTP_FIXTURE_REPLY_MAX]; /* the test thread's */

static const char *body_of(const char *answer)
{
    const char *end = strstr(answer, "\r\n\r\n");
    assert_non_null(end);
    return end + 4;
}

static struct http_exchange *begin_stream(
    struct http_fixture *fixture, int *ret_fd, const char *request, int64_t content_len)
{
    *ret_fd = http_client_connect(fixture);
    http_client_send(*ret_fd, request);
    struct http_exchange *exchange = http_fixture_parked(fixture);
    http_respond_begin(exchange, 200, "text/plain", content_len);
    return exchange;
}

static void chunks_arrive_as_they_are_made(void **state)
{
    int fd;
    struct http_exchange *exchange =
        begin_stream(*state, &fd, HTTP_GET("/park") HTTP_GET("/hello"), HTTP_LENGTH_UNKNOWN);
    assert_int_equal(http_client_reply(fd, reply), 200);
    assert_non_null(strstr(reply, "\r\nTransfer-Encoding: chunked\r\n"));
    http_respond_piece(exchange, bytes_of("hello"));
    http_client_expect(fd, "5\r\nhello\r\n");
    http_respond_piece(exchange, bytes_of(""));
    http_respond_piece(exchange, bytes_of("a longer piece of it"));
    http_client_expect(fd, "14\r\na longer piece of it\r\n");
    http_respond_end(exchange);
    http_client_expect(fd, "0\r\n\r\n");
    http_exchange_unref(exchange);
    assert_int_equal(http_client_reply(fd, reply), 200);
    tls_client_close(fd);
}

static void a_stream_with_a_length_is_sent_as_it_is(void **state)
{
    int fd;
    struct http_exchange *exchange =
        begin_stream(*state, &fd, HTTP_GET("/park") HTTP_GET("/hello"), 10);
    http_respond_piece(exchange, bytes_of("hello"));
    http_respond_piece(exchange, bytes_of("world"));
    http_respond_end(exchange);
    http_exchange_unref(exchange);
    assert_int_equal(http_client_reply(fd, reply), 200);
    assert_string_equal(body_of(reply), "helloworld");
    assert_int_equal(http_client_reply(fd, reply), 200);
    tls_client_close(fd);
}

/* Its producer learns a moment later that this was all: meanwhile the client may close, satisfied.
 */
static void who_leaves_with_all_bytes_of_the_length_has_a_complete_answer(void **state)
{
    int fd;
    struct http_exchange *exchange = begin_stream(*state, &fd, HTTP_GET("/park"), 5);
    http_respond_piece(exchange, bytes_of("hello"));
    assert_int_equal(http_client_reply(fd, reply), 200);
    assert_string_equal(body_of(reply), "hello");
    tls_client_close(fd);
    int other = http_client_connect(*state); /* its answer comes after the loop has seen the FIN */
    http_client_send(other, HTTP_GET("/hello"));
    assert_int_equal(http_client_reply(other, reply), 200);
    assert_int_equal(ctx_cause(http_exchange_ctx(exchange)), CTX_CAUSE_NONE);
    http_respond_end(exchange);
    struct http_fixture_done done = http_fixture_done(*state, 2);
    assert_true(done.summary.is_complete);
    assert_false(done.summary.is_disconnected);
    http_exchange_unref(exchange);
    tls_client_close(other);
}

static void an_http_1_0_stream_ends_with_the_connection(void **state)
{
    int fd;
    struct http_exchange *exchange =
        begin_stream(*state, &fd, "GET /park HTTP/1.0\r\n\r\n", HTTP_LENGTH_UNKNOWN);
    http_respond_piece(exchange, bytes_of("hello"));
    http_respond_end(exchange);
    http_exchange_unref(exchange);
    int problem = 0;
    size_t len = http_client_read_all(fd, reply, sizeof(reply) - 1, &problem);
    reply[len] = '\0';
    assert_int_equal(problem, 0);
    assert_null(strstr(reply, "chunked"));
    assert_string_equal(body_of(reply), "hello");
    tls_client_close(fd);
}

static void an_abort_leaves_out_the_last_chunk(void **state)
{
    int fd;
    struct http_exchange *exchange =
        begin_stream(*state, &fd, HTTP_GET("/park"), HTTP_LENGTH_UNKNOWN);
    http_respond_piece(exchange, bytes_of("hello"));
    assert_int_equal(http_client_reply(fd, reply), 200);
    http_client_expect(fd, "5\r\nhello\r\n");
    http_respond_abort(exchange);
    http_exchange_unref(exchange);
    assert_true(http_client_sees_end(fd));
    struct http_fixture_done done = http_fixture_done(*state, 1);
    assert_false(done.summary.is_complete);
    assert_false(done.summary.is_disconnected);
    assert_int_equal(done.summary.status_code, 200);
    tls_client_close(fd);
}

static void the_last_piece_before_an_abort_arrives(void **state)
{
    int fd;
    struct http_exchange *exchange =
        begin_stream(*state, &fd, HTTP_GET("/park"), HTTP_LENGTH_UNKNOWN);
    http_respond_piece(exchange, bytes_of("event: error\n\n"));
    http_respond_abort(exchange);
    http_exchange_unref(exchange);
    int problem = 0;
    size_t len = http_client_read_all(fd, reply, sizeof(reply) - 1, &problem);
    reply[len] = '\0';
    assert_int_equal(problem, 0);
    assert_string_equal(body_of(reply), "e\r\nevent: error\n\n\r\n");
    struct http_fixture_done done = http_fixture_done(*state, 1);
    assert_false(done.summary.is_complete);
    assert_int_equal(done.summary.bytes_sent, 14);
    tls_client_close(fd);
}

static void an_end_before_the_length_is_an_abort(void **state)
{
    int fd;
    struct http_exchange *exchange = begin_stream(*state, &fd, HTTP_GET("/park"), 10);
    http_respond_piece(exchange, bytes_of("hello"));
    http_respond_end(exchange);
    http_exchange_unref(exchange);
    int problem = 0;
    size_t len = http_client_read_all(fd, reply, sizeof(reply) - 1, &problem);
    reply[len] = '\0';
    const char *body = strstr(reply, "\r\n\r\n");
    assert_true(body == NULL || strlen(body + 4) < 10);
    assert_false(http_fixture_done(*state, 1).summary.is_complete);
    tls_client_close(fd);
}

static void an_abort_of_a_stream_without_framing_is_a_reset(void **state)
{
    int fd;
    struct http_exchange *exchange =
        begin_stream(*state, &fd, "GET /park HTTP/1.0\r\n\r\n", HTTP_LENGTH_UNKNOWN);
    assert_int_equal(http_client_reply(fd, reply), 200);
    http_respond_abort(exchange);
    http_exchange_unref(exchange);
    int problem = 0;
    http_client_read_all(fd, reply, sizeof(reply), &problem);
    assert_int_equal(problem, ECONNRESET);
    tls_client_close(fd);
}

static void a_stream_that_nobody_holds_is_broken_off(void **state)
{
    int fd;
    struct http_exchange *exchange =
        begin_stream(*state, &fd, HTTP_GET("/park"), HTTP_LENGTH_UNKNOWN);
    assert_int_equal(http_client_reply(fd, reply), 200);
    http_exchange_unref(exchange);
    assert_true(http_client_sees_end(fd));
    tls_client_close(fd);
}

static void count_sent(void *arg, size_t len)
{
    atomic_fetch_add((atomic_size_t *)arg, len);
}

static void a_slow_reader_is_accounted_for(void **state)
{
    enum { PIECE = 16 << 10, TOTAL = 64 << 20 };
    static char piece[PIECE];
    memset(piece, 'p', sizeof(piece));
    atomic_size_t sent = 0;
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/park"));
    struct http_exchange *exchange = http_fixture_parked(*state);
    http_respond_on_sent(exchange, count_sent, &sent);
    http_respond_begin(exchange, 200, "text/plain", HTTP_LENGTH_UNKNOWN);
    size_t queued = 0;
    size_t read_len = 0;
    while (queued < TOTAL) {
        if (queued - atomic_load(&sent) + PIECE <= HTTP_OUTPUT_HIGH) {
            http_respond_piece(exchange, (struct bytes){(const uint8_t *)piece, PIECE});
            queued += PIECE;
            continue;
        }
        /* The window is full: read a little, as a slow client would. */
        ssize_t n = tls_client_recv(fd, reply, sizeof(reply), MSG_DONTWAIT);
        assert_true(n != 0);
        read_len += n > 0 ? (size_t)n : 0;
    }
    http_respond_end(exchange);
    http_exchange_unref(exchange);
    while (read_len < 5 || memcmp(reply, "0\r\n\r\n", 5) != 0) {
        ssize_t n = tls_client_recv(fd, reply, sizeof(reply), 0);
        assert_true(n > 0);
        read_len += (size_t)n;
        if (n >= 5) {
            memmove(reply, reply + n - 5, 5);
        }
    }
    struct http_fixture_done done = http_fixture_done(*state, 1);
    assert_true(done.summary.is_complete);
    assert_int_equal(done.summary.bytes_sent, TOTAL);
    assert_int_equal(atomic_load(&sent), TOTAL);
    tls_client_close(fd);
}

/* The loop has dealt with everything posted before this, twice over. */
static void let_the_loop_turn(struct http_fixture *fixture)
{
    for (int i = 0; i < 2; i++) {
        int fd = http_client_connect(fixture);
        http_client_send(fd, HTTP_GET("/hello"));
        assert_int_equal(http_client_reply(fd, reply), 200);
        tls_client_close(fd);
    }
}

static void a_full_socket_holds_the_source_until_the_client_reads(void **state)
{
    enum { PIECE = 16 << 10 };
    static char piece[PIECE];
    memset(piece, 'p', sizeof(piece));
    atomic_size_t sent = 0;
    int fd = http_client_connect(*state);
    http_client_send(fd, "GET /park HTTP/1.0\r\n\r\n");
    struct http_exchange *exchange = http_fixture_parked(*state);
    http_respond_on_sent(exchange, count_sent, &sent);
    http_respond_begin(exchange, 200, "text/plain", HTTP_LENGTH_UNKNOWN);
    size_t queued = 0;
    size_t sent_before = SIZE_MAX;
    while (sent_before != atomic_load(&sent)) {
        sent_before = atomic_load(&sent);
        while (queued - atomic_load(&sent) + PIECE <= HTTP_OUTPUT_HIGH) {
            http_respond_piece(exchange, (struct bytes){(const uint8_t *)piece, PIECE});
            queued += PIECE;
        }
        let_the_loop_turn(*state);
    }
    assert_true(queued - sent_before + PIECE > HTTP_OUTPUT_HIGH);
    http_respond_end(exchange);
    http_exchange_unref(exchange);
    /* The connection's end is this answer's: everything arrives before it. */
    size_t received = 0;
    size_t head = 0;
    ssize_t n = tls_client_recv(fd, reply, sizeof(reply) - 1, 0);
    assert_true(n > 0);
    reply[n] = '\0';
    head = (size_t)(body_of(reply) - reply);
    while (n > 0) {
        received += (size_t)n;
        n = tls_client_recv(fd, reply, sizeof(reply) - 1, 0);
    }
    assert_int_equal(n, 0);
    assert_int_equal(received - head, queued);
    assert_int_equal(atomic_load(&sent), queued);
    tls_client_close(fd);
}

static void a_producer_that_ignores_the_window_is_broken_off(void **state)
{
    enum { PIECE = 64 << 10 };
    static char piece[PIECE];
    int fd;
    struct http_exchange *exchange =
        begin_stream(*state, &fd, HTTP_GET("/park"), HTTP_LENGTH_UNKNOWN);
    /* The client reads nothing: the kernel takes a few megabytes, then the queue grows. */
    for (int i = 0; i < 4096 && http_fixture_n_done(*state) == 0; i++) {
        http_respond_piece(exchange, (struct bytes){(const uint8_t *)piece, PIECE});
    }
    struct http_fixture_done done = http_fixture_done(*state, 1);
    assert_false(done.summary.is_complete);
    assert_false(done.summary.is_disconnected);
    http_exchange_unref(exchange);
    tls_client_close(fd);
}

static void a_big_answer_reaches_a_client_that_takes_its_time(void **state)
{
    enum { BIG = 8 << 20 };
    http_fixture_set_big(*state, BIG);
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/big") HTTP_GET("/hello"));
    size_t body = 0;
    size_t head = 0;
    while (head == 0) {
        ssize_t n = tls_client_recv(fd, reply, 1024, MSG_PEEK);
        assert_true(n > 0);
        reply[n] = '\0';
        const char *end = strstr(reply, "\r\n\r\n");
        head = end != NULL ? (size_t)(end - reply) + 4 : 0;
    }
    assert_int_equal(tls_client_recv(fd, reply, head, MSG_WAITALL), head);
    while (body < BIG) {
        size_t want = BIG - body < 100000 ? BIG - body : 100000;
        ssize_t n = tls_client_recv(fd, reply, want, 0);
        assert_true(n > 0);
        body += (size_t)n;
    }
    assert_int_equal(http_client_reply(fd, reply), 200);
    assert_int_equal(http_fixture_done(*state, 2).summary.bytes_sent, 6);
    tls_client_close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_TEST(chunks_arrive_as_they_are_made),
        HTTP_TEST(a_stream_with_a_length_is_sent_as_it_is),
        HTTP_TEST(who_leaves_with_all_bytes_of_the_length_has_a_complete_answer),
        HTTP_TEST(an_http_1_0_stream_ends_with_the_connection),
        HTTP_TEST(an_abort_leaves_out_the_last_chunk),
        HTTP_TEST(the_last_piece_before_an_abort_arrives),
        HTTP_TEST(an_end_before_the_length_is_an_abort),
        HTTP_TEST(an_abort_of_a_stream_without_framing_is_a_reset),
        HTTP_TEST(a_stream_that_nobody_holds_is_broken_off),
        HTTP_TEST(a_slow_reader_is_accounted_for),
        HTTP_TEST(a_full_socket_holds_the_source_until_the_client_reads),
        HTTP_TEST(a_producer_that_ignores_the_window_is_broken_off),
        HTTP_TEST(a_big_answer_reaches_a_client_that_takes_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
