/* Members: how equal calls come together, wait, leave and are answered. See server_flight.h.
 *
 * Every member is told once: by the landing, or by its own leaving. Who leaves while others stay
 * has its END at once, outcome unknown: the work goes on without it. Who leaves last has cancelled
 * the work, and its END waits for what becomes of it, as that of a call which does not share. */
#include "rpc/server_flight.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "obs/log.h"

static void flight_free(struct ctx_flight *base)
{
    struct server_flight *flight = CONTAINER_OF(base, struct server_flight, flight);
    if (flight->fd >= 0) {
        close(flight->fd);
    }
    buffer_finish(&flight->reply);
    span_log_unref(flight->spans);
    pthread_mutex_destroy(&flight->mutex);
    ctx_flight_finish(base);
    free(flight);
}

void server_flight_unref(struct server_flight *flight)
{
    if (flight != NULL) {
        ctx_flight_unref(&flight->flight);
    }
}

void server_flight_hash_text(
    const struct server_flight *flight, char text[SERVER_FLIGHT_HASH_TEXT_MAX])
{
    snprintf(text, SERVER_FLIGHT_HASH_TEXT_MAX, "%016llx", (unsigned long long)flight->flight.hash);
}

static struct server_flight *flight_new(struct bytes key)
{
    struct server_flight *flight = calloc(1, sizeof(*flight));
    if (flight == NULL || ctx_flight_init(&flight->flight, key, flight_free) != STATUS_OK) {
        free(flight);
        return NULL;
    }
    flight->fd = -1;
    pthread_mutex_init(&flight->mutex, NULL);
    return flight;
}

bool server_share_prepare(struct rpc_server_call *call)
{
    call->share = calloc(1, sizeof(*call->share));
    if (call->share == NULL) {
        return false;
    }
    call->share->call = call;
    return true;
}

void server_share_free(struct server_share *share)
{
    if (share != NULL) {
        server_flight_unref(atomic_load(&share->flight));
        server_flight_unref(share->landed);
        free(share);
    }
}

const char *server_share_stage(const struct rpc_server_call *call)
{
    struct server_flight *flight = atomic_load(&call->share->flight);
    struct server_flight_view view = {.stage = NULL};
    if (call->share->landed != NULL) {
        const char *stage = call->share->landed->end.account.stage;
        return *stage == '\0' ? NULL : stage;
    }
    if (flight == NULL) {
        return atomic_load_explicit(&call->watch.stage, memory_order_relaxed);
    }
    server_flight_look(flight, &view);
    return view.stage;
}

/* --- the answer ----------------------------------------------------------------------------- */

void server_share_end(struct rpc_server_call *call, enum status status)
{
    const struct server_flight *flight = call->share->landed;
    struct rpc_end end = flight->end;
    uint64_t now_ns = clock_now_ns();
    if (server_call_settle(call, now_ns, &end)) { /* the call's own cause comes first */
        uint64_t done_at_ns = ctx_done_at_ns(call->ctx);
        status = ctx_cause_status(end.cause);
        end.retry_after_ms = 0;
        end.account.stop_latency_ns = now_ns > done_at_ns ? now_ns - done_at_ns : 0;
    } else {
        call->fail_cause = flight->fail_cause;
        server_call_pass_on(call, &end);
    }
    if (end.status != status) {
        end.status = status;
        envelope_copy_text(end.message, sizeof(end.message), status_text(status));
    }
    server_call_conclude(call, &end, now_ns);
}

static enum status send_head(struct rpc_server_call *call, const struct server_flight *flight)
{
    CLEANUP(buffer_finish) struct buffer room = BUFFER_EMPTY(SERVER_SPANS_HEADER_MAX);
    struct rpc_outgoing outgoing = {.call_id = call->id,
        .type = RPC_FRAME_REPLY,
        .header = server_spans_of_head(call, &room),
        .payload = buffer_bytes(&flight->reply)};
    return rpc_connection_send(call->peer->connection, &outgoing);
}

/* The flight has landed: the call's END, or for a stream its head and then the file, at the pace of
 * this call's reader. */
void server_share_answer(struct rpc_server_call *call, struct server_flight *flight)
{
    call->share->landed = flight;
    ctx_flight_ref(&flight->flight);
    enum status status = flight->end.status;
    bool has_file = status == STATUS_OK && call->binding->method->kind == RPC_SERVER_STREAM &&
                    ctx_cause(call->ctx) == CTX_CAUSE_NONE;
    if (has_file) {
        status = send_head(call, flight);
        call->has_reply = status == STATUS_OK;
    }
    if (has_file && status == STATUS_OK && flight->fd >= 0) {
        server_stream_pump(call, flight->fd, flight->len);
    } else {
        server_share_end(call, status);
    }
}

/* --- leaving -------------------------------------------------------------------------------- */

/* Others stay, so the work goes on: the account is what it has come to. */
static void end_left_behind(struct rpc_server_call *call, const struct rpc_account *account)
{
    struct rpc_end end = {.account = *account};
    uint64_t now_ns = clock_now_ns();
    (void)server_call_settle(call, now_ns, &end);
    end.status = ctx_cause_status(end.cause);
    envelope_copy_text(end.message, sizeof(end.message), status_text(end.status));
    server_call_conclude(call, &end, now_ns);
}

static void leave(
    struct rpc_server_call *call, struct server_flight *flight, const struct ctx_flight_end *left)
{
    struct server_flight_view view;
    server_flight_look(flight, &view);
    server_call_log_done(call, view.is_running);
    LOG_INFO(
        "flight.leave", call->ctx, log_u64("n_left", left->n_left), log_str("stage", view.stage));
    if (left->n_left > 0) {
        end_left_behind(call, &view.account);
        return;
    }
    pthread_mutex_lock(&flight->mutex);
    bool has_landed = flight->has_landed;
    if (!has_landed) {
        flight->last = call;
    }
    pthread_mutex_unlock(&flight->mutex);
    if (has_landed) {
        server_share_answer(call, flight);
    }
}

static void be_told(void *arg, const struct ctx_flight_end *end)
{
    struct server_share *share = arg;
    struct server_flight *flight = CONTAINER_OF(end->flight, struct server_flight, flight);
    share->n_members = end->n_joined;
    if (end->has_landed) {
        server_share_answer(share->call, flight);
    } else {
        leave(share->call, flight, end);
    }
}

/* --- joining -------------------------------------------------------------------------------- */

/* The member's context is done. Leaving the flight is the flight's business; what it may be sending
 * stops here. */
static void context_is_done(void *arg)
{
    struct rpc_server_call *call = arg;
    server_stream_give_up(call);
}

static enum status append_part(struct buffer *key, struct bytes part)
{
    uint8_t len[4];
    be32_put(len, (uint32_t)part.len);
    enum status status = buffer_append(key, len, sizeof(len));
    return status == STATUS_OK ? buffer_append(key, part.data, part.len) : status;
}

/* Method, authorisation scope, and what the binding says: the question and the data's version. */
static enum status make_key(const struct rpc_server_call *call, struct buffer *key)
{
    struct bytes scope = {(const uint8_t *)"", 0};
    (void)rpc_metadata_get(&call->metadata, RPC_METADATA_SCOPE, &scope);
    enum status status = append_part(key, bytes_of(call->binding->method->name));
    if (status == STATUS_OK) {
        status = append_part(key, scope);
    }
    if (status == STATUS_OK) {
        void *service = call->peer->server->options.service;
        status = call->binding->flight_key(call->request, service, key);
    }
    return status;
}

static struct server_flight *candidate_for(const struct rpc_server_call *call)
{
    CLEANUP(buffer_finish) struct buffer key = BUFFER_EMPTY(CTX_FLIGHT_KEY_MAX);
    return make_key(call, &key) == STATUS_OK ? flight_new(buffer_bytes(&key)) : NULL;
}

static void log_join(
    struct rpc_server_call *call, const struct server_flight *flight, struct ctx_flight_ticket how)
{
    char trace_id[TRACE_ID_TEXT_MAX];
    char hash[SERVER_FLIGHT_HASH_TEXT_MAX];
    trace_id_text(&flight->trace, trace_id);
    server_flight_hash_text(flight, hash);
    LOG_INFO("flight.join", call->ctx, log_str("role", how.is_leader ? "leader" : "member"),
        log_u64("n_members", how.n_joined), log_str("key", hash),
        log_str("flight_trace_id", trace_id));
}

static bool join(struct rpc_server_call *call, struct server_flight *candidate)
{
    struct server_share *share = call->share;
    struct ctx_flight_ticket ticket;
    share->member = (struct ctx_flight_member){.on_end = be_told, .arg = share};
    trace_child(&call->trace, &candidate->trace);
    candidate->trace.call_id = call->trace.call_id;
    candidate->trace.method = call->trace.method;
    candidate->trace.state = NULL; /* the call's, which may leave; the work has a copy of its own */
    candidate->began_ns = call->received_ns;
    candidate->spans = call->spans == NULL ? NULL : span_log_new();
    if (ctx_flight_join(call->ctx, call->peer->server->flights, &candidate->flight, NULL,
            &share->member, &ticket) != STATUS_OK) {
        return false;
    }
    struct server_flight *flight = CONTAINER_OF(ticket.flight, struct server_flight, flight);
    atomic_store(&share->flight, flight);
    log_join(call, flight, ticket);
    if (ticket.is_leader) {
        server_flight_start(flight, call);
    }
    return true;
}

bool server_share_join(struct rpc_server_call *call)
{
    struct server_flight *candidate = candidate_for(call);
    if (candidate == NULL) {
        return false;
    }
    call->after = ctx_after_func(call->ctx, context_is_done, call);
    /* It may be told, and end, before the join is over. */
    server_call_ref(call);
    const struct ctx *ctx = ctx_ref(call->ctx);
    bool has_joined = call->after != NULL && join(call, candidate);
    if (!has_joined) {
        ctx_stop_wait(STEAL(call->after));
        server_flight_unref(candidate);
    }
    ctx_unref(ctx);
    server_call_unref(call);
    return has_joined;
}
