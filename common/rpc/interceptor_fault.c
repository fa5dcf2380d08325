#include "rpc/interceptor_fault.h"

#include <string.h>

static bool is_hit(const struct rpc_fault *fault, const struct rpc_incoming *call)
{
    return fault->method == NULL || strcmp(fault->method, call->method->name) == 0;
}

static enum status on_call(void *arg, const struct rpc_incoming *call, const char **ret_why)
{
    struct rpc_fault *fault = arg;
    if (fault->error_rate <= 0 || !is_hit(fault, call)) {
        return STATUS_OK;
    }
    /* The n-th fails when n times the rate passes a whole number. */
    uint64_t number = atomic_fetch_add(&fault->n_calls, 1);
    uint64_t before = (uint64_t)((double)number * fault->error_rate);
    uint64_t after = (uint64_t)((double)(number + 1) * fault->error_rate);
    if (before == after) {
        return STATUS_OK;
    }
    *ret_why = "a fault was asked for";
    return STATUS_UNAVAILABLE;
}

static enum status on_run(void *arg, const struct ctx *ctx, const struct rpc_incoming *call)
{
    const struct rpc_fault *fault = arg;
    bool is_delayed = fault->delay_ns > 0 && is_hit(fault, call);
    return is_delayed ? ctx_sleep(ctx, fault->delay_ns) : STATUS_OK;
}

struct rpc_server_interceptor rpc_fault_server(struct rpc_fault *fault)
{
    return (struct rpc_server_interceptor){.arg = fault, .on_call = on_call, .on_run = on_run};
}
