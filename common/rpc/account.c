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
