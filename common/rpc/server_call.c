/* A call's way to its worker: taken from its frame, checked, run inline or queued. */
#include <string.h>

#include "obs/log.h"
#include "rpc/builtin.h"
#include "rpc/health.h"
#include "rpc/quiet.h"
#include "rpc/server_flight.h"

void server_call_ref(struct rpc_server_call *call)
{
    atomic_fetch_add_explicit(&call->references, 1, memory_order_relaxed);
}

void server_call_unref(struct rpc_server_call *call)
{
    if (atomic_fetch_sub_explicit(&call->references, 1, memory_order_acq_rel) == 1) {
        server_call_free(call);
    }
}

void server_call_batch_end(struct server_connection *peer)
{
    if (peer->batch == NULL) {
        return;
    }
    struct admission_job *refused = admission_submit(peer->server->admission, peer->batch);
    peer->batch = NULL;
    peer->batch_end = &peer->batch;
    struct admission_job *next;
    for (; refused != NULL; refused = next) {
        next = refused->next;
        server_call_end_refused(CONTAINER_OF(refused, struct rpc_server_call, job));
    }
}

void server_call_dispatch(struct rpc_server_call *call)
{
    struct server_connection *peer = call->peer;
    if (call->is_inline) {
        (void)server_call_run_job(peer->server, &call->job);
        return;
    }
    server_call_set_offer(call);
    call->after = ctx_after_func(call->ctx, server_call_context_is_done, call);
    if (call->after == NULL) {
        server_call_end_unstarted(call, STATUS_RESOURCE_EXHAUSTED, "out of memory");
        return;
    }
    *peer->batch_end = &call->job;
    peer->batch_end = &call->job.next;
}

static const struct rpc_binding *find_binding(struct rpc_server *server, const char *method)
{
    for (size_t i = 0; i < server->options.n_bindings; i++) {
        if (strcmp(server->options.bindings[i].method->name, method) == 0) {
            return &server->options.bindings[i];
        }
    }
    return rpc_builtin_find(&server->options, method);
}

/* Asking how the server is must work when it has no room, and when it drains. */
static bool is_always_taken(const struct rpc_binding *binding)
{
    return binding->method == &RPC_HEALTH_CHECK;
}

/* What can be said before a call exists. */
static struct refusal check(
    struct server_connection *peer, const struct rpc_binding *binding, const char *full)
{
    const struct rpc_server_options *options = &peer->server->options;
    if (binding == NULL) {
        return (struct refusal){STATUS_UNIMPLEMENTED, "no such method"};
    }
    if (peer->is_stock && binding->method->kind != RPC_UNARY) {
        return (struct refusal){
            STATUS_UNIMPLEMENTED, "streams need Walkie's protocol, not REQ/REP"};
    }
    if ((binding->method->flags & RPC_FAULT) != 0 && !options->allow_faults) {
        return (struct refusal){STATUS_PERMISSION_DENIED, "faults are not allowed here"};
    }
    return (struct refusal){STATUS_RESOURCE_EXHAUSTED, is_always_taken(binding) ? NULL : full};
}

static void refuse(struct server_connection *peer, const struct rpc_frame *frame,
    const Walkie__Rpc__V1__CallMetadata *metadata, const struct rpc_binding *binding,
    struct refusal refusal)
{
    struct trace trace;
    server_read_trace(
        metadata, frame->call_id, binding == NULL ? NULL : binding->method->name, &trace);
    server_refuse(peer, frame->call_id, refusal, &trace);
}

static void begin(struct server_connection *peer, const struct rpc_frame *frame,
    const Walkie__Rpc__V1__CallMetadata *header, const char *full, uint64_t read_ns)
{
    struct rpc_server *server = peer->server;
    const struct rpc_binding *binding = find_binding(server, header->method);
    struct refusal refusal = check(peer, binding, full);
    struct rpc_metadata_entry entries[RPC_METADATA_ENTRIES_MAX];
    struct rpc_metadata metadata;
    const char *wrong = envelope_read_metadata(header, entries, &metadata);
    if (wrong != NULL) {
        refusal = (struct refusal){STATUS_INVALID_ARGUMENT, wrong};
    }
    if (refusal.why == NULL && server_has_interceptors(server, binding->method)) {
        const struct rpc_incoming incoming = {.method = binding->method,
            .metadata = &metadata,
            .peer = rpc_connection_peer_text(peer->connection),
            .request = frame->payload};
        refusal = server_intercept_call(server, &incoming);
    }
    if (refusal.why != NULL) {
        refuse(peer, frame, header, binding, refusal);
        return;
    }
    bool is_draining = false;
    server_calls_add(server, &is_draining);
    is_draining = is_draining && !is_always_taken(binding);
    struct rpc_server_call *call =
        is_draining ? NULL : server_call_new(peer, frame, header, &metadata, binding, read_ns);
    if (call == NULL) {
        refusal = is_draining ? (struct refusal){STATUS_UNAVAILABLE, "draining"}
                              : (struct refusal){STATUS_RESOURCE_EXHAUSTED, "out of memory"};
        refuse(peer, frame, header, binding, refusal);
        server_calls_remove(server);
        return;
    }
    server_connection_add(peer, call);
    LOG_AT(rpc_log_level(binding->method), "rpc.recv", call->ctx,
        log_str("method", binding->method->name),
        log_str("peer", rpc_connection_peer_text(peer->connection)),
        log_u64("request_bytes", frame->payload.len));
    if (call->share == NULL || !server_share_join(call)) {
        server_call_dispatch(call);
    }
}

const char *server_call_take(
    struct server_connection *peer, const struct rpc_frame *frame, uint64_t read_ns)
{
    if (frame->call_id == RPC_CALL_ID_CONNECTION) {
        return "CALL with the connection's id";
    }
    struct server_room room = server_connection_look(peer, frame->call_id, frame->payload.len);
    if (room.has_call) {
        /* Stock REQ sends a request again after a minute: it joins the one that runs. */
        return peer->is_stock ? NULL : "CALL with an id that is in use";
    }
    struct envelope_memory memory;
    envelope_memory_init(&memory);
    const Walkie__Rpc__V1__CallMetadata *metadata = envelope_unpack_call(&memory, frame->header);
    if (metadata != NULL) {
        begin(peer, frame, metadata, room.full, read_ns);
    } else if (peer->is_stock) {
        server_stock_malformed(peer, frame->call_id, "the header is no CallMetadata");
    }
    envelope_memory_finish(&memory);
    return metadata == NULL && !peer->is_stock ? "malformed CALL" : NULL;
}
