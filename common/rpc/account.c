#include "rpc/account.h"

#include <string.h>

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

static void set_no_cause(struct rpc_end *end)
{
    end->cause = CTX_CAUSE_NONE;
    end->cause_hop = 0;
    end->deadline_origin = CTX_ORIGIN_NONE;
    end->deadline_hop = 0;
}

void rpc_end_init(struct rpc_end *end, enum status status)
{
    end->status = status;
    set_no_cause(end);
    end->retry_after_ms = 0;
    end->is_followed = false;
    memset(&end->account, 0, sizeof(end->account));
    end->message[0] = '\0';
}

void rpc_end_take_cause_at(struct rpc_end *end, const struct ctx *ctx, uint64_t now_ns)
{
    if (!ctx_done(ctx) && now_ns < ctx_deadline_ns(ctx)) {
        set_no_cause(end);
        return;
    }
    rpc_end_take_cause(end, ctx);
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
