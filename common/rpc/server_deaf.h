/* The deaf-handler detector: a call whose context is done and which has not stopped within the
 * server's deaf_after_ns is logged as ctx.deaf, with what the handler's thread is doing. Internal
 * to common/rpc.
 *
 *     server_deaf_watch(call, since_ns);   its context is done and it runs or is deferred
 *     server_deaf_unwatch(call);           it has stopped, or pauses: then it need not listen
 *
 * A call that nobody cancels costs nothing; one that stops in time costs a place in a list. One
 * thread looks at the list, and sleeps while it is empty or nothing in it is due. A call that goes
 * on is told again after 2, 4, 8 … times as long, SERVER_DEAF_LINES_MAX times in all, and the
 * server writes at most SERVER_DEAF_LINES_PER_SECOND.
 *
 * INLINE handlers have nobody to tell them and run on the thread that reads frames: one that comes
 * back late is reported when it does.
 *
 * Not here: threads of a context group, which are not the handler's own: its stack shows the wait
 * for them; stopping anything. */
#ifndef WALKIE_RPC_SERVER_DEAF_H
#define WALKIE_RPC_SERVER_DEAF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum {
    SERVER_DEAF_LINES_MAX = 10, /* of one call: the last after 1023 times deaf_after_ns */
    SERVER_DEAF_LINES_PER_SECOND = 20,
};

struct rpc_server;
struct rpc_server_call;
struct server_deaf;

/* What a call carries for it. Guarded by the detector's lock. */
struct server_deaf_entry {
    struct rpc_server_call *next;
    struct rpc_server_call *previous;
    uint64_t due_ns; /* of the next line */
    unsigned int n_lines;
    bool is_watched;
};

/* Start the detector's thread, unless it is off. Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status server_deaf_start(struct rpc_server *server);
/* All calls must have ended. Accepts a server without one. */
void server_deaf_stop(struct rpc_server *server);

/* `since_ns`: when it could first have stopped. */
void server_deaf_watch(struct rpc_server_call *call, uint64_t since_ns);
void server_deaf_unwatch(struct rpc_server_call *call);

/* An INLINE handler has returned. */
void server_deaf_check_inline(struct rpc_server_call *call);

#endif
