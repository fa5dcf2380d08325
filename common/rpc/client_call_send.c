/* What a client call sends: CALL and CREDIT. */
#include "base/clock.h"
#include "obs/log.h"
#include "rpc/channel_internal.h"
#include "rpc/quiet.h"

static uint8_t flags_of(const struct rpc_client_call *call)
{
    bool has_spans = call->spans != NULL; /* progress is what a running call's trace shows */
    unsigned int flags = has_spans ? RPC_FLAG_WANTS_SPANS | RPC_FLAG_WANTS_PROGRESS : 0;
    flags |= call->events->on_progress != NULL ? RPC_FLAG_WANTS_PROGRESS : 0;
    return (uint8_t)flags;
}

void client_call_send_locked(struct rpc_client_call *call, const ProtobufCMessage *request)
{
    uint64_t deadline_ns = ctx_deadline_ns(call->ctx);
    Walkie__Rpc__V1__CallMetadata metadata = WALKIE__RPC__V1__CALL_METADATA__INIT;
    if (deadline_ns != CLOCK_NEVER) {
        metadata.remaining_ns = 1; /* holds the place */
        metadata.deadline_origin = (uint32_t)ctx_deadline_origin(call->ctx);
        metadata.deadline_hop = ctx_deadline_hop(call->ctx);
    }
    metadata.method = (char *)(uintptr_t)call->method->name; /* packed, not written to */
    metadata.attempt = call->attempt;
    if (call->has_trace) {
        metadata.trace_id = (ProtobufCBinaryData){TRACE_ID_LEN, call->trace.trace_id};
        metadata.span_id = (ProtobufCBinaryData){
            SPAN_ID_LEN, call->spans != NULL ? call->attempt_span_id : call->trace.span_id};
        metadata.is_unsampled = (call->trace.flags & TRACE_SAMPLED) == 0;
    }
    if (call->method->kind == RPC_SERVER_STREAM) {
        metadata.credit = RPC_CREDIT_DEFAULT;
        call->credit_left = RPC_CREDIT_DEFAULT;
    }
    uint8_t header[ENVELOPE_CALL_LEN_MAX];
    struct rpc_outgoing outgoing = {.call_id = call->id,
        .type = RPC_FRAME_CALL,
        .flags = flags_of(call),
        .header = {header, envelope_pack_call(header, &metadata, client_metadata(call))},
        .message = call->keeps_request ? NULL : request,
        .deadline_ns = deadline_ns == CLOCK_NEVER ? 0 : deadline_ns};
    if (call->keeps_request) {
        outgoing.payload = (struct bytes){call->request, call->request_len};
    }
    LOG_AT(rpc_log_level(call->method), "rpc.send", call->ctx,
        log_str("method", call->method->name), log_str("backend", call->link->address.url));
    client_call_ref(call); /* the table's */
    /* A closed connection tells the call itself, through the table. */
    call->was_queued = rpc_connection_send(call->connection, &outgoing) == STATUS_OK;
}

void rpc_client_call_consumed(struct rpc_client_call *call, size_t len)
{
    uint64_t consumed = atomic_fetch_add(&call->consumed, len) + len;
    /* The caller has seen chunks: the call stays on this connection. */
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
