/* Which files of the console a client has already.
 *
 *     if (console_is_fresh(http_header(exchange, "If-None-Match"), file->etag)) { 304 }
 */
#ifndef WALKIE_GATEWAY_CONSOLE_H
#define WALKIE_GATEWAY_CONSOLE_H

#include <stdbool.h>

/* Whether a value of If-None-Match (NULL: none) names `etag`: by itself, in a list, as a weak tag,
 * or by *. A value that is no list of tags names nothing. */
bool console_is_fresh(const char *if_none_match, const char *etag);

#endif
