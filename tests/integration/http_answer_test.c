/* Answers in one piece: framing, order, and what a connection does after them. */
#include <stdio.h>
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

static void a_connection_is_kept_for_the_next_request(void **state)
{
    int fd = http_client_connect(*state);
    for (int i = 0; i < 3; i++) {
        http_client_send(fd, HTTP_GET("/hello"));
        assert_int_equal(http_client_reply(fd, reply), 200);
        assert_string_equal(body_of(reply), "hello\n");
        assert_non_null(strstr(reply, "\r\nDate: "));
        assert_non_null(strstr(reply, " GMT\r\n"));
        assert_null(strstr(reply, "\r\nConnection:"));
        assert_null(strstr(reply, "\r\nServer:"));
    }
    struct http_fixture_done done = http_fixture_done(*state, 3);
    assert_true(done.summary.is_complete);
    assert_false(done.summary.is_disconnected);
    assert_int_equal(done.summary.status_code, 200);
    assert_int_equal(done.summary.bytes_sent, 6);
    assert_true(done.summary.elapsed_ns > 0);
    assert_int_equal(done.cause, CTX_CAUSE_NONE);
    tls_client_close(fd);
}

static void connection_close_is_honoured(void **state)
{
    assert_int_equal(http_client_once(*state,
                         "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", reply),
        200);
    assert_non_null(strstr(reply, "\r\nConnection: close\r\n"));
    assert_string_equal(body_of(reply), "hello\n");
}

static void http_1_0_closes_unless_it_asks(void **state)
{
    assert_int_equal(http_client_once(*state, "GET /hello HTTP/1.0\r\n\r\n", reply), 200);
    int fd = http_client_connect(*state);
    for (int i = 0; i < 2; i++) {
        http_client_send(fd, "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        assert_int_equal(http_client_reply(fd, reply), 200);
        assert_non_null(strstr(reply, "\r\nConnection: keep-alive\r\n"));
    }
    tls_client_close(fd);
}

static void head_has_the_length_and_no_body(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, "HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n" HTTP_GET("/hello"));
    char head[4096];
    size_t len = 0;
    while (len < 4 || memcmp(head + len - 4, "\r\n\r\n", 4) != 0) {
        assert_true(len < sizeof(head) - 1);
        assert_int_equal(tls_client_recv(fd, head + len++, 1, 0), 1);
    }
    head[len] = '\0';
    assert_non_null(strstr(head, "\r\nContent-Length: 6\r\n"));
    /* What follows is the next answer's head, not a body. */
    assert_int_equal(http_client_reply(fd, reply), 200);
    assert_string_equal(body_of(reply), "hello\n");
    assert_int_equal(http_fixture_done(*state, 2).summary.bytes_sent, 6);
    tls_client_close(fd);
}

static void a_body_without_content_has_no_length(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/park") HTTP_GET("/hello"));
    struct http_exchange *exchange = http_fixture_parked(*state);
    http_respond(exchange, 204, NULL, bytes_of(""));
    http_exchange_unref(exchange);
    assert_int_equal(http_client_reply(fd, reply), 204);
    assert_null(strstr(reply, "Content-"));
    assert_int_equal(http_client_reply(fd, reply), 200);
    tls_client_close(fd);
}

static void pipelined_answers_come_in_order(void **state)
{
    int fd = http_client_connect(*state);
    for (int i = 0; i < 100; i++) {
        char request[128];
        snprintf(request, sizeof(request),
            "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n%04d", i);
        http_client_send(fd, request);
        if (i == 50) {
            http_client_send(fd, HTTP_GET("/park"));
        }
    }
    for (int i = 0; i < 100; i++) {
        char expected[8];
        snprintf(expected, sizeof(expected), "%04d", i);
        assert_int_equal(http_client_reply(fd, reply), 200);
        assert_string_equal(body_of(reply), expected);
        if (i == 50) {
            struct http_exchange *exchange = http_fixture_parked(*state);
            http_respond(exchange, 201, NULL, bytes_of("parked"));
            http_exchange_unref(exchange);
            assert_int_equal(http_client_reply(fd, reply), 201);
        }
    }
    tls_client_close(fd);
}

static void too_much_pipelined_is_dropped_and_the_connection_closed(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/park"));
    struct http_exchange *exchange = http_fixture_parked(*state);
    char flood[4 * HTTP_PIPELINED_MAX];
    memset(flood, 'x', sizeof(flood));
    http_client_send_bytes(fd, flood, sizeof(flood));
    /* Another connection's answer says that the loop has had its turn, more than once. */
    for (int i = 0; i < 10; i++) {
        assert_int_equal(http_client_once(*state,
                             "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", reply),
            200);
    }
    assert_false(ctx_done(http_exchange_ctx(exchange)));
    http_respond(exchange, 200, "text/plain", bytes_of("parked"));
    http_exchange_unref(exchange);
    assert_int_equal(http_client_reply(fd, reply), 200);
    assert_non_null(strstr(reply, "\r\nConnection: close\r\n"));
    assert_string_equal(body_of(reply), "parked");
    assert_true(http_client_sees_end(fd));
    tls_client_close(fd);
}

static void expect_100_continue_is_answered_before_the_body(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
                         "Expect: 100-continue\r\n\r\n");
    http_client_expect(fd, "HTTP/1.1 100 Continue\r\n\r\n");
    http_client_send(fd, "hello");
    assert_int_equal(http_client_reply(fd, reply), 200);
    assert_string_equal(body_of(reply), "hello");
    /* Too long a body is refused instead of invited. */
    http_client_send(fd, "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n"
                         "Expect: 100-continue\r\n\r\n");
    assert_int_equal(http_client_reply(fd, reply), 413);
    tls_client_close(fd);
}

static void a_half_closed_client_gets_an_answer_that_is_complete(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/hello"));
    shutdown(fd, SHUT_WR);
    assert_int_equal(http_client_reply(fd, reply), 200);
    assert_true(http_client_sees_end(fd));
    assert_true(http_fixture_done(*state, 1).summary.is_complete);
    tls_client_close(fd);
}

static void a_request_can_be_read_from_another_thread(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, "PUT /park?q=%20 HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nx-a: 2\r\n"
                         "Content-Length: 2\r\n\r\nhi");
    struct http_exchange *exchange = http_fixture_parked(*state);
    assert_string_equal(http_method(exchange), "PUT");
    assert_string_equal(http_path(exchange), "/park");
    assert_string_equal(http_query(exchange), "q=%20");
    assert_string_equal(http_header(exchange, "X-A"), "1, 2");
    assert_null(http_header(exchange, "X-B"));
    assert_int_equal(http_body(exchange).len, 2);
    assert_memory_equal(http_body(exchange).data, "hi", 2);
    assert_memory_equal(http_peer(exchange), "127.0.0.1:", 10);
    int data = 0;
    assert_null(http_exchange_data(exchange));
    http_exchange_set_data(exchange, &data);
    assert_ptr_equal(http_exchange_data(exchange), &data);
    http_respond(exchange, 299, NULL, bytes_of(""));
    http_exchange_unref(exchange);
    assert_int_equal(http_client_reply(fd, reply), 299);
    tls_client_close(fd);
}

static void an_exchange_that_is_dropped_is_a_500(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/drop") HTTP_GET("/park"));
    assert_int_equal(http_client_reply(fd, reply), 500);
    /* Dropped later, by the last who held it. */
    struct http_exchange *exchange = http_fixture_parked(*state);
    http_exchange_unref(http_exchange_ref(exchange));
    http_exchange_unref(exchange);
    assert_int_equal(http_client_reply(fd, reply), 500);
    tls_client_close(fd);
}

static void header_fields_are_added_or_refused(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/park"));
    struct http_exchange *exchange = http_fixture_parked(*state);
    http_respond_header(exchange, "X-Trace-Id", "abc");
    http_respond_header(exchange, "X-Bad", "a\r\nX-Injected: b");
    http_respond_header(exchange, "X Bad", "a");
    http_respond_header(exchange, "Content-Length", "1");
    http_respond_header(exchange, "transfer-encoding", "chunked");
    http_respond(exchange, 200, "text/plain", bytes_of("x"));
    http_respond(exchange, 500, "text/plain", bytes_of("a second answer is ignored"));
    http_exchange_unref(exchange);
    assert_int_equal(http_client_reply(fd, reply), 200);
    assert_non_null(strstr(reply, "\r\nX-Trace-Id: abc\r\n"));
    assert_null(strstr(reply, "Bad"));
    assert_null(strstr(reply, "Injected"));
    assert_null(strstr(reply, "chunked"));
    assert_non_null(strstr(reply, "\r\nContent-Length: 1\r\n"));
    tls_client_close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_TEST(a_connection_is_kept_for_the_next_request),
        HTTP_TEST(connection_close_is_honoured),
        HTTP_TEST(http_1_0_closes_unless_it_asks),
        HTTP_TEST(head_has_the_length_and_no_body),
        HTTP_TEST(a_body_without_content_has_no_length),
        HTTP_TEST(pipelined_answers_come_in_order),
        HTTP_TEST(too_much_pipelined_is_dropped_and_the_connection_closed),
        HTTP_TEST(expect_100_continue_is_answered_before_the_body),
        HTTP_TEST(a_half_closed_client_gets_an_answer_that_is_complete),
        HTTP_TEST(a_request_can_be_read_from_another_thread),
        HTTP_TEST(an_exchange_that_is_dropped_is_a_500),
        HTTP_TEST(header_fields_are_added_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
