/* One stream of events. Its timer runs while it is open, for heartbeats and for progress that was
 * too early; the loop tells what the kernel has taken. All under one lock, which is taken before
 * the exchange's. */
#include "api/event_stream.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "ctx/timer.h"

enum { EVENT_MAX = EVENT_DATA_MAX + 128 }; /* bytes of an event with its name and number */

struct event_stream {
    _Atomic int n_holders;
    struct http_exchange *exchange;
    pthread_mutex_t mutex; /* guards the rest */
    bool is_open;
    bool is_timer_armed; /* it has a holder of its own */
    uint64_t id;
    struct event_pace pace;
    struct buffer progress; /* the one that waits */
    struct ctx_timer timer;
};

static void on_timer(void *arg);

struct event_stream *event_stream_new(struct http_exchange *exchange)
{
    struct event_stream *stream = calloc(1, sizeof(*stream));
    if (stream == NULL) {
        return NULL;
    }
    atomic_init(&stream->n_holders, 1);
    pthread_mutex_init(&stream->mutex, NULL);
    stream->exchange = http_exchange_ref(exchange);
    stream->progress = (struct buffer)BUFFER_EMPTY(EVENT_DATA_MAX);
    ctx_timer_init(&stream->timer, on_timer, stream);
    return stream;
}

void event_stream_unref(struct event_stream *stream)
{
    if (stream == NULL || atomic_fetch_sub(&stream->n_holders, 1) != 1) {
        return;
    }
    http_exchange_unref(stream->exchange);
    buffer_finish(&stream->progress);
    pthread_mutex_destroy(&stream->mutex);
    free(stream);
}

static void send_locked(struct event_stream *stream, const struct buffer *text)
{
    stream->pace.n_unsent += text->len;
    stream->pace.sent_ns = clock_now_ns();
    http_respond_piece(stream->exchange, buffer_bytes(text));
}

/* An event that cannot be written for want of memory is left out: the next one says more. */
static void send_event_locked(struct event_stream *stream, const char *event, struct bytes data)
{
    struct buffer text = BUFFER_EMPTY(EVENT_MAX);
    if (event_write(&text, event, ++stream->id, data) == STATUS_OK) {
        send_locked(stream, &text);
    }
    buffer_finish(&text);
}

static void send_progress_locked(struct event_stream *stream)
{
    send_event_locked(stream, "progress", buffer_bytes(&stream->progress));
    stream->pace.progress_ns = stream->pace.sent_ns;
    stream->pace.has_progress = false;
}

static void send_heartbeat_locked(struct event_stream *stream)
{
    struct buffer text = BUFFER_EMPTY(EVENT_MAX);
    if (buffer_append_text(&text, ": still here\n\n") == STATUS_OK) {
        send_locked(stream, &text);
    }
    buffer_finish(&text);
}

/* A timer that runs now comes for the lock itself: it then finds what is to be done. */
static void disarm_locked(struct event_stream *stream)
{
    if (stream->is_timer_armed && ctx_timer_stop(&stream->timer)) {
        stream->is_timer_armed = false;
        atomic_fetch_sub(&stream->n_holders, 1); /* the caller has one, too */
    }
}

static void arm_locked(struct event_stream *stream, uint64_t due_ns)
{
    disarm_locked(stream);
    if (!stream->is_timer_armed && due_ns != CLOCK_NEVER) {
        stream->is_timer_armed = true;
        atomic_fetch_add(&stream->n_holders, 1);
        ctx_timer_start(&stream->timer, due_ns);
    }
}

/* Do what is due, and have the timer look again when something will be. */
static void step_locked(struct event_stream *stream)
{
    uint64_t due_ns = CLOCK_NEVER;
    enum event_action action = EVENT_WAIT;
    do {
        action = event_pace_next(&stream->pace, clock_now_ns(), &due_ns);
        switch (action) {
        case EVENT_WAIT:
            break;
        case EVENT_SEND_PROGRESS:
            send_progress_locked(stream);
            break;
        case EVENT_SEND_HEARTBEAT:
            send_heartbeat_locked(stream);
            break;
        }
    } while (action != EVENT_WAIT);
    arm_locked(stream, due_ns);
}

static void on_timer(void *arg)
{
    struct event_stream *stream = arg;
    pthread_mutex_lock(&stream->mutex);
    stream->is_timer_armed = false; /* its holder is now this function's */
    if (stream->is_open) {
        step_locked(stream);
    }
    pthread_mutex_unlock(&stream->mutex);
    event_stream_unref(stream);
}

/* On the loop's thread; the exchange is not over, so the request holds the stream. */
static void on_sent(void *arg, size_t len)
{
    struct event_stream *stream = arg;
    pthread_mutex_lock(&stream->mutex);
    stream->pace.n_unsent -= len < stream->pace.n_unsent ? len : stream->pace.n_unsent;
    if (stream->is_open) {
        step_locked(stream);
    }
    pthread_mutex_unlock(&stream->mutex);
}

void event_stream_begin(struct event_stream *stream)
{
    struct http_exchange *exchange = stream->exchange;
    http_respond_header(exchange, "Cache-Control", "no-store");
    http_respond_header(exchange, "X-Accel-Buffering", "no"); /* nginx would keep events back */
    http_respond_on_sent(exchange, on_sent, stream);
    http_respond_begin(exchange, 200, "text/event-stream", HTTP_LENGTH_UNKNOWN);
    pthread_mutex_lock(&stream->mutex);
    stream->is_open = true;
    stream->pace.sent_ns = clock_now_ns();
    step_locked(stream);
    pthread_mutex_unlock(&stream->mutex);
}

void event_stream_progress(struct event_stream *stream, struct bytes data)
{
    pthread_mutex_lock(&stream->mutex);
    if (stream->is_open) {
        stream->progress.len = 0;
        stream->pace.has_progress =
            buffer_append(&stream->progress, data.data, data.len) == STATUS_OK;
        step_locked(stream);
    }
    pthread_mutex_unlock(&stream->mutex);
}

static void close_locked(struct event_stream *stream)
{
    stream->is_open = false;
    disarm_locked(stream);
}

void event_stream_end(struct event_stream *stream, const char *event, struct bytes data)
{
    pthread_mutex_lock(&stream->mutex);
    if (stream->is_open) {
        if (stream->pace.has_progress) {
            send_progress_locked(stream);
        }
        send_event_locked(stream, event, data);
        http_respond_end(stream->exchange);
        close_locked(stream);
    }
    pthread_mutex_unlock(&stream->mutex);
}

void event_stream_abandon(struct event_stream *stream)
{
    pthread_mutex_lock(&stream->mutex);
    if (stream->is_open) {
        http_respond_abort(stream->exchange);
        close_locked(stream);
    }
    pthread_mutex_unlock(&stream->mutex);
}
