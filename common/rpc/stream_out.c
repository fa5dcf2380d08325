/* Chunks out. A call may send as many bytes as its caller has given credit for, and only while the
 * connection's queue is short: so neither a slow reader nor many of them cost us memory, and a slow
 * one delays nobody else.
 *
 * Two senders: a handler's thread in rpc_call_chunk, which waits; and the file pump, which runs on
 * whatever thread brings it credit or room, one at a time a call, and holds none. */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* pread */
#endif
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "rpc/server_flight.h"

static enum status send_chunk(struct rpc_server_call *call, struct bytes piece)
{
    struct rpc_outgoing outgoing = {.call_id = call->id, .type = RPC_FRAME_CHUNK, .payload = piece};
    enum status status = rpc_connection_send(call->peer->connection, &outgoing);
    if (status == STATUS_UNAVAILABLE) {
        /* It is closed. The reaper will tell all its calls; this one has found it out by itself. */
        struct ctx_source source = {.hop = 0, .peer = call->peer->peer_number};
        ctx_cancel_from_peer(call->deadline_scope, CTX_CAUSE_PEER_LOST, source);
    }
    return status;
}

/* Whether the connection takes a chunk now; if not, the call is resumed when it does. Joining the
 * list comes before asking again, so that room made in between is not missed. */
static bool has_room_locked(struct rpc_server_call *call)
{
    struct server_connection *peer = call->peer;
    if (rpc_connection_has_room(peer->connection)) {
        return true;
    }
    pthread_mutex_lock(&peer->mutex);
    if (!call->is_waiting_room) {
        call->is_waiting_room = true;
        call->next_wants_room = peer->wants_room;
        peer->wants_room = call;
        server_call_ref(call);
    }
    pthread_mutex_unlock(&peer->mutex);
    return rpc_connection_has_room(peer->connection);
}

/* --- a handler that waits ------------------------------------------------------------------- */

static void wake_sender(void *arg)
{
    struct rpc_server_call *call = arg;
    pthread_mutex_lock(&call->mutex);
    pthread_cond_broadcast(&call->can_send);
    pthread_mutex_unlock(&call->mutex);
}

/* Wait, under the context, until at least one byte may be sent. Takes the credit for *ret_len, at
 * most `wanted`. */
static enum status take_credit(
    const struct ctx *ctx, struct rpc_server_call *call, size_t wanted, size_t *ret_len)
{
    struct ctx_after *after = NULL;
    enum status status = STATUS_OK;
    pthread_mutex_lock(&call->mutex);
    while ((status = ctx_err(ctx)) == STATUS_OK) {
        if (call->credit > 0 && has_room_locked(call)) {
            *ret_len = call->credit < wanted ? (size_t)call->credit : wanted;
            call->credit -= *ret_len;
            break;
        }
        if (after != NULL) {
            pthread_cond_wait(&call->can_send, &call->mutex);
            continue;
        }
        pthread_mutex_unlock(&call->mutex);
        after = ctx_after_func(ctx, wake_sender, call);
        if (after == NULL) {
            return STATUS_RESOURCE_EXHAUSTED;
        }
        pthread_mutex_lock(&call->mutex);
    }
    pthread_mutex_unlock(&call->mutex);
    ctx_stop_wait(after);
    return status;
}

enum status rpc_call_chunk(const struct ctx *ctx, struct rpc_server_call *call, struct bytes piece)
{
    if (!call->has_reply || call->binding->method->kind != RPC_SERVER_STREAM) {
        return STATUS_FAILED_PRECONDITION;
    }
    if (call->flight != NULL) {
        return server_flight_chunk(ctx, call, piece);
    }
    while (piece.len > 0) {
        size_t wanted = piece.len < RPC_CHUNK_MAX ? piece.len : RPC_CHUNK_MAX;
        size_t len = 0;
        enum status status = take_credit(ctx, call, wanted, &len);
        if (status == STATUS_OK) {
            status = send_chunk(call, (struct bytes){piece.data, len});
        }
        if (status != STATUS_OK) {
            return status;
        }
        piece.data += len;
        piece.len -= len;
    }
    return ctx_err(ctx);
}

/* --- the file pump -------------------------------------------------------------------------- */

static enum status send_piece_of_file(
    struct file_pump *pump, struct rpc_server_call *call, size_t len)
{
    size_t got = 0;
    while (got < len) {
        ssize_t n = pread(pump->fd, pump->piece + got, len - got, (off_t)(pump->offset + got));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return STATUS_DATA_LOSS; /* unreadable, or shorter than its owner said */
        }
        got += (size_t)n;
    }
    return send_chunk(call, (struct bytes){pump->piece, len});
}

/* Send what may be sent. True when the file is finished with, for better or worse. */
static bool pump_some(struct rpc_server_call *call, enum status *ret_status)
{
    struct file_pump *pump = &call->pump;
    bool is_over = false;
    pthread_mutex_lock(&call->mutex);
    if (pump->fd < 0 || call->is_pump_running) {
        pthread_mutex_unlock(&call->mutex);
        return false; /* the one that runs will see the new credit */
    }
    call->is_pump_running = true;
    *ret_status = STATUS_OK;
    for (;;) {
        is_over = call->is_pump_given_up || pump->offset == pump->len || *ret_status != STATUS_OK ||
                  ctx_done(call->ctx);
        if (is_over || call->credit == 0 || !has_room_locked(call)) {
            break;
        }
        uint64_t left = pump->len - pump->offset;
        uint64_t len = left < RPC_CHUNK_MAX ? left : RPC_CHUNK_MAX;
        len = call->credit < len ? call->credit : len;
        call->credit -= len;
        pthread_mutex_unlock(&call->mutex);
        *ret_status = send_piece_of_file(pump, call, (size_t)len);
        pthread_mutex_lock(&call->mutex);
        pump->offset += len;
    }
    call->is_pump_running = false;
    int fd = is_over ? pump->fd : -1;
    pump->fd = is_over ? -1 : pump->fd;
    pthread_mutex_unlock(&call->mutex);
    if (is_over) {
        if (!pump->is_shared) {
            close(fd);
        }
        free(STEAL(pump->piece));
    }
    return is_over;
}

void server_stream_resume(struct rpc_server_call *call)
{
    wake_sender(call);
    enum status status = STATUS_OK;
    if (pump_some(call, &status)) {
        server_call_part(call, CALL_FINISHED, status);
    }
}

void server_stream_credit(struct rpc_server_call *call, uint64_t bytes)
{
    pthread_mutex_lock(&call->mutex);
    uint64_t credit = call->credit + bytes;
    call->credit = credit < SERVER_CREDIT_MAX ? credit : SERVER_CREDIT_MAX;
    pthread_mutex_unlock(&call->mutex);
    server_stream_resume(call);
}

void server_stream_give_up(struct rpc_server_call *call)
{
    pthread_mutex_lock(&call->mutex);
    call->is_pump_given_up = true;
    pthread_mutex_unlock(&call->mutex);
    server_stream_resume(call);
}

void rpc_call_finish_with_file(struct rpc_server_call *call, int fd, uint64_t len)
{
    assert(!call->is_inline);
    rpc_call_defer(call);
    if (call->flight != NULL) {
        rpc_call_finish(call, server_flight_take_file(call, fd, len));
        return;
    }
    uint8_t *piece = malloc(RPC_CHUNK_MAX);
    if (piece == NULL || !call->has_reply) {
        free(piece);
        close(fd);
        rpc_call_finish(
            call, piece == NULL ? STATUS_RESOURCE_EXHAUSTED : STATUS_FAILED_PRECONDITION);
        return;
    }
    pthread_mutex_lock(&call->mutex);
    call->pump = (struct file_pump){.fd = fd, .offset = 0, .len = len, .piece = piece};
    pthread_mutex_unlock(&call->mutex);
    server_stream_resume(call);
}

void server_stream_pump(struct rpc_server_call *call, int fd, uint64_t len)
{
    uint8_t *piece = malloc(RPC_CHUNK_MAX);
    pthread_mutex_lock(&call->mutex);
    call->is_deferred = true;
    call->parts |= CALL_HANDLER_RETURNED;
    if (piece != NULL) {
        call->pump = (struct file_pump){.fd = fd, .len = len, .piece = piece, .is_shared = true};
    }
    pthread_mutex_unlock(&call->mutex);
    if (piece == NULL) {
        server_call_part(call, CALL_FINISHED, STATUS_RESOURCE_EXHAUSTED);
    } else {
        server_stream_resume(call);
    }
}
