/* How a call begins: from a CALL's header to a call with its context. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "obs/tracestate.h"
#include "rpc/server_flight.h"

/* Called by the polling thread at each checkpoint. */
static void tell_progress(void *arg, const char *stage, uint64_t done, uint64_t total)
{
    struct rpc_server_call *call = arg;
    if (!call->wants_progress) {
        return;
    }
    uint64_t now_ns = clock_now_ns();
    uint64_t sent_ns = atomic_load_explicit(&call->progress_sent_ns, memory_order_relaxed);
    if (now_ns - sent_ns < CLOCK_MS(SERVER_PROGRESS_EVERY_MS) ||
        !atomic_compare_exchange_strong(&call->progress_sent_ns, &sent_ns, now_ns)) {
        return;
    }
    char text[RPC_STAGE_MAX];
    envelope_copy_text(text, sizeof(text), stage);
    Walkie__Rpc__V1__Progress progress = WALKIE__RPC__V1__PROGRESS__INIT;
    progress.stage = text;
    progress.done = done;
    progress.total = total;
    char section[RPC_STAGE_MAX];
    const char *noted = atomic_load_explicit(&call->watch.section, memory_order_relaxed);
    envelope_copy_text(section, sizeof(section), noted == NULL ? "" : noted);
    progress.section = section;
    progress.page = atomic_load_explicit(&call->watch.page, memory_order_relaxed);
    uint8_t header[ENVELOPE_LEN_MAX];
    struct rpc_outgoing outgoing = {.call_id = call->id,
        .type = RPC_FRAME_PROGRESS,
        .header = {header, envelope_pack(header, &progress.base)}};
    if (call->flight != NULL) {
        server_flight_tell_progress(call, &outgoing);
    } else {
        /* A lost peer shows elsewhere. */
        (void)rpc_connection_send(call->peer->connection, &outgoing);
    }
}

struct ctx_source server_source(uint32_t wire_hop, uint8_t peer_number)
{
    bool is_far = wire_hop >= CTX_HOPS_MAX;
    return (struct ctx_source){
        .hop = (uint8_t)(is_far ? CTX_HOPS_MAX : wire_hop + 1), .peer = peer_number};
}

struct deadline {
    uint64_t at_ns;
    enum ctx_origin origin;
    struct ctx_source source;
};

/* A peer may only shorten: the method's cap counts, and its default when nothing came. */
static struct deadline read_deadline(const Walkie__Rpc__V1__CallMetadata *metadata,
    const struct rpc_method *method, uint64_t read_ns, uint8_t peer_number)
{
    struct deadline deadline = {CLOCK_NEVER, CTX_ORIGIN_NONE, CTX_SOURCE_HERE};
    if (metadata->remaining_ns != 0) {
        deadline.at_ns = clock_add_ns(read_ns, metadata->remaining_ns);
        deadline.origin = ctx_origin_from_wire(metadata->deadline_origin);
        if (deadline.origin == CTX_ORIGIN_NONE) {
            deadline.origin = CTX_ORIGIN_CALLER;
        }
        deadline.source = server_source(metadata->deadline_hop, peer_number);
    } else if (method->timeout_default_ns != 0) {
        deadline.at_ns = clock_add_ns(read_ns, method->timeout_default_ns);
        deadline.origin = CTX_ORIGIN_METHOD_DEFAULT;
    }
    if (method->timeout_max_ns != 0 &&
        deadline.at_ns > clock_add_ns(read_ns, method->timeout_max_ns)) {
        deadline.at_ns = clock_add_ns(read_ns, method->timeout_max_ns);
        deadline.origin = CTX_ORIGIN_METHOD_CAP;
        deadline.source = CTX_SOURCE_HERE;
    }
    return deadline;
}

void server_read_trace(const Walkie__Rpc__V1__CallMetadata *metadata, uint32_t call_id,
    const char *method, struct trace *ret_trace)
{
    struct trace caller = {.call_id = 0};
    if (metadata->trace_id.len == TRACE_ID_LEN && metadata->span_id.len == SPAN_ID_LEN) {
        memcpy(caller.trace_id, metadata->trace_id.data, TRACE_ID_LEN);
        memcpy(caller.span_id, metadata->span_id.data, SPAN_ID_LEN);
        trace_child(&caller, ret_trace);
    } else {
        trace_init(ret_trace);
    }
    ret_trace->flags = metadata->is_unsampled ? 0 : TRACE_SAMPLED;
    ret_trace->call_id = call_id & ~RPC_CALL_ID_TOP;
    ret_trace->method = method;
}

void server_call_set_context(struct rpc_server_call *call, const struct ctx *parent)
{
    call->watch.on_progress = tell_progress;
    call->watch.arg = call;
    call->trace_scope = ctx_with_value(parent, &TRACE_KEY, &call->trace);
    call->watch_scope = ctx_with_value(call->trace_scope->ctx, &CTX_WATCH_KEY, &call->watch);
    call->ctx = call->watch_scope->ctx;
}

void server_call_take_trace_state(struct rpc_server_call *call)
{
    struct bytes value;
    char text[TRACESTATE_TEXT_MAX];
    if (call->metadata.n_entries == 0 ||
        !rpc_metadata_get(&call->metadata, RPC_METADATA_TRACESTATE, &value) ||
        value.len >= sizeof(text)) {
        return;
    }
    memcpy(text, value.data, value.len);
    text[value.len] = '\0';
    call->trace_state = malloc(TRACESTATE_TEXT_MAX);
    if (call->trace_state != NULL && tracestate_read(text, call->trace_state)) {
        call->trace.state = call->trace_state;
    }
}

static void make_context(
    struct rpc_server_call *call, const Walkie__Rpc__V1__CallMetadata *metadata, bool wants_spans)
{
    struct deadline deadline =
        read_deadline(metadata, call->binding->method, call->received_ns, call->peer->peer_number);
    server_read_trace(metadata, call->id, call->binding->method->name, &call->trace);
    server_call_take_trace_state(call);
    server_spans_begin(call, wants_spans);
    call->deadline_scope = ctx_with_deadline_from_peer(
        ctx_background(), deadline.origin, deadline.source, deadline.at_ns);
    server_call_set_context(call, call->deadline_scope->ctx);
}

/* INLINE handlers read the request where the connection received it; others need a copy. */
static void take_request(struct rpc_server_call *call, struct bytes request)
{
    call->request = request;
    if (call->is_inline) {
        return;
    }
    call->request.data = call->request_copy;
    if (request.len > 0) {
        memcpy(call->request_copy, request.data, request.len);
    }
}

struct rpc_server_call *server_call_alloc(struct server_connection *peer, uint32_t id,
    const struct rpc_binding *binding, struct bytes request, const struct rpc_metadata *metadata,
    uint64_t read_ns)
{
    bool is_inline = (binding->method->flags & RPC_INLINE) != 0;
    /* Not calloc: glibc's does not use what the thread has freed before. */
    struct rpc_server_call *call = malloc(sizeof(*call) + (is_inline ? 0 : request.len));
    if (call == NULL) {
        return NULL;
    }
    bytes_zero(call, sizeof(*call));
    if (metadata->n_entries > 0 &&
        rpc_metadata_copy(metadata, &call->metadata, &call->metadata_copy) != STATUS_OK) {
        free(call);
        return NULL;
    }
    atomic_init(&call->references, 1);
    call->id = id;
    call->binding = binding;
    call->is_inline = is_inline;
    call->received_ns = read_ns;
    call->reply.len_max = RPC_FRAME_MAX - RPC_FRAME_HEAD_LEN - ENVELOPE_LEN_MAX;
    call->pump.fd = -1;
    take_request(call, request);
    pthread_mutex_init(&call->mutex, NULL);
    pthread_cond_init(&call->can_send, NULL);
    call->peer = peer;
    server_connection_ref(peer);
    return call;
}

struct rpc_server_call *server_call_new(struct server_connection *peer,
    const struct rpc_frame *frame, const Walkie__Rpc__V1__CallMetadata *header,
    const struct rpc_metadata *metadata, const struct rpc_binding *binding, uint64_t read_ns)
{
    struct rpc_server_call *call =
        server_call_alloc(peer, frame->call_id, binding, frame->payload, metadata, read_ns);
    if (call == NULL) {
        return NULL;
    }
    if (binding->flight_key != NULL && !server_share_prepare(call)) {
        server_call_free(call);
        return NULL;
    }
    call->wants_progress = (frame->flags & RPC_FLAG_WANTS_PROGRESS) != 0 && !peer->is_stock;
    call->credit = header->credit < SERVER_CREDIT_MAX ? header->credit : SERVER_CREDIT_MAX;
    make_context(call, header, (frame->flags & RPC_FLAG_WANTS_SPANS) != 0 && !peer->is_stock);
    return call;
}

void server_call_free(struct rpc_server_call *call)
{
    server_share_free(call->share);
    server_flight_unref(call->flight);
    server_connection_unref(call->peer);
    pthread_mutex_destroy(&call->mutex);
    pthread_cond_destroy(&call->can_send);
    buffer_finish(&call->reply);
    span_log_unref(call->spans);
    free(call->trace_state);
    free(call->fail_message);
    free(call->metadata_copy);
    free(call);
}
