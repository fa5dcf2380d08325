#include "rpc/connection.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rpc/channel.h"
#include "rpc/condition.h"
#include "rpc/connection_internal.h"

static void describe_peer(struct rpc_connection *connection)
{
    char *text = connection->peer_text;
    nng_sockaddr address;
    uint64_t pid;
    if (connection->is_ipc) {
        if (nng_stream_get_uint64(connection->stream, NNG_OPT_IPC_PEER_PID, &pid) == 0) {
            snprintf(text, RPC_PEER_TEXT_MAX, "ipc:pid=%llu", (unsigned long long)pid);
        } else {
            snprintf(text, RPC_PEER_TEXT_MAX, "ipc");
        }
        return;
    }
    char host[INET6_ADDRSTRLEN] = "?";
    unsigned int port = 0;
    if (nng_stream_get_addr(connection->stream, NNG_OPT_REMADDR, &address) == 0) {
        if (address.s_family == NNG_AF_INET) {
            inet_ntop(AF_INET, &address.s_in.sa_addr, host, sizeof(host));
            port = ntohs(address.s_in.sa_port);
        } else if (address.s_family == NNG_AF_INET6) {
            inet_ntop(AF_INET6, address.s_in6.sa_addr, host, sizeof(host));
            port = ntohs(address.s_in6.sa_port);
        }
    }
    snprintf(text, RPC_PEER_TEXT_MAX, "%s:%s:%u",
        connection->transport == RPC_TRANSPORT_TLS ? "tls" : "tcp", host, port);
}

static void connection_free(struct rpc_connection *connection)
{
    nng_aio_free(connection->receive_aio);
    nng_aio_free(connection->send_aio);
    nng_aio_free(connection->direct_aio);
    nng_stream_free(connection->stream);
    pthread_mutex_destroy(&connection->mutex);
    pthread_cond_destroy(&connection->sent);
    buffer_finish(&connection->pending);
    buffer_finish(&connection->flying);
    free(connection->patches);
    free(connection->input);
    free(connection);
}

struct rpc_connection *rpc_connection_new(
    nng_stream *stream, const struct rpc_connection_options *options)
{
    struct rpc_connection *connection = calloc(1, sizeof(*connection));
    if (connection == NULL) {
        nng_stream_free(stream);
        return NULL;
    }
    atomic_init(&connection->references, 1);
    connection->stream = stream;
    connection->events = options->events;
    connection->owner = options->owner;
    connection->side = options->side;
    connection->transport = options->transport;
    connection->is_ipc = options->transport == RPC_TRANSPORT_IPC;
    connection->tls = options->tls;
    bool is_tls = options->transport == RPC_TRANSPORT_TLS;
    connection->ping_after_ns = CLOCK_MS(is_tls ? RPC_TLS_PING_AFTER_MS : RPC_PING_AFTER_MS);
    connection->lost_after_ns = CLOCK_MS(is_tls ? RPC_TLS_LOST_AFTER_MS : RPC_LOST_AFTER_MS);
    connection->name = options->name;
    connection->calls_max = options->calls_max;
    connection->pending.len_max = RPC_SEND_QUEUE_MAX;
    connection->flying.len_max = RPC_SEND_QUEUE_MAX;
    connection->created_ns = clock_now_ns();
    atomic_init(&connection->last_read_ns, connection->created_ns);
    pthread_mutex_init(&connection->mutex, NULL);
    condition_init(&connection->sent);
    ctx_timer_init(&connection->timer, connection_timer_due, connection);
    connection->input_capacity = RPC_INPUT_CAPACITY_MIN;
    connection->input = malloc(connection->input_capacity);
    if (connection->input == NULL ||
        nng_aio_alloc(&connection->receive_aio, connection_receive_done, connection) != 0 ||
        nng_aio_alloc(&connection->send_aio, connection_send_done, connection) != 0 ||
        nng_aio_alloc(&connection->direct_aio, NULL, NULL) != 0) {
        connection_free(connection);
        return NULL;
    }
    nng_aio_set_timeout(connection->receive_aio, NNG_DURATION_INFINITE);
    nng_aio_set_timeout(connection->send_aio, NNG_DURATION_INFINITE);
    nng_aio_set_timeout(connection->direct_aio, NNG_DURATION_INFINITE);
    if (!connection->is_ipc) {
        /* Keepalive serves stock peers, which we cannot PING. */
        (void)nng_stream_set_bool(stream, NNG_OPT_TCP_NODELAY, true);
        (void)nng_stream_set_bool(stream, NNG_OPT_TCP_KEEPALIVE, true);
    }
    describe_peer(connection);
    return connection;
}

void rpc_connection_start(struct rpc_connection *connection)
{
    if (connection->side == RPC_SIDE_CLIENT) {
        connection_send_hello(connection);
    }
    bool is_posted = true;
    pthread_mutex_lock(&connection->mutex);
    if (!connection->is_closed) {
        ctx_timer_start(
            &connection->timer, connection->created_ns + CLOCK_MS(RPC_HELLO_TIMEOUT_MS));
        is_posted = connection_receive_post_locked(connection);
    }
    pthread_mutex_unlock(&connection->mutex);
    if (!is_posted) {
        connection_close_failed(connection, NNG_ECONNSHUT);
    }
}

struct rpc_connection *rpc_connection_ref(struct rpc_connection *connection)
{
    atomic_fetch_add_explicit(&connection->references, 1, memory_order_relaxed);
    return connection;
}

void rpc_connection_unref(struct rpc_connection *connection)
{
    if (connection != NULL &&
        atomic_fetch_sub_explicit(&connection->references, 1, memory_order_acq_rel) == 1) {
        connection_free(connection);
    }
}

void rpc_connection_close(struct rpc_connection *connection, const char *reason)
{
    pthread_mutex_lock(&connection->mutex);
    bool is_first = !connection->is_closed;
    if (is_first) {
        connection->is_closed = true;
        snprintf(connection->close_reason, sizeof(connection->close_reason), "%s", reason);
        pthread_cond_broadcast(&connection->sent);
    }
    pthread_mutex_unlock(&connection->mutex);
    if (is_first) {
        nng_stream_close(connection->stream);
        connection->events->on_closed(connection->owner);
    }
}

bool rpc_connection_is_closed(struct rpc_connection *connection)
{
    pthread_mutex_lock(&connection->mutex);
    bool is_closed = connection->is_closed;
    pthread_mutex_unlock(&connection->mutex);
    return is_closed;
}

void rpc_connection_reap(struct rpc_connection *connection)
{
    nng_aio_stop(connection->receive_aio);
    nng_aio_stop(connection->send_aio);
    nng_aio_stop(connection->direct_aio);
    /* The timer's function does not start it again once is_closed is set; the second stop takes
     * the start that it made just before. */
    ctx_timer_stop_wait(&connection->timer);
    ctx_timer_stop_wait(&connection->timer);
    nng_aio_free(STEAL(connection->receive_aio));
    nng_aio_free(STEAL(connection->send_aio));
    nng_aio_free(STEAL(connection->direct_aio));
    nng_stream_free(STEAL(connection->stream));
}

const char *rpc_connection_close_reason(const struct rpc_connection *connection)
{
    return connection->close_reason;
}

const char *rpc_connection_peer_text(const struct rpc_connection *connection)
{
    return connection->peer_text;
}
