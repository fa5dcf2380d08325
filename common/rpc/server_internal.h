/* The server's structures, for its files: server.c (life), server_accept.c (threads),
 * server_connection.c (frames in), server_call.c (a call's way in), server_admission.c (when it
 * runs), server_work.c (on its worker, and between), server_end.c (how it ends), stream_out.c
 * (chunks), handler.c (what handlers call), stock.c (REQ/REP); server_flight.h says how calls are
 * shared.
 *
 * Lock order: server -> rpc_server_call -> server_connection -> rpc_connection; admission's and the
 * deaf watch's are innermost. No lock is held while a handler, a log line or a context's callback
 * runs.
 *
 * References: a call holds its server_connection, which holds its rpc_connection. The server
 * outlives them all: rpc_server_stop waits until the last call has ended and the last connection is
 * reaped. */
#ifndef WALKIE_RPC_SERVER_INTERNAL_H
#define WALKIE_RPC_SERVER_INTERNAL_H

#include <nng/nng.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "ctx/checkpoint.h"
#include "obs/metrics.h"
#include "obs/span.h"
#include "obs/trace.h"
#include "rpc/admission.h"
#include "rpc/connection.h"
#include "rpc/envelope.h"
#include "rpc/server.h"
#include "rpc/server_deaf.h"
#include "rpc/server_table.h"

enum {
    SERVER_CONNECTIONS_MAX = 4096,
    SERVER_REQUEST_BYTES_MAX = 64 << 20, /* bytes of requests in flight on one connection */
    SERVER_CREDIT_MAX = 4 << 20,         /* bytes of credit that one call can gather */
    SERVER_PROGRESS_EVERY_MS = 100,
    SERVER_GOODPUT_SECONDS = 10, /* that goodput is an average over */
    SERVER_GOODPUT_SLOTS = 16,   /* seconds remembered: those, and the one that is running */
};

/* One address that is listened on, with the thread that accepts there. */
struct server_listener {
    struct rpc_server *server;
    struct rpc_address address; /* its url has the real port once it listens */
    nng_stream_listener *listener;
    nng_aio *accept_aio;
    pthread_mutex_t accepting; /* held while the aio is posted, and while it is cancelled */
    unsigned int tls_version;  /* the thread's */
    pthread_t thread;
    bool has_thread;
};

/* What the server keeps beside a binding. */
struct server_method {
    unsigned int class_index;
    struct method_times times; /* guarded by the admission's lock */
};

/* Refusals come by the thousand when there are too many calls: one line of a class and second is a
 * warning and counts those before it. */
struct server_refusals {
    _Atomic uint64_t next_warning_ns;
    _Atomic uint64_t n_silent;
};

/* What became of a class's calls. */
struct server_class_counts {
    _Atomic uint64_t n_completed;
    _Atomic uint64_t wasted_cpu_ns;
    _Atomic uint64_t completed_in[SERVER_GOODPUT_SLOTS];
    struct metrics_child *wait; /* fixed: what its calls wait for a worker */
};

struct rpc_server {
    struct rpc_server_options options; /* with its zeros replaced */
    char name[RPC_PEER_NAME_MAX];
    char url[RPC_ADDRESSES_TEXT_MAX];
    struct server_listener listeners[RPC_ADDRESSES_MAX];
    size_t n_listeners;
    struct admission *admission;
    struct server_method *methods; /* one a binding, and one for all that are built in */
    struct server_refusals refusals[ADMISSION_CLASSES_MAX];
    struct server_class_counts class_counts[ADMISSION_CLASSES_MAX];
    unsigned int n_class_waits; /* of them that have their `wait` */
    struct metrics_hook metrics;
    uint64_t principal_seed;
    struct server_deaf *deaf; /* NULL: off */
    struct ctx_flights *flights;
    pthread_t reap_thread;
    bool has_reap_thread;
    _Atomic bool is_not_serving; /* the program says so */

    pthread_mutex_t mutex;  /* guards what follows */
    pthread_cond_t changed; /* any of it */
    struct server_connection *connections;
    struct server_connection *closed; /* to be reaped */
    size_t n_connections;
    size_t n_calls; /* begun and not ended */
    bool is_draining;
    bool is_closing;  /* accept no more */
    bool is_stopping; /* nothing is accepted any more: the reaper ends with the last connection */
};

/* Who a share of the workers belongs to. */
struct server_principal {
    struct bytes name; /* of a connection: its peer_text, or the beginning of it */
    uint64_t id;
};

struct server_connection {
    struct rpc_server *server;
    struct rpc_connection *connection;
    _Atomic unsigned int references;
    bool is_stock;                     /* the I/O thread's */
    struct server_principal principal; /* of calls that name none; fixed */
    uint8_t peer_number;               /* the I/O thread's, and the reaper's after it: ctx/peer.h */
    _Atomic bool takes_goaway;         /* it is ready, and no stock client */

    struct server_connection *next; /* the links are the server's, under its mutex */
    struct server_connection *previous;
    struct server_connection *next_closed;
    struct server_connection *next_visited; /* of the thread that drains or stops */

    struct admission_job *batch; /* the I/O thread's: calls read, not yet submitted */
    struct admission_job **batch_end;

    pthread_mutex_t mutex; /* guards what follows */
    struct server_table calls;
    struct rpc_server_call *wants_room; /* referenced; to be resumed by on_room */
    size_t request_bytes;               /* of the calls */
    enum ctx_cause gone_cause; /* all were cancelled with it, and so are those that come yet */
};

/* What the END of a call tells of another one, that it made itself. */
struct rpc_passed_on {
    enum ctx_cause cause; /* NONE: nothing is passed on */
    int cause_hop;
    enum ctx_origin deadline_origin;
    int deadline_hop;
};

/* Which of the two halves of a call's end have come. */
enum call_part { CALL_HANDLER_RETURNED = 1 << 0, CALL_FINISHED = 1 << 1 };

struct file_pump {
    int fd; /* -1: no file */
    uint64_t offset;
    uint64_t len;
    uint8_t *piece; /* RPC_CHUNK_MAX bytes */
    bool is_shared; /* fd is a flight's: not closed here */
};

/* A wait without a worker, from rpc_call_pause until the call is on a worker again. */
struct call_pause {
    rpc_handler_fn *resume; /* NULL: it does not pause */
    void *arg;
    struct ctx_scope *timer;
    struct ctx_after *after;
    _Atomic unsigned int n_arrived; /* of two: its end, the handler's return */
};

struct rpc_server_call {
    struct admission_job job;
    struct server_connection *peer;
    _Atomic unsigned int references;
    uint32_t id;
    const struct rpc_binding *binding;
    struct server_flight *flight; /* of a flight's own call, counted: it answers no peer */
    struct server_share *share;   /* NULL: its method is not shared */
    bool is_inline;
    bool wants_progress;
    struct rpc_server_call *next_in_bucket; /* under peer->mutex */
    struct rpc_server_call *next_wants_room;
    bool is_waiting_room;

    struct trace trace;
    struct span_log *spans; /* counted; NULL: the caller does not want them */
    size_t n_spans_told;    /* in a stream's head */
    char *trace_state;      /* TRACESTATE_TEXT_MAX bytes; NULL: none came */
    unsigned int span_parts;
    struct ctx_watch watch;
    _Atomic uint64_t progress_sent_ns;
    struct ctx_scope *deadline_scope;
    struct ctx_scope *trace_scope;
    struct ctx_scope *watch_scope;
    const struct ctx *ctx;
    struct ctx_after *after;
    _Atomic bool is_done_logged;
    struct server_deaf_entry deaf;
    _Atomic int thread_id; /* of the worker while it runs the handler, else 0 */

    uint64_t retry_after_ms; /* of a refusal; 0: no hint */
    uint64_t received_ns;
    uint64_t started_ns;  /* 0: never */
    uint64_t returned_ns; /* when the handler did, last */
    uint64_t paused_ns;   /* between its returns and its goings on */
    uint64_t cpu_ns;      /* of stays on workers that are over */

    struct call_pause pause; /* the worker's */

    struct bytes request; /* request_copy, or in the connection's input (INLINE) */

    struct rpc_metadata metadata;
    struct rpc_metadata_entry *metadata_copy; /* what it lies in; NULL: there is none */

    pthread_mutex_t mutex;   /* guards what follows */
    pthread_cond_t can_send; /* credit came, room came, or there is a reason to give up */
    struct buffer reply;
    bool has_reply;
    bool is_deferred;
    bool is_committed;  /* the handler said so */
    unsigned int parts; /* enum call_part */
    enum status status; /* what the handler, or rpc_call_finish, said */
    enum status fail_status;
    char *fail_message;              /* ERROR_TEXT_MAX bytes; NULL: none */
    struct rpc_passed_on fail_cause; /* of a failure that is another call's */
    uint64_t credit;
    struct file_pump pump;
    bool is_pump_running;
    bool is_pump_given_up;
    _Atomic bool is_paused; /* written under the lock, read anywhere */
    bool is_told;           /* that its context is done */
    bool is_running;        /* cpu_clock is the worker's */
    clockid_t cpu_clock;
    uint64_t cpu_start_ns;
    bool has_cpu_at_cancel;
    uint64_t cpu_at_cancel_ns; /* what it had used in all when it was told */

    uint8_t request_copy[];
};

/* server.c */
void server_calls_add(struct rpc_server *server, bool *ret_is_draining);
void server_calls_remove(struct rpc_server *server);
bool server_is_draining(struct rpc_server *server);

/* server_accept.c */
MUST_USE enum status server_listen(struct rpc_server *server, struct error *ret_error);
/* Begin to accept. False: no thread, or no memory. */
MUST_USE bool server_accept_start(struct rpc_server *server);
void server_accept_stop(struct rpc_server *server); /* is_closing is set */
void server_listeners_finish(struct rpc_server *server);
void *server_reap_main(void *server);

/* server_connection.c */
extern const struct rpc_connection_events SERVER_CONNECTION_EVENTS;
struct server_connection *server_connection_new(
    const struct server_listener *listener, nng_stream *stream);
void server_connection_lost(struct server_connection *peer);
void server_connection_cancel_all(struct server_connection *peer, enum ctx_cause cause);
void server_connection_goaway(struct server_connection *peer);
void server_connection_ref(struct server_connection *peer);
void server_connection_unref(struct server_connection *peer);
/* What a new call finds. On the I/O thread, which alone adds calls: what is no call's id stays so,
 * and what has room keeps it. */
struct server_room {
    bool has_call;    /* one with this id */
    const char *full; /* why a further call is one too many; NULL: it is not */
};
struct server_room server_connection_look(
    struct server_connection *peer, uint32_t call_id, size_t request_len);
void server_connection_add(struct server_connection *peer, struct rpc_server_call *call);
void server_connection_remove(struct server_connection *peer, struct rpc_server_call *call);

/* server_call.c */
const char *server_call_take(
    struct server_connection *peer, const struct rpc_frame *frame, uint64_t read_ns);
void server_call_batch_end(struct server_connection *peer);
void server_call_dispatch(struct rpc_server_call *call);
void server_call_ref(struct rpc_server_call *call);
void server_call_unref(struct rpc_server_call *call);

/* server_work.c */
enum scheduler_outcome server_call_run_job(void *server, struct admission_job *job);
/* The context of a queued, running, paused or deferred call is done. Runs on the notifier thread;
 * whoever ends the call waits for it, unless it ends it itself: then that is the last thing it
 * does.
 */
void server_call_context_is_done(void *call);
/* Whether a handler has it, or has had it and does not pause. */
bool server_call_is_running(struct rpc_server_call *call);

/* server_admission.c */
MUST_USE enum status server_admission_start(struct rpc_server *server);
void server_admission_stop(struct rpc_server *server);
/* The machine at the other end. `peer_text` must live as long as it is used. */
struct server_principal server_principal_of_peer(
    const struct rpc_server *server, const char *peer_text);
/* Say who offers what, before the call is submitted. */
void server_call_set_offer(struct rpc_server_call *call);
/* End a call that came back from admission. */
void server_call_end_refused(struct rpc_server_call *call);
void server_call_log_admit(struct rpc_server_call *call, uint64_t now_ns);
void server_call_log_refuse(
    struct rpc_server_call *call, enum status status, const char *why, const char *words);
/* A deferred call is over. */
void server_call_learn(struct rpc_server_call *call, uint64_t now_ns);

/* What the server keeps beside a binding, its own or a built-in one. */
struct server_method *server_method_of(
    const struct rpc_server *server, const struct rpc_binding *binding);
/* Who asks, as the caller says; else the peer's machine. */
struct server_principal server_principal_of(const struct rpc_server_call *call);

/* server_classes.c. A call has ended; with its account. */
void server_classes_count(
    const struct rpc_server_call *call, const struct rpc_end *end, uint64_t now_ns);

/* server_metrics.c. Between admission's start and its stop. */
void server_metrics_start(struct rpc_server *server);
void server_metrics_stop(struct rpc_server *server);

/* server_begin.c. NULL: out of memory. The call is in no table yet; its context is ready. */
MUST_USE struct rpc_server_call *server_call_new(struct server_connection *peer,
    const struct rpc_frame *frame, const Walkie__Rpc__V1__CallMetadata *header,
    const struct rpc_metadata *metadata, const struct rpc_binding *binding, uint64_t read_ns);
/* The same without a context: server_call_set_context makes it, below `parent`, when the call's
 * trace is set. Both copy what they are given. */
MUST_USE struct rpc_server_call *server_call_alloc(struct server_connection *peer, uint32_t id,
    const struct rpc_binding *binding, struct bytes request, const struct rpc_metadata *metadata,
    uint64_t read_ns);
void server_call_set_context(struct rpc_server_call *call, const struct ctx *parent);
void server_call_free(struct rpc_server_call *call);
/* What a peer tells, which for itself is `wire_hop` hops away. */
struct ctx_source server_source(uint32_t wire_hop, uint8_t peer_number);
/* The span of a call: a child of the caller's, or the root of a new trace. */
void server_read_trace(const Walkie__Rpc__V1__CallMetadata *metadata, uint32_t call_id,
    const char *method, struct trace *ret_trace);
/* The tracestate of the call's metadata, as a part of its trace. Checked again: who called may be
 * anybody. Without memory the work goes on without it. */
void server_call_take_trace_state(struct rpc_server_call *call);

/* server_end.c */
void server_call_part(struct rpc_server_call *call, enum call_part part, enum status status);
/* End a call whose handler never ran: because its context is done, or for the status given. */
void server_call_end_unstarted(struct rpc_server_call *call, enum status status, const char *why);
/* The same with words of its own for the caller; `why` is a literal, for metrics. */
void server_call_refuse(
    struct rpc_server_call *call, enum status status, const char *why, const char *words);
void server_call_log_done(struct rpc_server_call *call, bool is_running);
/* Whether the context is done by `now_ns`, and why (the cause and deadline of ret_end). The
 * registration goes: after this nobody else knows the call's end. */
bool server_call_settle(struct rpc_server_call *call, uint64_t now_ns, struct rpc_end *ret_end);
/* The failure is another call's, and so is its cause. */
void server_call_pass_on(const struct rpc_server_call *call, struct rpc_end *end);
/* Report, log, release. */
void server_call_conclude(struct rpc_server_call *call, const struct rpc_end *end, uint64_t now_ns);

struct refusal {
    enum status status;
    const char *why; /* a literal; NULL: not refused */
};
/* Answer a CALL that becomes no call. `trace` may be NULL. */
void server_refuse(struct server_connection *peer, uint32_t call_id, struct refusal refusal,
    const struct trace *trace);

/* server_intercept.c */
bool server_has_interceptors(const struct rpc_server *server, const struct rpc_method *method);
struct refusal server_intercept_call(
    const struct rpc_server *server, const struct rpc_incoming *incoming);
MUST_USE enum status server_intercept_run(const struct rpc_server_call *call);
void server_intercept_end(const struct rpc_server_call *call, const struct rpc_end *end);

/* server_spans.c */
/* Record the call, if its caller wants that; before its context is made. */
void server_spans_begin(struct rpc_server_call *call, bool is_wanted);
/* The spans of a flight's own call are complete. */
void server_spans_land(struct rpc_server_call *call, const struct rpc_end *end);
/* The header of a call's last frame with its spans, in `room`; without them, as it is. `number` is
 * the field's: ENVELOPE_END_SPANS, ENVELOPE_REPLY_SPANS. */
struct bytes server_spans_add(struct rpc_server_call *call, const struct rpc_end *end,
    struct bytes header, unsigned int number, struct buffer *room);
/* The header of a stream's head. */
struct bytes server_spans_of_head(struct rpc_server_call *call, struct buffer *room);
enum { SERVER_SPANS_HEADER_MAX = 20 << 10 }; /* bytes that `room` must be able to hold */

/* stream_out.c */
void server_stream_credit(struct rpc_server_call *call, uint64_t bytes);
void server_stream_resume(struct rpc_server_call *call);
void server_stream_give_up(struct rpc_server_call *call);
/* Send a file that is not ours to close, for a call that has no handler of its own. */
void server_stream_pump(struct rpc_server_call *call, int fd, uint64_t len);

/* stock.c */
void server_stock_malformed(void *peer, uint32_t call_id, const char *reason);

#endif
