#include "api/service.h"
#include "api/unpack.h"
#include "ctx/checkpoint.h"
#include "walkie/report/v1/report.pb-c.h"

/* Burn CPU of this thread for one slice. */
static void burn(uint64_t cpu_ns)
{
    uint64_t end_ns = clock_thread_cpu_ns() + cpu_ns;
    while (clock_thread_cpu_ns() < end_ns) {
    }
}

enum status service_work(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    (void)arg;
    enum { SLICES_A_MS = 10 };
    CLEANUP(message_free_at)
    Walkie__Report__V1__WorkRequest *request = REQUEST_OF(call, walkie__report__v1__work_request);
    if (request == NULL) {
        return STATUS_INVALID_ARGUMENT;
    }
    if (request->ms > WORK_MS_MAX) {
        return rpc_call_fail(call, STATUS_INVALID_ARGUMENT, "ms %u is above the maximum of %d",
            request->ms, WORK_MS_MAX);
    }
    uint64_t n_slices = (uint64_t)request->ms * SLICES_A_MS;
    for (uint64_t slice = 0; slice < n_slices; slice++) {
        enum status status = ctx_checkpoint(ctx, "work", slice, n_slices);
        if (status != STATUS_OK) {
            return status;
        }
        burn(CLOCK_MS(1) / SLICES_A_MS);
    }
    Walkie__Report__V1__WorkReply reply = WALKIE__REPORT__V1__WORK_REPLY__INIT;
    reply.ms = request->ms;
    return rpc_call_reply(call, &reply.base);
}
