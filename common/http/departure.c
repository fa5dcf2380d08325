/* The lookout: a thread beside each loop that waits for departures and for nothing else, so that
 * they are heard at once however busy the loop is. It cancels the contexts of all requests under
 * way; the rest (the connection's end, the log) stays with the loop, which gets the same event.
 *
 * Its epoll set holds every connection, edge-triggered, for RDHUP, HUP and ERR alone. What it may
 * touch of a connection is its `departure`, under that lock.
 *
 * Lock order: a departure's lock, then those of common/ctx. Callbacks run without it. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "http/internal.h"

enum { DEPARTURES_MAX = 64 }; /* a wake-up */

#define TOKEN_STOP UINT64_MAX

static bool add(int epoll_fd, int fd, uint32_t events, uint64_t token)
{
    struct epoll_event event = {.events = events, .data.u64 = token};
    return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

enum status http_lookout_init(struct http_lookout *lookout)
{
    lookout->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    lookout->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    bool is_ready = lookout->epoll_fd >= 0 && lookout->stop_fd >= 0 &&
                    add(lookout->epoll_fd, lookout->stop_fd, EPOLLIN, TOKEN_STOP);
    return is_ready ? STATUS_OK : STATUS_RESOURCE_EXHAUSTED;
}

/* The client of this connection has left: whoever works for it is to know now. */
static void on_departure(const struct http_loop *loop, uint64_t token)
{
    struct http_connection *connection = loop->slots[(uint32_t)token];
    struct http_departure *departure = &connection->departure;
    struct ctx_callbacks callbacks = CTX_CALLBACKS_NONE;
    pthread_mutex_lock(&departure->lock);
    if (departure->generation == (uint32_t)(token >> 32)) {
        for (struct http_link *link = departure->waiting.next; link != &departure->waiting;
             link = link->next) {
            ctx_cancel_collect(CONTAINER_OF(link, struct http_exchange, departure_link)->scope,
                CTX_CAUSE_CLIENT_DISCONNECTED, CTX_SOURCE_HERE, &callbacks);
        }
    }
    pthread_mutex_unlock(&departure->lock);
    ctx_callbacks_run(&callbacks);
}

void *http_lookout_run(void *arg)
{
    struct http_loop *loop = arg;
    struct epoll_event events[DEPARTURES_MAX];
    for (;;) {
        int n_events = epoll_wait(loop->lookout.epoll_fd, events, DEPARTURES_MAX, -1);
        for (int i = 0; i < n_events; i++) {
            if (events[i].data.u64 == TOKEN_STOP) {
                return NULL;
            }
            on_departure(loop, events[i].data.u64);
        }
    }
}

void http_lookout_stop(struct http_lookout *lookout)
{
    if (lookout->has_thread) {
        const uint64_t one = 1;
        ssize_t n = write(lookout->stop_fd, &one, sizeof(one));
        (void)n; /* an eventfd at 0 takes a 1 */
        pthread_join(lookout->thread, NULL);
        lookout->has_thread = false;
    }
}

void http_lookout_finish(struct http_lookout *lookout)
{
    const int fds[] = {lookout->epoll_fd, lookout->stop_fd};
    for (size_t i = 0; i < LENGTH_OF(fds); i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
}

bool http_departure_open(struct http_connection *connection)
{
    struct http_departure *departure = &connection->departure;
    pthread_mutex_lock(&departure->lock);
    departure->generation = connection->generation;
    pthread_mutex_unlock(&departure->lock);
    uint64_t token = (uint64_t)connection->generation << 32 | connection->slot;
    return add(connection->loop->lookout.epoll_fd, connection->fd, EPOLLRDHUP | EPOLLET, token);
}

void http_departure_add(struct http_exchange *exchange)
{
    struct http_departure *departure = &exchange->connection->departure;
    if (http_link_is_in_list(&exchange->departure_link)) {
        return;
    }
    pthread_mutex_lock(&departure->lock);
    http_link_append(&departure->waiting, &exchange->departure_link);
    pthread_mutex_unlock(&departure->lock);
}

void http_departure_remove(struct http_exchange *exchange)
{
    struct http_departure *departure = &exchange->connection->departure;
    if (!http_link_is_in_list(&exchange->departure_link)) { /* only this thread writes it */
        return;
    }
    pthread_mutex_lock(&departure->lock);
    http_link_remove(&exchange->departure_link);
    pthread_mutex_unlock(&departure->lock);
}
