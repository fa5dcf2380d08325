/* Faults on request: calls that are delayed or fail, for demonstrations and tests.
 *
 *     struct rpc_fault fault = {.delay_ns = CLOCK_MS(500), .error_rate = 0.1};
 *     const struct rpc_server_interceptor chain[] = {rpc_fault_server(&fault)};
 *
 * A delay holds the worker before the handler, under the call's context; INLINE methods have none.
 * Errors are UNAVAILABLE, unstarted, and spread evenly, not drawn: a test can be exact. */
#ifndef WALKIE_RPC_INTERCEPTOR_FAULT_H
#define WALKIE_RPC_INTERCEPTOR_FAULT_H

#include <stdatomic.h>

#include "rpc/interceptor.h"

struct rpc_fault {
    const char *method; /* the only one that is hit; NULL: all */
    uint64_t delay_ns;
    double error_rate; /* 0 to 1 */
    _Atomic uint64_t n_calls;
};

/* For the chain; `fault` is borrowed. */
struct rpc_server_interceptor rpc_fault_server(struct rpc_fault *fault);

#endif
