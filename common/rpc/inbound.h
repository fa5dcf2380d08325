/* What an outgoing call wants to know about the call that its context came in with. */
#ifndef WALKIE_RPC_INBOUND_H
#define WALKIE_RPC_INBOUND_H

#include "ctx/ctx.h"

/* Hops that the context's deadline has travelled to get here; 0: it was made in this process. */
unsigned int rpc_inbound_hops(const struct ctx *ctx);

#endif
