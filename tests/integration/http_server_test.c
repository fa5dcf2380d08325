/* Starting, draining and stopping. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ctx/test.h"
#include "integration/http_fixture.h"

static char reply[HTTP_FIXTURE_REPLY_MAX]; /* the test thread's */

static int check_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : -1;
}

static void answer_nothing(struct http_exchange *exchange, void *arg)
{
    (void)exchange;
    (void)arg;
}

static enum status try_listen(const char *listen, unsigned int n_loops, struct error *ret_error)
{
    const struct http_server_options options = {
        .listen = listen, .n_loops = n_loops, .on_request = answer_nothing};
    struct http_server *server = NULL;
    enum status status = http_server_start(&options, &server, ret_error);
    http_server_stop(server);
    return status;
}

static void an_address_in_use_is_named(void **state)
{
    (void)state;
    struct http_fixture *fixture = http_fixture_start(NULL);
    const char *address = http_server_address(http_fixture_server(fixture));
    for (unsigned int n_loops = 1; n_loops <= 2; n_loops++) {
        struct error error = ERROR_NONE;
        assert_int_equal(try_listen(address, n_loops, &error), STATUS_UNAVAILABLE);
        assert_memory_equal(error.text, address, strlen(address));
        assert_non_null(strstr(error.text, "already in use"));
        assert_non_null(strstr(error.text, "--listen"));
    }
    http_fixture_stop(fixture);
}

static void an_address_that_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const CASES[] = {"", "8080", ":8080", "localhost:8080", "127.0.0.1",
        "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1", "::1:8080", "[::1]",
        "[127.0.0.1:80", "256.0.0.1:80"};
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        struct error error = ERROR_NONE;
        if (try_listen(CASES[i], 1, &error) != STATUS_INVALID_ARGUMENT) {
            fail_msg("\"%s\" was taken", CASES[i]);
        }
        assert_non_null(strstr(error.text, "127.0.0.1:8080"));
    }
}

static void an_ipv6_address_is_written_in_brackets(void **state)
{
    (void)state;
    const struct http_server_options options = {.listen = "[::1]:0", .on_request = answer_nothing};
    struct http_server *server = NULL;
    struct error error = ERROR_NONE;
    enum status status = http_server_start(&options, &server, &error);
    if (status == STATUS_UNAVAILABLE) {
        skip(); /* a machine without IPv6 */
    }
    assert_int_equal(status, STATUS_OK);
    assert_memory_equal(http_server_address(server), "[::1]:", 6);
    assert_string_not_equal(http_server_address(server), "[::1]:0");
    http_server_stop(server);
}

static void several_loops_share_one_port(void **state)
{
    (void)state;
    const struct http_server_options options = {.n_loops = 3};
    struct http_fixture *fixture = http_fixture_start(&options);
    enum { CLIENTS = 48 };
    int fds[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = http_client_connect(fixture);
        http_client_send(fds[i], HTTP_GET("/park"));
    }
    for (int i = 0; i < CLIENTS; i++) {
        struct http_exchange *exchange = http_fixture_parked(fixture);
        http_respond(exchange, 200, "text/plain", bytes_of("x"));
        http_exchange_unref(exchange);
    }
    for (int i = 0; i < CLIENTS; i++) {
        assert_int_equal(http_client_reply(fds[i], reply), 200);
        tls_client_close(fds[i]);
    }
    http_fixture_stop(fixture);
}

struct drainer {
    struct http_server *server;
    const struct ctx *ctx;
    enum status status;
    atomic_bool is_finished;
};

static void *drain(void *arg)
{
    struct drainer *drainer = arg;
    drainer->status = http_server_drain(drainer->ctx, drainer->server);
    atomic_store(&drainer->is_finished, true);
    return NULL;
}

/* Idle connections used to be closed at once, under requests that had just been sent on them. */
static void a_request_on_its_way_when_draining_begins_is_answered(void **state)
{
    (void)state;
    struct http_fixture *fixture = http_fixture_start(NULL);
    int probe = http_client_connect(fixture);
    int late = http_client_connect(fixture);
    http_client_send(late, HTTP_GET("/hello"));
    assert_int_equal(http_client_reply(late, reply), 200);
    struct drainer drainer = {
        .server = http_fixture_server(fixture), .ctx = ctx_background(), .status = STATUS_UNKNOWN};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, drain, &drainer), 0);
    do {
        http_client_send(probe, HTTP_GET("/hello"));
        assert_int_equal(http_client_reply(probe, reply), 200);
    } while (strstr(reply, "\r\nConnection: close\r\n") == NULL); /* draining has begun */
    http_client_send(late, HTTP_GET("/hello"));
    assert_int_equal(http_client_reply(late, reply), 200);
    assert_non_null(strstr(reply, "\r\nConnection: close\r\n"));
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(drainer.status, STATUS_OK);
    tls_client_close(probe);
    tls_client_close(late);
    http_fixture_stop(fixture);
}

static void draining_waits_for_what_is_under_way(void **state)
{
    (void)state;
    struct http_fixture *fixture = http_fixture_start(NULL);
    int idle = http_client_connect(fixture);
    http_client_send(idle, HTTP_GET("/hello"));
    assert_int_equal(http_client_reply(idle, reply), 200);
    int fd = http_client_connect(fixture);
    http_client_send(fd, HTTP_GET("/park"));
    struct http_exchange *exchange = http_fixture_parked(fixture);

    struct drainer drainer = {
        .server = http_fixture_server(fixture), .ctx = ctx_background(), .status = STATUS_UNKNOWN};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, drain, &drainer), 0);
    /* The idle connection is closed: draining has begun, and it waits for the other. */
    assert_true(http_client_sees_end(idle));
    assert_false(atomic_load(&drainer.is_finished));
    assert_false(ctx_done(http_exchange_ctx(exchange)));
    http_respond(exchange, 200, "text/plain", bytes_of("x"));
    http_exchange_unref(exchange);
    assert_int_equal(http_client_reply(fd, reply), 200);
    assert_non_null(strstr(reply, "\r\nConnection: close\r\n"));
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(drainer.status, STATUS_OK);
    assert_int_equal(http_server_drain(ctx_background(), http_fixture_server(fixture)), STATUS_OK);
    tls_client_close(idle);
    tls_client_close(fd);
    http_fixture_stop(fixture);
}

static void draining_gives_up_when_its_context_is_done(void **state)
{
    (void)state;
    struct http_fixture *fixture = http_fixture_start(NULL);
    int fd = http_client_connect(fixture);
    http_client_send(fd, HTTP_GET("/park"));
    struct http_exchange *exchange = http_fixture_parked(fixture);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(30)));
    assert_int_equal(
        http_server_drain(scope->ctx, http_fixture_server(fixture)), STATUS_DEADLINE_EXCEEDED);
    assert_false(ctx_done(http_exchange_ctx(exchange)));
    http_exchange_unref(exchange);
    tls_client_close(fd);
    http_fixture_stop(fixture);
}

static void stopping_cancels_and_late_answers_are_ignored(void **state)
{
    (void)state;
    struct http_fixture *fixture = http_fixture_start(NULL);
    int fd = http_client_connect(fixture);
    http_client_send(fd, HTTP_GET("/park?a=b"));
    struct http_exchange *exchange = http_fixture_parked(fixture);
    http_fixture_stop(fixture);
    assert_int_equal(ctx_cause(http_exchange_ctx(exchange)), CTX_CAUSE_SERVER_DRAINING);
    assert_string_equal(http_path(exchange), "/park");
    assert_string_equal(http_query(exchange), "a=b");
    assert_memory_equal(http_peer(exchange), "127.0.0.1:", 10);
    http_respond(exchange, 200, "text/plain", bytes_of("late"));
    http_respond_begin(exchange, 200, "text/plain", 4);
    http_respond_piece(exchange, bytes_of("late"));
    http_respond_abort(exchange);
    http_exchange_unref(exchange);
    assert_true(http_client_sees_end(fd));
    tls_client_close(fd);
}

static void keep_done(struct http_exchange *exchange, const struct http_summary *summary, void *arg)
{
    (void)summary;
    atomic_store((_Atomic(struct http_exchange *) *)arg, http_exchange_ref(exchange));
}

static void an_exchange_may_be_kept_when_it_is_over(void **state)
{
    (void)state;
    static _Atomic(struct http_exchange *) kept;
    const struct http_server_options options = {
        .listen = "127.0.0.1:0", .on_request = answer_nothing, .on_done = keep_done, .arg = &kept};
    struct http_server *server = NULL;
    assert_int_equal(http_server_start(&options, &server, NULL), STATUS_OK);
    struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_port =
            htons((uint16_t)strtoul(strrchr(http_server_address(server), ':') + 1, NULL, 10)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
    http_client_send(fd, HTTP_GET("/kept"));
    assert_int_equal(http_client_reply(fd, reply), 500);
    tls_client_close(fd);
    http_server_stop(server);
    struct http_exchange *exchange = atomic_load(&kept);
    assert_non_null(exchange);
    assert_string_equal(http_path(exchange), "/kept");
    assert_true(ctx_done(http_exchange_ctx(exchange)));
    http_exchange_unref(exchange);
}

static void limits_beyond_reason_are_refused(void **state)
{
    (void)state;
    const struct http_server_options cases[] = {{.listen = "127.0.0.1:0", .n_loops = 1000},
        {.listen = "127.0.0.1:0", .header_max = SIZE_MAX},
        {.listen = "127.0.0.1:0", .connections_max = UINT32_MAX}};
    for (size_t i = 0; i < LENGTH_OF(cases); i++) {
        struct http_server *server = NULL;
        assert_int_equal(http_server_start(&cases[i], &server, NULL), STATUS_INVALID_ARGUMENT);
        assert_null(server);
    }
}

#define TEST(name) cmocka_unit_test_teardown(name, check_leaks)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_address_in_use_is_named),
        TEST(an_address_that_is_none_is_refused),
        TEST(an_ipv6_address_is_written_in_brackets),
        TEST(several_loops_share_one_port),
        TEST(a_request_on_its_way_when_draining_begins_is_answered),
        TEST(draining_waits_for_what_is_under_way),
        TEST(draining_gives_up_when_its_context_is_done),
        TEST(an_exchange_may_be_kept_when_it_is_over),
        TEST(limits_beyond_reason_are_refused),
        TEST(stopping_cancels_and_late_answers_are_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
