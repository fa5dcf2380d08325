#include "rpc/health.h"

#include "base/clock.h"
#include "rpc/server_internal.h"
#include "walkie/rpc/v1/health.pb-c.h"

/* INLINE: the answer says that the I/O threads run, and must not wait for a worker. */
const struct rpc_method RPC_HEALTH_CHECK = {
    .name = "walkie.rpc.v1.Health/Check",
    .kind = RPC_UNARY,
    .flags = RPC_INLINE | RPC_IDEMPOTENT | RPC_QUIET | RPC_OPEN,
    .timeout_default_ns = CLOCK_SECONDS(5),
    .timeout_max_ns = CLOCK_SECONDS(30),
};

void rpc_server_set_serving(struct rpc_server *server, bool is_serving)
{
    atomic_store(&server->is_not_serving, !is_serving);
}

enum status rpc_health_check(const struct ctx *ctx, struct rpc_server_call *call, void *service)
{
    (void)ctx;
    (void)service;
    struct rpc_server *server = call->peer->server;
    pthread_mutex_lock(&server->mutex);
    bool is_draining = server->is_draining;
    pthread_mutex_unlock(&server->mutex);
    bool is_serving = !is_draining && !atomic_load(&server->is_not_serving);
    Walkie__Rpc__V1__HealthCheckReply reply = WALKIE__RPC__V1__HEALTH_CHECK_REPLY__INIT;
    reply.status = is_serving ? WALKIE__RPC__V1__SERVING_STATUS__SERVING_STATUS_SERVING
                              : WALKIE__RPC__V1__SERVING_STATUS__SERVING_STATUS_NOT_SERVING;
    return rpc_call_reply(call, &reply.base);
}
