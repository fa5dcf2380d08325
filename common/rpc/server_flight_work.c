/* The work of a flight: its own call, from the first member's joining to the landing. See
 * server_flight.h. */
#include <time.h>

#include "base/clock.h"
#include "obs/log.h"
#include "rpc/server_flight.h"

/* --- starting ------------------------------------------------------------------------------- */

/* What a worker runs: the leader's question under the flight's context. */
static struct rpc_server_call *work_new(
    struct server_flight *flight, const struct rpc_server_call *leader)
{
    struct rpc_server_call *call = server_call_alloc(leader->peer, leader->id, leader->binding,
        leader->request, &leader->metadata, leader->received_ns);
    if (call == NULL) {
        return NULL;
    }
    call->flight = flight;
    ctx_flight_ref(&flight->flight);
    call->wants_progress = true; /* some member may */
    call->trace = flight->trace;
    server_call_take_trace_state(call); /* the leader's, as is the trace's id */
    call->spans = span_log_ref(flight->spans);
    call->trace.spans = call->spans;
    server_call_set_context(call, flight->flight.ctx);
    return call;
}

static void land(struct server_flight *flight)
{
    pthread_mutex_lock(&flight->mutex);
    flight->has_landed = true;
    flight->call = NULL;
    struct rpc_server_call *last = flight->last;
    pthread_mutex_unlock(&flight->mutex);
    ctx_flight_land(&flight->flight);
    if (last != NULL) {
        server_share_answer(last, flight);
    }
}

void server_flight_start(struct server_flight *flight, const struct rpc_server_call *leader)
{
    struct rpc_server *server = leader->peer->server;
    bool is_draining; /* the leader has come in, so its work does, too */
    server_calls_add(server, &is_draining);
    struct rpc_server_call *call = work_new(flight, leader);
    if (call == NULL) {
        flight->end =
            (struct rpc_end){.status = STATUS_RESOURCE_EXHAUSTED, .message = "out of memory"};
        flight->end.account.outcome = RPC_OUTCOME_NOT_STARTED;
        land(flight);
        server_calls_remove(server);
        return;
    }
    pthread_mutex_lock(&flight->mutex);
    flight->call = call;
    pthread_mutex_unlock(&flight->mutex);
    server_call_dispatch(call);
}

/* --- while it runs -------------------------------------------------------------------------- */

static uint64_t cpu_so_far_locked(const struct rpc_server_call *call)
{
    struct timespec now;
    if (!call->is_running || clock_gettime(call->cpu_clock, &now) != 0) {
        return call->cpu_ns;
    }
    uint64_t now_ns = CLOCK_SECONDS(now.tv_sec) + (uint64_t)now.tv_nsec;
    return call->cpu_ns + (now_ns > call->cpu_start_ns ? now_ns - call->cpu_start_ns : 0);
}

static void look_at_call(struct rpc_server_call *call, struct server_flight_view *ret_view)
{
    uint64_t now_ns = clock_now_ns();
    struct rpc_account *account = &ret_view->account;
    pthread_mutex_lock(&call->mutex);
    ret_view->is_running = call->is_running;
    ret_view->is_paused = call->is_paused;
    bool has_started =
        call->is_running || call->is_paused || (call->parts & CALL_HANDLER_RETURNED) != 0;
    uint64_t started_ns = has_started ? call->started_ns : now_ns;
    account->queue_ns = started_ns - call->received_ns;
    /* Its pauses aside, also the one that it is in. */
    uint64_t ran_until_ns = call->is_paused ? call->returned_ns : now_ns;
    uint64_t run_from_ns = started_ns + call->paused_ns;
    account->run_ns = ran_until_ns > run_from_ns ? ran_until_ns - run_from_ns : 0;
    account->cpu_ns = cpu_so_far_locked(call);
    pthread_mutex_unlock(&call->mutex);
    ret_view->thread_id = atomic_load(&call->thread_id);
    ret_view->stage = atomic_load_explicit(&call->watch.stage, memory_order_relaxed);
    ret_view->done = atomic_load_explicit(&call->watch.done, memory_order_relaxed);
    ret_view->total = atomic_load_explicit(&call->watch.total, memory_order_relaxed);
    ret_view->last_poll_ns = atomic_load_explicit(&call->watch.last_poll_ns, memory_order_relaxed);
    ret_view->n_polls = atomic_load_explicit(&call->watch.n_polls, memory_order_relaxed);
    if (ret_view->stage != NULL) {
        envelope_copy_text(account->stage, sizeof(account->stage), ret_view->stage);
    }
}

void server_flight_look(struct server_flight *flight, struct server_flight_view *ret_view)
{
    *ret_view = (struct server_flight_view){.account.outcome = RPC_OUTCOME_UNKNOWN};
    pthread_mutex_lock(&flight->mutex);
    if (flight->call != NULL) {
        look_at_call(flight->call, ret_view);
    }
    pthread_mutex_unlock(&flight->mutex);
}

static void tell_member(void *arg, struct ctx_flight_member *member)
{
    struct rpc_outgoing *outgoing = arg;
    const struct server_share *share = CONTAINER_OF(member, struct server_share, member);
    if (share->call->wants_progress) {
        outgoing->call_id = share->call->id;
        (void)rpc_connection_send(share->call->peer->connection, outgoing);
    }
}

void server_flight_tell_progress(struct rpc_server_call *call, struct rpc_outgoing *outgoing)
{
    ctx_flight_each_member(&call->flight->flight, tell_member, outgoing);
}

/* --- landing -------------------------------------------------------------------------------- */

static void log_end(struct rpc_server_call *call, const struct rpc_end *end)
{
    const struct rpc_account *account = &end->account;
    char hash[SERVER_FLIGHT_HASH_TEXT_MAX];
    server_flight_hash_text(call->flight, hash);
    /* The flight has landed: that its context is done says nothing of the work any more. */
    LOG_INFO("flight.end", call->ctx, log_str("cause", ctx_cause_word(end->cause)),
        log_str("status", status_name(end->status)),
        log_str("outcome", rpc_outcome_word(account->outcome)),
        log_u64("n_members", call->flight->flight.n_joined), log_str("key", hash),
        log_ms("queue_ms", account->queue_ns), log_ms("run_ms", account->run_ns),
        log_ms("cpu_ms", account->cpu_ns), log_ms("wasted_cpu_ms", account->wasted_cpu_ns));
}

void server_flight_land(struct rpc_server_call *call, const struct rpc_end *end)
{
    struct server_flight *flight = call->flight;
    flight->end = *end;
    flight->fail_cause = call->fail_cause;
    flight->reply = call->reply;
    call->reply = (struct buffer)BUFFER_EMPTY(0);
    server_spans_land(call, end);
    land(flight);
    log_end(call, end);
}
