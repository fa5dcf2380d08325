/* Single flight: callers that ask the same thing share one computation, and it stops when the last
 * of them has gone.
 *
 *     static enum status count(const struct ctx *ctx, void *arg, struct ctx_result **ret_result,
 *         struct error *ret_error);
 *
 *     status = ctx_flight_share(ctx, flights, key, count, study, &result, &error);
 *     ctx_result_unref(result);
 *
 * That is for threads that block. Under it is the same without threads: a caller joins as a member
 * (ctx_flight_join); the first of a key leads, which means that it starts the computation and that
 * whoever finishes it lands the flight (ctx_flight_land). Each member is told exactly once: that
 * the flight has landed, or that it has left, because its own context is done.
 *
 * The computation has a context of its own. It takes values over, and nobody's cancellation. Its
 * deadline is the latest of the members', and moves as they join and leave; with the last one it is
 * cancelled, for that one's cause. A flight that has landed, or is done, has left the table: the
 * next caller with its key starts afresh. Nothing is kept for later.
 *
 * Lock order: the table's mutex, then the locks of common/ctx. It is held while contexts are made,
 * moved and cancelled, but on_end runs without it.
 *
 * Not here: a cache, and who may share (say it in the key: method, question, version of the data,
 * who is allowed to see it). */
#ifndef WALKIE_CTX_FLIGHT_H
#define WALKIE_CTX_FLIGHT_H

#include <stdatomic.h>

#include "base/bytes.h"
#include "base/error.h"
#include "ctx/ctx.h"

enum {
    CTX_FLIGHT_KEY_MAX = 16 << 10, /* bytes of a key */
    CTX_FLIGHTS_MAX = 1024,        /* flights of one table in the air at once */
    CTX_FLIGHT_MEMBERS_MAX = 4096, /* members of one flight at once */
};

struct ctx_flights; /* a table; shared by threads */
struct ctx_flight_member;

/* One computation, counted. Embedded in its user's struct, which also keeps the result: what the
 * computation writes before it lands every member may read from then on. */
struct ctx_flight {
    /* What the computation runs under; from the join that leads until landing. It is done when the
     * last member has gone. */
    const struct ctx *ctx;

    void (*free)(struct ctx_flight *flight); /* of the struct around it */
    _Atomic unsigned int references;
    struct bytes key; /* owned */
    uint64_t hash;    /* of the key: the same in every process */

    /* Guarded by the table's mutex, once joined. */
    struct ctx_flights *flights;
    struct ctx_scope *scope;
    struct ctx_flight *next_in_bucket;
    struct ctx_flight_member *members;
    unsigned int n_members; /* now */
    unsigned int n_joined;  /* ever */
    bool is_in_table;
    bool has_landed;
    struct ctx_scope *values_scope;
    uint64_t deadline_ns; /* the scope's; CLOCK_NEVER: none */
};

/* How a membership ended. */
struct ctx_flight_end {
    struct ctx_flight *flight; /* valid during on_end; hold a reference to keep it */
    bool has_landed;           /* false: left, because the member's own context is done */
    enum ctx_cause cause;      /* of that; NONE when it has landed */
    unsigned int n_joined;     /* members that the flight has had so far */
    unsigned int n_left;       /* left: members that stay. 0: the computation is cancelled */
};

/* Runs once a member with no lock held, on the thread that lands the flight or (left) as a callback
 * of ctx_after_func, also while ctx_flight_join has not returned yet. Must not block. Its member
 * may be freed in it. */
typedef void ctx_flight_end_fn(void *arg, const struct ctx_flight_end *end);

/* A deadline and who set it. */
struct ctx_flight_deadline {
    uint64_t at_ns;
    enum ctx_origin origin;
    struct ctx_source source;
};

/* One caller's membership: zeros but for the first two. Its user keeps it until on_end. */
struct ctx_flight_member {
    ctx_flight_end_fn *on_end;
    void *arg;

    struct ctx_flights *flights; /* what follows is the table's */
    struct ctx_flight *flight;   /* counted */
    const struct ctx *ctx;
    struct ctx_after *after;
    struct ctx_flight_member *next;
    struct ctx_flight_member **link; /* NULL: not a member */
    struct ctx_flight_deadline deadline;
};

/* NULL when out of memory. `flights_max`: at most CTX_FLIGHTS_MAX; 0: that. */
MUST_USE struct ctx_flights *ctx_flights_new(unsigned int flights_max);

/* No flight may be in the air. Accepts NULL. */
void ctx_flights_free(struct ctx_flights *flights);

/* Make a flight that nobody knows yet, with one reference, the caller's; `free` gets it when the
 * last one is gone. Copies the key.
 * Errors: RESOURCE_EXHAUSTED (out of memory, the key is too long): nothing to undo. */
MUST_USE enum status ctx_flight_init(
    struct ctx_flight *flight, struct bytes key, void (*free)(struct ctx_flight *flight));

/* Release what the flight itself holds: for `free`. */
void ctx_flight_finish(struct ctx_flight *flight);

struct ctx_flight *ctx_flight_ref(struct ctx_flight *flight);
void ctx_flight_unref(struct ctx_flight *flight); /* accepts NULL */

struct ctx_flight_ticket {
    struct ctx_flight *flight; /* a reference of the caller's */
    bool is_leader;            /* it is the candidate: start the computation */
    unsigned int n_joined;     /* the caller is the n-th member */
};

/* Become a member of the flight with the candidate's key, or make the candidate that flight. The
 * leader must see to it that ctx_flight_land follows, also when the flight's context is done.
 *
 * Ownership: takes the caller's reference to the candidate, gives one to ret_ticket->flight.
 *            Pins ctx until the member is told, and `values` until the landing: the context that
 *            the flight's has its values from, which must live as long (NULL: none).
 * Threads:   any. Does not block.
 * Errors:    RESOURCE_EXHAUSTED (out of memory, too many flights or members): no member, and the
 *            candidate stays the caller's. */
MUST_USE enum status ctx_flight_join(const struct ctx *ctx, struct ctx_flights *flights,
    struct ctx_flight *candidate, const struct ctx *values, struct ctx_flight_member *member,
    struct ctx_flight_ticket *ret_ticket);

/* The computation is over: tell the members, end its context. Exactly once a flight that was
 * joined. Threads: any, with no lock held that on_end takes; waits for a member that is leaving. */
void ctx_flight_land(struct ctx_flight *flight);

/* Call `visit` for each member, under the table's lock: it must be quick, and not come back here.
 * Threads: any. */
void ctx_flight_each_member(struct ctx_flight *flight,
    void (*visit)(void *arg, struct ctx_flight_member *member), void *arg);

/* --- for threads ---------------------------------------------------------------------------- */

/* A result that several callers hold; embedded in its user's struct, made with one reference. */
struct ctx_result {
    _Atomic unsigned int references;
    void (*free)(struct ctx_result *result);
};
void ctx_result_init(struct ctx_result *result, void (*free)(struct ctx_result *result));
/* Both accept NULL. */
struct ctx_result *ctx_result_ref(struct ctx_result *result);
void ctx_result_unref(struct ctx_result *result);

/* Compute under `ctx`, which is not the caller's. OK: *ret_result has a reference for the flight,
 * or is NULL. */
typedef enum status ctx_flight_fn(
    const struct ctx *ctx, void *arg, struct ctx_result **ret_result, struct error *ret_error);

/* Run `function`, or wait for the caller with the same key that does.
 *
 * It runs on the leader's thread. A leader whose own context is done goes on as long as others
 * wait, and returns then; so `arg` may lie on its stack, and its context's values last. Everybody
 * else returns as soon as its context is done. `function` must not ask the same table for the same
 * key.
 *
 * Ownership: *ret_result is the caller's, to be given back with ctx_result_unref.
 * Errors:    the context's when it is done; what `function` returned, with its words, to all;
 *            RESOURCE_EXHAUSTED (out of memory, too many flights or members). */
MUST_USE enum status ctx_flight_share(const struct ctx *ctx, struct ctx_flights *flights,
    struct bytes key, ctx_flight_fn *function, void *arg, struct ctx_result **ret_result,
    struct error *ret_error);

#endif
