/* The Authorization header: "Bearer TOKEN" (RFC 6750), the only place where a token is accepted.
 *
 *     if (!authorization_read(http_header(exchange, "authorization"), &token)) { 401 }
 *
 * Not here: tokens in a query, a form or a cookie. They would reach logs, histories and other
 * sites' requests; without cookies no request of another site's page carries anybody's rights, so
 * that there is nothing to forge (CSRF). */
#ifndef WALKIE_GATEWAY_AUTH_AUTHORIZATION_H
#define WALKIE_GATEWAY_AUTH_AUTHORIZATION_H

#include <stdbool.h>

#include "base/bytes.h"

enum { AUTHORIZATION_TOKEN_MAX = 8192 }; /* bytes of a token; a longer one is not looked at */

enum authorization {
    AUTHORIZATION_ABSENT,    /* no header, or an empty one */
    AUTHORIZATION_OTHER,     /* another scheme than Bearer */
    AUTHORIZATION_MALFORMED, /* no token, several, characters that no token has, too long */
    AUTHORIZATION_BEARER,
};

/* `header` may be NULL. *ret_token borrows it, for BEARER alone. */
enum authorization authorization_read(const char *header, struct bytes *ret_token);

#endif
