/* Which of two links takes the next call: power of two choices.
 *
 *     balance_two_of(random, n_ready, &first, &second);
 *     link = balance_prefers(&a->load, &b->load, now_ns) ? a : b;
 *
 * A link's cost is (calls in flight + recent refusals + 1) times its latency, where the slower of
 * the two counts as at most RPC_LATENCY_RATIO_MAX times the faster one. Calls in flight lead: a
 * slow server gathers them by itself. Latency breaks what they leave even, and is bounded because
 * it mixes methods: one long report must not empty a link. A server that refuses is idle and quick,
 * and would draw all calls to itself; so a refusal weighs like a call in flight, half of it for
 * every RPC_REFUSAL_HALF_LIFE_MS that pass.
 *
 * Pure, but for the caller's lock. Not here: which links are ready. */
#ifndef WALKIE_RPC_BALANCE_H
#define WALKIE_RPC_BALANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RPC_LATENCY_RATIO_MAX = 4,
    RPC_LATENCY_WEIGHT = 8,          /* a call moves the average by an eighth of the difference */
    RPC_LATENCY_HALF_LIFE_MS = 1000, /* without calls: what was slow deserves another try */
    RPC_REFUSAL_HALF_LIFE_MS = 100,
    RPC_REFUSALS_MAX = 1 << 16, /* counted at a time */
};

/* All zeros: nothing is known. */
struct balance_load {
    unsigned int n_calls; /* in flight */
    uint64_t latency_ns;  /* moving average until the answer; 0: unknown */
    uint64_t latency_at_ns;
    uint64_t n_refusals;
    uint64_t refusals_at_ns;
};

/* A call was answered after `took_ns`. */
void balance_answered(struct balance_load *load, uint64_t took_ns, uint64_t now_ns);

/* A call was refused without having been started. */
void balance_refused(struct balance_load *load, uint64_t now_ns);

/* The average as it counts now: halved for each half-life without an answer. */
uint64_t balance_latency_ns(const struct balance_load *load, uint64_t now_ns);

/* Whether `left` costs no more than `right`. */
bool balance_prefers(
    const struct balance_load *left, const struct balance_load *right, uint64_t now_ns);

/* Two different numbers below n (at least 2), every pair as likely as any other. */
void balance_two_of(uint64_t random, size_t n, size_t *ret_first, size_t *ret_second);

#endif
