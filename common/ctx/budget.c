#include "ctx/budget.h"

#include <assert.h>
#include <inttypes.h>

void ctx_budget_begin(struct ctx_budget *budget, const struct ctx_phase phases[], size_t n_phases)
{
    assert(n_phases >= 1 && n_phases <= CTX_BUDGET_PHASES_MAX);
    for (size_t i = 0; i < n_phases; i++) {
        assert(phases[i].share >= 1);
    }
    *budget =
        (struct ctx_budget){.phases = phases, .n_phases = n_phases, .entered_ns = clock_now_ns()};
}

/* `remaining_ns` times the phase's part of the shares from it on, without overflow. */
static uint64_t allot(const struct ctx_budget *budget, size_t phase, uint64_t remaining_ns)
{
    uint64_t shares = 0;
    for (size_t i = phase; i < budget->n_phases; i++) {
        shares += budget->phases[i].share;
    }
    uint64_t share = budget->phases[phase].share;
    return remaining_ns / shares * share + remaining_ns % shares * share / shares;
}

void ctx_budget_leave(struct ctx_budget *budget)
{
    if (budget->is_in_phase) {
        budget->used_ns += clock_now_ns() - budget->entered_ns;
        budget->is_in_phase = false;
    }
}

void ctx_budget_enter(const struct ctx *ctx, struct ctx_budget *budget, size_t phase)
{
    assert(phase < budget->n_phases && phase >= budget->phase);
    ctx_budget_leave(budget);
    if (phase != budget->phase) {
        budget->used_ns = 0;
        budget->idle_ns = 0;
        budget->phase = phase;
    }
    uint64_t remaining_ns = ctx_remaining_ns(ctx);
    budget->allotted_ns =
        remaining_ns == CLOCK_NEVER ? CLOCK_NEVER : allot(budget, phase, remaining_ns);
    budget->is_in_phase = true;
    budget->entered_ns = clock_now_ns();
}

void ctx_budget_expect(struct ctx_budget *budget, size_t phase, uint64_t needed_ns)
{
    assert(phase < budget->n_phases);
    budget->expected_ns[phase] = needed_ns;
}

uint64_t ctx_budget_used_ns(const struct ctx_budget *budget)
{
    return budget->used_ns + (budget->is_in_phase ? clock_now_ns() - budget->entered_ns : 0);
}

static uint64_t expected_after(const struct ctx_budget *budget)
{
    uint64_t sum_ns = 0;
    for (size_t i = budget->phase + 1; i < budget->n_phases; i++) {
        sum_ns = clock_add_ns(sum_ns, budget->expected_ns[i]);
    }
    return sum_ns;
}

static uint64_t worked_ns(const struct ctx_budget *budget)
{
    return ctx_budget_used_ns(budget) - budget->idle_ns;
}

uint64_t ctx_budget_needed_ns(const struct ctx_budget *budget, uint64_t done, uint64_t total)
{
    uint64_t done_ns = worked_ns(budget);
    if (done < CTX_BUDGET_EVIDENCE_MIN || done_ns < CLOCK_MS(CTX_BUDGET_EVIDENCE_MS)) {
        return CLOCK_NEVER;
    }
    uint64_t n_left = total > done ? total - done : 0;
    double rest_ns = (double)done_ns / (double)done * (double)n_left;
    return rest_ns >= (double)CLOCK_NEVER ? CLOCK_NEVER - 1
                                          : clock_add_ns((uint64_t)rest_ns, expected_after(budget));
}

/* Whether so much is done, or so much of the time used for it, that the rest may be judged by it.
 */
static bool is_telling(
    const struct ctx_budget *budget, uint64_t done, uint64_t total, uint64_t left_ns)
{
    return done >= total / CTX_BUDGET_EVIDENCE_PART ||
           worked_ns(budget) >= left_ns / CTX_BUDGET_EVIDENCE_PART;
}

static bool is_doomed(const struct ctx_budget *budget, uint64_t done, uint64_t total,
    uint64_t left_ns, uint64_t needed_ns)
{
    return needed_ns != CLOCK_NEVER && needed_ns - needed_ns / CTX_BUDGET_DOUBT_PART > left_ns &&
           is_telling(budget, done, total, left_ns);
}

enum status ctx_budget_check(const struct ctx *ctx, struct ctx_budget *budget, uint64_t done,
    uint64_t total, const char *what, struct error *ret_error)
{
    enum status status = ctx_err(ctx);
    if (status != STATUS_OK) {
        return error_set(ret_error, status, "%" PRIu64 " of %" PRIu64 " %s", done, total, what);
    }
    if (done == 0) {
        budget->idle_ns = ctx_budget_used_ns(budget);
    }
    uint64_t left_ns = ctx_remaining_ns(ctx);
    uint64_t needed_ns =
        left_ns == CLOCK_NEVER ? CLOCK_NEVER : ctx_budget_needed_ns(budget, done, total);
    if (!is_doomed(budget, done, total, left_ns, needed_ns)) {
        return STATUS_OK;
    }
    return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
        "would need about %" PRIu64 " ms more, %" PRIu64 " ms left; %" PRIu64 " of %" PRIu64 " %s",
        needed_ns / CLOCK_MS(1), left_ns / CLOCK_MS(1), done, total, what);
}
