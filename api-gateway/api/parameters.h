/* Parameters of a request: from the query, and for POST from a JSON body too. Each must be known to
 * the route and appear once; the error names the one that is not.
 *
 *     const char *format = parameters_get(&request->parameters, "format");     NULL: not given
 */
#ifndef WALKIE_GATEWAY_PARAMETERS_H
#define WALKIE_GATEWAY_PARAMETERS_H

#include "base/bytes.h"
#include "base/error.h"

struct parameter {
    const char *name;
    const char *allowed; /* "pdf|json": a choice; NULL: any text */
};

enum {
    PARAMETERS_MAX = 16,       /* given in one request */
    PARAMETER_TEXT_MAX = 4096, /* bytes of all names and values together, decoded */
};

struct given_parameter;

/* A list, because thousands of requests wait, most with few of them. */
struct parameters {
    struct given_parameter *first;
    size_t n;
    size_t text_len; /* of all values, with their NULs */
};

/* Free them; there are none then. */
void parameters_finish(struct parameters *parameters);

/* Into parameters that were zeroed or parsed before. `known` ends with a row of NULLs; NULL: none.
 * Read the raw query, then the body (an object of texts, numbers and booleans; empty: none).
 * `timeout` is known everywhere. Errors: INVALID_ARGUMENT, RESOURCE_EXHAUSTED. */
MUST_USE enum status parameters_parse(struct parameters *parameters, const struct parameter *known,
    const char *query, struct bytes json_body, struct error *ret_error);

/* NULL when it was not given. */
const char *parameters_get(const struct parameters *parameters, const char *name);

#endif
