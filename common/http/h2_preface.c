/* Which protocol it is: the client's first bytes are HTTP/2's preface, or they are not (RFC 9113
 * 3.3). An Upgrade from HTTP/1.1 is declined by ignoring it. */
#include <string.h>

#include "http/h2.h"

size_t h2_choose(
    struct http_connection *connection, const uint8_t *data, size_t len, size_t *ret_held)
{
    if (connection->tls != NULL && connection->protocol != HTTP_PROTOCOL_2) {
        connection->is_fresh = false; /* within TLS it is ALPN that says h2 */
        *ret_held = 0;
        return 0;
    }
    size_t before = connection->n_preface;
    size_t n = H2_PREFACE_LEN - before;
    n = n < len ? n : len;
    if (memcmp(data, &H2_PREFACE[before], n) != 0) {
        connection->is_fresh = false;
        *ret_held = before;
        if (connection->tls != NULL) { /* ALPN said h2 */
            *ret_held = 0;
            http_connection_close(connection);
        }
        return 0;
    }
    connection->n_preface += (uint8_t)n;
    if (connection->n_preface == H2_PREFACE_LEN) {
        connection->is_fresh = false;
        if (!h2_begin(connection)) {
            http_connection_close(connection);
        }
    } else if (before == 0) {
        http_timeout_set(connection, HTTP_TIMEOUT_HEADER);
    }
    return n;
}
