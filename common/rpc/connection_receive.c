/* Receiving. The happy path: a read fills `input`, every whole frame in it is handed over as views
 * into it, the rest moves to the front, the next read is posted. The buffer grows by doubling, as
 * bytes arrive: a length that a peer merely claims costs nothing. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "obs/log.h"
#include "rpc/connection_internal.h"
#include "rpc/opening.h"
#include "rpc/server.h"

enum { INPUT_MAX = RPC_FRAME_MAX + RPC_FRAME_PREFIX_MAX };

bool connection_receive_post_locked(struct rpc_connection *connection)
{
    nng_iov room = {.iov_buf = connection->input + connection->input_len,
        .iov_len = connection->input_capacity - connection->input_len};
    nng_aio_set_iov(connection->receive_aio, 1, &room);
    nng_stream_recv(connection->stream, connection->receive_aio);
    /* Asked after posting: an end that comes from here on finds the receive and fails it. */
    return connection->transport != RPC_TRANSPORT_TLS || transport_is_connected(connection->stream);
}

static const char *take_stock_message(struct rpc_connection *connection, struct bytes message,
    struct rpc_frame *frame, uint64_t read_ns)
{
    const char *reason = NULL;
    if (rpc_frame_parse(message, frame, &reason)) {
        if (frame->type == RPC_FRAME_CALL && frame->call_id != RPC_CALL_ID_CONNECTION) {
            return connection->events->on_frame(connection->owner, frame, read_ns);
        }
        reason = "a stock client may only send CALL";
    }
    if (frame->call_id == 0) {
        return reason;
    }
    connection->events->on_malformed(connection->owner, frame->call_id, reason);
    return NULL;
}

static const char *take_message(
    struct rpc_connection *connection, struct bytes message, uint64_t read_ns)
{
    struct rpc_frame frame;
    if (connection->is_stock) {
        return take_stock_message(connection, message, &frame, read_ns);
    }
    const char *reason = NULL;
    if (!rpc_frame_parse(message, &frame, &reason)) {
        return reason;
    }
    bool is_ours = false;
    reason = connection_take_own_frame(connection, &frame, &is_ours);
    if (reason != NULL || is_ours) {
        return reason;
    }
    return connection->events->on_frame(connection->owner, &frame, read_ns);
}

/* Hand over what is whole; *ret_taken says how far. NULL, or what was wrong. */
static const char *take_input(
    struct rpc_connection *connection, uint64_t read_ns, size_t *ret_taken, size_t *ret_wanted)
{
    *ret_taken = 0;
    *ret_wanted = 0;
    if (atomic_load_explicit(&connection->state, memory_order_relaxed) == CONNECTION_OPENING) {
        if (connection->input_len < RPC_OPENING_LEN) {
            return NULL;
        }
        const char *reason = connection_take_opening(connection);
        if (reason != NULL) {
            return reason;
        }
        *ret_taken = RPC_OPENING_LEN;
    }
    for (;;) {
        struct bytes rest = {connection->input + *ret_taken, connection->input_len - *ret_taken};
        struct bytes message;
        size_t len = 0;
        enum rpc_message_state state = rpc_message_read(rest, connection->is_ipc, &message, &len);
        if (state == RPC_MESSAGE_MALFORMED) {
            return "not an SP message of acceptable length";
        }
        if (state == RPC_MESSAGE_PARTIAL) {
            *ret_wanted = len;
            return NULL;
        }
        const char *reason = take_message(connection, message, read_ns);
        if (reason != NULL) {
            return reason;
        }
        *ret_taken += len;
    }
}

/* Make room for the next read. False when out of memory. */
static bool prepare_input(struct rpc_connection *connection, size_t taken, size_t wanted)
{
    connection->input_len -= taken;
    if (taken > 0 && connection->input_len > 0) {
        memmove(connection->input, connection->input + taken, connection->input_len);
    }
    size_t capacity = connection->input_capacity;
    if (connection->input_len == capacity) {
        capacity = capacity * 2 > INPUT_MAX ? INPUT_MAX : capacity * 2;
    } else if (capacity > RPC_INPUT_CAPACITY_MIN && wanted <= RPC_INPUT_CAPACITY_MIN &&
               connection->input_len < RPC_INPUT_CAPACITY_MIN) {
        capacity = RPC_INPUT_CAPACITY_MIN;
    }
    if (capacity == connection->input_capacity) {
        return true;
    }
    uint8_t *input = realloc(connection->input, capacity);
    if (input == NULL) {
        return false;
    }
    connection->input = input;
    connection->input_capacity = capacity;
    return true;
}

void connection_close_failed(struct rpc_connection *connection, int nng_result)
{
    if (atomic_load(&connection->state) != CONNECTION_OPENING) {
        /* mbed TLS's close_notify; nng's words for it would be "connection refused". */
        bool is_notified =
            connection->transport == RPC_TRANSPORT_TLS && nng_result == NNG_ECONNREFUSED;
        rpc_connection_close(
            connection, is_notified ? "closed by the peer" : nng_strerror(nng_result));
        return;
    }
    bool is_server = connection->side == RPC_SIDE_SERVER;
    struct transport_failure failure = {.nng_result = nng_result,
        .transport = connection->transport,
        .side = is_server ? RPC_TLS_SERVER : RPC_TLS_CLIENT,
        .tls = connection->tls};
    pthread_mutex_lock(&connection->mutex);
    bool is_closed =
        connection->is_closed; /* then the stream may be gone, and has had its reason */
    if (!is_closed && failure.transport == RPC_TRANSPORT_TLS) {
        failure.has_refused_peer = transport_has_refused_peer(connection->stream);
    }
    pthread_mutex_unlock(&connection->mutex);
    char words[TRANSPORT_WORDS_MAX];
    transport_explain(&failure, words);
    if (!is_closed && is_server && failure.transport == RPC_TRANSPORT_TLS) {
        LOG_WARN("rpc.tls_failed", NULL, log_str("peer", connection->peer_text),
            log_str("reason", words));
    }
    rpc_connection_close(connection, words);
}

static void close_for(struct rpc_connection *connection, const char *reason)
{
    LOG_WARN("rpc.protocol_error", NULL, log_str("peer", connection->peer_text),
        log_str("reason", reason));
    rpc_connection_close(connection, reason);
}

void connection_receive_done(void *arg)
{
    struct rpc_connection *connection = arg;
    /* The lock comes first, as in connection_send_done. */
    pthread_mutex_lock(&connection->mutex);
    int result = nng_aio_result(connection->receive_aio);
    connection->is_corked = result == 0;
    pthread_mutex_unlock(&connection->mutex);
    if (result != 0) {
        connection_close_failed(connection, result);
        return;
    }
    connection->input_len += nng_aio_count(connection->receive_aio);
    uint64_t read_ns = clock_now_ns();
    atomic_store_explicit(&connection->last_read_ns, read_ns, memory_order_relaxed);

    size_t taken;
    size_t wanted;
    const char *reason = take_input(connection, read_ns, &taken, &wanted);
    connection->events->on_batch_end(connection->owner);
    if (reason != NULL) {
        close_for(connection, reason);
        return;
    }
    if (!prepare_input(connection, taken, wanted)) {
        rpc_connection_close(connection, "out of memory");
        return;
    }
    bool is_posted = true;
    pthread_mutex_lock(&connection->mutex);
    connection->is_corked = false;
    connection_kick_locked(connection);
    if (!connection->is_closed) {
        is_posted = connection_receive_post_locked(connection);
    }
    pthread_mutex_unlock(&connection->mutex);
    if (!is_posted) {
        connection_close_failed(connection, NNG_ECONNSHUT);
    }
}
