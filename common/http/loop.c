#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/h2.h"
#include "http/internal.h"

enum { ACCEPT_ROUNDS_MAX = 64 }; /* of HTTP_ACCEPTS_MAX, when draining begins */

static _Thread_local const struct http_loop *loop_current;

bool http_loop_is_current(const struct http_loop *loop)
{
    return loop_current == loop;
}

void http_loop_wake(struct http_loop *loop)
{
    const uint64_t one = 1;
    /* It fails only when the counter is full: then the loop is being woken anyway. */
    ssize_t n = write(loop->wake_fd, &one, sizeof(one));
    (void)n;
}

static enum status watch(struct http_loop *loop, int fd, uint64_t token)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = token};
    return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0 ? STATUS_OK
                                                                     : STATUS_RESOURCE_EXHAUSTED;
}

enum status http_loop_init(
    struct http_loop *loop, struct http_server *server, int listen_fd, struct error *ret_error)
{
    loop->server = server;
    loop->listen_fd = listen_fd;
    loop->slots_max = server->options.connections_max + HTTP_EXCESS_MAX;
    loop->slots = calloc(loop->slots_max, sizeof(struct http_connection *));
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    http_timeouts_init(loop);
    enum status looks_out = http_lookout_init(&loop->lookout);
    if (looks_out != STATUS_OK || loop->slots == NULL || loop->epoll_fd < 0 || loop->wake_fd < 0 ||
        watch(loop, listen_fd, HTTP_TOKEN_LISTENER) != STATUS_OK ||
        watch(loop, loop->wake_fd, HTTP_TOKEN_WAKE) != STATUS_OK) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "%s: cannot set up an event loop: %s", server->address, strerror(errno));
    }
    return STATUS_OK;
}

static void on_wake(struct http_loop *loop)
{
    uint64_t count = 0;
    ssize_t n = read(loop->wake_fd, &count, sizeof(count));
    (void)n; /* what it is about is in the mailbox and the server's flags */
}

static void on_events(struct http_loop *loop, const struct epoll_event *events, int n_events)
{
    for (int i = 0; i < n_events; i++) {
        uint64_t token = events[i].data.u64;
        if (token == HTTP_TOKEN_LISTENER) {
            (void)http_accept(loop);
        } else if (token == HTTP_TOKEN_WAKE) {
            on_wake(loop);
        } else {
            struct http_connection *connection = loop->slots[(uint32_t)token];
            if (connection->generation == (uint32_t)(token >> 32) &&
                connection->phase != HTTP_PHASE_FREE) {
                http_connection_on_event(connection, events[i].events);
            }
        }
    }
}

static void tell_batch(const struct http_loop *loop, bool is_begin)
{
    const struct http_server_options *options = &loop->server->options;
    if (options->on_batch != NULL) {
        options->on_batch(is_begin, options->arg);
    }
}

/* Those that had more to read than one turn allows. */
static void run_again(struct http_loop *loop)
{
    struct http_connection *connection = STEAL(loop->again);
    while (connection != NULL) {
        struct http_connection *next = connection->next_again;
        connection->is_again = false;
        if (connection->phase != HTTP_PHASE_FREE) {
            http_connection_read(connection);
        }
        connection = next;
    }
}

static void begin_drain(struct http_loop *loop)
{
    loop->is_drain_begun = true;
    /* Those who wait in the backlog would be reset by the close: let them in first. */
    for (int i = 0; i < ACCEPT_ROUNDS_MAX && http_accept(loop); i++) {
    }
    close(loop->listen_fd);
    loop->listen_fd = -1;
    loop->is_accept_paused = false;
    for (uint32_t i = 0; i < loop->n_slots; i++) {
        if (loop->slots[i]->phase == HTTP_PHASE_IDLE) {
            http_connection_drain_idle(loop->slots[i]);
        } else if (loop->slots[i]->phase == HTTP_PHASE_HANDSHAKE) {
            /* Whoever is that far has a request to follow. */
            http_timeout_set(loop->slots[i], HTTP_TIMEOUT_DRAIN);
        } else if (loop->slots[i]->phase == HTTP_PHASE_H2) {
            h2_drain(loop->slots[i]);
        }
    }
    h2_run_marked(loop);
}

static void drain(struct http_loop *loop)
{
    if (!loop->is_drain_begun) {
        begin_drain(loop);
    }
    if (loop->n_exchanges > 0 || loop->n_goodbyes > 0 || loop->is_drain_told ||
        http_timeout_first(loop, HTTP_TIMEOUT_DRAIN) != NULL) {
        return;
    }
    loop->is_drain_told = true;
    if (atomic_fetch_sub(&loop->server->loops_undrained, 1) == 1) {
        const uint64_t one = 1;
        ssize_t n = write(loop->server->drained_fd, &one, sizeof(one));
        (void)n; /* an eventfd at 0 takes a 1 */
    }
}

static int wait_ms(struct http_loop *loop)
{
    if (loop->again != NULL || !http_mailbox_is_empty(loop)) {
        return 0;
    }
    uint64_t next_ns = http_timeouts_next_ns(loop);
    if (loop->is_accept_paused && loop->accept_resume_ns < next_ns) {
        next_ns = loop->accept_resume_ns;
    }
    if (next_ns == CLOCK_NEVER) {
        return -1;
    }
    uint64_t now_ns = clock_now_ns();
    uint64_t ms = next_ns > now_ns ? (next_ns - now_ns + CLOCK_MS(1) - 1) / CLOCK_MS(1) : 0;
    return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

static void close_all(struct http_loop *loop)
{
    for (uint32_t i = 0; i < loop->n_slots; i++) {
        if (loop->slots[i]->phase != HTTP_PHASE_FREE) {
            http_connection_close(loop->slots[i]);
        }
    }
    /* No exchange is alive now, so nothing can be posted after this. */
    http_mailbox_run(loop);
}

static void *run(void *arg)
{
    struct http_loop *loop = arg;
    struct http_server *server = loop->server;
    struct epoll_event events[HTTP_EVENTS_MAX];
    loop_current = loop;
    loop->now_ns = clock_now_ns();
    while (!atomic_load_explicit(&server->is_stopping, memory_order_acquire)) {
        int n_events = epoll_wait(loop->epoll_fd, events, HTTP_EVENTS_MAX, wait_ms(loop));
        loop->now_ns = clock_now_ns();
        tell_batch(loop, true);
        on_events(loop, events, n_events);
        /* What the new requests ask for is under way while answers are written. */
        tell_batch(loop, false);
        tell_batch(loop, true);
        http_mailbox_run(loop);
        run_again(loop);
        tell_batch(loop, false);
        http_timeouts_run(loop);
        h2_run_marked(loop);
        http_accept_resume(loop);
        if (atomic_load_explicit(&server->is_draining, memory_order_acquire)) {
            drain(loop);
        }
    }
    close_all(loop);
    return NULL;
}

enum status http_loop_start(struct http_loop *loop, struct error *ret_error)
{
    /* Signals are for the main thread. */
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int problem = pthread_create(&loop->thread, NULL, run, loop);
    loop->has_thread = problem == 0;
    if (problem == 0) {
        problem = pthread_create(&loop->lookout.thread, NULL, http_lookout_run, loop);
        loop->lookout.has_thread = problem == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (problem != 0) {
        return error_set(
            ret_error, STATUS_RESOURCE_EXHAUSTED, "cannot start a thread: %s", strerror(problem));
    }
    return STATUS_OK;
}

void http_loop_join(struct http_loop *loop)
{
    if (loop->has_thread) {
        http_loop_wake(loop);
        pthread_join(loop->thread, NULL);
        loop->has_thread = false;
    }
    http_lookout_stop(&loop->lookout);
}

void http_loop_finish(struct http_loop *loop)
{
    http_lookout_finish(&loop->lookout);
    h2_memory_finish(loop);
    for (uint32_t i = 0; i < loop->n_slots; i++) {
        pthread_mutex_destroy(&loop->slots[i]->departure.lock);
        free(loop->slots[i]);
    }
    free(loop->slots);
    while (loop->free_exchanges != NULL) {
        struct http_exchange *exchange = loop->free_exchanges;
        loop->free_exchanges = exchange->next_free;
        http_exchange_free(exchange);
    }
    const int fds[] = {loop->epoll_fd, loop->wake_fd, loop->listen_fd};
    for (size_t i = 0; i < LENGTH_OF(fds); i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
}
