/* What all requests' bodies may take together. */
#include <stdio.h>
#include <string.h>

#include "integration/http_fixture.h"

static char reply[HTTP_FIXTURE_REPLY_MAX];

static int start_little_room(void **state)
{
    *state =
        http_fixture_start(&(struct http_server_options){.body_max = 1000, .bodies_max = 1500});
    return 0;
}

#define LONG_POST "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n%0900d"

/* Held as long as their requests are, whoever sends them and whatever becomes of them. */
static void all_bodies_together_have_a_limit(void **state)
{
    char park[1200];
    char body[1200];
    snprintf(park, sizeof(park), LONG_POST, "/park", 0);
    snprintf(body, sizeof(body), LONG_POST, "/body", 0);
    int fd = http_client_connect(*state);
    http_client_send(fd, park);
    struct http_exchange *parked = http_fixture_parked(*state);
    assert_int_equal(http_client_once(*state, body, reply), 503);
    assert_non_null(strstr(reply, "too many bodies of requests are here"));
    http_respond(parked, 200, "text/plain", bytes_of("x"));
    http_exchange_unref(parked);
    assert_int_equal(http_client_reply(fd, reply), 200);
    for (int i = 0; i < 3; i++) { /* on one connection: each gives back what it took */
        http_client_send(fd, body);
        assert_int_equal(http_client_reply(fd, reply), 200);
    }
    tls_client_close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_TEST_WITH(all_bodies_together_have_a_limit, start_little_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
