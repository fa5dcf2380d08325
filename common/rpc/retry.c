#include "rpc/retry.h"

enum { HUNDREDTHS = 100 };

void retry_budget_init(struct retry_budget *budget)
{
    budget->hundredths = RPC_RETRY_BURST_START * HUNDREDTHS;
}

void retry_budget_earn(struct retry_budget *budget)
{
    if (budget->hundredths < RPC_RETRY_BURST_MAX * HUNDREDTHS) {
        budget->hundredths += RPC_RETRY_PERCENT;
    }
}

bool retry_budget_spend(struct retry_budget *budget)
{
    if (budget->hundredths < HUNDREDTHS) {
        return false;
    }
    budget->hundredths -= HUNDREDTHS;
    return true;
}

enum retry_verdict retry_judge(const struct retry_attempt *attempt, const struct rpc_end *end)
{
    if (attempt->has_answer || !attempt->keeps_request || attempt->number + 1 >= RPC_ATTEMPTS_MAX) {
        return RETRY_NO;
    }
    if (end->account.outcome == RPC_OUTCOME_NOT_STARTED) {
        if (end->status == STATUS_RESOURCE_EXHAUSTED) {
            return RETRY_ELSEWHERE;
        }
        return end->status == STATUS_UNAVAILABLE ? RETRY_ANYWHERE : RETRY_NO;
    }
    /* An UNAVAILABLE of the handler's own, say for its database, is an answer like any other. */
    bool was_lost = end->status == STATUS_UNAVAILABLE &&
                    (end->cause == CTX_CAUSE_PEER_LOST || end->cause == CTX_CAUSE_SERVER_DRAINING);
    bool is_idempotent = (attempt->method->flags & RPC_IDEMPOTENT) != 0;
    return was_lost && is_idempotent ? RETRY_ANYWHERE : RETRY_NO;
}
