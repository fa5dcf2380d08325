/* The budget of a job (ctx/budget.h) in the log: what its phases get.
 *
 *     job_budget_begin(ctx, &budget, PHASES, LENGTH_OF(PHASES));     job.budget of the whole plan
 *     job_budget_enter(ctx, &budget, CHECK);                         job.budget phase=check …
 *     … ctx_budget_check(ctx, &budget, done, total, "forms checked", &error) …
 *
 * The event's fields: phase, budget_ms (what it gets; left out without a deadline), used_ms (what
 * the phase before took), and remaining_ms. */
#ifndef WALKIE_OBS_JOB_BUDGET_H
#define WALKIE_OBS_JOB_BUDGET_H

#include "ctx/budget.h"

/* ctx_budget_begin and ctx_budget_enter, each with its line. */
void job_budget_begin(const struct ctx *ctx, struct ctx_budget *budget,
    const struct ctx_phase phases[], size_t n_phases);
void job_budget_enter(const struct ctx *ctx, struct ctx_budget *budget, size_t phase);

#endif
