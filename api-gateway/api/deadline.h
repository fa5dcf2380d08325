/* The deadline of a request: the smallest of what the client asks for (Grpc-Timeout,
 * X-Request-Timeout, ?timeout) and the route's cap; the route's default when it asks for nothing.
 *
 *     status = deadline_read(&wish, route, &timeout_ns, &origin, &error);
 */
#ifndef WALKIE_GATEWAY_DEADLINE_H
#define WALKIE_GATEWAY_DEADLINE_H

#include "base/error.h"
#include "ctx/cause.h"

#include <stdint.h>

/* The raw texts; NULL: not given. */
struct deadline_wish {
    const char *grpc_timeout;
    const char *x_request_timeout;
    const char *timeout;
};

/* Errors: INVALID_ARGUMENT names the header or parameter that is malformed, and the form it wants.
 */
MUST_USE enum status deadline_read(const struct deadline_wish *wish, uint64_t default_ns,
    uint64_t max_ns, uint64_t *ret_timeout_ns, enum ctx_origin *ret_origin,
    struct error *ret_error);

#endif
