/* The server's own threads: one accepts for each address, one reaps. They may block, which nng's
 * callbacks may not: tearing a stream down from a callback hangs nng 1.5.2. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "obs/log.h"
#include "rpc/condition.h"
#include "rpc/server_internal.h"

enum { ACCEPT_RETRY_MS = 50 }; /* after a failure such as too many open files */

static void add_connection(const struct server_listener *listener, nng_stream *stream)
{
    struct rpc_server *server = listener->server;
    pthread_mutex_lock(&server->mutex);
    bool is_welcome = server->n_connections < (size_t)SERVER_CONNECTIONS_MAX;
    pthread_mutex_unlock(&server->mutex);
    if (!is_welcome) {
        LOG_WARN("rpc.refuse", NULL, log_str("why", "too many connections"));
        nng_stream_free(stream);
        return;
    }
    struct server_connection *peer = server_connection_new(listener, stream);
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
    server_connection_ref(peer); /* it may be lost, reaped and forgotten while it starts */
    server->n_connections++;
    bool is_draining = server->is_draining;
    pthread_mutex_unlock(&server->mutex);
    rpc_connection_start(peer->connection);
    if (is_draining) {
        rpc_connection_close(peer->connection, "the server is draining");
    }
    server_connection_unref(peer);
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

static void *accept_main(void *arg)
{
    struct server_listener *listener = arg;
    for (;;) {
        /* A certificate is chosen when the wait for a connection begins. */
        pthread_mutex_lock(&listener->accepting);
        transport_listener_renew(
            listener->listener, listener->server->options.tls, &listener->tls_version);
        nng_stream_listener_accept(listener->listener, listener->accept_aio);
        pthread_mutex_unlock(&listener->accepting);
        nng_aio_wait(listener->accept_aio);
        int result = nng_aio_result(listener->accept_aio);
        if (result == 0) {
            add_connection(listener, nng_aio_get_output(listener->accept_aio, 0));
        } else if (result == NNG_ECANCELED) {
            continue; /* rpc_server_renew_tls */
        } else if (result == NNG_ECLOSED || !pause_accepting(listener->server)) {
            return NULL;
        }
    }
}

void rpc_server_renew_tls(struct rpc_server *server)
{
    for (size_t i = 0; i < server->n_listeners; i++) {
        struct server_listener *listener = &server->listeners[i];
        pthread_mutex_lock(&listener->accepting);
        nng_aio_cancel(listener->accept_aio);
        pthread_mutex_unlock(&listener->accepting);
    }
}

/* The address with the port that the system chose for port 0. */
static void set_real_port(struct server_listener *listener)
{
    struct rpc_address *address = &listener->address;
    int port = 0;
    if (address->transport != RPC_TRANSPORT_IPC &&
        nng_stream_listener_get_int(listener->listener, NNG_OPT_TCP_BOUND_PORT, &port) == 0) {
        char *colon = strrchr(address->url, ':');
        snprintf(colon, sizeof(address->url) - (size_t)(colon - address->url), ":%d", port);
        address->port = (uint16_t)port;
    }
}

static enum status listen_on(struct server_listener *listener, struct error *ret_error)
{
    const char *url = listener->address.url;
    enum status status = transport_listener_new(
        &listener->address, listener->server->options.tls, &listener->listener, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    int result = nng_stream_listener_listen(listener->listener);
    if (result == NNG_EADDRINUSE) {
        return error_set(ret_error, STATUS_UNAVAILABLE,
            "%s: address already in use; stop the other program or choose another one", url);
    }
    if (result != 0) {
        return error_set(
            ret_error, STATUS_UNAVAILABLE, "%s: cannot listen: %s", url, nng_strerror(result));
    }
    set_real_port(listener);
    return STATUS_OK;
}

enum status server_listen(struct rpc_server *server, struct error *ret_error)
{
    struct rpc_address addresses[RPC_ADDRESSES_MAX];
    size_t n_addresses;
    enum status status =
        rpc_address_parse_list(server->options.listen, addresses, &n_addresses, ret_error);
    if (server->options.tls != NULL) {
        rpc_tls_log_warnings(server->options.tls);
    }
    for (size_t i = 0; status == STATUS_OK && i < n_addresses; i++) {
        struct server_listener *listener = &server->listeners[server->n_listeners++];
        *listener = (struct server_listener){.server = server, .address = addresses[i]};
        pthread_mutex_init(&listener->accepting, NULL);
        status = listen_on(listener, ret_error);
        if (status == STATUS_OK) {
            size_t len = strlen(server->url);
            snprintf(server->url + len, sizeof(server->url) - len, "%s%s", i == 0 ? "" : ",",
                listener->address.url);
        }
    }
    return status;
}

bool server_accept_start(struct rpc_server *server)
{
    for (size_t i = 0; i < server->n_listeners; i++) {
        struct server_listener *listener = &server->listeners[i];
        listener->has_thread = nng_aio_alloc(&listener->accept_aio, NULL, NULL) == 0 &&
                               pthread_create(&listener->thread, NULL, accept_main, listener) == 0;
        if (!listener->has_thread) {
            return false;
        }
    }
    return true;
}

void server_accept_stop(struct rpc_server *server)
{
    for (size_t i = 0; i < server->n_listeners; i++) {
        struct server_listener *listener = &server->listeners[i];
        if (listener->listener != NULL) {
            nng_stream_listener_close(listener->listener);
        }
        if (listener->has_thread) {
            pthread_join(listener->thread, NULL);
        }
    }
}

void server_listeners_finish(struct rpc_server *server)
{
    for (size_t i = 0; i < server->n_listeners; i++) {
        nng_aio_free(server->listeners[i].accept_aio);
        pthread_mutex_destroy(&server->listeners[i].accepting);
        if (server->listeners[i].listener != NULL) {
            nng_stream_listener_free(server->listeners[i].listener);
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
