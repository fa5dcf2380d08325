/* What is of TLS alone: how it begins and ends, what is refused, whose certificate is shown. That a
 * client within TLS is served, and missed, as any other is shown by the tests of the server, which
 * run within TLS, too (tls.cmake). */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "http/tls.h"
#include "integration/http_fixture.h"
#include "support/certificates.h"
#include "support/metric_value.h"

static char reply[HTTP_FIXTURE_REPLY_MAX];

static int start_impatient(void **state)
{
    *state = http_fixture_start(
        &(struct http_server_options){.header_timeout_ms = 300, .handshakes_max = 4});
    return 0;
}

static int start_crowded(void **state)
{
    *state = http_fixture_start(&(struct http_server_options){.handshakes_max = 4});
    return 0;
}

/* How many have ended so. */
static unsigned long handshakes(const char *result)
{
    char series[128];
    snprintf(series, sizeof(series), "walkie_http_tls_handshakes_total{result=\"%s\"}", result);
    return metric_value(series);
}

/* Wait until the count has gone up by one. */
static void expect_counted(const char *result, unsigned long before)
{
    uint64_t end_ns = clock_now_ns() + CLOCK_MS(HTTP_FIXTURE_WAIT_MS);
    while (handshakes(result) < before + 1 && clock_now_ns() < end_ns) {
        poll(NULL, 0, 1);
    }
    assert_true(handshakes(result) == before + 1);
}

/* --- leaving --------------------------------------------------------------------------------- */

static void expect_left(struct http_fixture *fixture, struct http_exchange *exchange)
{
    struct http_fixture_done done = http_fixture_done(fixture, 1);
    assert_true(done.summary.is_disconnected);
    assert_string_equal(done.disconnect, "close_notify");
    assert_int_equal(ctx_cause(http_exchange_ctx(exchange)), CTX_CAUSE_CLIENT_DISCONNECTED);
    http_exchange_unref(exchange);
}

static void a_goodbye_without_fin_cancels_a_parked_request(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/park"));
    struct http_exchange *exchange = http_fixture_parked(*state);
    tls_client_goodbye(fd);
    expect_left(*state, exchange);
    /* It is answered in kind, and the connection closed. */
    assert_true(http_client_sees_end(fd));
    assert_true(tls_client_was_told_goodbye(fd));
    tls_client_close(fd);
}

static void a_goodbye_behind_a_pipelined_flood_is_seen(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/park"));
    struct http_exchange *exchange = http_fixture_parked(*state);
    for (int i = 0; i < 4 * HTTP_PIPELINED_MAX / 32; i++) {
        http_client_send(fd, HTTP_GET("/hello"));
    }
    tls_client_goodbye(fd);
    expect_left(*state, exchange);
    tls_client_close(fd);
}

static void a_goodbye_sent_with_the_request_cancels_it(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/park"));
    tls_client_goodbye(fd);
    expect_left(*state, http_fixture_parked(*state));
    tls_client_close(fd);
}

static void a_goodbye_while_streaming_cancels(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/park"));
    struct http_exchange *exchange = http_fixture_parked(*state);
    http_respond_begin(exchange, 200, "text/plain", HTTP_LENGTH_UNKNOWN);
    http_respond_piece(exchange, bytes_of("one"));
    assert_int_equal(http_client_reply(fd, reply), 200);
    tls_client_goodbye(fd);
    expect_left(*state, exchange);
    tls_client_close(fd);
}

static void what_is_no_tls_in_the_middle_of_a_connection_is_a_departure(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/park"));
    struct http_exchange *exchange = http_fixture_parked(*state);
    static const uint8_t record[64] = {23, 3, 3, 0, 59}; /* of nobody's key */
    assert_int_equal(send(fd, record, sizeof(record), MSG_NOSIGNAL), sizeof(record));
    struct http_fixture_done done = http_fixture_done(*state, 1);
    assert_true(done.summary.is_disconnected);
    assert_string_equal(done.disconnect, "tls");
    assert_int_equal(ctx_cause(http_exchange_ctx(exchange)), CTX_CAUSE_CLIENT_DISCONNECTED);
    http_exchange_unref(exchange);
    tls_client_close(fd);
}

static void an_answer_that_is_broken_off_ends_without_goodbye(void **state)
{
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/park"));
    struct http_exchange *exchange = http_fixture_parked(*state);
    http_respond_begin(exchange, 200, "text/plain", 1000);
    http_respond_piece(exchange, bytes_of("some"));
    http_respond_abort(exchange);
    http_exchange_unref(exchange);
    int problem = 0;
    assert_true(http_client_read_all(fd, reply, sizeof(reply), &problem) > 4);
    assert_false(tls_client_was_told_goodbye(fd));
    tls_client_close(fd);

    fd = http_client_connect(*state);
    http_client_send(fd, "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    http_client_read_all(fd, reply, sizeof(reply), &problem);
    assert_int_equal(problem, 0);
    assert_true(tls_client_was_told_goodbye(fd));
    tls_client_close(fd);
}

/* The FIN's event came while the connection still shook hands, and the short read that finished
 * that hid the FIN: the connection hung until its timeout. */
static void a_fin_that_comes_with_the_end_of_the_handshake_is_seen(void **state)
{
    if (strcmp(http_fixture_transport(), "tls1.3") != 0) {
        return; /* the server has the last word of an older handshake */
    }
    int fd = http_client_connect_bare(*state);
    assert_true(tls_client_open(fd, "tls1.3", test_certificate("ca.pem")));
    int other = http_client_connect(*state);
    http_client_send(other, HTTP_GET("/block"));
    http_fixture_blocked(*state);
    assert_true(tls_client_finish(fd));
    http_client_send(fd, HTTP_GET("/hello"));
    shutdown(fd, SHUT_WR);
    http_fixture_unblock(*state);
    assert_int_equal(http_client_reply(fd, reply), 200);
    assert_true(http_client_sees_end(fd));
    tls_client_close(fd);
    tls_client_close(other);
    http_exchange_unref(http_fixture_parked(*state));
    (void)http_fixture_done(*state, 2);
}

/* --- handshakes ------------------------------------------------------------------------------ */

static void a_slow_handshake_is_cut(void **state)
{
    unsigned long before = handshakes("timeout");
    int fd = http_client_connect_bare(*state);
    http_client_send(fd, "\x16\x03\x01\x02"); /* the beginning of a ClientHello */
    assert_true(http_client_sees_end(fd));
    expect_counted("timeout", before);
    tls_client_close(fd);
}

static void too_many_handshakes_make_room_by_the_oldest(void **state)
{
    unsigned long before = handshakes("crowded");
    int fds[6];
    for (int i = 0; i < 6; i++) {
        fds[i] = http_client_connect_bare(*state); /* and says nothing */
    }
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/hello"));
    assert_int_equal(http_client_reply(fd, reply), 200);
    assert_true(handshakes("crowded") > before);
    assert_true(http_client_sees_end(fds[0]));
    tls_client_close(fd);
    for (int i = 0; i < 6; i++) {
        tls_client_close(fds[i]);
    }
}

static void what_is_no_tls_is_closed_and_counted(void **state)
{
    unsigned long before = handshakes("broken");
    int fd = http_client_connect_bare(*state);
    http_client_send(fd, "\x01garbage that is no TLS at all\r\n\r\n");
    int problem = 0;
    (void)http_client_read_all(fd, reply, sizeof(reply), &problem);
    expect_counted("broken", before);
    tls_client_close(fd);
}

static void plain_http_is_told_to_use_https(void **state)
{
    int fd = http_client_connect_bare(*state);
    http_client_send(fd, HTTP_GET("/hello"));
    assert_int_equal(http_client_reply(fd, reply), 400);
    assert_non_null(strstr(reply, "use https://"));
    assert_true(http_client_sees_end(fd));
    tls_client_close(fd);
}

static void an_endless_hello_is_cut_off(void **state)
{
    /* A record that claims to be a ClientHello of 100 KB, and its following ones. */
    unsigned long before = handshakes("broken");
    int fd = http_client_connect_bare(*state);
    static uint8_t hello[16384 + 5] = {22, 3, 1, 0x40, 0, 1, 1, 0x86, 0xa0, 3, 3};
    for (int i = 0; i < 4; i++) {
        http_client_send_bytes(fd, hello, sizeof(hello));
        memset(hello + 5, 0, 6);
    }
    assert_true(http_client_sees_end(fd));
    expect_counted("broken", before);
    tls_client_close(fd);
}

static void a_client_that_leaves_during_the_handshake_is_counted(void **state)
{
    unsigned long before = handshakes("left");
    int fd = http_client_connect_bare(*state);
    http_client_send(fd, "\x16\x03\x01\x02");
    tls_client_close(fd);
    expect_counted("left", before);
}

static void a_client_that_does_not_trust_us_is_counted(void **state)
{
    unsigned long before = handshakes("refused");
    int fd = http_client_connect_bare(*state);
    assert_false(
        tls_client_begin(fd, http_fixture_transport(), test_certificate("other-ca.pem"), NULL));
    expect_counted("refused", before);
    tls_client_close(fd);
}

static void protocols_are_agreed_on_or_refused(void **state)
{
    const char *ca = test_certificate("ca.pem");
    int fd = http_client_connect_bare(*state);
    assert_true(tls_client_begin(fd, http_fixture_transport(), ca,
        "\x03"
        "foo\x08http/1.1"));
    assert_string_equal(tls_client_protocol(fd), "http/1.1");
    http_client_send(fd, HTTP_GET("/hello"));
    assert_int_equal(http_client_reply(fd, reply), 200);
    tls_client_close(fd);

    unsigned long before = handshakes("protocol");
    fd = http_client_connect_bare(*state);
    assert_false(tls_client_begin(fd, http_fixture_transport(), ca,
        "\x03"
        "foo"));
    expect_counted("protocol", before);
    tls_client_close(fd);
}

/* --- certificates ---------------------------------------------------------------------------- */

static void copy(const char *from, const char *to)
{
    char data[8192];
    FILE *file = fopen(test_certificate(from), "re");
    assert_non_null(file);
    size_t len = fread(data, 1, sizeof(data), file);
    fclose(file);
    test_certificate_write(to, data, len);
}

static void a_reload_is_for_those_who_come_after_it(void **state)
{
    struct http_tls *tls = http_fixture_tls(*state);
    copy("service.pem", "kept.pem");
    copy("service.key", "kept.key");
    int before = http_client_connect(*state);
    unsigned long first = tls_client_peer(before);

    copy("soon.pem", "service.pem");
    struct error error = ERROR_NONE;
    assert_int_equal(http_tls_reload(tls, &error), STATUS_INVALID_ARGUMENT);
    assert_non_null(strstr(error.text, "the key does not belong to the certificate"));
    int meanwhile = http_client_connect(*state);
    assert_int_equal(tls_client_peer(meanwhile), first);

    copy("soon.key", "service.key");
    assert_int_equal(http_tls_reload(tls, &error), STATUS_OK);
    int after = http_client_connect(*state);
    assert_int_not_equal(tls_client_peer(after), first);

    const int fds[] = {before, meanwhile, after};
    for (size_t i = 0; i < 3; i++) {
        http_client_send(fds[i], HTTP_GET("/hello"));
        assert_int_equal(http_client_reply(fds[i], reply), 200);
        tls_client_close(fds[i]);
    }
    copy("kept.pem", "service.pem");
    copy("kept.key", "service.key");
}

int main(void)
{
    setenv("WALKIE_HTTP_TRANSPORT", "tls1.3", 0);
    const struct CMUnitTest tests[] = {
        HTTP_TEST(a_goodbye_without_fin_cancels_a_parked_request),
        HTTP_TEST(a_goodbye_behind_a_pipelined_flood_is_seen),
        HTTP_TEST(a_goodbye_sent_with_the_request_cancels_it),
        HTTP_TEST(a_goodbye_while_streaming_cancels),
        HTTP_TEST(what_is_no_tls_in_the_middle_of_a_connection_is_a_departure),
        HTTP_TEST(an_answer_that_is_broken_off_ends_without_goodbye),
        HTTP_TEST(a_fin_that_comes_with_the_end_of_the_handshake_is_seen),
        HTTP_TEST_WITH(a_slow_handshake_is_cut, start_impatient),
        HTTP_TEST_WITH(too_many_handshakes_make_room_by_the_oldest, start_crowded),
        HTTP_TEST(what_is_no_tls_is_closed_and_counted),
        HTTP_TEST(plain_http_is_told_to_use_https),
        HTTP_TEST(an_endless_hello_is_cut_off),
        HTTP_TEST(a_client_that_leaves_during_the_handshake_is_counted),
        HTTP_TEST(a_client_that_does_not_trust_us_is_counted),
        HTTP_TEST(protocols_are_agreed_on_or_refused),
        HTTP_TEST(a_reload_is_for_those_who_come_after_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
