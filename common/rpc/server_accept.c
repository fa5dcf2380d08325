/* The server's two own threads: one accepts, one reaps. Both may block, which nng's callbacks may
 * not: tearing a stream down from a callback hangs nng 1.5.2. */
#include "base/clock.h"
#include "obs/log.h"
#include "rpc/condition.h"
#include "rpc/server_internal.h"

enum { ACCEPT_RETRY_MS = 50 }; /* after a failure such as too many open files */

static void add_connection(struct rpc_server *server, nng_stream *stream)
{
    pthread_mutex_lock(&server->mutex);
    bool is_welcome = server->n_connections < (size_t)SERVER_CONNECTIONS_MAX;
    pthread_mutex_unlock(&server->mutex);
    if (!is_welcome) {
        LOG_WARN("rpc.refuse", NULL, log_str("why", "too many connections"));
        nng_stream_free(stream);
        return;
    }
    struct server_connection *peer = server_connection_new(server, stream);
    if (peer == NULL) {
        LOG_WARN("rpc.refuse", NULL, log_str("why", "out of memory"));
        return;
    }
    pthread_mutex_lock(&server->mutex);
    peer->next = server->connections;
    if (peer->next != NULL) {
        peer->next->previous = peer;
    }
    server->connections = peer;
    server->n_connections++;
    bool is_draining = server->is_draining;
    pthread_mutex_unlock(&server->mutex);
    rpc_connection_start(peer->connection);
    if (is_draining) {
        rpc_connection_close(peer->connection, "the server is draining");
    }
}

/* False when the server stops first. */
static bool pause_accepting(struct rpc_server *server)
{
    uint64_t limit_ns = clock_now_ns() + CLOCK_MS(ACCEPT_RETRY_MS);
    pthread_mutex_lock(&server->mutex);
    while (
        !server->is_closing && condition_wait_until(&server->changed, &server->mutex, limit_ns)) {
    }
    bool goes_on = !server->is_closing;
    pthread_mutex_unlock(&server->mutex);
    return goes_on;
}

void *server_accept_main(void *arg)
{
    struct rpc_server *server = arg;
    for (;;) {
        nng_stream_listener_accept(server->listener, server->accept_aio);
        nng_aio_wait(server->accept_aio);
        int result = nng_aio_result(server->accept_aio);
        if (result == 0) {
            add_connection(server, nng_aio_get_output(server->accept_aio, 0));
        } else if (result == NNG_ECLOSED || !pause_accepting(server)) {
            return NULL;
        }
    }
}

static struct server_connection *wait_for_closed(struct rpc_server *server)
{
    pthread_mutex_lock(&server->mutex);
    while (server->closed == NULL && !(server->is_stopping && server->n_connections == 0)) {
        pthread_cond_wait(&server->changed, &server->mutex);
    }
    struct server_connection *peer = server->closed;
    if (peer != NULL) {
        server->closed = peer->next_closed;
    }
    pthread_mutex_unlock(&server->mutex);
    return peer;
}

static void forget_connection(struct rpc_server *server, struct server_connection *peer)
{
    pthread_mutex_lock(&server->mutex);
    *(peer->previous == NULL ? &server->connections : &peer->previous->next) = peer->next;
    if (peer->next != NULL) {
        peer->next->previous = peer->previous;
    }
    server->n_connections--;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->mutex);
    server_connection_unref(peer);
}

void *server_reap_main(void *arg)
{
    struct rpc_server *server = arg;
    struct server_connection *peer;
    while ((peer = wait_for_closed(server)) != NULL) {
        rpc_connection_reap(peer->connection);
        server_connection_lost(peer);
        forget_connection(server, peer);
    }
    return NULL;
}
