/* The calls in flight, for /debug/calls. */
#include "base/clock.h"
#include "rpc/server_flight.h"

static uint64_t since(uint64_t at_ns, uint64_t now_ns)
{
    return now_ns > at_ns ? now_ns - at_ns : 0;
}

/* How far the call's own handler is. */
static struct server_flight_view look_at(struct rpc_server_call *call)
{
    return (struct server_flight_view){
        .is_running = server_call_is_running(call),
        .is_paused = atomic_load(&call->is_paused),
        .thread_id = atomic_load(&call->thread_id),
        .stage = atomic_load(&call->watch.stage),
        .done = atomic_load(&call->watch.done),
        .total = atomic_load(&call->watch.total),
        .last_poll_ns = atomic_load(&call->watch.last_poll_ns),
        .n_polls = atomic_load(&call->watch.n_polls),
    };
}

static void describe(struct rpc_server_call *call, uint64_t now_ns, struct rpc_call_info *ret_info)
{
    struct server_flight *flight = call->share == NULL ? NULL : atomic_load(&call->share->flight);
    struct server_flight_view view;
    if (flight != NULL) {
        server_flight_look(flight, &view);
    } else {
        view = look_at(call);
    }
    *ret_info = (struct rpc_call_info){
        .call_id = call->trace.call_id,
        .trace_id = call->trace.trace_id,
        .principal = server_principal_of(call).name,
        .method = call->binding->method->name,
        .stage = view.stage,
        .done = view.done,
        .total = view.total,
        .is_running = view.is_running,
        .is_paused = view.is_paused,
        .is_done = ctx_done(call->ctx) || now_ns >= ctx_deadline_ns(call->ctx),
        .thread_id = view.thread_id,
        .is_shared = flight != NULL,
        .age_ns = since(call->received_ns, now_ns),
        .remaining_ns = ctx_remaining_ns(call->ctx),
        .since_poll_ns = view.last_poll_ns == 0 ? CLOCK_NEVER : since(view.last_poll_ns, now_ns),
        .n_polls = view.n_polls,
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
        struct rpc_server_call *call = NULL;
        while ((call = server_table_next(&peer->calls, call)) != NULL) {
            describe(call, now_ns, &info);
            visit(arg, &info);
        }
        pthread_mutex_unlock(&peer->mutex);
    }
    pthread_mutex_unlock(&server->mutex);
}
