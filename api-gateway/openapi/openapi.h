/* The description of the HTTP interface, OpenAPI 3.1, made of the table of routes and of words.json
 * (what the table does not say: summaries, answers, schemas).
 *
 *     char *text = openapi_write(&(struct openapi_options){.allow_faults = false});
 *
 * Each row of the table is an operation for each of its methods but HEAD, with its parameters,
 * deadlines, permission and errors. Not here: serving it (api/openapi.c). */
#ifndef WALKIE_GATEWAY_OPENAPI_H
#define WALKIE_GATEWAY_OPENAPI_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"

struct openapi_options {
    bool allow_faults;     /* the routes for faults are there */
    bool is_authenticated; /* tokens are asked for */
};

/* The document as JSON, with a NUL; freed with free(). NULL: out of memory. What words.json lacks
 * for a route or parameter is left out; a test finds it. */
MUST_USE char *openapi_write(const struct openapi_options *options);

extern const struct bytes OPENAPI_WORDS; /* words.json */

#endif
