/* Sending. The happy path: a frame is appended to `pending`; when no send is under way `pending`
 * and `flying` change places and one nng send takes all of it. Where the kernel has no room at
 * once, its completion does the same with what has gathered meanwhile. So a busy connection makes
 * few system calls, and an idle one sends at once. During a read batch the connection is corked:
 * the answers leave together at its end. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rpc/condition.h"
#include "rpc/connection_internal.h"
#include "rpc/envelope.h"
#include "rpc/server.h"

enum { FLYING_CAPACITY_KEPT = 1 << 20, PATCHES_MIN = 64 };

/* Protobuf's fixed64 is little-endian. A time that is over is written as 1: 0 would be dropped
 * from the encoding, and mean "no deadline". */
static void write_remaining(uint8_t *at, uint64_t deadline_ns, uint64_t now_ns)
{
    uint64_t remaining = deadline_ns > now_ns ? deadline_ns - now_ns : 1;
    for (int i = 0; i < 8; i++) {
        at[i] = (uint8_t)(remaining >> (8 * i));
    }
}

static void apply_patches_locked(struct rpc_connection *connection)
{
    if (connection->n_patches == 0) {
        return;
    }
    uint64_t now_ns = clock_now_ns();
    for (size_t i = 0; i < connection->n_patches; i++) {
        const struct deadline_patch *patch = &connection->patches[i];
        write_remaining(connection->pending.data + patch->offset, patch->deadline_ns, now_ns);
    }
    connection->n_patches = 0;
}

static void aim_at_rest(const struct rpc_connection *connection, nng_aio *aio)
{
    nng_iov piece = {.iov_buf = connection->flying.data + connection->flying_sent,
        .iov_len = connection->flying.len - connection->flying_sent};
    nng_aio_set_iov(aio, 1, &piece);
}

static void post_send_locked(struct rpc_connection *connection)
{
    aim_at_rest(connection, connection->send_aio);
    nng_stream_send(connection->stream, connection->send_aio);
}

/* What is flying has landed. */
static void land_locked(struct rpc_connection *connection)
{
    connection->is_sending = false;
    connection->flying.len = 0;
    if (connection->flying.capacity > FLYING_CAPACITY_KEPT) {
        buffer_finish(&connection->flying);
    }
}

/* Nearly always the kernel has room, and nng sends within the call. Then an aio that calls nobody
 * back is done with it, where the other one wakes a thread to say so: half of a busy connection's
 * changes of threads. True when all is sent; what is not goes the long way, and so do errors. */
static bool send_within_call_locked(struct rpc_connection *connection)
{
    nng_aio *aio = connection->direct_aio;
    if (connection->transport == RPC_TRANSPORT_TLS || connection->is_room_wanted) {
        return false; /* on_room is the callback's to call */
    }
    aim_at_rest(connection, aio);
    nng_stream_send(connection->stream, aio);
    if (nng_aio_count(aio) == 0) {
        nng_aio_cancel(aio); /* it would wait for room */
    }
    nng_aio_wait(aio); /* for nobody but the poller, should it be sending at this moment */
    if (nng_aio_result(aio) == 0) {
        connection->flying_sent += nng_aio_count(aio);
    }
    return connection->flying_sent == connection->flying.len;
}

void connection_kick_locked(struct rpc_connection *connection)
{
    bool has_to_wait = connection->is_corked && connection->pending.len < (size_t)RPC_CORK_MAX;
    if (connection->is_sending || connection->is_closed || has_to_wait ||
        connection->pending.len == 0) {
        return;
    }
    apply_patches_locked(connection);
    struct buffer empty = connection->flying;
    connection->flying = connection->pending;
    connection->pending = empty;
    connection->flying_sent = 0;
    connection->last_cancel.header_len = 0;
    connection->is_sending = true;
    if (send_within_call_locked(connection)) {
        land_locked(connection);
        pthread_cond_broadcast(&connection->sent);
    } else {
        post_send_locked(connection);
    }
}

void connection_send_done(void *arg)
{
    struct rpc_connection *connection = arg;
    bool has_room = false;
    /* The lock comes before anything else: the send was posted under it, so it hands over what the
     * posting thread wrote also to who cannot see nng's own locks (ThreadSanitizer). */
    pthread_mutex_lock(&connection->mutex);
    int result = nng_aio_result(connection->send_aio);
    if (result != 0) {
        pthread_mutex_unlock(&connection->mutex);
        connection_close_failed(connection, result);
        return;
    }
    connection->flying_sent += nng_aio_count(connection->send_aio);
    if (connection->flying_sent < connection->flying.len) {
        if (!connection->is_closed) {
            post_send_locked(connection);
        }
    } else {
        land_locked(connection);
        connection_kick_locked(connection);
        if (!connection->is_sending) {
            pthread_cond_broadcast(&connection->sent);
        }
        has_room = connection->is_room_wanted && connection->pending.len < RPC_CHUNK_BACKLOG_MAX;
        connection->is_room_wanted = connection->is_room_wanted && !has_room;
    }
    pthread_mutex_unlock(&connection->mutex);
    if (has_room) {
        connection->events->on_room(connection->owner);
    }
}

static enum status add_patch_locked(
    struct rpc_connection *connection, size_t offset, uint64_t deadline_ns)
{
    if (connection->n_patches == connection->patches_capacity) {
        size_t capacity =
            connection->patches_capacity == 0 ? PATCHES_MIN : connection->patches_capacity * 2;
        struct deadline_patch *patches =
            realloc(connection->patches, capacity * sizeof(*connection->patches));
        if (patches == NULL) {
            return STATUS_RESOURCE_EXHAUSTED;
        }
        connection->patches = patches;
        connection->patches_capacity = capacity;
    }
    connection->patches[connection->n_patches++] =
        (struct deadline_patch){.offset = offset, .deadline_ns = deadline_ns};
    return STATUS_OK;
}

static enum status append_frame_locked(struct rpc_connection *connection,
    const struct rpc_outgoing *outgoing, const struct rpc_frame *frame)
{
    size_t prefix_len = rpc_frame_prefix_len(connection->is_ipc);
    size_t len = prefix_len + frame->header.len + frame->payload.len;
    enum status status = buffer_reserve(&connection->pending, len);
    if (status == STATUS_OK && outgoing->deadline_ns != 0) {
        size_t header_at = connection->pending.len + prefix_len;
        status =
            add_patch_locked(connection, header_at + CALL_REMAINING_OFFSET, outgoing->deadline_ns);
    }
    if (status != STATUS_OK) {
        return status;
    }
    uint8_t *at = connection->pending.data + connection->pending.len;
    rpc_frame_write_prefix(at, connection->is_ipc, frame);
    at += prefix_len;
    if (frame->header.len > 0) {
        memcpy(at, frame->header.data, frame->header.len);
        at += frame->header.len;
    }
    if (outgoing->message != NULL) {
        protobuf_c_message_pack(outgoing->message, at);
    } else if (frame->payload.len > 0) {
        memcpy(at, frame->payload.data, frame->payload.len);
    }
    connection->pending.len += len;
    return STATUS_OK;
}

enum status rpc_connection_send(
    struct rpc_connection *connection, const struct rpc_outgoing *outgoing)
{
    struct rpc_frame frame = {.call_id = outgoing->call_id,
        .type = outgoing->type,
        .flags = outgoing->flags,
        .header = outgoing->header,
        .payload = outgoing->payload};
    if (outgoing->message != NULL) {
        frame.payload.len = protobuf_c_message_get_packed_size(outgoing->message);
    }
    if (frame.payload.len > RPC_FRAME_MAX - RPC_FRAME_HEAD_LEN - frame.header.len) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    pthread_mutex_lock(&connection->mutex);
    bool is_closed = connection->is_closed;
    enum status status = STATUS_OK;
    if (!is_closed) {
        status = append_frame_locked(connection, outgoing, &frame);
        if (!connection_gather_locked(connection)) {
            connection_kick_locked(connection);
        }
    }
    pthread_mutex_unlock(&connection->mutex);
    if (status != STATUS_OK) {
        /* A peer that takes nothing while it keeps asking: it must not cost us our memory. */
        rpc_connection_close(connection, CONNECTION_OVERFULL);
    }
    return is_closed || status != STATUS_OK ? STATUS_UNAVAILABLE : STATUS_OK;
}

enum status connection_append_raw(struct rpc_connection *connection, struct bytes bytes)
{
    pthread_mutex_lock(&connection->mutex);
    enum status status = buffer_append(&connection->pending, bytes.data, bytes.len);
    connection_kick_locked(connection);
    pthread_mutex_unlock(&connection->mutex);
    return status;
}

bool rpc_connection_has_room(struct rpc_connection *connection)
{
    pthread_mutex_lock(&connection->mutex);
    /* Closed counts as room: who sends then learns that it is closed instead of waiting. */
    bool has_room = connection->is_closed || connection->pending.len < RPC_CHUNK_BACKLOG_MAX;
    connection->is_room_wanted = connection->is_room_wanted || !has_room;
    pthread_mutex_unlock(&connection->mutex);
    return has_room;
}

void rpc_connection_wait_sent(struct rpc_connection *connection, uint64_t limit_ns)
{
    bool is_in_time = true;
    pthread_mutex_lock(&connection->mutex);
    while (!connection->is_closed && is_in_time &&
           (connection->is_sending || connection->pending.len > 0)) {
        is_in_time = condition_wait_until(&connection->sent, &connection->mutex, limit_ns);
    }
    pthread_mutex_unlock(&connection->mutex);
}
