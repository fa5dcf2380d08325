/* A report as an operation (Prefer: respond-async, RFC 7240): 202 with its address at once, the
 * report behind the client's back.
 *
 *     if (report_operation_is_wanted(request)) {
 *         return report_operation_start(request, &work, &error);
 *     }
 *
 * Idempotency-Key: the same key with the same request of the same principal is the same operation,
 * whatever has become of it since; with another request it is 422. Not here: what can be done with
 * an operation (operations.c). */
#ifndef WALKIE_GATEWAY_REPORT_OPERATION_H
#define WALKIE_GATEWAY_REPORT_OPERATION_H

#include "api/report_work.h"

/* Whether the client wants to come back for the answer. */
bool report_operation_is_wanted(const struct request *request);

/* Whether a value of Prefer has respond-async in it. For tests. */
bool report_operation_prefers(const char *prefer);

/* Answer 202, or why not, once the record is kept. Errors: those of the key; RESOURCE_EXHAUSTED;
 * UNAVAILABLE. */
MUST_USE enum status report_operation_start(
    struct request *request, const struct report_work *work, struct error *ret_error);

#endif
