#include "api/service.h"

enum status service_crf_validate(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    (void)ctx;
    (void)arg;
    return rpc_call_fail(
        call, STATUS_UNIMPLEMENTED, "this service does not check case report forms yet");
}
