/* Timeouts: one list a kind, each in the order of its deadlines, since all of a kind are equally
 * long. Setting and clearing are a few pointers; looking for the next is a look at the heads. */
#include "base/clock.h"
#include "http/internal.h"

void http_timeouts_init(struct http_loop *loop)
{
    for (int i = 0; i < HTTP_TIMEOUTS; i++) {
        loop->timeouts[i].next = &loop->timeouts[i];
        loop->timeouts[i].previous = &loop->timeouts[i];
    }
}

static uint64_t duration_ns(const struct http_server_options *options, enum http_timeout timeout)
{
    switch (timeout) {
    case HTTP_TIMEOUT_IDLE:
        return CLOCK_MS(options->idle_timeout_ms);
    case HTTP_TIMEOUT_HEADER:
        return CLOCK_MS(options->header_timeout_ms);
    case HTTP_TIMEOUT_BODY:
        return CLOCK_MS(options->body_timeout_ms);
    case HTTP_TIMEOUT_SEND:
        return CLOCK_MS(options->send_timeout_ms);
    case HTTP_TIMEOUT_LINGER:
        return CLOCK_MS(HTTP_LINGER_MS);
    case HTTP_TIMEOUT_NONE:
    case HTTP_TIMEOUTS:
        break;
    }
    return CLOCK_NEVER;
}

void http_timeout_set(struct http_connection *connection, enum http_timeout timeout)
{
    struct http_loop *loop = connection->loop;
    struct http_link *link = &connection->timeout_link;
    if (link->next != NULL) {
        link->next->previous = link->previous;
        link->previous->next = link->next;
        link->next = NULL;
    }
    connection->timeout = timeout;
    if (timeout == HTTP_TIMEOUT_NONE) {
        return;
    }
    struct http_link *head = &loop->timeouts[timeout];
    connection->deadline_ns =
        clock_add_ns(loop->now_ns, duration_ns(&loop->server->options, timeout));
    link->next = head;
    link->previous = head->previous;
    head->previous->next = link;
    head->previous = link;
}

static struct http_connection *first_of(const struct http_loop *loop, int timeout)
{
    struct http_link *link = loop->timeouts[timeout].next;
    return link == &loop->timeouts[timeout]
               ? NULL
               : CONTAINER_OF(link, struct http_connection, timeout_link);
}

void http_timeouts_run(struct http_loop *loop)
{
    for (int i = 0; i < HTTP_TIMEOUTS; i++) {
        struct http_connection *connection = first_of(loop, i);
        while (connection != NULL && connection->deadline_ns <= loop->now_ns) {
            /* Closes it, or gives it another, later timeout. */
            http_connection_on_timeout(connection);
            connection = first_of(loop, i);
        }
    }
}

uint64_t http_timeouts_next_ns(const struct http_loop *loop)
{
    uint64_t next_ns = CLOCK_NEVER;
    for (int i = 0; i < HTTP_TIMEOUTS; i++) {
        const struct http_connection *connection = first_of(loop, i);
        if (connection != NULL && connection->deadline_ns < next_ns) {
            next_ns = connection->deadline_ns;
        }
    }
    return next_ns;
}
