/* Whether the call's on_end will ever run is not looked at.
 * expect: -Wunused-result */
#include "program.h"
#include "rpc/channel.h"

static void on_end(void *arg, const struct rpc_end *end)
{
    (void)end;
    *(bool *)arg = true;
}

void call_all(const struct ctx *ctx, struct rpc_channel *channel, const struct rpc_method *method,
    const ProtobufCMessage *request);
void call_all(const struct ctx *ctx, struct rpc_channel *channel, const struct rpc_method *method,
    const ProtobufCMessage *request)
{
    static const struct rpc_call_events EVENTS = {.on_end = on_end};
    static bool ended;
    rpc_call_start(ctx, channel, method, request, &EVENTS, &ended, NULL); /* HERE */
}
