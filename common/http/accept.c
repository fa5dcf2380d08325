/* New connections. Out of descriptors the listener rests a moment: a level-triggered event that
 * cannot be served would otherwise keep the loop spinning; the clients wait in the backlog. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* accept4, TCP_USER_TIMEOUT */
#endif
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "http/internal.h"
#include "obs/log.h"

static void set_listening(struct http_loop *loop, bool is_on)
{
    struct epoll_event event = {.events = is_on ? EPOLLIN : 0, .data.u64 = HTTP_TOKEN_LISTENER};
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, loop->listen_fd, &event);
    loop->is_accept_paused = !is_on;
}

static void pause_accepting(struct http_loop *loop, const char *why)
{
    set_listening(loop, false);
    loop->accept_resume_ns = loop->now_ns + CLOCK_MS(HTTP_ACCEPT_PAUSE_MS);
    if (loop->accept_logged_ns != 0 && loop->now_ns - loop->accept_logged_ns < CLOCK_SECONDS(1)) {
        return;
    }
    loop->accept_logged_ns = loop->now_ns;
    LOG_WARN("http.accept_paused", NULL, log_str("address", loop->server->address),
        log_str("error", why));
}

void http_accept_resume(struct http_loop *loop)
{
    if (loop->is_accept_paused && loop->listen_fd >= 0 && loop->now_ns >= loop->accept_resume_ns) {
        set_listening(loop, true);
    }
}

/* A dead peer that sends neither FIN nor RST is found by probes, or by data it does not take. */
static void set_options(const struct http_loop *loop, int fd)
{
    int on = 1;
    int idle_s = 30;
    int interval_s = 10;
    int probes = 3;
    unsigned int user_timeout_ms = loop->server->options.send_timeout_ms;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof(interval_s));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms, sizeof(user_timeout_ms));
}

static bool is_exhausted(int problem)
{
    return problem == EMFILE || problem == ENFILE || problem == ENOBUFS || problem == ENOMEM;
}

bool http_accept(struct http_loop *loop)
{
    for (int i = 0; i < HTTP_ACCEPTS_MAX && loop->listen_fd >= 0; i++) {
        if (!http_handshake_has_room(loop)) {
            pause_accepting(loop, "too many handshakes");
            return false;
        }
        struct sockaddr_storage address;
        socklen_t len = sizeof(address);
        memset(&address, 0, sizeof(address));
        int fd = accept4(
            loop->listen_fd, (struct sockaddr *)&address, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && is_exhausted(errno)) {
            pause_accepting(loop, strerror(errno));
            return false;
        }
        if (fd < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return false;
        }
        if (fd < 0) {
            continue; /* that client is gone again, or a signal came */
        }
        set_options(loop, fd);
        char peer[HTTP_PEER_MAX];
        memset(peer, 0, sizeof(peer));
        http_address_format(&address, peer);
        unsigned int n_open =
            atomic_load_explicit(&loop->server->n_connections, memory_order_relaxed);
        http_connection_open(loop, fd, peer, n_open >= loop->server->options.connections_max);
    }
    return true;
}
