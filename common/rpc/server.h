/* The RPC server: accepts connections (tcp, tls+tcp, ipc), runs handlers, tells them to stop.
 *
 *     static enum status echo(const struct ctx *ctx, struct rpc_server_call *call, void *service);
 *
 *     const struct rpc_binding bindings[] = {{&REPORT_ECHO, echo, NULL}};
 *     struct rpc_server_options options = {.listen = "tcp://127.0.0.1:0", .bindings = bindings, …};
 *     status = rpc_server_start(&options, &server, &error);
 *
 * One port speaks two protocols, told apart by the peer's SP opening: ours (everything), and stock
 * REQ/REP (unary; `nngcat --req`, pynng, mangos). proto/README.md has the wire.
 *
 * A handler's context carries the caller's deadline (anchored when the frame was read, capped by
 * the method), its trace and its cancellation: CANCEL, the death of the connection, and draining
 * all end it. A handler runs on a worker thread and may block under its context, or, for RPC_INLINE
 * methods, on the I/O thread. Calls beyond a bound get END not_started, never silence; so do those
 * that cannot be done in their time (rpc/scheduler.h has the order and the test).
 *
 * Not here: authentication (rpc/interceptor_auth.h). */
#ifndef WALKIE_RPC_SERVER_H
#define WALKIE_RPC_SERVER_H

#include <protobuf-c/protobuf-c.h>

#include "base/bytes.h"
#include "base/error.h"
#include "ctx/ctx.h"
#include "rpc/account.h"
#include "rpc/address.h"
#include "rpc/interceptor.h"
#include "rpc/metadata.h"
#include "rpc/method.h"
#include "rpc/tls.h"

struct rpc_server;
struct rpc_server_call; /* one call; valid until its handler returned, or, deferred, until finished
                         */

/* Do the work. The status returned ends the call (rpc_call_fail adds words); after rpc_call_defer
 * it is ignored. For a call whose context is done the context's status and cause are reported. */
typedef enum status rpc_handler_fn(
    const struct ctx *ctx, struct rpc_server_call *call, void *service);

/* Append to `key` what makes two calls the same question: the request in one canonical spelling
 * (defaults filled in), the version of the data that is asked, and whatever else the handler looks
 * at. The server adds the method and the caller's authorisation scope (rpc/metadata.h); of the
 * other metadata the handler of a shared call sees the first caller's. Runs on the I/O thread: it
 * must not block. Errors: any: this call is not shared. */
typedef enum status rpc_flight_key_fn(struct bytes request, void *service, struct buffer *key);

/* With a flight_key, calls with equal keys that overlap share one run of the handler (single
 * flight), each with its own deadline, cancellation and pace. The handler's context then belongs to
 * all of them: its deadline is the latest of theirs, and it is done when the last one has gone. A
 * stream is sent when it is complete; its chunks are gathered in a file until then. Not for
 * RPC_INLINE methods. */
struct rpc_binding {
    const struct rpc_method *method;
    rpc_handler_fn *handler;
    rpc_flight_key_fn *flight_key; /* NULL: every call runs by itself */
};

enum {
    RPC_WORKERS_MAX = 256,
    RPC_QUEUE_MAX_DEFAULT = 1024,    /* calls waiting for a worker; the excess is refused */
    RPC_CALLS_MAX_DEFAULT = 8192,    /* calls in flight on one connection; the excess is refused */
    RPC_FRAME_MAX = 4 << 20,         /* bytes of one frame; a longer one closes the connection */
    RPC_CHUNK_MAX = 64 << 10,        /* bytes of one CHUNK */
    RPC_CREDIT_DEFAULT = 256 << 10,  /* bytes of CHUNK in flight of one call */
    RPC_DEAF_AFTER_MS_DEFAULT = 100, /* a handler that goes on so long after the end is reported */
};
#define RPC_SHARED_FILE_MAX                                                                        \
    (UINT64_C(1) << 30) /* bytes of a shared stream that is sent in chunks */

struct rpc_server_options {
    /* One address or several (address.h), at most RPC_ADDRESSES_MAX: "tcp://127.0.0.1:9090", port
     * 0: any free one; "tls+tcp://0.0.0.0:9443,ipc:///run/walkie/report.ipc". */
    const char *listen;
    const struct rpc_tls *tls; /* for tls+tcp; borrowed until the server is stopped; NULL: none */
    const char *name;          /* told in HELLO and in logs: "report-service" */
    const struct rpc_binding *bindings; /* borrowed until the server is stopped */
    size_t n_bindings;
    const struct rpc_server_interceptor *interceptors; /* asked in this order; borrowed likewise */
    size_t n_interceptors;                             /* at most RPC_INTERCEPTORS_MAX */
    void *service;                                     /* handed to every handler */
    unsigned int n_workers; /* calls of one class at once; 0: one a CPU, at least 4 */
    unsigned int queue_max; /* calls of one class that wait; 0: RPC_QUEUE_MAX_DEFAULT */
    unsigned int calls_max; /* 0: RPC_CALLS_MAX_DEFAULT */
    bool allow_faults;      /* whether RPC_FAULT methods may be called */
    uint64_t deaf_after_ns; /* 0: RPC_DEAF_AFTER_MS_DEFAULT; CLOCK_NEVER: no detector */
    bool ignores_leaks;     /* scopes that handlers leave behind are not looked for */
    /* A serialized FileDescriptorSet of the service's messages, borrowed until the server is
     * stopped: the server then describes itself (rpc/reflection.h). Empty: it does not. */
    struct bytes descriptors;
    const char *spool_folder; /* for the files of shared streams, which have no names; NULL: /tmp */
};

/* Bind, listen, start workers. Errors: INVALID_ARGUMENT (url), UNAVAILABLE (address in use or not
 * ours: the text names it), RESOURCE_EXHAUSTED. */
MUST_USE enum status rpc_server_start(const struct rpc_server_options *options,
    struct rpc_server **ret_server, struct error *ret_error);

/* The addresses in use, as a list, with the real ports. Borrowed until stop. */
const char *rpc_server_url(const struct rpc_server *server);

/* What the health method answers while the server does not drain; true at first. A channel sends no
 * calls where it is false. Threads: any. */
void rpc_server_set_serving(struct rpc_server *server, bool is_serving);

/* The files of options.tls were read again (rpc_tls_reload): whoever connects from now on meets
 * what they hold. Threads: any, until stop. */
void rpc_server_renew_tls(struct rpc_server *server);

/* Take no new calls (GOAWAY to every peer; what comes all the same gets END not_started), wait
 * until the calls in flight have ended or `ctx` is done; what is left then is cancelled with cause
 * server_draining by rpc_server_stop. */
MUST_USE enum status rpc_server_drain(const struct ctx *ctx, struct rpc_server *server);

/* Cancel what runs (cause server_draining), wait for the handlers and for deferred calls to be
 * finished, however long they take, give their ENDs a second to leave, close everything, free.
 * Accepts NULL. Not from a handler. */
void rpc_server_stop(struct rpc_server *server);

/* Calls in flight now: for /debug/calls. `visit` runs under a lock: it must be quick. */
struct rpc_call_info {
    uint64_t call_id;
    const uint8_t *trace_id; /* TRACE_ID_LEN bytes; during the visit */
    struct bytes principal;  /* who asks, any bytes; else the peer; during the visit */
    const char *method;
    const char *stage; /* NULL: no checkpoint yet */
    uint64_t done;     /* of that checkpoint */
    uint64_t total;
    bool is_running; /* false: queued, or it pauses */
    bool is_paused;  /* it waits without a worker (rpc_call_pause), or for one to go on with */
    bool is_done;    /* it was told to stop, or its time is over */
    int thread_id;   /* of the worker that runs its handler; 0: none (queued, paused, deferred,
                      * INLINE) */
    bool is_shared;  /* member of a flight: stage, running and polls are the shared work's */
    uint64_t age_ns;
    uint64_t remaining_ns;
    uint64_t since_poll_ns; /* since the last checkpoint; CLOCK_NEVER: none */
    uint64_t n_polls;
};
void rpc_server_each_call(struct rpc_server *server,
    void (*visit)(void *arg, const struct rpc_call_info *info), void *arg);

/* What a class of methods does, and has done since the server began. */
struct rpc_class_info {
    const char *name;
    unsigned int n_running;
    unsigned int max_running;
    uint64_t n_queued;
    unsigned int queue_max;
    uint64_t n_admitted;
    uint64_t n_refused;   /* no room: queue full, evicted, no memory */
    uint64_t n_doomed;    /* could not be done in their time: at arrival, or at their turn */
    uint64_t n_expired;   /* out of time before they began */
    uint64_t n_completed; /* calls that ended OK; those that shared their work each */
    uint64_t wasted_cpu_ns;
    double goodput_per_s; /* calls that ended OK, over the last ten full seconds */
};
/* `visit` runs under admission's lock: it must be quick. */
void rpc_server_each_class(struct rpc_server *server,
    void (*visit)(void *arg, const struct rpc_class_info *info), void *arg);

/* --- for handlers --------------------------------------------------------------------------- */

/* The request message's bytes; valid as long as the call. */
struct bytes rpc_call_request(const struct rpc_server_call *call);

/* An entry of the caller's metadata (rpc/metadata.h); valid as long as the call. False: there is
 * none with this key. It is what the caller says: believe it as far as the caller is believed. */
bool rpc_call_metadata(
    const struct rpc_server_call *call, const char *key, struct bytes *ret_value);

/* Unary: the answer (once; sent when the handler returns OK). Stream: the head, sent now, before
 * any chunk. The message is packed before this returns.
 * Errors: RESOURCE_EXHAUSTED (longer than RPC_FRAME_MAX), FAILED_PRECONDITION (twice). */
MUST_USE enum status rpc_call_reply(struct rpc_server_call *call, const ProtobufCMessage *message);

/* Send one piece of a stream (any length; split at RPC_CHUNK_MAX), after rpc_call_reply. Blocks
 * while the caller has given no credit or the connection's queue is long, under the context.
 * Errors: the context's; UNAVAILABLE when the peer is gone; FAILED_PRECONDITION before the head. */
MUST_USE enum status rpc_call_chunk(
    const struct ctx *ctx, struct rpc_server_call *call, struct bytes piece);

/* Words for the END of a failed call; returns `status`, so that handlers can return it. */
enum status rpc_call_fail(struct rpc_server_call *call, enum status status, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* The same for a call that failed because one that the handler made itself did: takes over status,
 * words and cause, with one hop more for our caller. `end` is a failure's. */
enum status rpc_call_fail_as(struct rpc_server_call *call, const struct rpc_end *end);

/* What the call was made for has been done for good: a transaction has been committed. Its outcome
 * is committed from now on, whatever becomes of the answer. On the handler's thread, before it
 * returns. Not for work that leaves nothing behind. */
void rpc_call_committed(struct rpc_server_call *call);

/* The call outlives the handler's return, which frees the worker; rpc_call_finish must follow,
 * exactly once, from any thread, also before the handler has returned. The context given to the
 * handler stays valid until then. Not in RPC_INLINE methods, whose request is only borrowed. When
 * the context is done nobody finishes the call for its owner: watch it with ctx_after_func. */
void rpc_call_defer(struct rpc_server_call *call);
void rpc_call_finish(struct rpc_server_call *call, enum status status);

/* Wait without a worker. When `duration_ns` is over, or at once when the context is done, `resume`
 * runs on a worker of the call's class, like a handler whose service is `arg`: what it returns ends
 * the call, and it may pause again. It always runs, exactly once a pause: whatever `arg` holds is
 * released there, also when nobody waits for the answer any more (ctx_err tells). Call it last, and
 * return what it returned:
 *
 *     return rpc_call_pause(call, CLOCK_SECONDS(1), go_on, job);
 *
 * A call that goes on was admitted already: it is neither judged nor refused again, goes before the
 * ones that have not begun, and has no place in the queue. Pauses are no work: what is learnt of
 * such calls' times, and their account, is without them. No worker, but all of the call's memory is
 * held meanwhile: nothing that others wait for (a database session) may be.
 * So a class has no more of them than its queue may have (queue_max).
 * Not in RPC_INLINE methods, nor after rpc_call_defer.
 * Errors: RESOURCE_EXHAUSTED (memory; too many pause): the call is not paused, and `resume` never
 * runs. */
MUST_USE enum status rpc_call_pause(
    struct rpc_server_call *call, uint64_t duration_ns, rpc_handler_fn *resume, void *arg);

/* After rpc_call_reply (the head): take over `fd`, send `len` bytes from its start as chunks as the
 * caller's credit allows, without a thread, then end the call with OK; closes fd. Defers the call:
 * the handler just returns (its status is ignored). For files made whole before the first byte
 * leaves: it is read on I/O threads, so it should be in the page cache. The call ends with
 * DATA_LOSS when the file is shorter, and with the context's status as soon as that is done. */
void rpc_call_finish_with_file(struct rpc_server_call *call, int fd, uint64_t len);

#endif
