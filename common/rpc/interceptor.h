/* Interceptors: what looks at every call, on either side, without the handlers knowing.
 *
 *     const struct rpc_server_interceptor chain[] = {rpc_auth_server(auth),
 * rpc_fault_server(fault)}; struct rpc_server_options options = {.interceptors = chain,
 * .n_interceptors = 2, …};
 *
 * A chain is a fixed array, borrowed as long as the server or channel lives, asked in its order;
 * hooks that are NULL are passed over, and an empty chain costs one comparison. The health check is
 * the channel's own, and no interceptor sees it: whether a server serves is told to everybody.
 * Hooks run with no lock of ours held. They may be called by several threads at once.
 *
 * Not here: logs and metrics of calls, which are built in (common/rpc, obs/metrics.h): they need
 * what no hook sees, such as frames that are no calls. Changing requests or answers. */
#ifndef WALKIE_RPC_INTERCEPTOR_H
#define WALKIE_RPC_INTERCEPTOR_H

#include <protobuf-c/protobuf-c.h>

#include "base/bytes.h"
#include "ctx/ctx.h"
#include "rpc/account.h"
#include "rpc/metadata.h"
#include "rpc/method.h"

enum { RPC_INTERCEPTORS_MAX = 8 }; /* of one chain */

/* A call as a server's hooks see it; valid during the hook. */
struct rpc_incoming {
    const struct rpc_method *method;
    const struct rpc_metadata *metadata;
    const char *peer; /* its address */
    struct bytes request;
};

struct rpc_server_interceptor {
    void *arg;
    /* Before the call is one, on the I/O thread: microseconds, never blocking. Any status but OK
     * refuses it: it ends unstarted, with `*ret_why`, a literal. */
    enum status (*on_call)(void *arg, const struct rpc_incoming *call, const char **ret_why);
    /* Before the handler, on its worker; may block under the context. Any status but OK ends the
     * call with that instead. Not for RPC_INLINE methods, which have no worker. */
    enum status (*on_run)(void *arg, const struct ctx *ctx, const struct rpc_incoming *call);
    /* Once for each call that was not refused by on_call or before it, when its end has been sent.
     * On any thread; must not block. */
    void (*on_end)(void *arg, const struct ctx *ctx, const struct rpc_incoming *call,
        const struct rpc_end *end);
};

/* A call as a client's on_start sees it. */
struct rpc_outgoing_call {
    const struct rpc_method *method;
    const ProtobufCMessage *request;
    struct rpc_metadata *metadata; /* what it will carry; to be added to */
};

struct rpc_client_interceptor {
    void *arg;
    /* On the caller's thread, before the call is sent, once a call however often it is tried. May
     * set entries of the metadata, whose keys are literals, and whose values are static or lie in
     * `room`, each hook's own. Any status but OK ends the call unsent, with `*ret_why`, a literal.
     */
    enum status (*on_start)(void *arg, const struct ctx *ctx, struct rpc_outgoing_call *call,
        uint8_t room[RPC_METADATA_VALUE_MAX], const char **ret_why);
    /* Once for each call that rpc_call_start took, before its caller's own on_end; must not block.
     */
    void (*on_end)(void *arg, const struct ctx *ctx, const struct rpc_method *method,
        const struct rpc_end *end);
};

#endif
