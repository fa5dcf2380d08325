/* The report service's pages on the admin port: what it is doing right now.
 *
 *     {"/debug/calls", …}      every call in flight
 *     {"/debug/threads", …}    the handlers that run now, by thread
 *     {"/debug/stacks", …}     the same, with the stack of each
 */
#ifndef WALKIE_SERVICE_PAGES_H
#define WALKIE_SERVICE_PAGES_H

#include <stdbool.h>

#include "base/bytes.h"
#include "rpc/server.h"

/* The calls in flight as a JSON array: stage, remaining time, last poll. */
MUST_USE enum status pages_write_calls(struct rpc_server *server, struct buffer *page);

enum {
    PAGES_THREADS_MAX = RPC_WORKERS_MAX,
    PAGES_STACKS_MAX_MS = 500, /* of taking stacks; the rest is left out */
};

/* The running handlers as a JSON array: thread, call, method, stage, last poll, and with
 * `has_stacks` the stack of the thread, "" where it could not be had or the handler has returned
 * meanwhile. A stack costs the handler a signal, some microseconds. */
MUST_USE enum status pages_write_threads(
    struct rpc_server *server, bool has_stacks, struct buffer *page);

#endif
