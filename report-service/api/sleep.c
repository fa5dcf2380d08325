#include "api/service.h"
#include "api/unpack.h"
#include "ctx/checkpoint.h"
#include "walkie/report/v1/report.pb-c.h"

static enum status wake(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    (void)arg;
    enum status status = ctx_err(ctx);
    if (status != STATUS_OK) {
        return status;
    }
    CLEANUP(message_free_at)
    Walkie__Report__V1__SleepRequest *request = REQUEST_OF(call, walkie__report__v1__sleep_request);
    if (request == NULL) {
        return STATUS_RESOURCE_EXHAUSTED; /* it could be read before the sleep */
    }
    Walkie__Report__V1__SleepReply reply = WALKIE__REPORT__V1__SLEEP_REPLY__INIT;
    reply.ms = request->ms;
    return rpc_call_reply(call, &reply.base);
}

enum status service_sleep(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
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
    return status == STATUS_OK ? rpc_call_pause(call, CTX_MS(request->ms), wake, arg) : status;
}
