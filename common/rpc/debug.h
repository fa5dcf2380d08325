/* What a server does right now, asked over RPC: the calls in flight and its classes of methods.
 *
 *     status = rpc_ask_all(ctx, channel, &RPC_LIST_CALLS, &request.base, on_answers, arg);
 *
 * Every server has it. INLINE, so that a server whose workers are all busy can still be asked, and
 * signed where calls are (rpc/interceptor_auth.h). The same sources feed /debug/calls,
 * /debug/admission and the metrics. Not here: who may see whose calls; the gateway decides that and
 * says whose it wants. */
#ifndef WALKIE_RPC_DEBUG_H
#define WALKIE_RPC_DEBUG_H

#include "rpc/server.h"

enum {
    RPC_DEBUG_CALLS_MAX = 1000,    /* that one answer lists; the others are counted */
    RPC_DEBUG_PRINCIPAL_MAX = 128, /* bytes of a principal as it is shown, with the NUL */
};

/* ListCallsRequest -> ListCallsReply, ListClassesRequest -> ListClassesReply:
 * walkie/rpc/v1/debug.proto. */
extern const struct rpc_method RPC_LIST_CALLS;
extern const struct rpc_method RPC_LIST_CLASSES;

rpc_handler_fn rpc_debug_list_calls;
rpc_handler_fn rpc_debug_list_classes;

#endif
