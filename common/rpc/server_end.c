/* How a call ends: what is reported, what is accounted, what is logged. Each call gets here once.
 *
 * A call has two halves, the handler's return and its finish (the same moment unless deferred);
 * whoever brings the second one ends it. */
#include <string.h>

#include "base/clock.h"
#include "obs/leaks.h"
#include "obs/log.h"
#include "rpc/call_metrics.h"
#include "rpc/quiet.h"
#include "rpc/server_flight.h"

static void send_end(struct server_connection *peer, uint32_t call_id, const struct rpc_end *end)
{
    uint8_t header[ENVELOPE_LEN_MAX];
    struct rpc_outgoing outgoing = {.call_id = call_id,
        .type = RPC_FRAME_END,
        .header = {header, envelope_pack_end(header, end)}};
    (void)rpc_connection_send(peer->connection, &outgoing); /* a lost peer needs no END */
}

void server_refuse(struct server_connection *peer, uint32_t call_id, struct refusal refusal,
    const struct trace *trace)
{
    if (log_is_on(LOG_LEVEL_WARN)) {
        CTX_SCOPE(scope, ctx_with_value(ctx_background(), &TRACE_KEY, trace));
        LOG_WARN("rpc.refuse", trace != NULL ? scope->ctx : NULL, log_str("why", refusal.why),
            log_str("status", status_name(refusal.status)),
            log_str("peer", rpc_connection_peer_text(peer->connection)));
    }
    struct rpc_end end = {.status = refusal.status};
    if (refusal.status == STATUS_UNAVAILABLE && server_is_draining(peer->server)) {
        end.cause = CTX_CAUSE_SERVER_DRAINING;
    }
    call_metrics_refused_unseen(trace == NULL ? NULL : trace->method, refusal.status, refusal.why);
    end.account.outcome = RPC_OUTCOME_NOT_STARTED;
    envelope_copy_text(end.message, sizeof(end.message), refusal.why);
    send_end(peer, call_id, &end);
}

static const char *stage_of(struct rpc_server_call *call)
{
    return call->share != NULL ? server_share_stage(call)
                               : atomic_load_explicit(&call->watch.stage, memory_order_relaxed);
}

void server_call_log_done(struct rpc_server_call *call, bool is_running)
{
    /* That a flight is done its members tell: flight.leave. */
    if (call->flight != NULL || atomic_exchange(&call->is_done_logged, true)) {
        return;
    }
    LOG_INFO("ctx.done", call->ctx, log_str("stage", stage_of(call)),
        log_bool("is_running", is_running));
}

/* CPU that the handler used after the cancel. When it returned before the notifier could look at
 * its clock, the time between is the most that it can have used. */
static uint64_t wasted_cpu_ns(const struct rpc_server_call *call, uint64_t done_at_ns)
{
    if (done_at_ns == 0 || call->started_ns == 0 || done_at_ns >= call->returned_ns) {
        return 0;
    }
    if (call->has_cpu_at_cancel) {
        return call->cpu_ns > call->cpu_at_cancel_ns ? call->cpu_ns - call->cpu_at_cancel_ns : 0;
    }
    uint64_t between_ns = call->returned_ns - done_at_ns;
    return between_ns < call->cpu_ns ? between_ns : call->cpu_ns;
}

static void fill_account(struct rpc_server_call *call, enum rpc_outcome outcome, uint64_t now_ns,
    struct rpc_account *ret_account)
{
    memset(ret_account, 0, sizeof(*ret_account));
    uint64_t started_ns = call->started_ns == 0 ? now_ns : call->started_ns;
    ret_account->outcome = outcome;
    ret_account->queue_ns = started_ns - call->received_ns;
    ret_account->run_ns = now_ns - started_ns - call->paused_ns;
    ret_account->cpu_ns = call->cpu_ns;
    uint64_t done_at_ns = ctx_done_at_ns(call->ctx);
    if (done_at_ns != 0) {
        ret_account->stop_latency_ns = now_ns > done_at_ns ? now_ns - done_at_ns : 0;
        ret_account->wasted_cpu_ns = wasted_cpu_ns(call, done_at_ns);
    }
    const char *stage = stage_of(call);
    if (stage != NULL) {
        envelope_copy_text(ret_account->stage, sizeof(ret_account->stage), stage);
    }
}

static void log_end(struct rpc_server_call *call, const struct rpc_end *end, uint64_t now_ns)
{
    const struct rpc_account *account = &end->account;
    const char *outcome = rpc_outcome_word(account->outcome);
    bool is_passed_on = call->fail_cause.cause != CTX_CAUSE_NONE;
    bool has_cause = end->cause != CTX_CAUSE_NONE;
    bool is_own = has_cause && !is_passed_on; /* the context says it itself, and who brought it */
    unsigned int n_members = call->share == NULL ? 0 : call->share->n_members;
    bool is_known = account->outcome != RPC_OUTCOME_UNKNOWN; /* else it goes on for others */
    if (is_own && is_known) {
        LOG_INFO("ctx.stopped", call->ctx, log_str("stage", stage_of(call)),
            log_ms("stop_latency_ms", account->stop_latency_ns),
            log_ms("wasted_cpu_ms", account->wasted_cpu_ns), log_str("outcome", outcome));
    }
    LOG_AT(rpc_log_level(call->binding->method), "rpc.end", call->ctx,
        log_str("status", status_name(end->status)),
        is_own ? log_str("", NULL)
               : log_str("cause", has_cause ? ctx_cause_word(end->cause) : NULL),
        log_u64_if("cause_hop", is_passed_on, rpc_hops(end->cause_hop)),
        log_str("outcome", outcome), log_ms("queue_ms", account->queue_ns),
        log_ms("run_ms", account->run_ns),
        log_ms("paused_ms", call->paused_ns > 0 ? call->paused_ns : CLOCK_NEVER),
        log_ms("cpu_ms", account->cpu_ns), log_ms("elapsed_ms", now_ns - call->received_ns),
        n_members > 0 ? log_bool("shared", true) : log_str("shared", NULL),
        log_u64_if("n_members", n_members > 0, n_members));
}

static void send_call_end(struct rpc_server_call *call, const struct rpc_end *end)
{
    uint8_t header[ENVELOPE_LEN_MAX];
    CLEANUP(buffer_finish) struct buffer room = BUFFER_EMPTY(SERVER_SPANS_HEADER_MAX);
    struct bytes short_header = {header, envelope_pack_end(header, end)};
    struct rpc_outgoing outgoing = {.call_id = call->id,
        .type = RPC_FRAME_END,
        .header = server_spans_add(call, end, short_header, ENVELOPE_END_SPANS, &room)};
    (void)rpc_connection_send(call->peer->connection, &outgoing); /* as above */
}

static void send_result(struct rpc_server_call *call, const struct rpc_end *end)
{
    bool is_answer = end->status == STATUS_OK && call->binding->method->kind == RPC_UNARY;
    if (!is_answer) {
        send_call_end(call, end);
        return;
    }
    uint8_t header[ENVELOPE_LEN_MAX];
    CLEANUP(buffer_finish) struct buffer room = BUFFER_EMPTY(SERVER_SPANS_HEADER_MAX);
    struct bytes short_header = {header, envelope_pack_reply(header, &end->account)};
    struct rpc_outgoing outgoing = {.call_id = call->id,
        .type = RPC_FRAME_REPLY,
        .header = server_spans_add(call, end, short_header, ENVELOPE_REPLY_SPANS, &room),
        .payload = buffer_bytes(
            server_share_has_answer(call) ? &call->share->landed->reply : &call->reply)};
    (void)rpc_connection_send(call->peer->connection, &outgoing);
}

/* In this order, so that the caller waits for none of the rest. The id is free before the peer can
 * know that it is. */
void server_call_conclude(struct rpc_server_call *call, const struct rpc_end *end, uint64_t now_ns)
{
    struct rpc_server *server = call->peer->server;
    if (call->started_ns != 0) {
        call_metrics_ran(call->binding->method, end, call->trace.trace_id);
    }
    server_classes_count(call, end, now_ns);
    if (call->flight != NULL) {
        server_flight_land(call, end);
    } else {
        server_connection_remove(call->peer, call);
        send_result(call, end);
        call_metrics_served(
            call->binding->method, end->status, now_ns - call->received_ns, call->trace.trace_id);
        log_end(call, end, now_ns);
        server_intercept_end(call, end);
    }
    if (!server->options.ignores_leaks) {
        leaks_check_ended(call->watch_scope);
    }
    ctx_scope_end(call->watch_scope);
    ctx_scope_end(call->trace_scope);
    ctx_scope_end(call->deadline_scope);
    server_call_unref(call);
    server_calls_remove(server);
}

bool server_call_settle(struct rpc_server_call *call, uint64_t now_ns, struct rpc_end *ret_end)
{
    rpc_end_take_cause_at(ret_end, call->ctx, now_ns);
    if (!ctx_stop_wait(call->after)) {
        server_deaf_unwatch(call);
    }
    bool is_done = ret_end->cause != CTX_CAUSE_NONE;
    if (is_done) {
        server_call_log_done(call, call->started_ns != 0);
    }
    return is_done;
}

static void set_message(struct rpc_end *end, const char *message)
{
    envelope_copy_text(end->message, sizeof(end->message), message);
}

void server_call_pass_on(const struct rpc_server_call *call, struct rpc_end *end)
{
    const struct rpc_passed_on *from = &call->fail_cause;
    if (from->cause != CTX_CAUSE_NONE) {
        end->cause = from->cause;
        end->cause_hop = from->cause_hop;
        end->deadline_origin = from->deadline_origin;
        end->deadline_hop = from->deadline_hop;
    }
}

static void end_started(struct rpc_server_call *call)
{
    struct rpc_end end;
    uint64_t now_ns = call->is_deferred ? clock_now_ns() : call->returned_ns;
    bool is_done = server_call_settle(call, now_ns, &end);
    bool is_complete = call->status == STATUS_OK;
    if (call->is_deferred && call->binding->method->kind == RPC_UNARY) {
        server_call_learn(call, now_ns);
    }
    end.status = call->status;
    end.retry_after_ms = 0;
    end.message[0] = '\0';
    if (is_done) {
        end.status = ctx_cause_status(end.cause);
        call->fail_cause.cause = CTX_CAUSE_NONE; /* the call's own comes first */
        set_message(&end, status_text(end.status));
    } else if (is_complete && !call->has_reply) {
        end.status = STATUS_INTERNAL;
        set_message(&end, "the handler gave no answer");
    } else if (!is_complete) {
        server_call_pass_on(call, &end);
        set_message(
            &end, call->fail_message != NULL ? call->fail_message : status_text(end.status));
    }
    bool is_committed = is_complete || call->is_committed;
    fill_account(
        call, is_committed ? RPC_OUTCOME_COMMITTED : RPC_OUTCOME_STOPPED, now_ns, &end.account);
    server_call_conclude(call, &end, now_ns);
}

void server_call_refuse(
    struct rpc_server_call *call, enum status status, const char *why, const char *words)
{
    struct rpc_end end;
    uint64_t now_ns = clock_now_ns();
    bool is_done = server_call_settle(call, now_ns, &end);
    end.retry_after_ms = is_done ? 0 : call->retry_after_ms;
    end.status = is_done ? ctx_cause_status(end.cause) : status;
    set_message(&end, is_done || words == NULL ? status_text(end.status) : words);
    fill_account(call, RPC_OUTCOME_NOT_STARTED, now_ns, &end.account);
    if (why != NULL && !is_done) {
        call_metrics_refused(call->binding->method->name, why);
        server_call_log_refuse(call, status, why, words);
    }
    server_call_conclude(call, &end, now_ns);
}

void server_call_end_unstarted(struct rpc_server_call *call, enum status status, const char *why)
{
    server_call_refuse(call, status, why, why);
}

void server_call_part(struct rpc_server_call *call, enum call_part part, enum status status)
{
    pthread_mutex_lock(&call->mutex);
    call->parts |= part;
    if (part == CALL_HANDLER_RETURNED && !call->is_deferred) {
        call->parts |= CALL_FINISHED;
        call->status = status;
    } else if (part == CALL_FINISHED) {
        call->status = status;
    }
    bool is_over = call->parts == (CALL_HANDLER_RETURNED | CALL_FINISHED);
    pthread_mutex_unlock(&call->mutex);
    if (!is_over) {
        return;
    }
    if (server_share_has_answer(call)) {
        server_share_end(call, status);
    } else {
        end_started(call);
    }
}
