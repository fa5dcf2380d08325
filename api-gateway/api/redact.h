/* What of a request's target may stand in a log: somebody may have put a token into it.
 *
 *     char query[REDACTED_MAX];
 *     log_str("query", redact_query(http_query(exchange), route->parameters, query));
 *
 * Of a query the values of parameters that the route knows; of a path all but what looks like a
 * token. What is left out is "***". Not here: headers, of which none is logged. */
#ifndef WALKIE_GATEWAY_REDACT_H
#define WALKIE_GATEWAY_REDACT_H

#include <stdbool.h>

#include "api/parameters.h"

enum { REDACTED_MAX = 1024 }; /* bytes with the NUL; longer ones are cut */

/* `known` as in struct route; NULL: none but `timeout`. Returns `ret_text`; the query itself when
 * it is empty. */
const char *redact_query(
    const char *query, const struct parameter *known, char ret_text[REDACTED_MAX]);

/* Whether something in it looks like a token. */
bool redact_has_token(const char *text);

/* Returns the path itself when nothing in it looks like a token ("wk_0123abcd_…",
 * "eyJhbGciOiJSUzI1NiIs…"). */
const char *redact_path(const char *path, char ret_text[REDACTED_MAX]);

#endif
