/* From the exchanges' answers to frames, from frames to the kernel, and what follows from it.
 *
 * An answer's bytes go exchange -> stream's output -> (nghttp2's frame) -> connection's output.
 * They count as sent when the last byte of the frame that they are in is with the kernel. */
#include <stdio.h>
#include <string.h>

#include "http/h2.h"
#include "http/head.h"

/* --- the answer ------------------------------------------------------------------------------ */

static void set_field(
    nghttp2_nv *field, const char *name, size_t name_len, const char *value, size_t value_len)
{
    *field = (nghttp2_nv){.name = (uint8_t *)name,
        .namelen = name_len,
        .value = (uint8_t *)value,
        .valuelen = value_len,
        .flags = NGHTTP2_NV_FLAG_NONE};
}

/* The lines "Name: value\r\n" as fields that point into them. Returns how many; 0: too many. */
static size_t read_fields(struct buffer *lines, nghttp2_nv *fields, size_t n_fields)
{
    char *at = (char *)lines->data;
    char *end = at + lines->len;
    while (at < end) {
        char *colon = memchr(at, ':', (size_t)(end - at));
        char *line_end = memchr(colon, '\r', (size_t)(end - colon));
        if (n_fields == H2_FIELDS_MAX) {
            return 0;
        }
        for (char *letter = at; letter < colon; letter++) {
            if (*letter >= 'A' && *letter <= 'Z') {
                *letter = (char)(*letter | 0x20);
            }
        }
        set_field(&fields[n_fields++], at, (size_t)(colon - at), colon + 2,
            (size_t)(line_end - colon - 2));
        at = line_end + 2;
    }
    return n_fields;
}

/* Fields behind the body, if there are any; they then end the stream. Nobody writes to them once
 * the answer has ended. */
static bool submit_trailers(struct h2_stream *stream)
{
    nghttp2_nv fields[H2_FIELDS_MAX];
    if (stream->exchange == NULL) {
        return false;
    }
    struct buffer *trailers = &stream->exchange->trailers;
    size_t n_fields = trailers->len == 0 ? 0 : read_fields(trailers, fields, 0);
    return n_fields > 0 &&
           nghttp2_submit_trailer(stream->session->nghttp2, stream->id, fields, n_fields) == 0;
}

static ssize_t read_body(nghttp2_session *nghttp2, int32_t id, uint8_t *into, size_t len,
    uint32_t *flags, nghttp2_data_source *source, void *arg)
{
    (void)nghttp2;
    (void)id;
    (void)arg;
    struct h2_stream *stream = source->ptr;
    struct buffer *output = &stream->output;
    size_t left = output->len - stream->output_sent;
    size_t n = left < len ? left : len;
    if (n > 0) {
        memcpy(into, output->data + stream->output_sent, n);
        stream->output_sent += n;
        stream->n_framed += n;
        h2_frames_sent(&stream->session->frames, n);
        if (n == left) {
            http_timer_set(stream->session->connection->loop, &stream->timer, HTTP_TIMEOUT_NONE);
        }
    }
    if (n < left) {
        return (ssize_t)n;
    }
    output->len = 0;
    stream->output_sent = 0;
    if (stream->taken.answer == HTTP_ANSWER_ENDED) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        *flags |= submit_trailers(stream) ? NGHTTP2_DATA_FLAG_NO_END_STREAM : 0;
        return (ssize_t)n;
    }
    if (n > 0) {
        return (ssize_t)n;
    }
    if (stream->is_broken) {
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE; /* RST_STREAM: INTERNAL_ERROR */
    }
    stream->is_deferred = true;
    return NGHTTP2_ERR_DEFERRED;
}

/* Queue HEADERS. False: too many fields, or out of memory. */
static bool begin(struct h2_stream *stream)
{
    struct http_exchange *exchange = stream->exchange;
    nghttp2_nv fields[H2_FIELDS_MAX];
    char status[H2_STATUS_TEXT_MAX];
    int status_len = snprintf(status, sizeof(status), "%d", exchange->status_code);
    set_field(&fields[0], ":status", 7, status, (size_t)status_len);
    const char *date = http_date();
    set_field(&fields[1], "date", 4, date, strlen(date));
    /* Nobody writes to the fields once the answer has begun. */
    size_t n_fields = read_fields(&exchange->fields, fields, 2);
    if (n_fields == 0) {
        return false;
    }
    bool is_head_all =
        stream->taken.answer == HTTP_ANSWER_ENDED && stream->output.len == stream->output_sent;
    const nghttp2_data_provider body = {.source.ptr = stream, .read_callback = read_body};
    stream->is_begun = true;
    return nghttp2_submit_response(stream->session->nghttp2, stream->id, fields, n_fields,
               is_head_all ? NULL : &body) == 0;
}

/* Out of the loop's way first: RST_STREAM overtakes DATA, so what is queued goes before it. */
static void break_stream(struct h2_stream *stream)
{
    stream->is_broken = true;
    stream->session->has_broken_streams = true;
    if (stream->is_deferred) {
        stream->is_deferred = false;
        (void)nghttp2_session_resume_data(stream->session->nghttp2, stream->id);
    }
}

void h2_stream_answer(struct h2_stream *stream)
{
    if (stream->exchange == NULL || stream->is_broken || stream->is_closed) {
        return;
    }
    http_output_trim(&stream->output, &stream->output_sent);
    stream->taken = http_exchange_take(stream->exchange);
    h2_mark(stream->session->connection);
    if (stream->taken.answer == HTTP_ANSWER_NONE) {
        return;
    }
    if (stream->taken.answer == HTTP_ANSWER_BROKEN) {
        /* The last piece often says why: it is sent if the window takes it now. */
        bool has_pieces = stream->taken.is_streamed && stream->taken.queued > 0;
        if (has_pieces && !stream->is_begun) {
            (void)begin(stream);
        }
        break_stream(stream);
        return;
    }
    if (stream->taken.is_whole) {
        /* Who leaves now has an answer to read, if its producer has still to say the end. */
        http_departure_remove(stream->exchange);
    }
    if (!stream->is_begun) {
        if (!begin(stream)) {
            break_stream(stream);
            return;
        }
    } else if (stream->is_deferred) {
        stream->is_deferred = false;
        (void)nghttp2_session_resume_data(stream->session->nghttp2, stream->id);
    }
    if (stream->output.len > 0 && stream->timer.kind == HTTP_TIMEOUT_NONE) {
        h2_stream_wait_to_send(stream);
    }
}

void h2_stream_wait_to_send(struct h2_stream *stream)
{
    stream->n_framed_before = stream->n_framed;
    http_timer_set(stream->session->connection->loop, &stream->timer, HTTP_TIMEOUT_STREAM_SEND);
}

/* nghttp2 calls this when the frame is made, before we have its bytes. With a header above 16 KiB
 * we have its first frames already: its end is then reckoned too late, but not after all output's.
 */
void h2_stream_on_frame_sent(struct h2_stream *stream, size_t frame_len, bool is_end)
{
    uint64_t start = stream->session->made;
    if (stream->frame_end == 0) {
        stream->head_start = start;
    }
    stream->frame_end = start + frame_len;
    if (!http_link_is_in_list(&stream->unsent_link)) {
        http_link_append(&stream->session->unsent, &stream->unsent_link);
    }
    stream->is_ended = stream->is_ended || is_end;
}

/* --- to the kernel --------------------------------------------------------------------------- */

/* The stream's frames so far are with the kernel. */
static void credit(struct h2_stream *stream)
{
    struct http_exchange *exchange = stream->exchange;
    exchange->is_head_sent = true;
    uint64_t sent = stream->taken.is_body_hidden ? stream->taken.queued : stream->n_framed;
    uint64_t before = atomic_load_explicit(&exchange->sent, memory_order_relaxed);
    if (sent <= before) {
        return;
    }
    atomic_store_explicit(&exchange->sent, sent, memory_order_relaxed);
    if (stream->taken.is_streamed && stream->taken.on_sent != NULL && !stream->is_broken) {
        stream->taken.on_sent(stream->taken.on_sent_arg, (size_t)(sent - before));
    }
}

static void on_flushed(struct h2_stream *stream)
{
    http_link_remove(&stream->unsent_link);
    if (stream->exchange != NULL) {
        credit(stream);
    }
    if (stream->is_ended || (stream->is_broken && stream->is_closed)) {
        h2_stream_over(stream, NULL);
    }
    if (stream->is_closed) {
        h2_stream_free(stream);
    } else if (stream->is_ended) {
        /* Answered before it was read. A reset right behind the answer makes some clients
         * forget the answer: let them read it and stop by themselves. */
        http_timer_set(
            stream->session->connection->loop, &stream->timer, HTTP_TIMEOUT_STREAM_LINGER);
    }
}

/* Some of the output is with the kernel: whose frames are in it as a whole, whose heads may have
 * been seen. A stream does not wait for what others have queued behind it. */
static void note_sent(const struct http_connection *connection)
{
    struct h2_session *session = connection->h2;
    bool is_all = connection->output.len == 0;
    uint64_t sent = session->made - (connection->output.len - connection->output_sent);
    struct http_link *link = session->unsent.next;
    while (link != &session->unsent) {
        struct h2_stream *stream = CONTAINER_OF(link, struct h2_stream, unsent_link);
        link = link->next;
        if (is_all || stream->frame_end <= sent) {
            on_flushed(stream);
        } else if (stream->exchange != NULL && stream->head_start < sent) {
            stream->exchange->is_head_sent = true;
        }
    }
}

/* Reset what was broken off: what of it was ready is in frames now. */
static void reset_broken(struct h2_session *session)
{
    session->has_broken_streams = false;
    for (struct http_link *link = session->streams.next; link != &session->streams;
         link = link->next) {
        struct h2_stream *stream = CONTAINER_OF(link, struct h2_stream, link);
        if (stream->is_broken && !stream->is_closed) {
            (void)nghttp2_submit_rst_stream(
                session->nghttp2, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_INTERNAL_ERROR);
        }
    }
}

/* False when out of memory. */
static bool make_frames(struct http_connection *connection)
{
    struct h2_session *session = connection->h2;
    struct buffer *output = &connection->output;
    if (session->is_spent) {
        return false;
    }
    http_output_trim(output, &connection->output_sent);
    for (;;) {
        while (output->len - connection->output_sent < H2_OUTPUT_HIGH) {
            const uint8_t *data = NULL;
            ssize_t n = nghttp2_session_mem_send(session->nghttp2, &data);
            if (n < 0 || session->is_spent) {
                return false;
            }
            if (n == 0) {
                break;
            }
            if (buffer_append(output, data, (size_t)n) != STATUS_OK) {
                return false;
            }
            session->made += (uint64_t)n;
        }
        if (!session->has_broken_streams) {
            return true;
        }
        reset_broken(session);
    }
}

/* What the connection waits for now. */
static void set_timeout(struct http_connection *connection)
{
    struct h2_session *session = connection->h2;
    enum http_timeout timeout = HTTP_TIMEOUT_NONE;
    uint64_t waits_since = 0;
    if (!connection->is_counted) {
        timeout = http_connection_idle(connection); /* whatever it does: told, and closed */
    } else if (h2_frames_is_halfway(&session->frames)) {
        timeout = HTTP_TIMEOUT_HEADER;
        waits_since = session->frames.n_begun;
    } else if (session->n_streams == 0) {
        /* A stream that came and was answered since is not among the n_streams any more. */
        timeout = HTTP_TIMEOUT_IDLE;
        waits_since = (uint64_t)nghttp2_session_get_last_proc_stream_id(session->nghttp2);
    }
    if (connection->timer.kind != timeout || session->waits_since != waits_since) {
        session->waits_since = waits_since;
        http_timeout_set(connection, timeout);
    }
    if (session->n_streams == 0 && connection->output.capacity > HTTP_OUTPUT_KEPT) {
        buffer_finish(&connection->output);
    }
}

/* Everything is with the kernel. */
static void on_empty(struct http_connection *connection)
{
    struct h2_session *session = connection->h2;
    bool is_over = session->is_broken || (session->is_ending && session->n_streams == 0) ||
                   (nghttp2_session_want_read(session->nghttp2) == 0 &&
                       nghttp2_session_want_write(session->nghttp2) == 0);
    if (connection->is_peer_closed && !connection->is_readable) {
        http_connection_lost(connection, connection->end); /* what is left waits for a window */
    } else if (is_over) {
        h2_end(connection, "error");
        http_connection_linger(connection);
    } else {
        set_timeout(connection);
    }
}

/* The kernel takes no more for now. Who broke a rule is not waited for long. */
static void wait_to_send(struct http_connection *connection)
{
    if (!connection->h2->is_broken) {
        http_output_wait(connection);
    } else if (connection->timer.kind != HTTP_TIMEOUT_LINGER) {
        http_timeout_set(connection, HTTP_TIMEOUT_LINGER);
    }
}

void h2_pump(struct http_connection *connection)
{
    struct h2_session *session = connection->h2;
    for (;;) {
        if (!make_frames(connection)) {
            http_connection_close(connection);
            return;
        }
        if (session->is_provoking && !session->is_broken) {
            h2_break_flooded(connection, H2_FLOOD_PROVOKED);
            continue; /* with its GOAWAY */
        }
        if (connection->output.len == 0) {
            on_empty(connection);
            return;
        }
        enum http_flushed flushed = http_output_flush(connection);
        note_sent(connection);
        switch (flushed) {
        case HTTP_FLUSHED_ALL:
            break;
        case HTTP_FLUSHED_SOME:
            wait_to_send(connection);
            return;
        case HTTP_FLUSH_FAILED:
            http_connection_lost(connection, "write");
            return;
        }
    }
}

void h2_mark(struct http_connection *connection)
{
    if (!connection->is_marked) {
        connection->is_marked = true;
        connection->next_marked = connection->loop->marked;
        connection->loop->marked = connection;
    }
}

void h2_run_marked(struct http_loop *loop)
{
    struct http_connection *connection = STEAL(loop->marked);
    while (connection != NULL) {
        struct http_connection *next = connection->next_marked;
        connection->is_marked = false;
        if (connection->phase == HTTP_PHASE_H2) {
            h2_pump(connection);
        }
        connection = next;
    }
}
