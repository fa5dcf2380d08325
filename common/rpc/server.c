/* The server's life: start, drain, stop. */
#include "rpc/server.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/process.h"
#include "rpc/condition.h"
#include "rpc/server_flight.h"

enum {
    WORKERS_DEFAULT_MIN = 4, /* handlers wait for databases and readers: they need no core then */
    LAST_WORDS_MS = 1000,    /* for the ENDs of a stopping server to leave, a connection */
};

#define SPOOL_FOLDER_DEFAULT "/tmp"

void server_calls_add(struct rpc_server *server, bool *ret_is_draining)
{
    pthread_mutex_lock(&server->mutex);
    server->n_calls++;
    *ret_is_draining = server->is_draining;
    pthread_mutex_unlock(&server->mutex);
}

bool server_is_draining(struct rpc_server *server)
{
    pthread_mutex_lock(&server->mutex);
    bool is_draining = server->is_draining;
    pthread_mutex_unlock(&server->mutex);
    return is_draining;
}

void server_calls_remove(struct rpc_server *server)
{
    pthread_mutex_lock(&server->mutex);
    server->n_calls--;
    if (server->n_calls == 0 && server->is_draining) {
        pthread_cond_broadcast(&server->changed);
    }
    pthread_mutex_unlock(&server->mutex);
}

static enum status check_options(const struct rpc_server_options *options, struct error *ret_error)
{
    assert(options->n_interceptors <= RPC_INTERCEPTORS_MAX);
    if (options->n_workers > RPC_WORKERS_MAX) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "%u workers: at most %d",
            options->n_workers, RPC_WORKERS_MAX);
    }
    for (size_t i = 0; i < options->n_bindings; i++) {
        const struct rpc_method *method = options->bindings[i].method;
        if (strlen(method->name) >= RPC_METHOD_NAME_MAX) {
            return error_set(
                ret_error, STATUS_INVALID_ARGUMENT, "%s: the name is too long", method->name);
        }
        if (method->kind != RPC_UNARY && (method->flags & RPC_INLINE) != 0) {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT,
                "%s: a stream may wait for its reader, so it cannot be INLINE", method->name);
        }
        if (options->bindings[i].flight_key != NULL && (method->flags & RPC_INLINE) != 0) {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT,
                "%s: an INLINE method is over before it could be shared", method->name);
        }
    }
    return STATUS_OK;
}

static void set_options(struct rpc_server *server, const struct rpc_server_options *options)
{
    server->options = *options;
    if (server->options.n_workers == 0) {
        unsigned int n_cpus = process_cpu_count();
        server->options.n_workers = n_cpus > WORKERS_DEFAULT_MIN ? n_cpus : WORKERS_DEFAULT_MIN;
        if (server->options.n_workers > RPC_WORKERS_MAX) {
            server->options.n_workers = RPC_WORKERS_MAX;
        }
    }
    if (server->options.queue_max == 0) {
        server->options.queue_max = RPC_QUEUE_MAX_DEFAULT;
    }
    if (server->options.calls_max == 0) {
        server->options.calls_max = RPC_CALLS_MAX_DEFAULT;
    }
    if (server->options.deaf_after_ns == 0) {
        server->options.deaf_after_ns = CLOCK_MS(RPC_DEAF_AFTER_MS_DEFAULT);
    }
    if (server->options.spool_folder == NULL) {
        server->options.spool_folder = SPOOL_FOLDER_DEFAULT;
    }
    snprintf(
        server->name, sizeof(server->name), "%s", options->name == NULL ? "walkie" : options->name);
}

static enum status start_threads(struct rpc_server *server, struct error *ret_error)
{
    enum status status = server_admission_start(server);
    if (status == STATUS_OK) {
        server_metrics_start(server);
        status = server_deaf_start(server);
    }
    server->flights = ctx_flights_new(0);
    if (server->flights == NULL) {
        status = STATUS_RESOURCE_EXHAUSTED;
    }
    if (status == STATUS_OK) {
        server->has_reap_thread =
            pthread_create(&server->reap_thread, NULL, server_reap_main, server) == 0;
        bool is_accepting = server->has_reap_thread && server_accept_start(server);
        status = is_accepting ? STATUS_OK : STATUS_RESOURCE_EXHAUSTED;
    }
    if (status != STATUS_OK) {
        error_set(ret_error, status, "%s: no memory or threads", server->options.listen);
    }
    return status;
}

enum status rpc_server_start(const struct rpc_server_options *options,
    struct rpc_server **ret_server, struct error *ret_error)
{
    enum status status = check_options(options, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    struct rpc_server *server = calloc(1, sizeof(*server));
    if (server == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    set_options(server, options);
    pthread_mutex_init(&server->mutex, NULL);
    condition_init(&server->changed);
    status = server_listen(server, ret_error);
    if (status == STATUS_OK) {
        status = start_threads(server, ret_error);
    }
    if (status != STATUS_OK) {
        rpc_server_stop(server);
        return status;
    }
    *ret_server = server;
    return STATUS_OK;
}

const char *rpc_server_url(const struct rpc_server *server)
{
    return server->url;
}

/* Run `visit` for each connection, without the server's lock; connections that come or go
 * meanwhile may be missed. One thread at a time: draining and stopping. */
static void each_connection(
    struct rpc_server *server, void (*visit)(struct server_connection *peer))
{
    struct server_connection *first = NULL;
    pthread_mutex_lock(&server->mutex);
    for (struct server_connection *peer = server->connections; peer != NULL; peer = peer->next) {
        server_connection_ref(peer);
        peer->next_visited = first;
        first = peer;
    }
    pthread_mutex_unlock(&server->mutex);
    struct server_connection *next;
    for (struct server_connection *peer = first; peer != NULL; peer = next) {
        next = peer->next_visited;
        visit(peer);
        server_connection_unref(peer);
    }
}

static void wake_waiter(void *arg)
{
    struct rpc_server *server = arg;
    pthread_mutex_lock(&server->mutex);
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->mutex);
}

static void begin_draining(struct rpc_server *server)
{
    pthread_mutex_lock(&server->mutex);
    bool is_first = !server->is_draining;
    server->is_draining = true;
    pthread_mutex_unlock(&server->mutex);
    if (is_first) {
        each_connection(server, server_connection_goaway);
    }
}

enum status rpc_server_drain(const struct ctx *ctx, struct rpc_server *server)
{
    begin_draining(server);
    struct ctx_after *after = ctx_after_func(ctx, wake_waiter, server);
    if (after == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    enum status status = STATUS_OK;
    pthread_mutex_lock(&server->mutex);
    while (server->n_calls > 0 && (status = ctx_err(ctx)) == STATUS_OK) {
        pthread_cond_wait(&server->changed, &server->mutex);
    }
    pthread_mutex_unlock(&server->mutex);
    ctx_stop_wait(after);
    return status;
}

static void stop_accepting(struct rpc_server *server)
{
    pthread_mutex_lock(&server->mutex);
    server->is_closing = true;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->mutex);
    server_accept_stop(server);
}

static void cancel_calls(struct server_connection *peer)
{
    server_connection_cancel_all(peer, CTX_CAUSE_SERVER_DRAINING);
}

static void close_connection(struct server_connection *peer)
{
    rpc_connection_wait_sent(peer->connection, clock_now_ns() + CLOCK_MS(LAST_WORDS_MS));
    rpc_connection_close(peer->connection, "the server stops");
}

static void stop_connections(struct rpc_server *server)
{
    begin_draining(server);
    each_connection(server, cancel_calls);
    pthread_mutex_lock(&server->mutex);
    while (server->n_calls > 0) {
        pthread_cond_wait(&server->changed, &server->mutex);
    }
    pthread_mutex_unlock(&server->mutex);
    each_connection(server, close_connection);
    pthread_mutex_lock(&server->mutex);
    server->is_stopping = true;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->mutex);
    if (server->has_reap_thread) {
        pthread_join(server->reap_thread, NULL);
    }
}

void rpc_server_stop(struct rpc_server *server)
{
    if (server == NULL) {
        return;
    }
    stop_accepting(server);
    stop_connections(server);
    server_deaf_stop(server);
    server_metrics_stop(server);
    server_admission_stop(server);
    server_listeners_finish(server);
    ctx_flights_free(server->flights);
    pthread_mutex_destroy(&server->mutex);
    pthread_cond_destroy(&server->changed);
    free(server);
}
