/* The calls in flight, for /debug/calls. */
#include "base/clock.h"
#include "rpc/server_internal.h"

static void describe(struct rpc_server_call *call, uint64_t now_ns, struct rpc_call_info *ret_info)
{
    uint64_t polled_ns = atomic_load(&call->watch.last_poll_ns);
    *ret_info = (struct rpc_call_info){
        .call_id = call->trace.call_id,
        .method = call->binding->method->name,
        .stage = atomic_load(&call->watch.stage),
        .is_running =
            call->is_inline || worker_pool_has_run(call->peer->server->workers, &call->job),
        .thread_id = atomic_load(&call->thread_id),
        .age_ns = now_ns > call->received_ns ? now_ns - call->received_ns : 0,
        .remaining_ns = ctx_remaining_ns(call->ctx),
        .since_poll_ns =
            polled_ns == 0 ? CLOCK_NEVER : (now_ns > polled_ns ? now_ns - polled_ns : 0),
        .n_polls = atomic_load(&call->watch.n_polls),
    };
}

void rpc_server_each_call(struct rpc_server *server,
    void (*visit)(void *arg, const struct rpc_call_info *info), void *arg)
{
    uint64_t now_ns = clock_now_ns();
    struct rpc_call_info info;
    pthread_mutex_lock(&server->mutex);
    for (struct server_connection *peer = server->connections; peer != NULL; peer = peer->next) {
        pthread_mutex_lock(&peer->mutex);
        for (size_t i = 0; i < SERVER_CALL_BUCKETS; i++) {
            for (struct rpc_server_call *call = peer->buckets[i]; call != NULL;
                 call = call->next_in_bucket) {
                describe(call, now_ns, &info);
                visit(arg, &info);
            }
        }
        pthread_mutex_unlock(&peer->mutex);
    }
    pthread_mutex_unlock(&server->mutex);
}
