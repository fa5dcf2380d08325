/* The methods that every server has beside its service's: searched after those.
 *
 *     binding = rpc_builtin_find(&server->options, "walkie.rpc.v1.Reflection/Describe");
 *
 * Their handlers find the server through the call. A further one is a row in builtin.c. */
#ifndef WALKIE_RPC_BUILTIN_H
#define WALKIE_RPC_BUILTIN_H

#include "rpc/server.h"

/* The built-in method of that name; NULL: there is none, or the options leave it out. */
const struct rpc_binding *rpc_builtin_find(
    const struct rpc_server_options *options, const char *method);

/* The n-th built-in that these options serve, from 0; NULL after the last. */
const struct rpc_binding *rpc_builtin_at(const struct rpc_server_options *options, size_t n);

#endif
