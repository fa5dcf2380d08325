/* Shared calls: equal calls of a method become members of one flight (ctx/flight.h) before
 * admission, and the handler runs once. Internal to common/rpc.
 *
 * The flight has a call of its own: a server call that is in no connection's table and answers
 * nobody. It is admitted, run and accounted like any other; where its end would be sent, the flight
 * lands. A member is a call with everything but a handler: its own deadline, cancellation, trace,
 * credit and END. It holds no worker.
 *
 * What the members get is written before the flight lands and never changed after: the end, the
 * reply (the whole answer, or a stream's head), and one unlinked file that each reads at its own
 * pace.
 *
 * Lock order: server_flight -> the flight's own call, whose lock may be taken under a connection's
 * since it never sends. The table of flights is taken with none of them held; a server's and a
 * connection's may be taken under it. */
#ifndef WALKIE_RPC_SERVER_FLIGHT_H
#define WALKIE_RPC_SERVER_FLIGHT_H

#include "ctx/flight.h"
#include "rpc/server_internal.h"

struct server_flight {
    struct ctx_flight flight; /* counts the whole */
    struct trace trace;       /* of the flight's call: members of other traces name it */
    uint64_t began_ns;        /* the first one's receipt */
    struct span_log *spans;   /* its call's, counted; fixed once a member can ask; NULL: none */

    pthread_mutex_t mutex;        /* guards what follows */
    struct rpc_server_call *call; /* the flight's own; NULL: not made yet, or landed */
    struct rpc_server_call *last; /* who left last, and waits to hear how the work stopped */
    bool has_landed;

    /* The handler's until it lands, then fixed. */
    uint64_t landed_ns;
    struct rpc_end end;
    struct rpc_passed_on fail_cause;
    struct buffer reply;
    int fd; /* -1: no file */
    uint64_t len;
    bool has_file; /* given whole: no chunks may follow */
};

/* What a call that may share has for it. */
struct server_share {
    struct ctx_flight_member member;
    struct rpc_server_call *call;
    _Atomic(struct server_flight *) flight; /* counted; NULL: does not share (yet) */
    struct server_flight *landed; /* counted; NULL: no answer yet, or none from a flight */
    unsigned int n_members;       /* that the flight had when this one was told */
};

enum { SERVER_FLIGHT_HASH_TEXT_MAX = 17 }; /* 16 hex digits and the NUL */

/* --- members: server_flight.c --------------------------------------------------------------- */

/* Make ready for sharing, before the call is in its connection's table. False: out of memory. */
MUST_USE bool server_share_prepare(struct rpc_server_call *call);
void server_share_free(struct server_share *share); /* accepts NULL */

/* Make the call a member of a flight, and dispatch the flight's call when it is the first one.
 * False: it does not share (no key, no memory, too many), and is dispatched by itself. */
MUST_USE bool server_share_join(struct rpc_server_call *call);

/* Whether the call's answer is a flight's. */
static inline bool server_share_has_answer(const struct rpc_server_call *call)
{
    return call->share != NULL && call->share->landed != NULL;
}

/* The stage that the work has reached, the call's own when it does not share; NULL: none yet. */
const char *server_share_stage(const struct rpc_server_call *call);

/* Give a member the landed flight's answer. */
void server_share_answer(struct rpc_server_call *call, struct server_flight *flight);

/* A member has sent what it had to: end it. */
void server_share_end(struct rpc_server_call *call, enum status status);

void server_flight_hash_text(
    const struct server_flight *flight, char text[SERVER_FLIGHT_HASH_TEXT_MAX]);
void server_flight_unref(struct server_flight *flight); /* accepts NULL */

/* --- the work: server_flight_work.c --------------------------------------------------------- */

/* Make and dispatch the call of a flight that `leader` has just made. On the leader's I/O thread.
 */
void server_flight_start(struct server_flight *flight, const struct rpc_server_call *leader);

/* The work so far. */
struct server_flight_view {
    bool is_running;
    bool is_paused;
    int thread_id;     /* 0: none */
    const char *stage; /* NULL: no checkpoint yet */
    uint64_t done;
    uint64_t total;
    uint64_t last_poll_ns;
    uint64_t n_polls;
    struct rpc_account account; /* outcome unknown */
};
void server_flight_look(struct server_flight *flight, struct server_flight_view *ret_view);

/* Send a frame to all members that want progress. */
void server_flight_tell_progress(struct rpc_server_call *call, struct rpc_outgoing *outgoing);

/* The flight's call has ended: this takes the place of sending. */
void server_flight_land(struct rpc_server_call *call, const struct rpc_end *end);

/* --- its file: server_flight_file.c --------------------------------------------------------- */

/* What takes the place of sending a chunk: append it to an unlinked file.
 * Errors: the context's; RESOURCE_EXHAUSTED (RPC_SHARED_FILE_MAX, the disk is full), UNAVAILABLE
 * (no file can be made), FAILED_PRECONDITION before the head. */
MUST_USE enum status server_flight_chunk(
    const struct ctx *ctx, struct rpc_server_call *call, struct bytes piece);

/* Takes `fd`. Errors: FAILED_PRECONDITION (before the head, or after chunks): it is closed. */
MUST_USE enum status server_flight_take_file(struct rpc_server_call *call, int fd, uint64_t len);

#endif
