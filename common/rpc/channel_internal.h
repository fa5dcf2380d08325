/* The client's structures, for its files: channel.c (life, choosing links), channel_table.c (which
 * call is on which link), channel_link.c (the thread of a link: dials, reaps, redials),
 * channel_health.c (its health check), channel_resolve.c (the addresses of names), channel_frames.c
 * (frames in), client_call.c (a call's life), client_call_send.c (frames out), client_call_retry.c
 * (further attempts), unary.c.
 *
 * Lock order: rpc_client_call -> rpc_channel -> rpc_connection. Callbacks run without any.
 *
 * A call's references: one until on_end has returned ("active"), one while it is in a link's table
 * (a call that its caller has given up stays there until the server's END tells what became of it),
 * one for the context's registration, one for the timer while it waits for it (a call that could
 * not be sent, or that pauses before its next attempt), and the starter's. The channel is used only
 * until on_end has returned, a link only while the call is in its table. */
#ifndef WALKIE_RPC_CHANNEL_INTERNAL_H
#define WALKIE_RPC_CHANNEL_INTERNAL_H

#include <nng/nng.h>
#include <pthread.h>
#include <stdatomic.h>

#include "ctx/timer.h"
#include "obs/metrics.h"
#include "obs/span.h"
#include "obs/trace.h"
#include "rpc/backend.h"
#include "rpc/balance.h"
#include "rpc/call_table.h"
#include "rpc/channel.h"
#include "rpc/connection.h"
#include "rpc/envelope.h"
#include "rpc/retry.h"
#include "rpc/server.h"
#include "rpc/span_wire.h"

enum {
    CHANNEL_CREDIT_STEP = RPC_CREDIT_DEFAULT / 2, /* bytes consumed before CREDIT is sent */
};
_Static_assert(RPC_CALLS_MAX_DEFAULT <= 1 << CALL_TABLE_SLOT_BITS, "every call has a slot");

/* The health check of a link; one at a time. */
struct link_check {
    struct ctx_scope *scope;
    bool is_serving; /* what the answer says; the I/O thread's until on_end */
};

/* One address of a backend. */
struct channel_link {
    struct rpc_channel *channel;
    uint32_t number;            /* never used again in this channel; from 1 */
    struct rpc_address backend; /* as it was listed */
    struct rpc_address address; /* what is dialled */
    nng_stream_dialer *dialer;
    nng_aio *dial_aio;
    pthread_t thread;
    bool has_thread;
    uint64_t random;          /* the thread's; for the jitter */
    unsigned int tls_version; /* the thread's */
    struct link_check check;

    /* Under the channel's mutex. */
    struct rpc_connection *connection; /* the one now; NULL: none */
    struct call_table table;           /* calls on that one */
    struct balance_load load;
    unsigned int calls_limit; /* the smaller of ours and the server's */
    bool is_connected;        /* HELLO has come */
    bool is_healthy;          /* the server has said SERVING, and not taken it back */
    bool is_unwell;           /* its last answer, or its silence, said otherwise */
    bool is_checking;         /* the check has not ended */
    bool is_going_away;       /* the connection takes no new calls */
    bool is_closed;           /* the connection is */
    bool was_ready;           /* the connection has been */
    bool is_ready;            /* it is in the channel's list */
    bool is_leaving;          /* its address has gone: end with the last call */
    bool is_over;             /* the thread has ended or is about to */
    uint64_t check_at_ns;
    uint64_t redial_at_ns; /* 0: now, or connected */
    char last_error[RPC_CLOSE_REASON_MAX];
};

struct rpc_channel {
    char *backends; /* the list as it was given */
    char name[RPC_PEER_NAME_MAX];
    const struct rpc_tls *tls; /* NULL: none */
    unsigned int calls_max;
    const struct rpc_client_interceptor *interceptors; /* fixed */
    size_t n_interceptors;
    uint64_t health_every_ns;
    struct channel_resolver *resolver; /* NULL: no backend is a name */
    struct metrics_hook metrics;
    _Atomic bool is_ready;               /* n_ready > 0; written under the mutex */
    _Atomic uint64_t request_bytes_kept; /* of long requests, for retries */

    pthread_mutex_t mutex; /* guards what follows, and the links */
    pthread_cond_t changed;
    struct channel_link *links[RPC_LINKS_MAX];
    size_t n_links;
    struct channel_link *ready[RPC_LINKS_MAX];
    size_t n_ready;
    uint32_t last_number;
    uint64_t random;
    struct retry_budget budget;
    unsigned int n_calls; /* on_end has not returned */
    bool is_stopping;
};

/* Why a call could not be sent at all. */
struct call_unsent {
    enum status status;   /* OK: it could */
    const char *why;      /* an interceptor's, a literal; NULL: no link was ready */
    uint64_t retry_at_ns; /* when the next dial is; 0: no hint */
};

/* Thousands of them wait at once: how a call ended, with its long text, lies on the stack of who
 * ends it, and only what cannot be told again later is kept here. */
struct rpc_client_call {
    _Atomic unsigned int references;
    struct rpc_channel *channel; /* valid until on_end has returned */
    const struct rpc_method *method;
    const struct rpc_call_events *events;
    void *arg;
    const struct ctx *ctx; /* referenced until on_end begins */
    struct ctx_after *after;
    struct ctx_timer timer;       /* ends a call that could not be sent, or its pause */
    struct rpc_metadata metadata; /* what interceptors made of the caller's; of every attempt */
    struct rpc_metadata_entry *metadata_copy;
    struct trace trace; /* of the caller; for the END that comes late */
    bool has_trace;
    struct span_log *spans;               /* counted: the trace's; NULL: nobody records */
    struct span_anchor span_anchor;       /* the I/O thread's; of the last attempt */
    uint8_t attempt_span_id[SPAN_ID_LEN]; /* the last attempt's */
    _Atomic bool is_span_over;            /* that one's end is known */
    bool is_check;                        /* a link's own */
    bool is_bound;                        /* to one link: never made again on another */
    uint64_t started_ns;
    uint64_t reply_queue_ns; /* the I/O thread's, as is the next one: of the account in REPLY */
    uint64_t reply_run_ns;
    uint64_t credit_left;             /* the I/O thread's: bytes of CHUNK that may still come */
    _Atomic uint64_t credit_returned; /* sent in CREDIT, not yet added to credit_left */
    _Atomic uint64_t consumed;        /* bytes not given back yet */

    pthread_mutex_t mutex;             /* guards what follows */
    struct rpc_connection *connection; /* referenced; NULL: it is on none */
    struct channel_link *link;         /* the last attempt's; see above */
    uint32_t link_number;              /* the last attempt's; 0: none */
    uint32_t id;
    unsigned int attempt;   /* 0: the first */
    uint64_t attempt_at_ns; /* when the last one began */
    bool was_queued;        /* the last one reached its connection */
    bool may_have_run;      /* an earlier attempt: how it ended is unknown */
    bool has_answer;        /* the caller has seen some of it; written between enter and leave */
    bool is_timer_started;
    bool is_ended; /* nothing but on_end will run */
    bool is_busy;  /* a callback runs; its thread delivers on_end when the context ended it then */
    struct call_unsent unsent;  /* while it waits for the timer: how it will end */
    struct rpc_end *paused_end; /* of the attempt before a pause; NULL: there was none */
    uint32_t bytes_kept;        /* counted in the channel's request_bytes_kept */
    uint32_t request_len;
    bool keeps_request;
    uint8_t request[]; /* request_len bytes, packed, if it keeps it */
};

/* channel.c */
/* Put a link into or out of those that take calls, by its state. */
void channel_update_link_locked(struct channel_link *link);
void channel_count_call(struct rpc_channel *channel);
void channel_call_over(struct rpc_channel *channel);
bool channel_is_stopping(struct rpc_channel *channel);

/* channel_table.c */
struct channel_wish {
    uint32_t only;    /* number of a link, ready or not; 0: any that is ready */
    uint32_t avoided; /* number of a link that is taken only if there is no other; 0: none */
    bool is_strict;   /* not even then */
};
/* Put a call into a link's table and give it that link, an id and the connection. A first attempt
 * is counted as active, also when there is no link; a further one pays from the budget.
 * Errors: UNAVAILABLE (no link is ready; *ret_retry_at_ns says when the next dial is),
 * RESOURCE_EXHAUSTED (those there are full, unwished for, or the budget is spent). */
MUST_USE enum status channel_place_call(struct rpc_channel *channel, struct rpc_client_call *call,
    const struct channel_wish *wish, uint64_t *ret_retry_at_ns);
/* What a frame tells about its link. */
enum frame_place { FRAME_MIDDLE, FRAME_LAST, FRAME_LAST_OF_UNARY };
enum frame_news { NEWS_NONE, NEWS_ANSWER, NEWS_REFUSAL };
/* The call, with a reference for the caller. When the frame is its last one the call leaves the
 * table, and the reference is the table's. NULL: no such call. */
struct rpc_client_call *channel_find_call(struct channel_link *link, uint32_t call_id,
    enum frame_place place, enum frame_news news, uint64_t read_ns);
/* Take the next call at or after slot *at out of the table, with the table's reference; NULL when
 * there is none. */
struct rpc_client_call *channel_take_next_call(struct channel_link *link, uint32_t *at);

/* channel_link.c */
/* Start a link for one address of a backend, an IP literal (NULL: the backend as it is); the
 * channel owns it. Errors: RESOURCE_EXHAUSTED, INVALID_ARGUMENT (nng does not take it). */
MUST_USE enum status channel_link_add(struct rpc_channel *channel,
    const struct rpc_address *backend, const char *literal, struct error *ret_error);
/* Only when its thread has ended or was never started. */
void channel_link_free(struct channel_link *link);

/* channel_resolve.c */
/* Look up those of the backends that are names. Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status channel_resolver_start(struct rpc_channel *channel,
    const struct rpc_address *backends, size_t n_backends, struct error *ret_error);
/* After this it adds and frees no links. Does not wait for a look-up. Accepts NULL. */
void channel_resolver_stop(struct channel_resolver *resolver);
void channel_resolver_unref(struct channel_resolver *resolver); /* accepts NULL */
/* The names that have no links, because they were never found. */
void channel_resolver_each_unfound(struct channel_resolver *resolver,
    void (*visit)(void *arg, const struct rpc_link_info *info), void *arg);
/* The link was lost: its name may have other addresses now. No lock held. */
void channel_resolve_again(struct channel_link *link);

/* channel_metrics.c */
void channel_metrics_start(struct rpc_channel *channel);
void channel_metrics_stop(struct rpc_channel *channel);
void channel_metrics_retry(void);

/* channel_health.c */
/* Ask the server; sets is_healthy and check_at_ns when the answer has come, or none. */
void channel_check_link(struct channel_link *link);

/* channel_frames.c */
extern const struct rpc_connection_events CHANNEL_EVENTS;

/* client_call.c */
void client_call_ref(struct rpc_client_call *call);
void client_call_unref(struct rpc_client_call *call);
struct client_call_start {
    struct rpc_channel *channel;
    uint32_t only; /* number of the link that the call is bound to; 0: any */
    bool is_check; /* the link's own health check: unseen by balance and metrics */
    const struct rpc_method *method;
    const ProtobufCMessage *request;
    const struct rpc_call_events *events;
    void *arg;
};
/* rpc_call_start without its detectors. */
MUST_USE enum status client_call_start(const struct ctx *ctx, const struct client_call_start *start,
    struct rpc_client_call **ret_call);
/* False when the call has ended: no callback may run. After true, client_call_leave; after a unary
 * answer with the end that it is (OK), and when it was read. */
MUST_USE bool client_call_enter(struct rpc_client_call *call);
void client_call_leave(struct rpc_client_call *call, const struct rpc_end *end, uint64_t read_ns);
/* on_end, and what the call held. By whoever has set is_ended; `end` is not the call's own. */
void client_call_deliver_end(struct rpc_client_call *call, const struct rpc_end *end);
/* What became of a call that its caller has given up: logged, and told to who wants it. */
void client_call_end_late(struct rpc_client_call *call, const struct rpc_end *end);

/* client_spans.c */
/* Record for the caller's trace, if that has somebody who does. */
void client_spans_start(struct rpc_client_call *call, const struct trace *trace);
void client_spans_finish(struct rpc_client_call *call);  /* nothing more will come */
void client_spans_attempt(struct rpc_client_call *call); /* one begins */
/* It has ended, unless that was known before. */
void client_spans_end(struct rpc_client_call *call, const struct rpc_end *end, uint64_t ended_ns);
/* What a REPLY or END brings; `end`: it is the last frame of the attempt; NULL: it is not. */
void client_spans_take(struct rpc_client_call *call, enum rpc_frame_type type, struct bytes header,
    const struct rpc_end *end, uint64_t read_ns);

/* What a PROGRESS tells. */
void client_spans_stage(struct rpc_client_call *call, const char *stage, uint64_t done,
    uint64_t total, uint64_t now_ns);

/* client_call_send.c */
/* With the call's lock held, and on a connection. `request` may be NULL when the call keeps its
 * own. */
void client_call_send_locked(struct rpc_client_call *call, const ProtobufCMessage *request);

/* client_call_retry.c */
/* An attempt failed, and the call is in no table any more: make the next one, or end the call.
 * False when it had ended before: `end` is only what became of the work. */
bool client_call_attempt_over(struct rpc_client_call *call, const struct rpc_end *end);
/* With the call's lock held: end the call soon, on the timer's thread. */
void client_call_fail_soon_locked(struct rpc_client_call *call, struct call_unsent unsent);

/* client_intercept.c */
/* Ask the chain. Any status but OK: the call must end with that. */
MUST_USE struct call_unsent client_intercept_start(
    struct rpc_client_call *call, const ProtobufCMessage *request);
void client_intercept_end(const struct rpc_client_call *call, const struct rpc_end *end);
/* What the call carries; NULL: nothing. */
const struct rpc_metadata *client_metadata(const struct rpc_client_call *call);

#endif
