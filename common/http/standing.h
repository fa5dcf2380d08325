/* Header fields that every answer of a server carries, its own errors included, unless a handler
 * has set that field itself.
 *
 *     options.standing = HTTP_SECURITY_HEADERS;
 *     options.n_standing = HTTP_SECURITY_HEADERS_COUNT;
 *
 * They are joined once, when the server starts; an answer costs one copy. */
#ifndef WALKIE_HTTP_STANDING_H
#define WALKIE_HTTP_STANDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

enum { HTTP_STANDING_MAX = 16 }; /* fields of a server */

struct http_standing {
    const char *name;
    const char *value;
    bool needs_tls; /* left out without it */
};

/* What keeps browsers from guessing types, framing, caching and telling others what was asked:
 * nosniff, no referrer, no frames, nothing loaded, same origin, no-store; over TLS HSTS for a year.
 */
extern const struct http_standing HTTP_SECURITY_HEADERS[];
extern const size_t HTTP_SECURITY_HEADERS_COUNT;

/* --- for common/http alone ------------------------------------------------------------------- */

struct http_server;

/* Join them. Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status http_standing_init(struct http_server *server);
/* A handler has set the field: note that it takes the place of a standing one. */
void http_standing_replaced(
    const struct http_server *server, const char *name, uint32_t *ret_replaced);
MUST_USE enum status http_standing_append(
    const struct http_server *server, uint32_t replaced, struct buffer *out);

#endif
