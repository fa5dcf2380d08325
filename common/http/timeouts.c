/* Timeouts: one list a kind, each in the order of its deadlines, since all of a kind are equally
 * long. Setting and clearing are a few pointers; looking for the next is a look at the heads. */
#include "base/clock.h"
#include "http/h2.h"
#include "http/internal.h"

void http_timeouts_init(struct http_loop *loop)
{
    for (int i = 0; i < HTTP_TIMEOUTS; i++) {
        http_link_begin(&loop->timeouts[i]);
    }
}

static uint64_t duration_ns(const struct http_server_options *options, enum http_timeout timeout)
{
    switch (timeout) {
    case HTTP_TIMEOUT_HANDSHAKE:
        return CLOCK_MS(options->header_timeout_ms);
    case HTTP_TIMEOUT_IDLE:
        return CLOCK_MS(options->idle_timeout_ms);
    case HTTP_TIMEOUT_HEADER:
        return CLOCK_MS(options->header_timeout_ms);
    case HTTP_TIMEOUT_BODY:
    case HTTP_TIMEOUT_STREAM_BODY:
        return CLOCK_MS(options->body_timeout_ms);
    case HTTP_TIMEOUT_SEND:
    case HTTP_TIMEOUT_STREAM_SEND:
        return CLOCK_MS(options->send_timeout_ms);
    case HTTP_TIMEOUT_DRAIN:
        return CLOCK_MS(HTTP_DRAIN_IDLE_MS);
    case HTTP_TIMEOUT_LINGER:
    case HTTP_TIMEOUT_STREAM_LINGER:
        return CLOCK_MS(HTTP_LINGER_MS);
    case HTTP_TIMEOUT_GOODBYE:
        return CLOCK_MS(H2_GOODBYE_MS);
    case HTTP_TIMEOUT_NONE:
    case HTTP_TIMEOUTS:
        break;
    }
    return CLOCK_NEVER;
}

void http_timer_set(struct http_loop *loop, struct http_timer *timer, enum http_timeout kind)
{
    http_link_remove(&timer->link);
    timer->kind = kind;
    if (kind == HTTP_TIMEOUT_NONE) {
        return;
    }
    timer->deadline_ns = clock_add_ns(loop->now_ns, duration_ns(&loop->server->options, kind));
    http_link_append(&loop->timeouts[kind], &timer->link);
}

struct http_timer *http_timeout_first(const struct http_loop *loop, enum http_timeout kind)
{
    struct http_link *link = loop->timeouts[kind].next;
    return link == &loop->timeouts[kind] ? NULL : CONTAINER_OF(link, struct http_timer, link);
}

static void on_timeout(struct http_timer *timer)
{
    switch (timer->kind) {
    case HTTP_TIMEOUT_STREAM_BODY:
    case HTTP_TIMEOUT_STREAM_SEND:
    case HTTP_TIMEOUT_STREAM_LINGER:
        h2_stream_on_timeout(CONTAINER_OF(timer, struct h2_stream, timer), timer->kind);
        break;
    case HTTP_TIMEOUT_GOODBYE:
        h2_on_goodbye(CONTAINER_OF(timer, struct h2_session, goodbye));
        break;
    case HTTP_TIMEOUT_NONE:
    case HTTP_TIMEOUT_HANDSHAKE:
    case HTTP_TIMEOUT_IDLE:
    case HTTP_TIMEOUT_HEADER:
    case HTTP_TIMEOUT_BODY:
    case HTTP_TIMEOUT_SEND:
    case HTTP_TIMEOUT_DRAIN:
    case HTTP_TIMEOUT_LINGER:
    case HTTP_TIMEOUTS:
        http_connection_on_timeout(CONTAINER_OF(timer, struct http_connection, timer));
        break;
    }
}

void http_timeouts_run(struct http_loop *loop)
{
    for (int i = 0; i < HTTP_TIMEOUTS; i++) {
        struct http_timer *timer = http_timeout_first(loop, (enum http_timeout)i);
        while (timer != NULL && timer->deadline_ns <= loop->now_ns) {
            /* Ends what it is in, or gives it another, later timeout. */
            on_timeout(timer);
            timer = http_timeout_first(loop, (enum http_timeout)i);
        }
    }
}

uint64_t http_timeouts_next_ns(const struct http_loop *loop)
{
    uint64_t next_ns = CLOCK_NEVER;
    for (int i = 0; i < HTTP_TIMEOUTS; i++) {
        const struct http_timer *timer = http_timeout_first(loop, (enum http_timeout)i);
        if (timer != NULL && timer->deadline_ns < next_ns) {
            next_ns = timer->deadline_ns;
        }
    }
    return next_ns;
}
