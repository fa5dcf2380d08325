/* The work account: what a call cost on the server, and what became of it. It travels home in REPLY
 * and END, so that a cancelled caller knows. Durations in ns. */
#ifndef WALKIE_RPC_ACCOUNT_H
#define WALKIE_RPC_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "ctx/ctx.h"

enum rpc_outcome {               /* numbers are the wire's */
    RPC_OUTCOME_UNKNOWN = 0,     /* the connection was lost, or the shared work goes on */
    RPC_OUTCOME_NOT_STARTED = 1, /* no handler ran: the call can safely be made again */
    RPC_OUTCOME_STOPPED = 2,     /* the handler began and gave up */
    RPC_OUTCOME_COMMITTED = 3,   /* the handler finished its work, or said that it is done */
};

const char *rpc_outcome_word(enum rpc_outcome outcome); /* "not_started"; static storage */

enum { RPC_STAGE_MAX = 48 }; /* bytes of a stage name, with the NUL; longer ones are cut */

struct rpc_account {
    uint64_t queue_ns;
    uint64_t run_ns; /* from the handler's begin to the end, without pauses (rpc_call_pause) */
    uint64_t cpu_ns;
    uint64_t wasted_cpu_ns;   /* CPU used after the cancel */
    uint64_t stop_latency_ns; /* from the cancel to the handler's return; 0: not cancelled */
    char stage[RPC_STAGE_MAX];
    enum rpc_outcome outcome;
};

/* How a call ended. */
struct rpc_end {
    enum status status;
    enum ctx_cause cause;
    int cause_hop; /* where it arose: 0 here, -n: n hops towards who called, n: n hops further on */
    enum ctx_origin deadline_origin; /* of the deadline that passed, when that is the cause */
    int deadline_hop;                /* where that was made, like cause_hop */
    uint64_t retry_after_ms;         /* 0: no hint */
    bool is_followed;                /* on_late_end will tell what became of the work */
    struct rpc_account account;      /* zeros and OUTCOME_UNKNOWN when the server did not tell */
    char message[ERROR_TEXT_MAX];
};

/* An end with this status that tells nothing else. What lies behind the message's NUL is left as it
 * is: an end is much room for few bytes, and every call has one. */
void rpc_end_init(struct rpc_end *end, enum status status);

/* Set cause and deadline, with their hops, to those of a context; of one that is not done: none. */
void rpc_end_take_cause(struct rpc_end *end, const struct ctx *ctx);

/* The same as of `now_ns`, a time of which the caller knows that it has just been: spares reading
 * the clock. */
void rpc_end_take_cause_at(struct rpc_end *end, const struct ctx *ctx, uint64_t now_ns);

/* A hop without its direction, for people. */
unsigned int rpc_hops(int hop);

#endif
