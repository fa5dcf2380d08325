/* An HTTP/2 client of the fixture's server: within TLS it asks for h2 by ALPN.
 *
 *     struct h2_client *client = http_h2_connect(fixture, NULL);
 *     http_h2_hello(client);
 *     h2_client_free(client);
 */
#ifndef WALKIE_TESTS_HTTP_H2_FIXTURE_H
#define WALKIE_TESTS_HTTP_H2_FIXTURE_H

#include "integration/http_fixture.h"
#include "support/h2_client.h"

/* `options` may be NULL. */
static inline struct h2_client *http_h2_connect(
    const struct http_fixture *fixture, const struct h2_client_options *options)
{
    struct h2_client *client = h2_client_new(http_client_connect_h2(fixture), options);
    assert_non_null(client);
    return client;
}

/* An answer that comes means that SETTINGS have been read: unread, they make a close a reset. */
static inline void http_h2_hello(struct h2_client *client)
{
    assert_int_equal(h2_client_wait(client, h2_client_get(client, "/hello"))->status, 200);
}

/* The connection ends, and this is why. */
static inline void http_h2_expect_goaway(struct h2_client *client, uint32_t code)
{
    uint32_t got = 0;
    int32_t last = 0;
    assert_true(h2_client_wait_end(client));
    assert_true(h2_client_has_goaway(client, &got, &last));
    assert_int_equal(got, code);
}

#endif
