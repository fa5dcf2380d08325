/* The health method: whether a server wants calls now.
 *
 *     rpc_server_set_serving(server, false);          the program, while it loads or is unwell
 *     status = rpc_call_unary(ctx, channel, &RPC_HEALTH_CHECK, …);
 *
 * Every server has it, and answers NOT_SERVING too when it drains; it is never refused for want of
 * room. A channel asks it on every link by itself. Not here: why a program is unwell. */
#ifndef WALKIE_RPC_HEALTH_H
#define WALKIE_RPC_HEALTH_H

#include "rpc/server.h"

/* HealthCheckRequest -> HealthCheckReply: walkie/rpc/v1/health.proto. */
extern const struct rpc_method RPC_HEALTH_CHECK;

rpc_handler_fn rpc_health_check;

#endif
