/* A client call: started once, ended exactly once, by whoever comes first: the server's REPLY or
 * END, the context, the loss of the connection, or the channel's end.
 *
 * Callbacks of one call run one at a time. A thread that runs one is marked `is_busy`; whoever ends
 * the call meanwhile leaves on_end to it. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "obs/detached.h"
#include "obs/log.h"
#include "rpc/call_metrics.h"
#include "rpc/channel_internal.h"
#include "rpc/quiet.h"

/* gcc -fanalyzer does not count references: to it every unref may be the last, and free the call.
 */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wanalyzer-use-after-free"
#pragma GCC diagnostic ignored "-Wanalyzer-use-of-uninitialized-value"
#endif

void client_call_ref(struct rpc_client_call *call)
{
    atomic_fetch_add_explicit(&call->references, 1, memory_order_relaxed);
}

static void drop_references(struct rpc_client_call *call, unsigned int n)
{
    if (atomic_fetch_sub_explicit(&call->references, n, memory_order_acq_rel) == n) {
        rpc_connection_unref(call->connection);
        client_spans_finish(call);
        pthread_mutex_destroy(&call->mutex);
        free(call->metadata_copy);
        free(call->paused_end);
        free(call);
    }
}

void client_call_unref(struct rpc_client_call *call)
{
    drop_references(call, 1);
}

void rpc_client_call_account(
    const struct rpc_client_call *call, uint64_t *ret_queue_ns, uint64_t *ret_run_ns)
{
    *ret_queue_ns = call->reply_queue_ns;
    *ret_run_ns = call->reply_run_ns;
}

void rpc_client_call_unref(struct rpc_client_call *call)
{
    if (call != NULL) {
        client_call_unref(call);
    }
}

/* The channel may be freed as soon as it is told. */
static void deliver(struct rpc_client_call *call, const struct rpc_end *end, uint64_t ended_ns)
{
    /* First, because callers end their scopes in on_end: the notifier need not wake for that. */
    if (ctx_stop(call->after)) {
        client_call_unref(call);
    }
    if (!call->is_check) {
        call_metrics_called(call->method, end->status,
            ended_ns > call->started_ns ? ended_ns - call->started_ns : 0,
            call->has_trace ? call->trace.trace_id : NULL);
    }
    client_intercept_end(call, end);
    client_spans_end(call, end, ended_ns);
    /* For the same reason: a scope that nobody else holds ends without having to tell anybody. */
    ctx_unref(call->ctx);
    call->events->on_end(call->arg, end);
    if (call->is_timer_started && ctx_timer_stop(&call->timer)) {
        client_call_unref(call);
    }
    if (call->bytes_kept > 0) {
        atomic_fetch_sub(&call->channel->request_bytes_kept, call->bytes_kept);
    }
    channel_call_over(call->channel);
    client_call_unref(call);
}

void client_call_deliver_end(struct rpc_client_call *call, const struct rpc_end *end)
{
    deliver(call, end, clock_now_ns());
}

bool client_call_enter(struct rpc_client_call *call)
{
    pthread_mutex_lock(&call->mutex);
    bool may_enter = !call->is_ended;
    call->is_busy = may_enter;
    pthread_mutex_unlock(&call->mutex);
    return may_enter;
}

/* How a call ends that its context has ended: the same whoever asks, at any time after that. */
static void end_by_context(const struct rpc_client_call *call, struct rpc_end *ret_end)
{
    bool may_have_run = call->connection != NULL || call->may_have_run;
    rpc_end_init(ret_end, STATUS_OK);
    rpc_end_take_cause(ret_end, call->ctx);
    ret_end->status = ctx_cause_status(ret_end->cause);
    ret_end->account.outcome = may_have_run ? RPC_OUTCOME_UNKNOWN : RPC_OUTCOME_NOT_STARTED;
    ret_end->is_followed = call->connection != NULL;
    snprintf(ret_end->message, sizeof(ret_end->message), "%s", status_text(ret_end->status));
}

void client_call_leave(struct rpc_client_call *call, const struct rpc_end *end, uint64_t read_ns)
{
    pthread_mutex_lock(&call->mutex);
    call->is_busy = false;
    /* Nobody but its context ends a call while it is busy. That comes too late for an answer that
     * is complete: the caller has had it, and its context may have ended for just that reason. */
    bool is_by_context = call->is_ended && end == NULL;
    call->is_ended = is_by_context || end != NULL;
    pthread_mutex_unlock(&call->mutex);
    if (is_by_context) {
        struct rpc_end context_end;
        end_by_context(call, &context_end);
        client_call_deliver_end(call, &context_end);
    } else if (end != NULL) {
        deliver(call, end, read_ns);
    }
}

static void log_late(struct rpc_client_call *call, const struct rpc_end *end)
{
    if (!log_is_on(LOG_LEVEL_INFO)) {
        return;
    }
    /* The caller's context is gone; its ids were kept for this line. */
    CTX_SCOPE(scope, ctx_with_value(ctx_background(), &TRACE_KEY, &call->trace));
    const struct rpc_account *account = &end->account;
    bool has_cause = end->cause != CTX_CAUSE_NONE;
    LOG_AT(rpc_log_level(call->method), "rpc.end", call->has_trace ? scope->ctx : NULL,
        log_bool("late", true), log_str("method", call->has_trace ? NULL : call->method->name),
        log_str("status", status_name(end->status)),
        log_str("cause", has_cause ? ctx_cause_word(end->cause) : NULL),
        log_u64_if("cause_hop", has_cause, rpc_hops(end->cause_hop)),
        log_str("outcome", rpc_outcome_word(account->outcome)),
        log_str("stage", account->stage[0] == '\0' ? NULL : account->stage),
        log_ms("queue_ms", account->queue_ns), log_ms("run_ms", account->run_ns),
        log_ms("cpu_ms", account->cpu_ns), log_ms("wasted_cpu_ms", account->wasted_cpu_ns),
        log_ms("stop_latency_ms", account->stop_latency_ns),
        log_ms("elapsed_ms", clock_now_ns() - call->started_ns));
}

void client_call_end_late(struct rpc_client_call *call, const struct rpc_end *end)
{
    log_late(call, end);
    if (call->events->on_late_end != NULL) {
        call->events->on_late_end(call->arg, end);
    }
}

/* Runs on the notifier thread: tell the server, then the caller, who waits for nobody. Under one
 * hold of the lock, so that no further attempt comes between: a call that pauses before one is on
 * no connection, and ends here just so. */
static void context_is_done(void *arg)
{
    struct rpc_client_call *call = arg;
    pthread_mutex_lock(&call->mutex);
    bool is_first = !call->is_ended;
    struct rpc_end end;
    if (is_first) {
        end_by_context(call, &end);
        call->is_ended = true;
        if (call->connection != NULL) {
            rpc_connection_cancel(call->connection, call->id, &end);
        }
    }
    bool is_ours = is_first && !call->is_busy;
    pthread_mutex_unlock(&call->mutex);
    if (is_ours) {
        client_call_deliver_end(call, &end);
    }
    client_call_unref(call);
}

/* Whether the request's bytes stay with the call, so that it can be made again. */
static bool reserve_request(struct rpc_channel *channel, size_t len, uint32_t *ret_bytes_kept)
{
    *ret_bytes_kept = 0;
    if (len <= RPC_RETRY_REQUEST_SMALL) {
        return true;
    }
    if (len > RPC_RETRY_REQUEST_MAX) {
        return false;
    }
    uint64_t kept = atomic_fetch_add(&channel->request_bytes_kept, len) + len;
    if (kept > RPC_RETRY_BYTES_MAX) {
        atomic_fetch_sub(&channel->request_bytes_kept, len);
        return false;
    }
    *ret_bytes_kept = (uint32_t)len;
    return true;
}

static struct rpc_client_call *call_new(
    const struct ctx *ctx, const struct client_call_start *start, size_t request_len)
{
    struct rpc_channel *channel = start->channel;
    uint32_t bytes_kept;
    bool keeps_request = reserve_request(channel, request_len, &bytes_kept);
    struct rpc_client_call *call = malloc(sizeof(*call) + (keeps_request ? request_len : 0));
    if (call == NULL) {
        atomic_fetch_sub(&channel->request_bytes_kept, bytes_kept);
        return NULL;
    }
    bytes_zero(call, sizeof(*call));
    atomic_init(&call->references, 1); /* active */
    pthread_mutex_init(&call->mutex, NULL);
    call->channel = channel;
    call->method = start->method;
    call->events = start->events;
    call->arg = start->arg;
    call->is_check = start->is_check;
    call->is_bound = start->only != 0;
    call->keeps_request = keeps_request;
    call->request_len = (uint32_t)request_len;
    call->bytes_kept = bytes_kept;
    if (keeps_request) {
        protobuf_c_message_pack(start->request, call->request);
    }
    call->ctx = ctx_ref(ctx);
    call->started_ns = clock_now_ns();
    call->attempt_at_ns = call->started_ns;
    const struct trace *trace = trace_of(ctx);
    call->has_trace = trace != NULL;
    if (trace != NULL) {
        call->trace = *trace;
        call->trace.method = start->method->name;
        call->trace.state = NULL; /* may be gone before the call */
        client_spans_start(call, trace);
        client_spans_attempt(call);
    }
    return call;
}

/* Undo a start that failed; on_end will not run. Called with the call's lock held: the context's
 * function, if it runs already, waits for it and then finds the call ended. */
static void abandon_locked(struct rpc_client_call *call)
{
    call->is_ended = true;
    pthread_mutex_unlock(&call->mutex);
    bool will_never_run = call->after != NULL && ctx_stop(call->after);
    ctx_unref(call->ctx);
    atomic_fetch_sub(&call->channel->request_bytes_kept, call->bytes_kept);
    drop_references(call, will_never_run ? 2 : 1);
}

enum status client_call_start(
    const struct ctx *ctx, const struct client_call_start *start, struct rpc_client_call **ret_call)
{
    size_t request_len = protobuf_c_message_get_packed_size(start->request);
    if (request_len > RPC_FRAME_MAX - RPC_FRAME_HEAD_LEN - ENVELOPE_CALL_LEN_MAX) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    struct rpc_client_call *call = call_new(ctx, start, request_len);
    if (call == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    struct call_unsent unsent = client_intercept_start(call, start->request);
    bool is_refused = unsent.status != STATUS_OK;
    /* The call's lock keeps everybody who might end it away until it is whole. */
    pthread_mutex_lock(&call->mutex);
    call->after = ctx_after_func(ctx, context_is_done, call);
    if (call->after == NULL) {
        abandon_locked(call);
        return STATUS_RESOURCE_EXHAUSTED;
    }
    client_call_ref(call);
    /* ctx_err, with the clock read once: it is also the time of the start. */
    bool may_be_done = ctx_done(ctx) || call->started_ns >= ctx_deadline_ns(ctx);
    bool is_done = may_be_done && ctx_err(ctx) != STATUS_OK;
    enum status status = STATUS_OK;
    if (is_done || is_refused) {
        channel_count_call(start->channel); /* nothing is sent */
    } else {
        const struct channel_wish wish = {.only = start->only};
        status = channel_place_call(start->channel, call, &wish, &unsent.retry_at_ns);
        unsent.status = status;
    }
    if (status == STATUS_RESOURCE_EXHAUSTED) {
        abandon_locked(call);
        return status;
    }
    if (ret_call != NULL) {
        client_call_ref(call);
        *ret_call = call;
    }
    if (unsent.status != STATUS_OK) {
        client_call_fail_soon_locked(call, unsent);
    } else if (!is_done) { /* else context_is_done ends it */
        client_call_send_locked(call, start->request);
    }
    pthread_mutex_unlock(&call->mutex);
    return STATUS_OK;
}

enum status rpc_call_start_from(struct ctx_site site, const struct ctx *ctx,
    struct rpc_channel *channel, const struct rpc_method *method, const ProtobufCMessage *request,
    const struct rpc_call_events *events, void *arg, struct rpc_client_call **ret_call)
{
    detached_check(site, ctx, "rpc");
    const struct client_call_start start = {
        .channel = channel, .method = method, .request = request, .events = events, .arg = arg};
    return client_call_start(ctx, &start, ret_call);
}
