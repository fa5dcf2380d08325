/* Every limit and every timeout, with the status that it answers. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "integration/http_fixture.h"

enum { SHORT_MS = 60, STEP_MS = 5 };

static char reply[HTTP_FIXTURE_REPLY_MAX]; /* the test thread's */

/* One short timeout a test, so that no other can end its connection. */
static int start_with(void **state, struct http_server_options options)
{
    *state = http_fixture_start(&options);
    return 0;
}

static int start(void **state)
{
    return start_with(state, (struct http_server_options){.body_max = 1000});
}

/* One path takes more than the others, another less. */
static size_t body_max_of(const char *method, const char *path, void *arg)
{
    (void)arg;
    return strcmp(method, "POST") != 0 ? 0 : strcmp(path, "/body") == 0 ? 3000 : strlen(path);
}

static int start_with_paths(void **state)
{
    return start_with(
        state, (struct http_server_options){.body_max = 1000, .body_max_of = body_max_of});
}

/* By the fake clock: what has to be done in time (a handshake, a request) is, however busy the
 * machine is. */
static int start_short_header(void **state)
{
    ctx_test_clock_start();
    return start_with(state, (struct http_server_options){.header_timeout_ms = SHORT_MS});
}

static int start_short_body(void **state)
{
    return start_with(state, (struct http_server_options){.body_timeout_ms = SHORT_MS});
}

static int start_short_idle(void **state)
{
    ctx_test_clock_start();
    return start_with(state, (struct http_server_options){.idle_timeout_ms = SHORT_MS});
}

static int start_short_send(void **state)
{
    return start_with(state, (struct http_server_options){.send_timeout_ms = SHORT_MS});
}

static int start_few_connections(void **state)
{
    return start_with(state, (struct http_server_options){.connections_max = 2});
}

/* Time goes on until the server says something, or closes. Returns how many steps that took; each
 * of them begins with `word` from the client. */
static int let_time_pass(int fd, const char *word)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    int n_steps = 0;
    while (poll(&wait, 1, STEP_MS) == 0) {
        assert_true(n_steps < HTTP_FIXTURE_WAIT_MS / STEP_MS);
        http_client_send(fd, word);
        ctx_test_clock_advance(CLOCK_MS(STEP_MS));
        n_steps++;
    }
    return n_steps;
}

static void assert_refused(struct http_fixture *fixture, const char *request, int status_code)
{
    int got = http_client_once(fixture, request, reply);
    if (got != status_code) {
        fail_msg("\"%.60s\" was answered %d instead of %d", request, got, status_code);
    }
    assert_non_null(strstr(reply, "\r\nConnection: close\r\n"));
    assert_non_null(strstr(reply, "\r\nContent-Length: "));
}

/* A request that is refused while much of it is still on its way. The answer must arrive: no RST
 * may overtake it. */
static void assert_refused_early(
    struct http_fixture *fixture, const char *head, size_t junk_len, int status_code)
{
    int fd = http_client_connect(fixture);
    http_client_send(fd, head);
    char junk[8192];
    memset(junk, 'j', sizeof(junk));
    for (size_t sent = 0; sent < junk_len; sent += sizeof(junk)) {
        http_client_send_bytes(fd, junk, sizeof(junk));
    }
    int problem = 0;
    size_t len = http_client_read_all(fd, reply, sizeof(reply) - 1, &problem);
    reply[len] = '\0';
    assert_int_equal(problem, 0);
    assert_true(len > 12);
    assert_int_equal(atoi(reply + 9), status_code);
    tls_client_close(fd);
}

static void malformed_requests_are_answered_and_closed(void **state)
{
    assert_refused(*state, "GET / HTTP/1.1\r\n\r\n", 400);
    assert_refused(*state, "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400);
    assert_refused(*state, "\x16\x03\x01 a TLS client", 400);
    assert_refused(*state, "BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n", 501);
    assert_refused(*state, "GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505);
    assert_int_equal(http_fixture_n_done(*state), 0);
}

static void requests_above_the_limits_are_answered_and_closed(void **state)
{
    assert_refused(*state, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n", 413);
    assert_refused_early(
        *state, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n", 200000, 413);
    assert_refused_early(*state,
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n30000\r\n", 200000, 413);
    assert_refused_early(*state, "GET / HTTP/1.1\r\nHost: x\r\nX: ", 200000, 431);
    assert_refused_early(*state, "GET /", 200000, 414);
}

static void a_path_says_how_long_its_bodies_may_be(void **state)
{
    char request[4096];
    int head = snprintf(request, sizeof(request),
        "POST /body HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3000\r\n\r\n");
    memset(request + head, 'b', 3000);
    request[head + 3000] = '\0';
    assert_int_equal(http_client_once(*state, request, reply), 200);
    assert_refused(*state, "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 3001\r\n\r\n", 413);
    assert_non_null(strstr(reply, "longer than this path takes"));
    assert_refused(
        *state, "POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nbb9\r\n", 413);
    assert_refused(*state, "POST /%62 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n", 413);
    assert_refused(*state, "PUT /body HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n", 413);
}

static void a_refusal_of_head_has_no_body(void **state)
{
    assert_int_equal(http_client_once(*state,
                         "HEAD / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n", reply),
        413);
    assert_string_equal(strstr(reply, "\r\n\r\n"), "\r\n\r\n");
}

static void write_error(
    const struct http_refusal *refusal, struct http_error_answer *answer, void *arg)
{
    (void)arg;
    answer->content_type = "application/problem+json";
    answer->lines_len = (size_t)sprintf(answer->lines, "X-Why: because\r\n");
    (void)!buffer_printf(&answer->body, "{\"status\":%d,\"detail\":\"%s\",\"peer\":\"%.10s\"}",
        refusal->status_code, refusal->detail, refusal->peer);
}

static int start_with_error(void **state)
{
    return start_with(state, (struct http_server_options){.on_error = write_error});
}

static void refusals_have_the_body_of_the_gateway(void **state)
{
    assert_refused(*state, "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400);
    assert_non_null(strstr(reply, "\r\nContent-Type: application/problem+json\r\n"));
    assert_non_null(strstr(reply, "\r\nX-Why: because\r\n"));
    assert_non_null(strstr(reply, "{\"status\":400,\"detail\":\"malformed percent-encoding"));
    assert_non_null(strstr(reply, "\"peer\":\"127.0.0.1:\"}"));
}

static void a_client_that_sends_on_after_a_refusal_is_cut_off(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, "GET / HTTP/1.1\r\n\r\n");
    char junk[64 << 10];
    memset(junk, 'j', sizeof(junk));
    /* Far more than the sockets' buffers hold: without the limit this would go on for ever. */
    size_t sent = 0;
    ssize_t n = 1;
    while (n > 0 && sent < 256 << 20) {
        n = tls_client_send(fd, junk, sizeof(junk), MSG_NOSIGNAL);
        sent += n > 0 ? (size_t)n : 0;
    }
    assert_true(n < 0);
    tls_client_close(fd);
}

static void a_body_of_exactly_the_limit_is_read(void **state)
{
    char request[2048];
    size_t len =
        (size_t)sprintf(request, "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
    memset(request + len, 'b', 1000);
    request[len + 1000] = '\0';
    int fd = http_client_connect(*state);
    http_client_send(fd, request);
    assert_int_equal(http_client_reply(fd, reply), 200);
    tls_client_close(fd);
}

static void a_slow_header_is_a_408(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, "GET / HTTP/1.1\r\nHost:");
    (void)let_time_pass(fd, "");
    assert_int_equal(http_client_reply(fd, reply), 408);
    assert_true(http_client_sees_end(fd));
    tls_client_close(fd);
}

static void a_header_that_trickles_in_is_a_408_too(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, "GET / HTTP/1.1\r\n");
    /* A byte in each step does not extend the time. */
    assert_true(let_time_pass(fd, "X") >= SHORT_MS / STEP_MS);
    assert_int_equal(http_client_reply(fd, reply), 408);
    tls_client_close(fd);
}

static void a_slow_body_is_a_408(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    assert_int_equal(http_client_reply(fd, reply), 408);
    assert_true(http_client_sees_end(fd));
    tls_client_close(fd);
}

static void an_idle_connection_is_closed_without_a_word(void **state)
{
    int fresh = http_client_connect(*state);
    int used = http_client_connect(*state);
    http_client_send(used, HTTP_GET("/hello"));
    assert_int_equal(http_client_reply(used, reply), 200);
    (void)let_time_pass(fresh, "");
    (void)let_time_pass(used, "");
    char byte;
    assert_int_equal(tls_client_recv(fresh, &byte, 1, 0), 0);
    assert_int_equal(tls_client_recv(used, &byte, 1, 0), 0);
    tls_client_close(fresh);
    tls_client_close(used);
}

static void a_parked_request_is_not_idle(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/park"));
    struct http_exchange *exchange = http_fixture_parked(*state);
    /* Another connection runs into the timeout that this one must not. */
    int idle = http_client_connect(*state);
    (void)let_time_pass(idle, "");
    assert_true(http_client_sees_end(idle));
    assert_false(ctx_done(http_exchange_ctx(exchange)));
    http_respond(exchange, 200, "text/plain", bytes_of("x"));
    http_exchange_unref(exchange);
    assert_int_equal(http_client_reply(fd, reply), 200);
    tls_client_close(idle);
    tls_client_close(fd);
}

static void a_client_that_takes_nothing_is_given_up(void **state)
{
    http_fixture_set_big(*state, 32 << 20);
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/big"));
    struct http_fixture_done done = http_fixture_done(*state, 1);
    assert_false(done.summary.is_complete);
    assert_true(done.summary.is_disconnected);
    assert_true(done.summary.bytes_sent < 32 << 20);
    tls_client_close(fd);
}

/* Each byte taken used to begin the wait anew: an answer could be held for as long as one likes. */
static void a_client_that_takes_next_to_nothing_is_given_up(void **state)
{
    if (http_fixture_is_tls()) {
        return; /* a record is 16 KiB: too large a piece to take little by little */
    }
    http_fixture_set_big(*state, 32 << 20);
    int fd = http_client_connect(*state);
    int small = 4096;
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
    http_client_send(fd, HTTP_GET("/big"));
    char piece[256];
    while (http_fixture_n_done(*state) == 0) {
        struct pollfd pause = {.fd = -1};
        (void)poll(&pause, 1, 10);
        (void)!recv(fd, piece, sizeof(piece), MSG_DONTWAIT);
    }
    struct http_fixture_done done = http_fixture_done(*state, 1);
    http_fixture_expect_given_up(&done);
    tls_client_close(fd);
}

static void connections_above_the_limit_are_told(void **state)
{
    int first = http_client_connect(*state);
    int second = http_client_connect(*state);
    http_client_send(first, HTTP_GET("/hello"));
    http_client_send(second, HTTP_GET("/hello"));
    assert_int_equal(http_client_reply(first, reply), 200);
    assert_int_equal(http_client_reply(second, reply), 200);
    assert_refused(*state, HTTP_GET("/hello"), 503);
    tls_client_close(first);
    /* The loop sees the close before a connection made after it. */
    http_client_send(second, HTTP_GET("/hello"));
    assert_int_equal(http_client_reply(second, reply), 200);
    int third = http_client_connect(*state);
    http_client_send(third, HTTP_GET("/hello"));
    assert_int_equal(http_client_reply(third, reply), 200);
    tls_client_close(second);
    tls_client_close(third);
}

static void running_out_of_descriptors_only_delays(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/hello"));
    assert_int_equal(http_client_reply(fd, reply), 200);
    int waiting = http_client_connect(*state);
    http_client_send(waiting, HTTP_GET("/hello"));
    assert_int_equal(http_client_reply(waiting, reply), 200);
    tls_client_close(waiting);

    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    int late = socket(AF_INET, SOCK_STREAM, 0);
    int probe = dup(0);
    tls_client_close(probe);
    /* Every number below the limit is taken but those in use: accept gets EMFILE. */
    struct rlimit tight = {.rlim_cur = (rlim_t)probe, .rlim_max = before.rlim_max};
    int highest = fd > late ? fd : late;
    if (tight.rlim_cur <= (rlim_t)highest) {
        tight.rlim_cur = (rlim_t)highest + 1;
    }
    int fillers[64];
    int n_fillers = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    while (n_fillers < 64 && (fillers[n_fillers] = dup(0)) >= 0) {
        n_fillers++;
    }
    assert_true(n_fillers < 64);
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    assert_int_equal(getpeername(fd, (struct sockaddr *)&address, &len), 0);
    assert_int_equal(connect(late, (struct sockaddr *)&address, len), 0);
    http_client_send(late, HTTP_GET("/hello"));
    /* Those who are in are served meanwhile. */
    for (int i = 0; i < 100; i++) {
        http_client_send(fd, HTTP_GET("/hello"));
        assert_int_equal(http_client_reply(fd, reply), 200);
    }
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    /* Who speaks no TLS there is told so. */
    assert_int_equal(http_client_reply(late, reply), http_fixture_is_tls() ? 400 : 200);
    while (n_fillers > 0) {
        tls_client_close(fillers[--n_fillers]);
    }
    tls_client_close(late);
    tls_client_close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_TEST_WITH(malformed_requests_are_answered_and_closed, start),
        HTTP_TEST_WITH(requests_above_the_limits_are_answered_and_closed, start),
        HTTP_TEST_WITH(a_path_says_how_long_its_bodies_may_be, start_with_paths),
        HTTP_TEST_WITH(a_refusal_of_head_has_no_body, start),
        HTTP_TEST_WITH(refusals_have_the_body_of_the_gateway, start_with_error),
        HTTP_TEST_WITH(a_client_that_sends_on_after_a_refusal_is_cut_off, start),
        HTTP_TEST_WITH(a_body_of_exactly_the_limit_is_read, start),
        HTTP_TEST_WITH(a_slow_header_is_a_408, start_short_header),
        HTTP_TEST_WITH(a_header_that_trickles_in_is_a_408_too, start_short_header),
        HTTP_TEST_WITH(a_slow_body_is_a_408, start_short_body),
        HTTP_TEST_WITH(an_idle_connection_is_closed_without_a_word, start_short_idle),
        HTTP_TEST_WITH(a_parked_request_is_not_idle, start_short_idle),
        HTTP_TEST_WITH(a_client_that_takes_nothing_is_given_up, start_short_send),
        HTTP_TEST_WITH(a_client_that_takes_next_to_nothing_is_given_up, start_short_send),
        HTTP_TEST_WITH(connections_above_the_limit_are_told, start_few_connections),
        HTTP_TEST_WITH(running_out_of_descriptors_only_delays, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
