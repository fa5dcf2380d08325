/* The RPC client: one channel to a service, shared by all threads, that dials and redials its
 * backends by itself.
 *
 *     struct rpc_channel_options options = {.backend = "tcp://report-1:9090,tcp://report-2:9090"};
 *     status = rpc_channel_new(&options, &channel, &error);
 *     status = rpc_call_unary(ctx, channel, &REPORT_ECHO, &request.base, &descriptor, &reply,
 * &end);
 *
 * A call inherits everything from its context: the remaining time goes into the frame at the moment
 * the frame leaves, the trace goes along, and when the context is done the server is told (CANCEL
 * with the cause) and the caller has its END at once, without waiting for the server's. When the
 * connection is lost every call in flight on it ends with UNAVAILABLE at once, or is made again.
 *
 * A channel has a link for each address of each backend: one connection at a time, with its own
 * thread, backoff and health check. A call goes to one of the links that are ready, by calls in
 * flight and latency (rpc/balance.h). Calls made while none is ready end UNAVAILABLE at once, with
 * a hint when to try again. What is certainly harmless is made again, once or twice, within the
 * call's deadline and a budget (rpc/retry.h); the caller sees one call.
 *
 * Not here: hedging, ejecting backends whose answers look bad. */
#ifndef WALKIE_RPC_CHANNEL_H
#define WALKIE_RPC_CHANNEL_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

#include "base/bytes.h"
#include "base/error.h"
#include "ctx/ctx.h"
#include "rpc/account.h"
#include "rpc/address.h"
#include "rpc/interceptor.h"
#include "rpc/method.h"
#include "rpc/tls.h"

struct rpc_channel;
struct rpc_client_call; /* counted; the starter holds one reference */

enum {
    RPC_BACKENDS_MAX = RPC_ADDRESSES_MAX,
    RPC_LINKS_MAX = 32,          /* addresses of all of them together; more are left out */
    RPC_RESOLVE_EVERY_MS = 1000, /* a name is looked up once in this time at most */
    RPC_BACKOFF_MIN_MS = 20,     /* first redial; doubles, jittered by half */
    RPC_BACKOFF_MAX_MS = 2000,
    RPC_HELLO_TIMEOUT_MS = 2000,
    RPC_HEALTH_EVERY_MS = 5000,   /* a link whose server is well is asked again after this, */
    RPC_HEALTH_AGAIN_MS = 500,    /* and one whose server is not, after this */
    RPC_HEALTH_TIMEOUT_MS = 1000, /* for the answer; none in time: it is not well */
};

struct rpc_channel_options {
    /* "tcp://127.0.0.1:9090", "tls+tcp://report.example:9090", "ipc:///run/walkie/report.ipc", or
     * several, with commas between. */
    const char *backend;
    const struct rpc_tls *tls;    /* for tls+tcp; borrowed until the channel is freed; NULL: none */
    const char *name;             /* told in HELLO and in logs: "api-gateway" */
    unsigned int calls_max;       /* calls in flight on a connection; 0: the server's, at most
                                     RPC_CALLS_MAX_DEFAULT */
    unsigned int health_every_ms; /* 0: RPC_HEALTH_EVERY_MS */
    const struct rpc_client_interceptor *interceptors; /* asked in this order; borrowed till free */
    size_t n_interceptors;                             /* at most RPC_INTERCEPTORS_MAX */
};

/* Whether a list of backends is well-formed. Errors: INVALID_ARGUMENT, in words, with the entry. */
MUST_USE enum status rpc_backends_check(const char *backends, struct error *ret_error);

/* Start dialling; does not wait for a connection.
 * Errors: INVALID_ARGUMENT (the list), RESOURCE_EXHAUSTED. */
MUST_USE enum status rpc_channel_new(const struct rpc_channel_options *options,
    struct rpc_channel **ret_channel, struct error *ret_error);

/* End every call (CANCELLED), close, free. Accepts NULL. Not from a callback. */
void rpc_channel_free(struct rpc_channel *channel);

/* Whether a call would go out now: at least one link is connected and its server says SERVING. */
bool rpc_channel_is_ready(const struct rpc_channel *channel);

/* Wait until it is ready. Errors: the context's. */
MUST_USE enum status rpc_channel_wait_ready(const struct ctx *ctx, struct rpc_channel *channel);

/* The links as they are now: for /debug/backends. `visit` runs under a lock: it must be quick. */
struct rpc_link_info {
    const char *backend;  /* as it was listed */
    const char *address;  /* the one address of it that this link dials; "" while there is none */
    const char *state;    /* "ready", "checking", "unhealthy", "going_away", "leaving", "dialling",
                             "waiting" or "resolving" */
    unsigned int n_calls; /* in flight; those count that were given up and not ended yet */
    uint64_t latency_ns;  /* moving average; 0: unknown */
    bool is_connected;    /* whether a call could be sent */
    bool is_healthy;      /* its server's last word */
    const char *last_error; /* why it was lost, or could not be dialled; "" */
    uint64_t redial_in_ns;  /* 0: connected, or now */
    uint32_t number;        /* of the link, never used again by the channel; 0: there is none yet */
};
void rpc_channel_each_link(struct rpc_channel *channel,
    void (*visit)(void *arg, const struct rpc_link_info *info), void *arg);

/* How far a call's work has come. The texts are tokens of the server's, valid in the callback. */
struct rpc_progress {
    const char *stage;
    const char *section; /* of what is being made; "": none yet */
    uint32_t page;       /* being drawn, from 1; 0: none yet */
    uint64_t done;       /* of the stage */
    uint64_t total;      /* 0: unknown */
};

/* Callbacks run one at a time a call, in the order of the wire, on I/O, timer or notifier threads
 * or the channel's own, with no lock held; they must not block. They may start calls, and on_end
 * may end the call's scope. Views are valid during the callback. NULL: not wanted; without on_chunk
 * chunks are dropped and given back, without on_progress the server sends none. */
struct rpc_call_events {
    void (*on_reply)(void *arg, struct bytes message); /* unary answer, or a stream's head */
    void (*on_chunk)(void *arg, struct bytes piece);   /* give back with rpc_client_call_consumed */
    void (*on_progress)(void *arg, const struct rpc_progress *progress);
    void (*on_end)(void *arg, const struct rpc_end *end); /* exactly once, the last one; required */
    /* For a call that its context ended while it was in flight (the end that on_end got says
     * is_followed): what the server says became of the work, or, when the connection is lost or
     * the channel freed before, that nobody knows. Exactly once; usually after on_end, possibly
     * beside it. Who wants it keeps `arg` valid until it has run. */
    void (*on_late_end)(void *arg, const struct rpc_end *end);
};

/* Start one call. Never blocks. *ret_call is set before any callback can run. After OK on_end will
 * run exactly once, never before this returns on the same thread, even when ctx is done already or
 * there is no connection (UNAVAILABLE at once).
 *
 * Ownership: pins ctx until on_end; copies request; `events` is borrowed (static). *ret_call (may
 *            be NULL) is a reference to give back with rpc_client_call_unref.
 * Threads:   any.
 * Errors:    RESOURCE_EXHAUSTED (no callback runs). */
#define rpc_call_start(ctx, channel, method, request, events, arg, ret_call)                       \
    rpc_call_start_from(                                                                           \
        CTX_HERE, (ctx), (channel), (method), (request), (events), (arg), (ret_call))
MUST_USE enum status rpc_call_start_from(struct ctx_site site, const struct ctx *ctx,
    struct rpc_channel *channel, const struct rpc_method *method, const ProtobufCMessage *request,
    const struct rpc_call_events *events, void *arg, struct rpc_client_call **ret_call);

/* The consumer has done with `len` bytes of chunks: the server may send as many more. Any thread.
 */
void rpc_client_call_consumed(struct rpc_client_call *call, size_t len);

/* What the server's account says of a unary call that it answered; within on_reply only. */
void rpc_client_call_account(
    const struct rpc_client_call *call, uint64_t *ret_queue_ns, uint64_t *ret_run_ns);

void rpc_client_call_unref(struct rpc_client_call *call); /* accepts NULL */

/* One unary call, waiting for the answer. *ret_reply is freed with
 * protobuf_c_message_free_unpacked. Errors: the END's status; `ret_end` (may be NULL) has the rest.
 */
#define rpc_call_unary(ctx, channel, method, request, reply_type, ret_reply, ret_end)              \
    rpc_call_unary_from(                                                                           \
        CTX_HERE, (ctx), (channel), (method), (request), (reply_type), (ret_reply), (ret_end))
MUST_USE enum status rpc_call_unary_from(struct ctx_site site, const struct ctx *ctx,
    struct rpc_channel *channel, const struct rpc_method *method, const ProtobufCMessage *request,
    const ProtobufCMessageDescriptor *reply_type, ProtobufCMessage **ret_reply,
    struct rpc_end *ret_end);

#endif
