/* Server-Sent Events (WHATWG HTML, 9.2) as an answer, at a pace the reader can take.
 *
 *     event_stream_begin(stream, exchange);                      200 text/event-stream
 *     event_stream_progress(stream, json);                       the newest one wins
 *     event_stream_end(stream, "done", json);                    the last event, and the end
 *
 * Progress is told at most EVENTS_PER_SECOND_MAX times a second, and only while the reader has
 * taken what was sent before: a newer one replaces the one that waits, so a slow reader piles
 * nothing up. The last one is sent before the end. When nothing was sent for EVENT_HEARTBEAT_MS a
 * comment is: proxies keep the connection open, and a peer that is gone shows.
 *
 * Not here: what the events say. */
#ifndef WALKIE_GATEWAY_EVENT_STREAM_H
#define WALKIE_GATEWAY_EVENT_STREAM_H

#include "http/server.h"

enum {
    EVENTS_PER_SECOND_MAX = 20,
    EVENT_HEARTBEAT_MS = 5000,
    EVENT_DATA_MAX = 16 << 10,  /* bytes of one event's data, one line; longer ones are left out */
    EVENT_UNSENT_MAX = 4 << 10, /* progress waits while so much is not yet with the kernel */
};

struct event_stream; /* counted: the caller's reference, and the timer's */

/* NULL when out of memory. Takes a reference to the exchange, until the end. */
MUST_USE struct event_stream *event_stream_new(struct http_exchange *exchange);

/* Send the header. Headers of the caller's are added before. Threads: any. */
void event_stream_begin(struct event_stream *stream);

/* Tell, or replace what waits. `data` is one line of JSON, copied. Ignored after the end. Threads:
 * any. */
void event_stream_progress(struct event_stream *stream, struct bytes data);

/* Send what waits, this event, and end the answer; `event` is a literal. Once; later calls are
 * ignored. Threads: any. */
void event_stream_end(struct event_stream *stream, const char *event, struct bytes data);

/* The reader has left: nothing more is sent. Threads: any. */
void event_stream_abandon(struct event_stream *stream);

void event_stream_unref(struct event_stream *stream); /* accepts NULL */

/* When the next look at the stream is due and what is to be done now. Pure: for the stream, and for
 * tests. `now_ns` counts like the others; *ret_due_ns is CLOCK_NEVER when only the reader can
 * change something. */
struct event_pace {
    uint64_t progress_ns; /* when progress was last sent; 0: never */
    uint64_t sent_ns;     /* when anything was */
    uint64_t n_unsent;    /* bytes not yet with the kernel */
    bool has_progress;    /* one waits */
};
enum event_action { EVENT_WAIT, EVENT_SEND_PROGRESS, EVENT_SEND_HEARTBEAT };
enum event_action event_pace_next(
    const struct event_pace *pace, uint64_t now_ns, uint64_t *ret_due_ns);

/* Write one event: "event: progress\nid: 3\ndata: {…}\n\n". Errors: RESOURCE_EXHAUSTED;
 * INVALID_ARGUMENT when the data is not one line. */
MUST_USE enum status event_write(
    struct buffer *buffer, const char *event, uint64_t id, struct bytes data);

#endif
