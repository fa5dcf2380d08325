/* The query of a URL: "a=b&c=d" as a bounded list of decoded parameters.
 *
 *     CLEANUP(http_query_finish) struct http_query query = {.text = NULL};
 *     enum status status = http_query_parse(http_query(exchange), &query, &error);
 *     ...
 *     const char *format = http_query_value(&query, "format");
 *
 * '+' and %XX are decoded, empty parts ("a=1&&b=2") skipped, "a" is the same as "a=". A name that
 * comes twice is an error: which one counts would be a guess. Not here: what the values mean. */
#ifndef WALKIE_HTTP_QUERY_H
#define WALKIE_HTTP_QUERY_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"

enum { HTTP_QUERY_PARAMETERS_MAX = 32 };

struct http_parameter {
    const char *name;
    const char *value;
};

struct http_query {
    struct http_parameter parameters[HTTP_QUERY_PARAMETERS_MAX];
    size_t n_parameters;
    char *text; /* owns the strings */
};

/* Parse `text` (raw, as http_query gives it). On success `ret_query` must be finished; after a
 * failure it is as it was.
 * Errors: INVALID_ARGUMENT, naming the parameter: malformed percent-encoding, an encoded NUL, text
 * that is not UTF-8, a repeated name; more than HTTP_QUERY_PARAMETERS_MAX. RESOURCE_EXHAUSTED. */
MUST_USE enum status http_query_parse(
    const char *text, struct http_query *ret_query, struct error *ret_error);

/* The value under the name, NULL when it is absent. Valid until finish. */
const char *http_query_value(const struct http_query *query, const char *name);

void http_query_finish(struct http_query *query); /* fits CLEANUP */

#endif
