/* The address that a server listens on: "127.0.0.1:8080", "[::1]:8080". Internal to common/http.
 *
 *     status = http_listen(text, n_loops, sockets, server->address, &error);
 */
#ifndef WALKIE_HTTP_ADDRESS_H
#define WALKIE_HTTP_ADDRESS_H

#include "base/error.h"

struct sockaddr_storage;

enum { HTTP_ADDRESS_MAX = 56 }; /* "[IPv6]:port" with the NUL */

/* Sockets bound to `text` and listening, `n_sockets` of them; `ret_text` is the real address. */
MUST_USE enum status http_listen(const char *text, unsigned int n_sockets, int *ret_sockets,
    char ret_text[HTTP_ADDRESS_MAX], struct error *ret_error);
void http_address_format(const struct sockaddr_storage *address, char text[HTTP_ADDRESS_MAX]);

#endif
