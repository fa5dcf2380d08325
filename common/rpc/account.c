#include "rpc/account.h"

const char *rpc_outcome_word(enum rpc_outcome outcome)
{
    switch (outcome) {
    case RPC_OUTCOME_UNKNOWN:
        return "unknown";
    case RPC_OUTCOME_NOT_STARTED:
        return "not_started";
    case RPC_OUTCOME_STOPPED:
        return "stopped";
    case RPC_OUTCOME_COMMITTED:
        return "committed";
    }
    return "unknown";
}

void rpc_end_take_cause(struct rpc_end *end, const struct ctx *ctx)
{
    end->cause = ctx_cause(ctx);
    end->cause_hop = -(int)ctx_cause_hop(ctx);
    bool is_late = end->cause == CTX_CAUSE_DEADLINE_EXCEEDED;
    end->deadline_origin = is_late ? ctx_deadline_origin(ctx) : CTX_ORIGIN_NONE;
    end->deadline_hop = is_late ? -(int)ctx_deadline_hop(ctx) : 0;
}

unsigned int rpc_hops(int hop)
{
    return hop < 0 ? 0U - (unsigned int)hop : (unsigned int)hop;
}
