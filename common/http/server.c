#include "http/server.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "http/internal.h"

enum { LOOPS_MAX = 64, HEADER_MAX_MAX = 1 << 20, CONNECTIONS_MAX_MAX = 1 << 20 };

static void default_unsigned(unsigned int *value, unsigned int fallback)
{
    *value = *value == 0 ? fallback : *value;
}

static void default_size(size_t *value, size_t fallback)
{
    *value = *value == 0 ? fallback : *value;
}

static void take_defaults(struct http_server *server)
{
    struct http_server_options *options = &server->options;
    default_unsigned(&options->n_loops, 1);
    default_size(&options->header_max, HTTP_HEADER_MAX_DEFAULT);
    default_size(&options->body_max, HTTP_BODY_MAX_DEFAULT);
    default_size(&options->bodies_max, HTTP_BODIES_MAX_DEFAULT);
    default_unsigned(&options->connections_max, HTTP_CONNECTIONS_MAX_DEFAULT);
    default_unsigned(&options->handshakes_max, HTTP_HANDSHAKES_MAX_DEFAULT);
    default_unsigned(&options->idle_timeout_ms, HTTP_IDLE_TIMEOUT_MS_DEFAULT);
    default_unsigned(&options->header_timeout_ms, HTTP_HEADER_TIMEOUT_MS_DEFAULT);
    default_unsigned(&options->body_timeout_ms, HTTP_BODY_TIMEOUT_MS_DEFAULT);
    default_unsigned(&options->send_timeout_ms, HTTP_SEND_TIMEOUT_MS_DEFAULT);
    default_unsigned(&options->h2_streams_max, HTTP_H2_STREAMS_MAX_DEFAULT);
    default_unsigned(&options->h2_resets_max, HTTP_H2_RESETS_MAX_DEFAULT);
    server->limits.header_max = options->header_max;
    server->limits.body_max = options->body_max;
    server->limits.body_max_of = options->body_max_of;
    server->limits.arg = options->arg;
}

static void stop_at(struct http_server **server)
{
    http_server_stop(*server);
}

/* Listen, and give each loop its socket. */
static enum status make_loops(
    struct http_server *server, const char *listen, struct error *ret_error)
{
    unsigned int n_loops = server->options.n_loops;
    int sockets[LOOPS_MAX];
    memset(sockets, 0xff, sizeof(sockets)); /* -1 */
    server->loops = calloc(n_loops, sizeof(*server->loops));
    if (server->loops == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    enum status status = http_listen(listen, n_loops, sockets, server->address, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    for (unsigned int i = 0; i < n_loops; i++) {
        /* Each is finished even when a later one fails: init them all. */
        enum status made = http_loop_init(&server->loops[i], server, sockets[i], ret_error);
        status = status == STATUS_OK ? made : status;
        server->n_loops++;
    }
    return status;
}

enum status http_server_start(const struct http_server_options *options,
    struct http_server **ret_server, struct error *ret_error)
{
    if (options->n_loops > LOOPS_MAX || options->header_max > HEADER_MAX_MAX ||
        options->connections_max > CONNECTIONS_MAX_MAX) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "at most %d loops, %d bytes of header and %d connections are possible", LOOPS_MAX,
            HEADER_MAX_MAX, CONNECTIONS_MAX_MAX);
    }
    CLEANUP(stop_at) struct http_server *server = calloc(1, sizeof(*server));
    if (server == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    server->options = *options;
    take_defaults(server);
    server->limits.bodies = http_body_room_new(server->options.bodies_max);
    if (server->limits.bodies == NULL || http_standing_init(server) != STATUS_OK) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    server->drained_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (server->drained_fd < 0) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of file descriptors");
    }
    enum status status = make_loops(server, options->listen, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    server->options.listen = server->address; /* the caller's string is only borrowed */
    atomic_init(&server->loops_undrained, server->n_loops);
    for (unsigned int i = 0; i < server->n_loops; i++) {
        status = http_loop_start(&server->loops[i], ret_error);
        if (status != STATUS_OK) {
            return status;
        }
    }
    *ret_server = STEAL(server);
    return STATUS_OK;
}

const char *http_server_address(const struct http_server *server)
{
    return server->address;
}

enum status http_server_drain(const struct ctx *ctx, struct http_server *server)
{
    atomic_store_explicit(&server->is_draining, true, memory_order_release);
    for (unsigned int i = 0; i < server->n_loops; i++) {
        http_loop_wake(&server->loops[i]);
    }
    struct pollfd waits[] = {
        {.fd = server->drained_fd, .events = POLLIN},
        {.fd = ctx_done_fd(ctx), .events = POLLIN},
    };
    /* Without a descriptor for the context, look at it now and then. */
    int interval_ms = waits[1].fd < 0 ? 10 : -1;
    while (poll(waits, LENGTH_OF(waits), interval_ms) >= 0 || errno == EINTR) {
        if (waits[0].revents != 0) {
            return STATUS_OK; /* it stays readable: draining twice is harmless */
        }
        enum status status = ctx_err(ctx);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_INTERNAL;
}

void http_server_stop(struct http_server *server)
{
    if (server == NULL) {
        return;
    }
    atomic_store_explicit(&server->is_stopping, true, memory_order_release);
    for (unsigned int i = 0; i < server->n_loops; i++) {
        http_loop_join(&server->loops[i]);
    }
    for (unsigned int i = 0; i < server->n_loops; i++) {
        http_loop_finish(&server->loops[i]);
    }
    free(server->loops);
    buffer_finish(&server->standing);
    if (server->drained_fd > 0) {
        close(server->drained_fd);
    }
    http_body_room_unref(server->limits.bodies);
    free(server);
}
