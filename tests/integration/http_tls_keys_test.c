/* New keys amid a connection, which either side may ask for in TLS 1.3. */
#include <stdlib.h>

#include "http/io.h"
#include "integration/http_fixture.h"
#include "support/certificates.h"

enum { FLOOD = 2000 }; /* new keys: 27 bytes each */

static char reply[HTTP_FIXTURE_REPLY_MAX];

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
    int other = http_client_connect(*state);
    http_client_send(flooder, HTTP_GET("/block"));
    http_fixture_blocked(*state);
    /* All of it is there when the loop comes back: first the flood, then what the other asks. The
     * flood ends with a goodbye, so the flooder's request is over once all of it has been read. */
    size_t len = tls_client_flood_of_keys(flooder, FLOOD);
    assert_true(len > HTTP_TLS_TURN_BYTES + HTTP_TLS_TURN_BYTES / 2);
    http_client_send(other, HTTP_GET("/hello"));
    http_fixture_unblock(*state);
    assert_int_equal(http_client_reply(other, reply), 200);
    struct http_exchange *exchange = http_fixture_parked(*state);
    struct http_fixture_done done = http_fixture_done(*state, 2);
    assert_string_equal(done.path, "/block"); /* the last one */
    assert_string_equal(done.disconnect, "close_notify");
    http_exchange_unref(exchange);
    tls_client_close(flooder);
    tls_client_close(other);
}

int main(void)
{
    setenv("WALKIE_HTTP_TRANSPORT", "tls1.3", 1);
    const struct CMUnitTest tests[] = {
        HTTP_TEST(new_keys_in_the_middle_of_an_answer_harm_nothing),
        HTTP_TEST(a_flood_of_new_keys_keeps_nobody_else_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
