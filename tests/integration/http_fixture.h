/* A server on a free port, and clients that speak raw bytes, for the tests of common/http.
 *
 *     struct http_fixture *fixture = http_fixture_start(NULL);
 *     int fd = http_client_connect(fixture);
 *     http_client_send(fd, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
 *     http_client_expect(fd, "HTTP/1.1 200 OK\r\n");
 *
 * WALKIE_HTTP_TRANSPORT says how clients and server talk: plain (when it is not set), tls1.2 or
 * tls1.3 (support/tls_client.h; close and recv are tls_client_close and tls_client_recv then).
 *
 * Handlers record, the test thread waits (bounded) and asserts. Paths: /hello answers "hello\n" at
 * once; /body answers the request's body; /park parks; /drop neither answers nor keeps; /big
 * answers `big_len` bytes at once; /block holds the loop until http_fixture_unblock, then parks. */
#ifndef WALKIE_TESTS_HTTP_FIXTURE_H
#define WALKIE_TESTS_HTTP_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "http/server.h"
#include "support/tls_client.h"

enum { HTTP_FIXTURE_WAIT_MS = 20000, HTTP_FIXTURE_REPLY_MAX = 1 << 20 };

struct http_fixture;

/* `options` may be NULL; listen and the callbacks are the fixture's. */
struct http_fixture *http_fixture_start(const struct http_server_options *options);
void http_fixture_stop(struct http_fixture *fixture);

/* A test's setup, without options, and its teardown, whatever the setup was. */
static inline int http_fixture_setup(void **state)
{
    *state = http_fixture_start(NULL);
    return 0;
}

static inline int http_fixture_teardown(void **state)
{
    http_fixture_stop(*state);
    ctx_test_clock_end(); /* which some begin */
    return ctx_test_no_leaks() ? 0 : -1;
}

#define HTTP_TEST_WITH(name, setup)                                                                \
    cmocka_unit_test_setup_teardown(name, setup, http_fixture_teardown)
#define HTTP_TEST(name) HTTP_TEST_WITH(name, http_fixture_setup)

/* "plain", "tls1.2", "tls1.3". */
const char *http_fixture_transport(void);
bool http_fixture_is_tls(void);
struct http_tls *http_fixture_tls(struct http_fixture *fixture); /* NULL: plain */

struct http_server *http_fixture_server(struct http_fixture *fixture);
void http_fixture_set_big(struct http_fixture *fixture, size_t big_len);

/* Wait until the loop is held by /block; let it go on. */
void http_fixture_blocked(struct http_fixture *fixture);
void http_fixture_unblock(struct http_fixture *fixture);

/* The next parked exchange, with its reference: the caller unrefs it. */
struct http_exchange *http_fixture_parked(struct http_fixture *fixture);

/* What on_done said last, after waiting until it has been called `count` times in all. */
struct http_fixture_done {
    struct http_summary summary;
    char path[128];
    char disconnect[16]; /* "" when NULL */
    uint64_t at_ns;
    enum ctx_cause cause; /* of the exchange's context */
};
struct http_fixture_done http_fixture_done(struct http_fixture *fixture, unsigned int count);
unsigned int http_fixture_n_done(struct http_fixture *fixture);
/* The client has been given up for taking too little: by the loop or, where that gets no core in
 * time, by the kernel, which is told the same limit. */
void http_fixture_expect_given_up(const struct http_fixture_done *done);

/* --- clients -------------------------------------------------------------------------------- */

int http_client_connect(const struct http_fixture *fixture);
int http_client_connect_h2(const struct http_fixture *fixture);   /* within TLS, ALPN asks for h2 */
int http_client_connect_bare(const struct http_fixture *fixture); /* without a handshake */
void http_client_send(int fd, const char *text);
void http_client_send_bytes(int fd, const void *data, size_t len);

/* Read as many bytes as `text` has; they must be the same. */
void http_client_expect(int fd, const char *text);

/* Read one answer with a Content-Length: its head and body, NUL-terminated. Returns the status. */
int http_client_reply(int fd, char reply[HTTP_FIXTURE_REPLY_MAX]);

/* Read until the end. Returns the number of bytes; -1 in *ret_error for a regular end, else errno.
 */
size_t http_client_read_all(int fd, char *data, size_t data_max, int *ret_errno);

/* Send `request` on a new connection, read to the end of the connection, return the status. */
int http_client_once(
    const struct http_fixture *fixture, const char *request, char reply[HTTP_FIXTURE_REPLY_MAX]);

/* Whether the connection ends (FIN or reset) without another byte. */
bool http_client_sees_end(int fd);

#define HTTP_GET(path) "GET " path " HTTP/1.1\r\nHost: test\r\n\r\n"

#endif
