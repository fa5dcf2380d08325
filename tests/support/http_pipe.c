#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "support/http_pipe.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/h2.h"
#include "http/internal.h"

enum { PARKED_MAX = 256, BODY_MAX = 1 << 16, SECONDS_PASSED = 100 };

struct http_pipe {
    struct http_server server;
    struct http_loop loop;
    struct http_connection *connection;
    uint32_t generation;
    int client_fd;
    struct http_exchange *parked[PARKED_MAX];
    size_t n_parked;
    bool has_begun; /* the oldest one's answer */
    size_t n_seen;
    size_t n_done;
};

static void require(bool is_true, const char *what)
{
    if (!is_true) {
        fprintf(stderr, "http_pipe: not so: %s\n", what);
        abort();
    }
}

static void on_request(struct http_exchange *exchange, void *arg)
{
    struct http_pipe *pipe = arg;
    const char *path = http_path(exchange);
    pipe->n_seen++;
    if (path[1] == 's') {
        http_respond_begin(exchange, 200, "text/plain", HTTP_LENGTH_UNKNOWN);
    }
    if ((path[1] == 's' || path[1] == 'p') && pipe->n_parked < PARKED_MAX) {
        pipe->parked[pipe->n_parked++] = http_exchange_ref(exchange);
    } else {
        http_respond_header(exchange, "X-Path", path);
        http_respond(exchange, 200, "text/plain", http_body(exchange));
    }
}

static void on_done(struct http_exchange *exchange, const struct http_summary *summary, void *arg)
{
    struct http_pipe *pipe = arg;
    pipe->n_done++;
    require(!(summary->is_complete && summary->is_disconnected), "complete or disconnected");
    require(http_exchange_ctx(exchange) != NULL, "a context");
}

static bool is_open(const struct http_pipe *pipe)
{
    return pipe->connection != NULL && pipe->connection->generation == pipe->generation &&
           pipe->connection->phase != HTTP_PHASE_FREE;
}

/* What the loop does in a turn. */
static void turn(struct http_pipe *pipe, uint32_t events)
{
    if (events != 0 && is_open(pipe)) {
        http_connection_on_event(pipe->connection, events);
    }
    for (int i = 0; i < 4; i++) {
        http_mailbox_run(&pipe->loop);
        http_timeouts_run(&pipe->loop);
        h2_run_marked(&pipe->loop);
    }
}

struct http_pipe *http_pipe_open(void)
{
    struct http_pipe *pipe = calloc(1, sizeof(*pipe));
    if (pipe == NULL) {
        return NULL;
    }
    pipe->server.options = (struct http_server_options){.on_request = on_request,
        .on_done = on_done,
        .arg = pipe,
        .connections_max = 4,
        .header_max = HTTP_HEADER_MAX_DEFAULT,
        .body_max = BODY_MAX,
        .idle_timeout_ms = HTTP_IDLE_TIMEOUT_MS_DEFAULT,
        .header_timeout_ms = HTTP_HEADER_TIMEOUT_MS_DEFAULT,
        .body_timeout_ms = HTTP_BODY_TIMEOUT_MS_DEFAULT,
        .send_timeout_ms = HTTP_SEND_TIMEOUT_MS_DEFAULT,
        .h2_streams_max = HTTP_H2_STREAMS_MAX_DEFAULT,
        .h2_resets_max = HTTP_H2_RESETS_MAX_DEFAULT};
    pipe->server.limits =
        (struct http_limits){.header_max = HTTP_HEADER_MAX_DEFAULT, .body_max = BODY_MAX};
    pipe->server.drained_fd = eventfd(0, EFD_NONBLOCK);
    atomic_init(&pipe->server.loops_undrained, 1);
    int fds[2] = {-1, -1};
    int listener = eventfd(0, EFD_NONBLOCK); /* something to watch */
    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0, "a socket");
    pipe->client_fd = fds[1];
    pipe->loop.now_ns = clock_now_ns();
    if (http_loop_init(&pipe->loop, &pipe->server, listener, NULL) == STATUS_OK) {
        static const char PEER[HTTP_PEER_MAX] = "127.0.0.1:1";
        http_connection_open(&pipe->loop, fds[0], PEER, false);
        pipe->connection = pipe->loop.n_slots > 0 ? pipe->loop.slots[0] : NULL;
        pipe->generation = pipe->connection == NULL ? 0 : pipe->connection->generation;
    } else {
        close(fds[0]);
    }
    return pipe;
}

bool http_pipe_send(struct http_pipe *pipe, const void *data, size_t len)
{
    const uint8_t *at = data;
    while (len > 0 && is_open(pipe)) {
        ssize_t n = send(pipe->client_fd, at, len, MSG_NOSIGNAL);
        if (n > 0) {
            at += n;
            len -= (size_t)n;
        }
        turn(pipe, EPOLLIN | EPOLLOUT);
    }
    return is_open(pipe);
}

size_t http_pipe_take(struct http_pipe *pipe, uint8_t *data, size_t len_max)
{
    ssize_t n = recv(pipe->client_fd, data, len_max, 0);
    turn(pipe, EPOLLOUT);
    return n > 0 ? (size_t)n : 0;
}

static void let_go(struct http_pipe *pipe)
{
    http_exchange_unref(pipe->parked[0]);
    pipe->n_parked--;
    memmove(pipe->parked, pipe->parked + 1, pipe->n_parked * sizeof(struct http_exchange *));
    pipe->has_begun = false;
}

static void piece(struct http_pipe *pipe)
{
    static const char TEXT[] = "a piece of an answer, as long as a sentence or two would be";
    if (!pipe->has_begun) {
        http_respond_begin(pipe->parked[0], 200, "text/plain", HTTP_LENGTH_UNKNOWN);
        pipe->has_begun = true;
    }
    http_respond_piece(pipe->parked[0], bytes_of(TEXT));
}

static void act_on_parked(struct http_pipe *pipe, enum http_pipe_act act)
{
    struct http_exchange *exchange = pipe->parked[0];
    if (act == HTTP_PIPE_PIECE) {
        piece(pipe);
        return;
    }
    if (act == HTTP_PIPE_ANSWER) {
        http_respond(exchange, 200, "text/plain", bytes_of("hello\n"));
    } else if (act == HTTP_PIPE_END) {
        http_respond_end(exchange);
    } else if (act == HTTP_PIPE_ABORT) {
        http_respond_abort(exchange);
    }
    let_go(pipe);
}

void http_pipe_act(struct http_pipe *pipe, enum http_pipe_act act)
{
    switch (act) {
    case HTTP_PIPE_ANSWER:
    case HTTP_PIPE_PIECE:
    case HTTP_PIPE_END:
    case HTTP_PIPE_ABORT:
    case HTTP_PIPE_DROP:
        if (pipe->n_parked > 0) {
            act_on_parked(pipe, act);
        }
        break;
    case HTTP_PIPE_TIME:
        pipe->loop.now_ns += CLOCK_SECONDS(SECONDS_PASSED);
        break;
    case HTTP_PIPE_DRAIN:
        pipe->loop.is_drain_begun = true;
        if (is_open(pipe) && pipe->connection->phase == HTTP_PHASE_H2) {
            h2_drain(pipe->connection);
        }
        break;
    case HTTP_PIPE_FIN:
        shutdown(pipe->client_fd, SHUT_WR);
        turn(pipe, EPOLLIN | EPOLLRDHUP);
        break;
    case HTTP_PIPE_ACTS:
        break;
    }
    turn(pipe, 0);
}

void http_pipe_close(struct http_pipe *pipe)
{
    if (is_open(pipe)) {
        http_connection_close(pipe->connection);
    }
    require(pipe->loop.n_exchanges == 0, "no exchange is under way");
    require(pipe->loop.n_goodbyes == 0, "no goodbye is under way");
    require(pipe->n_seen == pipe->n_done, "every request has ended once");
    http_mailbox_run(&pipe->loop);
    while (pipe->n_parked > 0) {
        let_go(pipe);
    }
    http_loop_finish(&pipe->loop); /* closes the listener, too */
    close(pipe->server.drained_fd);
    close(pipe->client_fd);
    free(pipe);
}
