#include "rpc/balance.h"

#include <assert.h>

#include "base/clock.h"

static uint64_t halved(uint64_t value, uint64_t since_ns, uint64_t now_ns, uint64_t half_life_ns)
{
    uint64_t n_halvings = now_ns > since_ns ? (now_ns - since_ns) / half_life_ns : 0;
    return n_halvings < 64 ? value >> n_halvings : 0;
}

uint64_t balance_latency_ns(const struct balance_load *load, uint64_t now_ns)
{
    return halved(
        load->latency_ns, load->latency_at_ns, now_ns, CLOCK_MS(RPC_LATENCY_HALF_LIFE_MS));
}

static uint64_t refusals(const struct balance_load *load, uint64_t now_ns)
{
    return halved(
        load->n_refusals, load->refusals_at_ns, now_ns, CLOCK_MS(RPC_REFUSAL_HALF_LIFE_MS));
}

void balance_answered(struct balance_load *load, uint64_t took_ns, uint64_t now_ns)
{
    uint64_t before_ns = balance_latency_ns(load, now_ns);
    uint64_t after_ns = before_ns == 0 ? took_ns
                        : took_ns > before_ns
                            ? before_ns + (took_ns - before_ns) / RPC_LATENCY_WEIGHT
                            : before_ns - (before_ns - took_ns) / RPC_LATENCY_WEIGHT;
    load->latency_ns = after_ns == 0 ? 1 : after_ns;
    load->latency_at_ns = now_ns;
}

void balance_refused(struct balance_load *load, uint64_t now_ns)
{
    uint64_t n_refusals = refusals(load, now_ns);
    load->n_refusals = n_refusals < RPC_REFUSALS_MAX ? n_refusals + 1 : n_refusals;
    load->refusals_at_ns = now_ns;
}

bool balance_prefers(
    const struct balance_load *left, const struct balance_load *right, uint64_t now_ns)
{
    uint64_t left_cost = left->n_calls + refusals(left, now_ns) + 1;
    uint64_t right_cost = right->n_calls + refusals(right, now_ns) + 1;
    uint64_t left_ns = balance_latency_ns(left, now_ns);
    uint64_t right_ns = balance_latency_ns(right, now_ns);
    if (left_ns == 0 || right_ns == 0) {
        return left_cost <= right_cost;
    }
    /* In units that neither overflow nor lose the difference: the faster one counts as 1024. */
    const uint64_t unit = 1024;
    uint64_t fastest_ns = left_ns < right_ns ? left_ns : right_ns;
    uint64_t bound_ns = fastest_ns > UINT64_MAX / unit / RPC_LATENCY_RATIO_MAX
                            ? fastest_ns
                            : fastest_ns * RPC_LATENCY_RATIO_MAX;
    left_ns = left_ns < bound_ns ? left_ns : bound_ns;
    right_ns = right_ns < bound_ns ? right_ns : bound_ns;
    return left_cost * (left_ns * unit / fastest_ns) <= right_cost * (right_ns * unit / fastest_ns);
}

void balance_two_of(uint64_t random, size_t n, size_t *ret_first, size_t *ret_second)
{
    assert(n >= 2);
    size_t first = (size_t)((random & UINT32_MAX) % n);
    size_t step = (size_t)((random >> 32) % (n - 1));
    *ret_first = first;
    *ret_second = (first + 1 + step) % n;
}
