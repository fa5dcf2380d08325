/* One unary question to every backend of a channel, each asked on its own: for what is known to one
 * server only (its live calls, its counters).
 *
 *     status = rpc_ask_all(ctx, channel, &RPC_LIST_CALLS, &request.base, on_answers, arg);
 *
 * The context bounds all of it: who has not answered by its end is among the answers, with the
 * status that says why. Nothing is made again. Not here: what answers mean. */
#ifndef WALKIE_RPC_ASK_H
#define WALKIE_RPC_ASK_H

#include "rpc/channel.h"

enum {
    RPC_ASK_ANSWER_MAX = 1 << 20, /* bytes of one answer; longer: RESOURCE_EXHAUSTED */
    RPC_ASK_ANSWERS_MAX = RPC_LINKS_MAX + RPC_BACKENDS_MAX, /* names without an address count */
};

/* What one address of one backend said. Valid during the callback. */
struct rpc_answer {
    const char *backend;       /* as it was listed */
    const char *address;       /* "" while there is none */
    struct bytes message;      /* empty unless the end is OK */
    const struct rpc_end *end; /* UNAVAILABLE for those without a connection, with why */
};

/* Runs exactly once, when all have answered or failed: on an I/O, timer or notifier thread, with no
 * lock held, or on the asker's before rpc_ask_all returns. It must not block. */
typedef void rpc_answers_fn(void *arg, const struct rpc_answer *answers, size_t n_answers);

/* Never blocks. Ownership: borrows ctx until `on_answers` has run; packs request. Threads: any.
 * Errors: RESOURCE_EXHAUSTED (on_answers never runs). */
#define rpc_ask_all(ctx, channel, method, request, on_answers, arg)                                \
    rpc_ask_all_from(CTX_HERE, (ctx), (channel), (method), (request), (on_answers), (arg))
MUST_USE enum status rpc_ask_all_from(struct ctx_site site, const struct ctx *ctx,
    struct rpc_channel *channel, const struct rpc_method *method, const ProtobufCMessage *request,
    rpc_answers_fn *on_answers, void *arg);

#endif
