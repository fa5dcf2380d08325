/* New keys amid a connection, which either side may ask for in TLS 1.3. */
#include <stdlib.h>

#include "ctx/test.h"
#include "integration/http_fixture.h"
#include "support/certificates.h"

static char reply[HTTP_FIXTURE_REPLY_MAX];

static int start(void **state)
{
    *state = http_fixture_start(NULL);
    return 0;
}

static int stop(void **state)
{
    http_fixture_stop(*state);
    return ctx_test_no_leaks() ? 0 : -1;
}

static void new_keys_in_the_middle_of_an_answer_harm_nothing(void **state)
{
    enum { BIG = 8 << 20 };
    http_fixture_set_big(*state, BIG);
    int fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/big"));
    size_t len = 0;
    ssize_t n = 1;
    /* The server is in the middle of a record that does not fit when it is asked for new keys. */
    while (len <= BIG && n > 0) {
        if (len < BIG / 2) {
            assert_true(tls_client_new_keys(fd));
        }
        n = tls_client_recv(fd, reply, sizeof(reply), 0);
        len += n > 0 ? (size_t)n : 0;
    }
    assert_true(len > BIG);
    http_client_send(fd, HTTP_GET("/hello"));
    http_client_expect(fd, "HTTP/1.1 200 OK\r\n");
    tls_client_close(fd);
}

static void a_flood_of_new_keys_keeps_nobody_else_waiting(void **state)
{
    int flooder = http_client_connect(*state);
    http_client_send(flooder, HTTP_GET("/block"));
    http_fixture_blocked(*state);
    /* All of them wait when the loop comes back. Their answers are not read, as a flooder would. */
    for (int i = 0; i < 2000; i++) {
        assert_true(tls_client_new_keys(flooder));
    }
    int other = http_client_connect_bare(*state);
    http_fixture_unblock(*state);
    assert_true(
        tls_client_begin(other, http_fixture_transport(), test_certificate("ca.pem"), NULL));
    http_client_send(other, HTTP_GET("/hello"));
    assert_int_equal(http_client_reply(other, reply), 200);
    tls_client_goodbye(flooder);
    struct http_exchange *exchange = http_fixture_parked(*state);
    struct http_fixture_done done = http_fixture_done(*state, 2);
    assert_string_equal(done.disconnect, "close_notify");
    http_exchange_unref(exchange);
    tls_client_close(flooder);
    tls_client_close(other);
}

int main(void)
{
    setenv("WALKIE_HTTP_TRANSPORT", "tls1.3", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            new_keys_in_the_middle_of_an_answer_harm_nothing, start, stop),
        cmocka_unit_test_setup_teardown(a_flood_of_new_keys_keeps_nobody_else_waiting, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
