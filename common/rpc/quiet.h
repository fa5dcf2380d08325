/* How loudly a method's calls are logged.
 *
 *     LOG_AT(rpc_log_level(method), "rpc.recv", …);
 *
 * RPC_QUIET methods are called every few seconds by every client: their lines would bury the
 * others. */
#ifndef WALKIE_RPC_QUIET_H
#define WALKIE_RPC_QUIET_H

#include "obs/log.h"
#include "rpc/method.h"

static inline enum log_level rpc_log_level(const struct rpc_method *method)
{
    return (method->flags & RPC_QUIET) == 0 ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG;
}

#endif
