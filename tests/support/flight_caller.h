/* Callers of shared computations, for the tests of common/ctx/flight.h: each with a context of its
 * own and a record of what it was told.
 *
 *     flight_callers_set_up, flight_callers_tear_down     the fake clock, and `flights`
 *     call(&first, "key", CTX_MS(100));
 *     land(&first, 42);
 *     assert_int_equal(first.result, 42);
 *     hang_up(&first);
 */
#ifndef WALKIE_TESTS_FLIGHT_CALLER_H
#define WALKIE_TESTS_FLIGHT_CALLER_H

#include "ctx/flight.h"

extern struct ctx_flights *flights;
extern unsigned int n_sums_freed;

int flight_callers_set_up(void **state);
int flight_callers_tear_down(void **state);

/* A computation whose result is a number. */
struct sum {
    struct ctx_flight flight;
    int result;
};
struct sum *sum_new(const char *key);
void sum_free(struct ctx_flight *flight);

struct caller {
    struct ctx_scope *scope;
    struct ctx_flight_member member;
    struct ctx_flight_ticket ticket;
    unsigned int n_told;
    struct ctx_flight_end end;
    int result;
};

/* Join with a scope of the caller's own, a candidate and values (NULL: none) that are given. */
enum status call_with(struct caller *caller, struct ctx_scope *scope, struct sum *candidate,
    const struct ctx *values);
/* Join. A caller that was refused has hung up. */
enum status try_to_call(struct caller *caller, const char *key, uint64_t timeout_ns);
void call(struct caller *caller, const char *key, uint64_t timeout_ns);
void hang_up(struct caller *caller);

/* The leader's computation is over. */
void land(const struct caller *leader, int result);

/* The caller's own context is done, and all that follows from it has happened. */
void cancel(const struct caller *caller, enum ctx_cause cause);

/* The computation's. */
const struct ctx *context_of(const struct caller *caller);

#endif
