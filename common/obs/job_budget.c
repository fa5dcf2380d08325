#include "obs/job_budget.h"

#include "obs/log.h"

void job_budget_begin(const struct ctx *ctx, struct ctx_budget *budget,
    const struct ctx_phase phases[], size_t n_phases)
{
    ctx_budget_begin(budget, phases, n_phases);
    LOG_INFO("job.budget", ctx, log_str("phase", "all"), log_ms("budget_ms", ctx_remaining_ns(ctx)),
        log_u64("phases", n_phases));
}

void job_budget_enter(const struct ctx *ctx, struct ctx_budget *budget, size_t phase)
{
    ctx_budget_leave(budget);
    uint64_t used_ns = ctx_budget_used_ns(budget);
    bool is_first = used_ns == 0;
    ctx_budget_enter(ctx, budget, phase);
    LOG_INFO("job.budget", ctx, log_str("phase", budget->phases[phase].name),
        log_ms("budget_ms", budget->allotted_ns),
        is_first ? log_str("used_ms", NULL) : log_ms("used_ms", used_ns));
}
