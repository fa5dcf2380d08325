/* Content-Disposition of a file in an answer (RFC 6266), with its real name for those who
 * understand it (RFC 8187, once 5987) and an ASCII one for the others.
 *
 *     disposition_respond(exchange, "application/zip", "report-01.zip", "report-中心01.zip");
 */
#ifndef WALKIE_GATEWAY_DISPOSITION_H
#define WALKIE_GATEWAY_DISPOSITION_H

#include "http/server.h"

enum { DISPOSITION_MAX = 1024 }; /* bytes of the header's value, with the NUL */

/* The value. What a browser shows by itself (PDF, JSON) is inline, the rest an attachment. `name`
 * is ASCII; `utf8_name` may be NULL or "", and is left out when it is the same or too long. */
void disposition_format(const char *content_type, const char *name, const char *utf8_name,
    char ret_value[DISPOSITION_MAX]);

/* Add the header to the answer that is about to be made. */
void disposition_respond(struct http_exchange *exchange, const char *content_type, const char *name,
    const char *utf8_name);

#endif
