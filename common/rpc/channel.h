/* The RPC client: one channel to a backend, shared by all threads, that dials and redials by
 * itself.
 *
 *     status = rpc_channel_new(&options, &channel, &error);
 *     status = rpc_call_unary(ctx, channel, &REPORT_ECHO, &request.base, &descriptor, &reply,
 * &end);
 *
 * A call inherits everything from its context: the remaining time goes into the frame at the moment
 * the frame leaves, the trace goes along, and when the context is done the server is told (CANCEL
 * with the cause) and the caller has its END at once, without waiting for the server's. When the
 * connection is lost every call in flight ends with UNAVAILABLE at once.
 *
 * Not here: several backends, retries, TLS (next). */
#ifndef WALKIE_RPC_CHANNEL_H
#define WALKIE_RPC_CHANNEL_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

#include "base/bytes.h"
#include "base/error.h"
#include "ctx/ctx.h"
#include "rpc/account.h"
#include "rpc/method.h"
#include "rpc/tls.h"

struct rpc_channel;
struct rpc_client_call; /* counted; the starter holds one reference */

enum {
    RPC_BACKOFF_MIN_MS = 20, /* first redial; doubles, jittered by half */
    RPC_BACKOFF_MAX_MS = 2000,
    RPC_HELLO_TIMEOUT_MS = 2000,
};

struct rpc_channel_options {
    /* "tcp://127.0.0.1:9090", "tls+tcp://report.example:9090", "ipc:///run/walkie/report.ipc" */
    const char *backend;
    const struct rpc_tls *tls; /* for tls+tcp; borrowed until the channel is freed; NULL: none */
    const char *name;          /* told in HELLO and in logs: "api-gateway" */
    unsigned int calls_max;    /* calls in flight; 0: the server's, at most RPC_CALLS_MAX_DEFAULT */
};

/* Start dialling; does not wait for the connection.
 * Errors: INVALID_ARGUMENT (url), RESOURCE_EXHAUSTED. */
MUST_USE enum status rpc_channel_new(const struct rpc_channel_options *options,
    struct rpc_channel **ret_channel, struct error *ret_error);

/* End every call (CANCELLED), close, free. Accepts NULL. Not from a callback. */
void rpc_channel_free(struct rpc_channel *channel);

bool rpc_channel_is_ready(const struct rpc_channel *channel);

/* Wait until it is connected. Errors: the context's. */
MUST_USE enum status rpc_channel_wait_ready(const struct ctx *ctx, struct rpc_channel *channel);

/* Callbacks run one at a time a call, in the order of the wire, on I/O, timer or notifier threads
 * or the channel's own, with no lock held; they must not block. They may start calls, and on_end
 * may end the call's scope. Views are valid during the callback. NULL: not wanted; without on_chunk
 * chunks are dropped and given back, without on_progress the server sends none. */
struct rpc_call_events {
    void (*on_reply)(void *arg, struct bytes message); /* unary answer, or a stream's head */
    void (*on_chunk)(void *arg, struct bytes piece);   /* give back with rpc_client_call_consumed */
    void (*on_progress)(void *arg, const char *stage, uint64_t done, uint64_t total);
    void (*on_end)(void *arg, const struct rpc_end *end); /* exactly once, the last one; required */
    /* For a call that its context ended: what the server says became of the work, if that arrives
     * while the connection lives. At most once; usually after on_end, possibly beside it, and not
     * at all when it was quick enough to be what on_end got (its outcome is then known). Who wants
     * it keeps `arg` valid until it has run or the channel is freed. */
    void (*on_late_end)(void *arg, const struct rpc_end *end);
};

/* Start one call. Never blocks. *ret_call is set before any callback can run. After OK on_end will
 * run exactly once, never before this returns on the same thread, even when ctx is done already or
 * there is no connection (UNAVAILABLE at once).
 *
 * Ownership: pins ctx until on_end; copies request; `events` is borrowed (static). *ret_call (may
 * be NULL) is a reference to give back with rpc_client_call_unref. Threads:   any. Errors:
 * RESOURCE_EXHAUSTED (no callback runs). */
MUST_USE enum status rpc_call_start(const struct ctx *ctx, struct rpc_channel *channel,
    const struct rpc_method *method, const ProtobufCMessage *request,
    const struct rpc_call_events *events, void *arg, struct rpc_client_call **ret_call);

/* The consumer has done with `len` bytes of chunks: the server may send as many more. Any thread.
 */
void rpc_client_call_consumed(struct rpc_client_call *call, size_t len);

void rpc_client_call_unref(struct rpc_client_call *call); /* accepts NULL */

/* One unary call, waiting for the answer. *ret_reply is freed with
 * protobuf_c_message_free_unpacked. Errors: the END's status; `ret_end` (may be NULL) has the rest.
 */
MUST_USE enum status rpc_call_unary(const struct ctx *ctx, struct rpc_channel *channel,
    const struct rpc_method *method, const ProtobufCMessage *request,
    const ProtobufCMessageDescriptor *reply_type, ProtobufCMessage **ret_reply,
    struct rpc_end *ret_end);

#endif
