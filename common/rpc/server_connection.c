/* A connection as the server sees it: the table of its calls, and what each frame means to them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ctx/peer.h"
#include "obs/log.h"
#include "rpc/server_internal.h"

struct server_room server_connection_look(
    struct server_connection *peer, uint32_t call_id, size_t request_len)
{
    struct server_room room = {.full = NULL};
    pthread_mutex_lock(&peer->mutex);
    room.has_call = server_table_find(&peer->calls, call_id) != NULL;
    if (peer->calls.n_calls >= peer->server->options.calls_max) {
        room.full = "too many calls on this connection";
    } else if (request_len > SERVER_REQUEST_BYTES_MAX - peer->request_bytes) {
        room.full = "too many bytes of requests on this connection";
    }
    pthread_mutex_unlock(&peer->mutex);
    return room;
}

void server_connection_add(struct server_connection *peer, struct rpc_server_call *call)
{
    pthread_mutex_lock(&peer->mutex);
    server_table_add(&peer->calls, call);
    peer->request_bytes += call->request.len;
    if (peer->gone_cause != CTX_CAUSE_NONE) {
        /* It had begun when the others were cancelled, and was in no table yet. Nobody listens to
         * its context before it is dispatched. */
        ctx_cancel(call->deadline_scope, peer->gone_cause);
    }
    pthread_mutex_unlock(&peer->mutex);
}

void server_connection_remove(struct server_connection *peer, struct rpc_server_call *call)
{
    pthread_mutex_lock(&peer->mutex);
    server_table_remove(&peer->calls, call);
    peer->request_bytes -= call->request.len;
    pthread_mutex_unlock(&peer->mutex);
}

/* The call with its reference taken, or NULL. */
static struct rpc_server_call *find(struct server_connection *peer, uint32_t call_id)
{
    pthread_mutex_lock(&peer->mutex);
    struct rpc_server_call *call = server_table_find(&peer->calls, call_id);
    if (call != NULL) {
        server_call_ref(call);
    }
    pthread_mutex_unlock(&peer->mutex);
    return call;
}

/* Under the lock, since whoever ends a call takes it out of the table before its scopes end. Nobody
 * is called from here, but by our caller without the lock. */
static void cancel_locked(struct server_connection *peer, uint32_t call_id, enum ctx_cause cause,
    struct ctx_source source, struct ctx_callbacks *callbacks)
{
    struct rpc_server_call *call = server_table_find(&peer->calls, call_id);
    if (call != NULL) {
        ctx_cancel_collect(call->deadline_scope, cause, source, callbacks);
    }
}

void server_connection_cancel_all(struct server_connection *peer, enum ctx_cause cause)
{
    struct ctx_callbacks callbacks = CTX_CALLBACKS_NONE;
    /* It arises here, also when the peer gave the reason for it. */
    bool is_lost = cause == CTX_CAUSE_PEER_LOST;
    struct ctx_source source = {.hop = 0, .peer = is_lost ? peer->peer_number : 0};
    pthread_mutex_lock(&peer->mutex);
    peer->gone_cause = cause;
    struct rpc_server_call *call = NULL;
    while ((call = server_table_next(&peer->calls, call)) != NULL) {
        ctx_cancel_collect(call->deadline_scope, cause, source, &callbacks);
    }
    pthread_mutex_unlock(&peer->mutex);
    ctx_callbacks_run(&callbacks);
}

static const char *take_cancel(struct server_connection *peer, const struct rpc_frame *frame)
{
    struct envelope_memory memory;
    envelope_memory_init(&memory);
    const Walkie__Rpc__V1__Cancel *cancel = envelope_unpack_cancel(&memory, frame->header);
    const char *reason = "malformed CANCEL";
    if (cancel != NULL) {
        reason = NULL;
        enum ctx_cause cause = ctx_cause_from_wire(cancel->cause);
        cause = cause == CTX_CAUSE_NONE ? CTX_CAUSE_CANCELLED : cause;
        struct ctx_callbacks callbacks = CTX_CALLBACKS_NONE;
        struct ctx_source source = server_source(cancel->cause_hop, peer->peer_number);
        pthread_mutex_lock(&peer->mutex);
        if (frame->call_id != RPC_CALL_ID_CONNECTION) {
            cancel_locked(peer, frame->call_id, cause, source, &callbacks);
        }
        for (size_t i = 0; i < cancel->n_call_ids; i++) {
            cancel_locked(peer, cancel->call_ids[i], cause, source, &callbacks);
        }
        pthread_mutex_unlock(&peer->mutex);
        ctx_callbacks_run(&callbacks);
    }
    envelope_memory_finish(&memory);
    return reason;
}

static const char *take_credit(struct server_connection *peer, const struct rpc_frame *frame)
{
    struct envelope_memory memory;
    envelope_memory_init(&memory);
    const Walkie__Rpc__V1__Credit *credit = envelope_unpack_credit(&memory, frame->header);
    uint32_t bytes = credit == NULL ? 0 : credit->bytes;
    envelope_memory_finish(&memory);
    if (credit == NULL) {
        return "malformed CREDIT";
    }
    /* A call that has ended meanwhile is no mistake: the frames crossed. */
    struct rpc_server_call *call = find(peer, frame->call_id);
    if (call != NULL) {
        server_stream_credit(call, bytes);
        server_call_unref(call);
    }
    return NULL;
}

static const char *on_frame(void *owner, const struct rpc_frame *frame, uint64_t read_ns)
{
    struct server_connection *peer = owner;
    switch (frame->type) {
    case RPC_FRAME_CALL:
        return server_call_take(peer, frame, read_ns);
    case RPC_FRAME_CANCEL:
        return take_cancel(peer, frame);
    case RPC_FRAME_CREDIT:
        return take_credit(peer, frame);
    case RPC_FRAME_GOAWAY: /* a client that will not call again; its calls go on */
        return NULL;
    case RPC_FRAME_HELLO:
    case RPC_FRAME_REPLY:
    case RPC_FRAME_CHUNK:
    case RPC_FRAME_PROGRESS:
    case RPC_FRAME_END:
    case RPC_FRAME_PING:
    case RPC_FRAME_PONG:
        break;
    }
    return "a frame type that clients do not send";
}

static void on_batch_end(void *owner)
{
    server_call_batch_end(owner);
}

/* "api-gateway" of "api-gateway/0.1.0": versions come and go. */
static uint8_t number_of(const char *name)
{
    char kind[RPC_PEER_NAME_MAX];
    snprintf(kind, sizeof(kind), "%.*s", (int)strcspn(name, "/"), name);
    return ctx_peer_number(kind);
}

static void on_ready(void *owner, const struct rpc_peer *info)
{
    struct server_connection *peer = owner;
    struct rpc_server *server = peer->server;
    peer->is_stock = info->is_stock;
    peer->peer_number = info->is_stock ? 0 : number_of(info->name);
    atomic_store(&peer->takes_goaway, !info->is_stock);
    LOG_INFO("rpc.connect", NULL, log_str("peer", rpc_connection_peer_text(peer->connection)),
        log_str("name", info->name), log_str("protocol", info->is_stock ? "req" : "walkie"));
    /* Whoever began draining before the store above did not tell this peer. */
    if (server_is_draining(server)) {
        server_connection_goaway(peer);
    }
}

/* Those who wait now get a turn each. Who finds no room again has asked for the next on_room, and
 * is not for this one: going on as long as somebody waits kept every thread of nng's busy here, and
 * none was left to hear that there is room. */
static void on_room(void *owner)
{
    struct server_connection *peer = owner;
    pthread_mutex_lock(&peer->mutex);
    struct rpc_server_call *call = STEAL(peer->wants_room);
    pthread_mutex_unlock(&peer->mutex);
    while (call != NULL) {
        pthread_mutex_lock(&peer->mutex);
        struct rpc_server_call *next = call->next_wants_room;
        call->is_waiting_room = false;
        pthread_mutex_unlock(&peer->mutex);
        server_stream_resume(call);
        server_call_unref(call);
        call = next;
    }
}

static void on_closed(void *owner)
{
    struct server_connection *peer = owner;
    struct rpc_server *server = peer->server;
    pthread_mutex_lock(&server->mutex);
    peer->next_closed = server->closed;
    server->closed = peer;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->mutex);
}

const struct rpc_connection_events SERVER_CONNECTION_EVENTS = {
    .on_ready = on_ready,
    .on_frame = on_frame,
    .on_malformed = server_stock_malformed,
    .on_batch_end = on_batch_end,
    .on_room = on_room,
    .on_closed = on_closed,
};

struct server_connection *server_connection_new(
    const struct server_listener *listener, nng_stream *stream)
{
    struct rpc_server *server = listener->server;
    struct server_connection *peer = calloc(1, sizeof(*peer));
    if (peer == NULL) {
        nng_stream_free(stream);
        return NULL;
    }
    struct rpc_connection_options options = {.events = &SERVER_CONNECTION_EVENTS,
        .owner = peer,
        .side = RPC_SIDE_SERVER,
        .transport = listener->address.transport,
        .tls = server->options.tls,
        .name = server->name,
        .calls_max = server->options.calls_max};
    bool has_table = server_table_init(&peer->calls, (uint32_t)((uintptr_t)peer >> 6));
    peer->connection = rpc_connection_new(stream, &options); /* takes the stream in any case */
    if (peer->connection == NULL || !has_table) {
        rpc_connection_unref(peer->connection);
        server_table_finish(&peer->calls);
        free(peer);
        return NULL;
    }
    peer->server = server;
    peer->principal = server_principal_of_peer(server, rpc_connection_peer_text(peer->connection));
    peer->batch_end = &peer->batch;
    atomic_init(&peer->references, 1);
    pthread_mutex_init(&peer->mutex, NULL);
    return peer;
}

void server_connection_ref(struct server_connection *peer)
{
    atomic_fetch_add_explicit(&peer->references, 1, memory_order_relaxed);
}

void server_connection_unref(struct server_connection *peer)
{
    if (atomic_fetch_sub_explicit(&peer->references, 1, memory_order_acq_rel) == 1) {
        rpc_connection_unref(peer->connection);
        server_table_finish(&peer->calls);
        pthread_mutex_destroy(&peer->mutex);
        free(peer);
    }
}

/* Runs on the reaper, after the last callback: tell every call that its caller is gone. */
void server_connection_lost(struct server_connection *peer)
{
    on_room(peer); /* those that wait for room learn that there will be none */
    pthread_mutex_lock(&peer->mutex);
    unsigned int n_calls = peer->calls.n_calls;
    pthread_mutex_unlock(&peer->mutex);
    server_connection_cancel_all(peer, CTX_CAUSE_PEER_LOST);
    const char *peer_text = rpc_connection_peer_text(peer->connection);
    const char *reason = rpc_connection_close_reason(peer->connection);
    if (n_calls > 0) {
        LOG_WARN("rpc.peer_lost", NULL, log_str("peer", peer_text), log_u64("n_calls", n_calls),
            log_str("reason", reason));
    }
    LOG_INFO("rpc.disconnect", NULL, log_str("peer", peer_text), log_str("reason", reason));
}

void server_connection_goaway(struct server_connection *peer)
{
    if (!atomic_load(&peer->takes_goaway)) {
        return;
    }
    Walkie__Rpc__V1__GoAway goaway = WALKIE__RPC__V1__GO_AWAY__INIT;
    goaway.cause = CTX_CAUSE_SERVER_DRAINING;
    uint8_t header[ENVELOPE_LEN_MAX];
    struct rpc_outgoing outgoing = {.call_id = RPC_CALL_ID_CONNECTION,
        .type = RPC_FRAME_GOAWAY,
        .header = {header, envelope_pack(header, &goaway.base)}};
    (void)rpc_connection_send(peer->connection, &outgoing); /* a closed one needs no telling */
}
