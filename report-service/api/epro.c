#include "api/service.h"

static enum status not_here_yet(struct rpc_server_call *call)
{
    return rpc_call_fail(
        call, STATUS_UNIMPLEMENTED, "this service does not process responses of patients yet");
}

enum status service_process_patient(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    (void)ctx;
    (void)arg;
    return not_here_yet(call);
}

enum status service_submit_responses(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    (void)ctx;
    (void)arg;
    return not_here_yet(call);
}
