#include "api/service.h"
#include "api/unpack.h"
#include "ctx/checkpoint.h"
#include "walkie/report/v1/report.pb-c.h"

enum { SLICES_A_MS = 10 };

/* Burn CPU of this thread for one slice. */
static void burn(uint64_t cpu_ns)
{
    uint64_t end_ns = clock_thread_cpu_ns() + cpu_ns;
    while (clock_thread_cpu_ns() < end_ns) {
    }
}

/* A fault: whether this call is one of those that do not listen. Spread evenly, not drawn. */
static bool is_deaf(struct service *service)
{
    double rate = service->work_deaf_rate;
    uint64_t n = atomic_fetch_add(&service->n_works, 1);
    return (uint64_t)((double)(n + 1) * rate) != (uint64_t)((double)n * rate);
}

/* The same work without a look at the context: what the deaf-handler detector is there for. */
static enum status work_deaf(uint64_t n_slices)
{
    for (uint64_t slice = 0; slice < n_slices; slice++) {
        burn(CLOCK_MS(1) / SLICES_A_MS);
    }
    return STATUS_OK;
}

static enum status work(const struct ctx *ctx, uint64_t n_slices)
{
    enum status status = STATUS_OK;
    for (uint64_t slice = 0; status == STATUS_OK && slice < n_slices; slice++) {
        status = ctx_checkpoint(ctx, "work", slice, n_slices);
        if (status == STATUS_OK) {
            burn(CLOCK_MS(1) / SLICES_A_MS);
        }
    }
    return status;
}

enum status service_work(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
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
    enum status status = is_deaf(arg) ? work_deaf(n_slices) : work(ctx, n_slices);
    if (status != STATUS_OK) {
        return status;
    }
    Walkie__Report__V1__WorkReply reply = WALKIE__REPORT__V1__WORK_REPLY__INIT;
    reply.ms = request->ms;
    return rpc_call_reply(call, &reply.base);
}
