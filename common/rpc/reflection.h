/* Reflection: a server that says which methods it has and what their messages look like, so that a
 * client needs no generated code (walkie-call).
 *
 *     struct rpc_server_options options = {.descriptors = SERVICE_DESCRIPTORS, …};   the server
 *     status = rpc_call_unary(ctx, channel, &RPC_DESCRIBE, …);                      the client
 *
 * It is served by every server that was given descriptors, beside the service's own methods.
 * Not here: reading descriptors. That is the client's (api-gateway/call/schema.h). */
#ifndef WALKIE_RPC_REFLECTION_H
#define WALKIE_RPC_REFLECTION_H

#include "rpc/server.h"

/* DescribeRequest -> DescribeReply: walkie/rpc/v1/reflection.proto. */
extern const struct rpc_method RPC_DESCRIBE;

rpc_handler_fn rpc_reflection_describe;

#endif
