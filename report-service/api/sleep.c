/* Sleep waits without a thread: a child context with the wished timeout is done at the wished time,
 * or earlier because the call's context is; one callback serves both and finishes the call. */
#include <stdatomic.h>
#include <stdlib.h>

#include "api/service.h"
#include "api/unpack.h"
#include "ctx/checkpoint.h"
#include "walkie/report/v1/report.pb-c.h"

struct sleeper {
    struct rpc_server_call *call;
    const struct ctx *call_ctx;
    struct ctx_scope *timeout;
    struct ctx_after *after;
    uint32_t ms;
    /* The starter publishes `after`, the callback uses it: whoever comes second wakes the call. */
    _Atomic int n_arrived;
};

static void sleeper_wake(struct sleeper *sleeper)
{
    struct rpc_server_call *call = sleeper->call;
    enum status status = ctx_err(sleeper->call_ctx);
    if (ctx_cause(sleeper->timeout->ctx) == CTX_CAUSE_OUT_OF_MEMORY) {
        status = STATUS_RESOURCE_EXHAUSTED;
    }
    if (status == STATUS_OK) {
        Walkie__Report__V1__SleepReply reply = WALKIE__REPORT__V1__SLEEP_REPLY__INIT;
        reply.ms = sleeper->ms;
        status = rpc_call_reply(call, &reply.base);
    }
    ctx_stop(sleeper->after);
    ctx_scope_end(sleeper->timeout);
    free(sleeper);
    rpc_call_finish(call, status);
}

static void sleeper_arrive(void *arg)
{
    struct sleeper *sleeper = arg;
    if (atomic_fetch_add(&sleeper->n_arrived, 1) == 1) {
        sleeper_wake(sleeper);
    }
}

enum status service_sleep(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    (void)arg;
    CLEANUP(message_free_at)
    Walkie__Report__V1__SleepRequest *request = REQUEST_OF(call, walkie__report__v1__sleep_request);
    if (request == NULL) {
        return STATUS_INVALID_ARGUMENT;
    }
    if (request->ms > WORK_MS_MAX) {
        return rpc_call_fail(call, STATUS_INVALID_ARGUMENT, "ms %u is above the maximum of %d",
            request->ms, WORK_MS_MAX);
    }
    enum status status = ctx_checkpoint(ctx, "sleep", 0, 1);
    struct sleeper *sleeper = status == STATUS_OK ? calloc(1, sizeof(*sleeper)) : NULL;
    if (sleeper == NULL) {
        return status == STATUS_OK ? STATUS_RESOURCE_EXHAUSTED : status;
    }
    sleeper->call = call;
    sleeper->call_ctx = ctx;
    sleeper->ms = request->ms;
    sleeper->timeout = ctx_with_timeout(ctx, CTX_MS(request->ms));
    rpc_call_defer(call);
    sleeper->after = ctx_after_func(sleeper->timeout->ctx, sleeper_arrive, sleeper);
    if (sleeper->after == NULL) {
        ctx_scope_end(sleeper->timeout);
        free(sleeper);
        rpc_call_finish(call, STATUS_RESOURCE_EXHAUSTED);
        return STATUS_OK;
    }
    sleeper_arrive(sleeper);
    return STATUS_OK;
}
