/* A client call: started once, ended exactly once, by whoever comes first: the server's REPLY or
 * END, the context, the loss of the connection, or the channel's end.
 *
 * Callbacks of one call run one at a time. A thread that runs one is marked `is_busy`; whoever ends
 * the call meanwhile leaves on_end to it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "obs/log.h"
#include "rpc/call_metrics.h"
#include "rpc/channel_internal.h"

/* gcc -fanalyzer does not count references: to it every unref may be the last, and free the call.
 */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wanalyzer-use-after-free"
#pragma GCC diagnostic ignored "-Wanalyzer-use-of-uninitialized-value"
#endif

static void client_call_ref(struct rpc_client_call *call)
{
    atomic_fetch_add_explicit(&call->references, 1, memory_order_relaxed);
}

static void drop_references(struct rpc_client_call *call, unsigned int n)
{
    if (atomic_fetch_sub_explicit(&call->references, n, memory_order_acq_rel) == n) {
        rpc_connection_unref(call->connection);
        pthread_mutex_destroy(&call->mutex);
        free(call);
    }
}

void client_call_unref(struct rpc_client_call *call)
{
    drop_references(call, 1);
}

void rpc_client_call_unref(struct rpc_client_call *call)
{
    if (call != NULL) {
        client_call_unref(call);
    }
}

/* The last callback, and what the call held. The channel may be freed as soon as it is told. */
static void deliver_end(struct rpc_client_call *call)
{
    /* First, because callers end their scopes in on_end: the notifier need not wake for that. */
    if (ctx_stop(call->after)) {
        client_call_unref(call);
    }
    call_metrics_called(call->method, call->end.status, clock_now_ns() - call->started_ns);
    call->events->on_end(call->arg, &call->end);
    if (call->is_timer_started && ctx_timer_stop(&call->timer)) {
        client_call_unref(call);
    }
    ctx_unref(call->ctx);
    channel_call_over(call->channel);
    client_call_unref(call);
}

void client_call_finish(struct rpc_client_call *call, const struct rpc_end *end)
{
    pthread_mutex_lock(&call->mutex);
    bool is_first = !call->is_ended;
    if (is_first) {
        call->is_ended = true;
        call->end = *end;
    }
    bool is_ours = is_first && !call->is_busy;
    pthread_mutex_unlock(&call->mutex);
    if (is_ours) {
        deliver_end(call);
    }
}

bool client_call_enter(struct rpc_client_call *call)
{
    pthread_mutex_lock(&call->mutex);
    bool may_enter = !call->is_ended;
    call->is_busy = may_enter;
    pthread_mutex_unlock(&call->mutex);
    return may_enter;
}

void client_call_leave(struct rpc_client_call *call, const struct rpc_end *end)
{
    pthread_mutex_lock(&call->mutex);
    call->is_busy = false;
    if (end != NULL && !call->is_ended) {
        call->is_ended = true;
        call->end = *end;
    }
    bool is_ended = call->is_ended;
    pthread_mutex_unlock(&call->mutex);
    if (is_ended) {
        deliver_end(call);
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
    LOG_INFO("rpc.end", call->has_trace ? scope->ctx : NULL, log_bool("late", true),
        log_str("method", call->has_trace ? NULL : call->method->name),
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

static void send_cancel(struct rpc_client_call *call, const struct rpc_end *end)
{
    Walkie__Rpc__V1__Cancel cancel = WALKIE__RPC__V1__CANCEL__INIT;
    cancel.cause = (uint32_t)end->cause;
    cancel.cause_hop = rpc_hops(end->cause_hop);
    uint8_t header[ENVELOPE_LEN_MAX];
    struct rpc_outgoing outgoing = {.call_id = call->id,
        .type = RPC_FRAME_CANCEL,
        .header = {header, envelope_pack(header, &cancel.base)}};
    (void)rpc_connection_send(call->connection, &outgoing); /* lost: the server sees that too */
}

/* Runs on the notifier thread: tell the server, then the caller, who waits for nobody. */
static void context_is_done(void *arg)
{
    struct rpc_client_call *call = arg;
    pthread_mutex_lock(&call->mutex);
    bool is_ended = call->is_ended;
    pthread_mutex_unlock(&call->mutex);
    if (!is_ended) {
        struct rpc_end end = {.retry_after_ms = 0};
        rpc_end_take_cause(&end, call->ctx);
        end.status = ctx_cause_status(end.cause);
        bool was_sent = call->connection != NULL;
        end.account.outcome = was_sent ? RPC_OUTCOME_UNKNOWN : RPC_OUTCOME_NOT_STARTED;
        snprintf(end.message, sizeof(end.message), "%s", status_text(end.status));
        if (was_sent) {
            send_cancel(call, &end);
        }
        client_call_finish(call, &end);
    }
    client_call_unref(call);
}

/* Runs on the timer thread: there is no connection. */
static void end_unsent(void *arg)
{
    struct rpc_client_call *call = arg;
    client_call_finish(call, &call->end);
    client_call_unref(call);
}

static void fail_soon(struct rpc_client_call *call, uint64_t redial_at_ns)
{
    uint64_t now_ns = clock_now_ns();
    uint64_t wait_ns = redial_at_ns > now_ns ? redial_at_ns - now_ns : 0;
    call->end.status = STATUS_UNAVAILABLE;
    call->end.retry_after_ms = wait_ns / CLOCK_MS(1) + RPC_BACKOFF_MIN_MS;
    call->end.account.outcome = RPC_OUTCOME_NOT_STARTED;
    snprintf(call->end.message, sizeof(call->end.message), "no connection to %s",
        call->channel->backend);
    client_call_ref(call);
    call->is_timer_started = true;
    ctx_timer_init(&call->timer, end_unsent, call);
    ctx_timer_start(&call->timer, now_ns);
}

static void send_call(struct rpc_client_call *call, const ProtobufCMessage *request)
{
    uint64_t deadline_ns = ctx_deadline_ns(call->ctx);
    Walkie__Rpc__V1__CallMetadata metadata = WALKIE__RPC__V1__CALL_METADATA__INIT;
    if (deadline_ns != CLOCK_NEVER) {
        metadata.remaining_ns = 1; /* holds the place */
        metadata.deadline_origin = (uint32_t)ctx_deadline_origin(call->ctx);
        metadata.deadline_hop = ctx_deadline_hop(call->ctx);
    }
    metadata.method = (char *)(uintptr_t)call->method->name; /* packed, not written to */
    if (call->has_trace) {
        metadata.trace_id = (ProtobufCBinaryData){TRACE_ID_LEN, call->trace.trace_id};
        metadata.span_id = (ProtobufCBinaryData){SPAN_ID_LEN, call->trace.span_id};
    }
    if (call->method->kind == RPC_SERVER_STREAM) {
        metadata.credit = RPC_CREDIT_DEFAULT;
        call->credit_left = RPC_CREDIT_DEFAULT;
    }
    uint8_t header[ENVELOPE_CALL_LEN_MAX];
    struct rpc_outgoing outgoing = {.call_id = call->id,
        .type = RPC_FRAME_CALL,
        .flags = call->events->on_progress != NULL ? RPC_FLAG_WANTS_PROGRESS : 0,
        .header = {header, envelope_pack_call(header, &metadata, rpc_metadata_of(call->ctx))},
        .message = request,
        .deadline_ns = deadline_ns == CLOCK_NEVER ? 0 : deadline_ns};
    LOG_INFO("rpc.send", call->ctx, log_str("method", call->method->name),
        log_str("backend", call->channel->backend));
    /* A closed connection tells the call itself, through the table. */
    (void)rpc_connection_send(call->connection, &outgoing);
}

static struct rpc_client_call *call_new(const struct ctx *ctx, struct rpc_channel *channel,
    const struct rpc_method *method, const struct rpc_call_events *events, void *arg)
{
    struct rpc_client_call *call = calloc(1, sizeof(*call));
    if (call == NULL) {
        return NULL;
    }
    atomic_init(&call->references, 1); /* active */
    pthread_mutex_init(&call->mutex, NULL);
    call->channel = channel;
    call->method = method;
    call->events = events;
    call->arg = arg;
    call->ctx = ctx_ref(ctx);
    call->started_ns = clock_now_ns();
    const struct trace *trace = trace_of(ctx);
    call->has_trace = trace != NULL;
    if (trace != NULL) {
        call->trace = *trace;
        call->trace.method = method->name;
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
    drop_references(call, will_never_run ? 2 : 1);
}

enum status rpc_call_start(const struct ctx *ctx, struct rpc_channel *channel,
    const struct rpc_method *method, const ProtobufCMessage *request,
    const struct rpc_call_events *events, void *arg, struct rpc_client_call **ret_call)
{
    size_t request_len = protobuf_c_message_get_packed_size(request);
    if (request_len > RPC_FRAME_MAX - RPC_FRAME_HEAD_LEN - ENVELOPE_CALL_LEN_MAX) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    struct rpc_client_call *call = call_new(ctx, channel, method, events, arg);
    if (call == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    /* The call's lock keeps everybody who might end it away until it is whole. */
    pthread_mutex_lock(&call->mutex);
    call->after = ctx_after_func(ctx, context_is_done, call);
    if (call->after == NULL) {
        abandon_locked(call);
        return STATUS_RESOURCE_EXHAUSTED;
    }
    client_call_ref(call);
    uint64_t redial_at_ns = 0;
    bool is_done = ctx_err(ctx) != STATUS_OK;
    enum status status = STATUS_OK;
    if (is_done) {
        channel_count_call(channel); /* context_is_done ends it; nothing is sent */
    } else {
        status = channel_add_call(channel, call, &redial_at_ns);
    }
    if (status == STATUS_RESOURCE_EXHAUSTED) {
        abandon_locked(call);
        return status;
    }
    if (ret_call != NULL) {
        client_call_ref(call);
        *ret_call = call;
    }
    if (status == STATUS_UNAVAILABLE) {
        fail_soon(call, redial_at_ns);
    } else if (!is_done) {
        client_call_ref(call); /* the table's */
        send_call(call, request);
    }
    pthread_mutex_unlock(&call->mutex);
    return STATUS_OK;
}

void rpc_client_call_consumed(struct rpc_client_call *call, size_t len)
{
    uint64_t consumed = atomic_fetch_add(&call->consumed, len) + len;
    if (consumed < CHANNEL_CREDIT_STEP || call->connection == NULL) {
        return;
    }
    uint64_t bytes = atomic_exchange(&call->consumed, 0);
    if (bytes == 0) {
        return; /* another thread gives it back */
    }
    atomic_fetch_add(&call->credit_returned, bytes);
    Walkie__Rpc__V1__Credit credit = WALKIE__RPC__V1__CREDIT__INIT;
    credit.bytes = (uint32_t)bytes;
    uint8_t header[ENVELOPE_LEN_MAX];
    struct rpc_outgoing outgoing = {.call_id = call->id,
        .type = RPC_FRAME_CREDIT,
        .header = {header, envelope_pack(header, &credit.base)}};
    (void)rpc_connection_send(call->connection, &outgoing);
}
