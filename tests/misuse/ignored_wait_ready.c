/* A channel is used whether it is connected or not.
 * expect: -Wunused-result */
#include "program.h"
#include "rpc/channel.h"

bool connect(const struct ctx *ctx, struct rpc_channel *channel);
bool connect(const struct ctx *ctx, struct rpc_channel *channel)
{
    rpc_channel_wait_ready(ctx, channel); /* HERE */
    return true;
}
