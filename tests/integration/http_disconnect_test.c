/* A client that leaves is noticed at once, however it leaves. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "integration/http_fixture.h"

/* The exchange has ended because its client left, and everybody was told so. */
static void assert_left(
    struct http_fixture *fixture, struct http_exchange *exchange, const char *how)
{
    struct http_fixture_done done = http_fixture_done(fixture, 1);
    assert_true(done.summary.is_disconnected);
    assert_false(done.summary.is_complete);
    assert_string_equal(done.disconnect, how);
    assert_int_equal(done.cause, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_int_equal(ctx_cause(http_exchange_ctx(exchange)), CTX_CAUSE_CLIENT_DISCONNECTED);
    /* An answer that comes too late is ignored. */
    http_respond(exchange, 200, "text/plain", bytes_of("late"));
    http_exchange_unref(exchange);
    assert_int_equal(http_fixture_n_done(fixture), 1);
}

static void close_cancels_a_parked_request(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/park"));
    struct http_exchange *exchange = http_fixture_parked(*state);
    assert_false(ctx_done(http_exchange_ctx(exchange)));
    tls_client_close(fd);
    assert_left(*state, exchange, "fin");
}

static void reset_cancels_a_parked_request(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/park"));
    struct http_exchange *exchange = http_fixture_parked(*state);
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)), 0);
    tls_client_close(fd);
    assert_left(*state, exchange, "reset");
}

static void half_close_counts_as_gone(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/park"));
    struct http_exchange *exchange = http_fixture_parked(*state);
    shutdown(fd, SHUT_WR);
    assert_left(*state, exchange, "fin");
    tls_client_close(fd);
}

static void half_close_sent_with_the_request_counts_as_gone(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/park"));
    shutdown(fd, SHUT_WR);
    assert_left(*state, http_fixture_parked(*state), "fin");
    tls_client_close(fd);
}

static void close_behind_an_unread_pipelined_request_is_seen(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/park"));
    struct http_exchange *exchange = http_fixture_parked(*state);
    http_client_send(fd, HTTP_GET("/hello"));
    tls_client_close(fd);
    assert_left(*state, exchange, "fin");
}

static void close_behind_a_pipelined_flood_is_seen(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/park"));
    struct http_exchange *exchange = http_fixture_parked(*state);
    for (int i = 0; i < 4 * HTTP_PIPELINED_MAX / 32; i++) {
        http_client_send(fd, HTTP_GET("/hello"));
    }
    tls_client_close(fd);
    assert_left(*state, exchange, "fin");
}

static void a_flood_is_read_in_turns_and_its_end_seen(void **state)
{
    int fd = http_client_connect(*state);
    int other = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/block"));
    http_fixture_blocked(*state);
    /* All of this is there when the loop comes back: more than one turn of reading. */
    char flood[64 << 10];
    memset(flood, 'f', sizeof(flood));
    for (int i = 0; i < 16; i++) {
        ssize_t n = tls_client_send(fd, flood, sizeof(flood), MSG_DONTWAIT | MSG_NOSIGNAL);
        (void)n; /* what does not fit does not matter */
    }
    http_client_send(other, HTTP_GET("/hello"));
    http_fixture_unblock(*state);
    struct http_exchange *exchange = http_fixture_parked(*state);
    char *reply = malloc(HTTP_FIXTURE_REPLY_MAX);
    assert_non_null(reply);
    assert_int_equal(http_client_reply(other, reply), 200);
    free(reply);
    assert_false(ctx_done(http_exchange_ctx(exchange)));
    tls_client_close(fd);
    struct http_fixture_done done = http_fixture_done(*state, 2);
    assert_string_equal(done.path, "/block");
    assert_true(done.summary.is_disconnected);
    http_exchange_unref(exchange);
    tls_client_close(other);
}

static void a_client_that_leaves_during_a_complete_answer_is_noticed(void **state)
{
    http_fixture_set_big(*state, 32 << 20);
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/big"));
    char byte;
    assert_int_equal(tls_client_recv(fd, &byte, 1, 0), 1);
    tls_client_close(fd); /* with unread bytes: a reset */
    struct http_fixture_done done = http_fixture_done(*state, 1);
    assert_true(done.summary.is_disconnected);
    assert_false(done.summary.is_complete);
    assert_int_equal(done.summary.status_code, 200);
    assert_true(done.summary.bytes_sent < 32 << 20);
}

static void the_second_pipelined_request_is_cancelled_too(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/hello") HTTP_GET("/park"));
    struct http_exchange *exchange = http_fixture_parked(*state);
    tls_client_close(fd);
    struct http_fixture_done done = http_fixture_done(*state, 2);
    assert_string_equal(done.path, "/park");
    assert_true(done.summary.is_disconnected);
    assert_int_equal(done.summary.status_code, 499);
    http_exchange_unref(exchange);
}

static void a_killed_process_is_noticed(void **state)
{
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    int fd = http_client_connect(*state);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        /* The connection is this process's alone once the parent has closed its copy. */
        char byte;
        ssize_t n = read(ready[0], &byte, 1);
        (void)n;
        pause();
        _exit(0);
    }
    http_client_send(fd, HTTP_GET("/park"));
    struct http_exchange *exchange = http_fixture_parked(*state);
    tls_client_close(fd);
    assert_false(ctx_done(http_exchange_ctx(exchange)));
    kill(child, SIGKILL);
    assert_left(*state, exchange, "fin");
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(ready[0]);
    close(ready[1]);
}

static void a_client_that_leaves_while_streaming_cancels(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/park"));
    struct http_exchange *exchange = http_fixture_parked(*state);
    http_respond_begin(exchange, 200, "text/plain", HTTP_LENGTH_UNKNOWN);
    http_respond_piece(exchange, bytes_of("one"));
    char reply[HTTP_FIXTURE_REPLY_MAX];
    assert_int_equal(http_client_reply(fd, reply), 200);
    http_client_expect(fd, "3\r\none\r\n");
    tls_client_close(fd);
    struct http_fixture_done done = http_fixture_done(*state, 1);
    assert_true(done.summary.is_disconnected);
    assert_int_equal(done.summary.status_code, 200);
    assert_int_equal(done.summary.bytes_sent, 3);
    assert_true(ctx_done(http_exchange_ctx(exchange)));
    http_exchange_unref(exchange);
}

static void an_answer_that_the_client_did_not_wait_for_is_499(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/park"));
    struct http_exchange *exchange = http_fixture_parked(*state);
    tls_client_close(fd);
    struct http_fixture_done done = http_fixture_done(*state, 1);
    assert_int_equal(done.summary.status_code, 499);
    assert_int_equal(done.summary.bytes_sent, 0);
    http_exchange_unref(exchange);
}

static int compare(const void *one, const void *two)
{
    uint64_t a = *(const uint64_t *)one;
    uint64_t b = *(const uint64_t *)two;
    return a < b ? -1 : a > b;
}

static void a_close_is_noticed_within_microseconds(void **state)
{
    enum { TRIES_MAX = 500, TRIES_TLS = 100 }; /* each of them shakes hands */
    unsigned int tries = http_fixture_is_tls() ? TRIES_TLS : TRIES_MAX;
    uint64_t took_ns[TRIES_MAX];
    for (unsigned int i = 0; i < tries; i++) {
        int fd = http_client_connect(*state);
        http_client_send(fd, HTTP_GET("/park"));
        struct http_exchange *exchange = http_fixture_parked(*state);
        uint64_t start_ns = clock_now_ns();
        tls_client_close(fd);
        took_ns[i] = http_fixture_done(*state, i + 1).at_ns - start_ns;
        http_exchange_unref(exchange);
    }
    qsort(took_ns, tries, sizeof(took_ns[0]), compare);
    uint64_t p50_ns = took_ns[tries / 2];
    uint64_t p99_ns = took_ns[tries * 99 / 100];
    print_message("close to callback: p50 %.1f us, p99 %.1f us, of %u\n", (double)p50_ns / 1e3,
        (double)p99_ns / 1e3, tries);
    /* A polling server would need milliseconds; the bound leaves room for a loaded machine. */
    assert_true(p50_ns < CLOCK_MS(20));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_TEST(close_cancels_a_parked_request),
        HTTP_TEST(reset_cancels_a_parked_request),
        HTTP_TEST(half_close_counts_as_gone),
        HTTP_TEST(half_close_sent_with_the_request_counts_as_gone),
        HTTP_TEST(close_behind_an_unread_pipelined_request_is_seen),
        HTTP_TEST(close_behind_a_pipelined_flood_is_seen),
        HTTP_TEST(a_flood_is_read_in_turns_and_its_end_seen),
        HTTP_TEST(a_client_that_leaves_during_a_complete_answer_is_noticed),
        HTTP_TEST(the_second_pipelined_request_is_cancelled_too),
        HTTP_TEST(a_killed_process_is_noticed),
        HTTP_TEST(a_client_that_leaves_while_streaming_cancels),
        HTTP_TEST(an_answer_that_the_client_did_not_wait_for_is_499),
        HTTP_TEST(a_close_is_noticed_within_microseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
