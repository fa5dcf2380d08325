/* A connection begins: a slot of the loop, its events, TLS if there is any. */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "http/internal.h"

static struct http_connection *free_slot(struct http_loop *loop)
{
    struct http_connection *connection = loop->free_connections;
    if (connection != NULL) {
        loop->free_connections = connection->next_free;
        return connection;
    }
    if (loop->n_slots == loop->slots_max) {
        return NULL;
    }
    connection = calloc(1, sizeof(*connection));
    if (connection != NULL) {
        pthread_mutex_init(&connection->departure.lock, NULL);
        http_link_begin(&connection->departure.waiting);
        connection->loop = loop;
        connection->slot = loop->n_slots;
        loop->slots[loop->n_slots++] = connection;
    }
    return connection;
}

void http_connection_open(struct http_loop *loop, int fd, const char *peer, bool is_excess)
{
    struct http_connection *connection = free_slot(loop);
    if (connection == NULL) {
        close(fd);
        return;
    }
    connection->fd = fd;
    connection->phase = HTTP_PHASE_IDLE;
    connection->tls = NULL;
    connection->protocol = HTTP_PROTOCOL_1_1;
    connection->end = "fin";
    connection->is_peer_closed = false;
    connection->is_readable = false;
    connection->is_discarding = false;
    connection->is_closing = false;
    connection->is_fresh = true;
    connection->n_preface = 0;
    connection->is_counted = !is_excess;
    connection->exchange = NULL;
    connection->output = (struct buffer)BUFFER_EMPTY(HTTP_RESPONSE_MAX);
    connection->output_sent = 0;
    connection->ahead = (struct buffer)BUFFER_EMPTY(HTTP_PIPELINED_MAX);
    connection->n_discarded = 0;
    memcpy(connection->peer, peer, sizeof(connection->peer));
    if (!is_excess) {
        atomic_fetch_add_explicit(&loop->server->n_connections, 1, memory_order_relaxed);
    }
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
        .data.u64 = (uint64_t)connection->generation << 32 | connection->slot,
    };
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0 ||
        !http_departure_open(connection)) {
        http_connection_close(connection);
        return;
    }
    if (loop->server->options.tls != NULL) {
        if (!http_handshake_begin(connection)) {
            http_connection_close(connection);
        }
        return;
    }
    http_timeout_set(connection, http_connection_idle(connection));
}
