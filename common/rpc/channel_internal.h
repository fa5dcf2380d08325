/* The client's structures, for its files: channel.c (life, table of calls), channel_dial.c (the
 * thread that dials and reaps), channel_frames.c (frames in), client_call.c (a call's life),
 * unary.c.
 *
 * Lock order: rpc_client_call -> rpc_channel -> rpc_connection. Callbacks run without any.
 *
 * A call's references: one until on_end has returned ("active"), one while it is in the table (a
 * call that its caller has given up stays there until the server's END tells what became of it),
 * one for the context's registration, one for the timer that ends a call that could not be sent,
 * and the starter's. The channel is used only until on_end has returned. */
#ifndef WALKIE_RPC_CHANNEL_INTERNAL_H
#define WALKIE_RPC_CHANNEL_INTERNAL_H

#include <nng/nng.h>
#include <pthread.h>
#include <stdatomic.h>

#include "ctx/timer.h"
#include "obs/trace.h"
#include "rpc/channel.h"
#include "rpc/connection.h"
#include "rpc/envelope.h"
#include "rpc/server.h"

enum {
    CHANNEL_SLOT_BITS = 13,                       /* of a call id: which slot */
    CHANNEL_GENERATION_BITS = 18,                 /* of a call id: which use of the slot; never 0 */
    CHANNEL_BACKEND_MAX = RPC_URL_MAX,            /* bytes of a url, with the NUL */
    CHANNEL_CREDIT_STEP = RPC_CREDIT_DEFAULT / 2, /* bytes consumed before CREDIT is sent */
};
_Static_assert(RPC_CALLS_MAX_DEFAULT <= 1 << CHANNEL_SLOT_BITS, "every call has a slot");

struct call_slot {
    struct rpc_client_call *call; /* NULL: free */
    uint32_t generation;
    uint32_t next_free;
};

struct rpc_channel {
    char backend[CHANNEL_BACKEND_MAX];
    char name[RPC_PEER_NAME_MAX];
    struct rpc_address address;
    const struct rpc_tls *tls;
    unsigned int calls_max;
    nng_stream_dialer *dialer;
    nng_aio *dial_aio;
    pthread_t thread;
    bool has_thread;
    uint64_t random;       /* the thread's; for the jitter */
    _Atomic bool is_ready; /* written under the mutex */

    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    struct rpc_connection *connection; /* the one now; NULL: none */
    bool is_closed;                    /* that one is */
    bool was_ready;                    /* that one has been */
    bool is_going_away;                /* that one takes no new calls */
    bool is_stopping;
    uint64_t redial_at_ns; /* 0: now, or connected */
    struct call_slot *slots;
    uint32_t first_free;
    unsigned int calls_limit; /* the smaller of ours and the server's */
    unsigned int n_in_table;
    unsigned int n_calls; /* on_end has not returned */
};

struct rpc_client_call {
    _Atomic unsigned int references;
    struct rpc_channel *channel;       /* valid until on_end has returned */
    struct rpc_connection *connection; /* referenced; NULL: it was not sent */
    const struct rpc_method *method;
    const struct rpc_call_events *events;
    void *arg;
    uint32_t id;
    const struct ctx *ctx; /* referenced until on_end has returned */
    struct ctx_after *after;
    struct ctx_timer timer; /* ends a call that could not be sent */
    struct trace trace;     /* of the caller; for the END that comes late */
    bool has_trace;
    uint64_t started_ns;
    uint64_t credit_left;             /* the I/O thread's: bytes of CHUNK that may still come */
    _Atomic uint64_t credit_returned; /* sent in CREDIT, not yet added to credit_left */
    _Atomic uint64_t consumed;        /* bytes not given back yet */

    pthread_mutex_t mutex; /* guards what follows */
    bool is_timer_started;
    bool is_ended; /* `end` is set; nothing but on_end will run */
    bool is_busy;  /* a callback runs; its thread delivers on_end when it was ended meanwhile */
    struct rpc_end end;
};

/* channel.c */
/* Put a call into the table and give it an id and the connection. Errors: UNAVAILABLE (not
 * connected; *ret_retry_ns says when the next try is), RESOURCE_EXHAUSTED. In the first case the
 * call counts as active all the same. */
MUST_USE enum status channel_add_call(
    struct rpc_channel *channel, struct rpc_client_call *call, uint64_t *ret_retry_ns);
void channel_count_call(struct rpc_channel *channel);
void channel_call_over(struct rpc_channel *channel);
enum frame_place { FRAME_MIDDLE, FRAME_LAST, FRAME_LAST_OF_UNARY };
/* The call, with a reference for the caller. When the frame is its last one the call leaves the
 * table, and the reference is the table's. NULL: no such call. */
struct rpc_client_call *channel_find_call(
    struct rpc_channel *channel, uint32_t call_id, enum frame_place place);
/* Take any call out of the table, with the table's reference; NULL when there is none. */
struct rpc_client_call *channel_take_any_call(struct rpc_channel *channel);

/* channel_dial.c */
void *channel_main(void *channel);

/* channel_frames.c */
extern const struct rpc_connection_events CHANNEL_EVENTS;

/* client_call.c */
void client_call_unref(struct rpc_client_call *call);
void client_call_finish(struct rpc_client_call *call, const struct rpc_end *end);
/* False when the call has ended: no callback may run. After true, client_call_leave. */
MUST_USE bool client_call_enter(struct rpc_client_call *call);
void client_call_leave(struct rpc_client_call *call, const struct rpc_end *end);
/* What became of a call that its caller has given up: logged, and told to who wants it. */
void client_call_end_late(struct rpc_client_call *call, const struct rpc_end *end);

#endif
