/* One connection's session: its settings, what nghttp2 calls, and its end. */
#include <stdlib.h>
#include <string.h>

#include "http/h2.h"
#include "obs/log.h"

enum { SETTING_NO_RFC7540_PRIORITIES = 9, SAID_GOODBYE = 1 };

static struct h2_stream *stream_of(nghttp2_session *nghttp2, int32_t id)
{
    return nghttp2_session_get_stream_user_data(nghttp2, id);
}

/* --- callbacks ------------------------------------------------------------------------------- */

static int on_begin_headers(nghttp2_session *nghttp2, const nghttp2_frame *frame, void *arg)
{
    struct h2_session *session = arg;
    if (session->is_spent) {
        return NGHTTP2_ERR_CALLBACK_FAILURE; /* it ends now */
    }
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
        struct h2_stream *stream = h2_stream_new(session, frame->hd.stream_id);
        nghttp2_session_set_stream_user_data(nghttp2, frame->hd.stream_id, stream);
    }
    return 0;
}

static int on_header(nghttp2_session *nghttp2, const nghttp2_frame *frame, const uint8_t *name,
    size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags, void *arg)
{
    (void)flags;
    (void)arg;
    struct h2_stream *stream = stream_of(nghttp2, frame->hd.stream_id);
    if (stream == NULL || stream->exchange == NULL || frame->headers.cat != NGHTTP2_HCAT_REQUEST) {
        return 0; /* being reset, or a trailer: nobody's business */
    }
    return h2_request_add(stream, (const char *)name, name_len, (const char *)value, value_len)
               ? 0
               : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

/* nghttp2 would leave the field out; two readers in a chain would then disagree. */
static int on_invalid_header(nghttp2_session *nghttp2, const nghttp2_frame *frame,
    const uint8_t *name, size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
    void *arg)
{
    (void)name;
    (void)name_len;
    (void)value;
    (void)value_len;
    (void)flags;
    (void)arg;
    struct h2_stream *stream = stream_of(nghttp2, frame->hd.stream_id);
    if (stream != NULL && stream->verdict.status_code == 0) {
        stream->verdict = HTTP_REFUSED(400, "a header field is malformed");
    }
    return 0;
}

static int on_data_chunk(
    nghttp2_session *nghttp2, uint8_t flags, int32_t id, const uint8_t *data, size_t len, void *arg)
{
    (void)flags;
    (void)arg;
    struct h2_stream *stream = stream_of(nghttp2, id);
    if (stream != NULL) {
        h2_stream_on_data(stream, data, len);
    }
    return 0;
}

static int on_frame_recv(nghttp2_session *nghttp2, const nghttp2_frame *frame, void *arg)
{
    struct h2_session *session = arg;
    bool is_end = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    struct h2_stream *stream = NULL;
    /* The type is a byte of the wire; what is not here needs nothing of us. */
    switch (frame->hd.type) {
    case NGHTTP2_HEADERS:
        stream = stream_of(nghttp2, frame->hd.stream_id);
        if (stream != NULL && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
            h2_stream_on_header(stream, is_end);
        } else if (stream != NULL && is_end) {
            h2_stream_on_end(stream);
        }
        break;
    case NGHTTP2_DATA:
        stream = is_end ? stream_of(nghttp2, frame->hd.stream_id) : NULL;
        if (stream != NULL) {
            h2_stream_on_end(stream);
        }
        break;
    case NGHTTP2_RST_STREAM:
        stream = stream_of(nghttp2, frame->hd.stream_id);
        if (stream != NULL) {
            stream->how = "rst_stream"; /* on_stream_close follows at once */
        }
        break;
    case NGHTTP2_PING:
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) && session->is_saying_goodbye &&
            frame->ping.opaque_data[0] == SAID_GOODBYE) {
            h2_on_goodbye(session);
        }
        break;
    default:
        break;
    }
    return 0;
}

/* Whether a reset of ours says that the client did something wrong. */
static bool is_provoked(uint32_t code)
{
    return code != NGHTTP2_NO_ERROR && code != NGHTTP2_INTERNAL_ERROR && code != NGHTTP2_CANCEL;
}

static int on_frame_send(nghttp2_session *nghttp2, const nghttp2_frame *frame, void *arg)
{
    struct h2_session *session = arg;
    if (frame->hd.type == NGHTTP2_RST_STREAM && is_provoked(frame->rst_stream.error_code) &&
        !h2_frames_take(&session->frames, H2_FLOOD_PROVOKED, session->connection->loop->now_ns)) {
        session->is_provoking = true;
    }
    if (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) {
        struct h2_stream *stream = stream_of(nghttp2, frame->hd.stream_id);
        if (stream != NULL) {
            h2_stream_on_frame_sent(stream, H2_FRAME_HEADER_LEN + frame->hd.length,
                (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0);
        }
    }
    return 0;
}

static int on_stream_close(nghttp2_session *nghttp2, int32_t id, uint32_t code, void *arg)
{
    (void)code;
    (void)arg;
    struct h2_stream *stream = stream_of(nghttp2, id);
    if (stream != NULL) {
        h2_stream_on_close(stream);
    }
    return 0;
}

/* --- the beginning --------------------------------------------------------------------------- */

static int new_nghttp2(struct h2_session *session)
{
    nghttp2_session_callbacks *callbacks = NULL;
    nghttp2_option *option = NULL;
    nghttp2_mem mem = h2_memory_of(session);
    int problem = nghttp2_session_callbacks_new(&callbacks);
    if (problem == 0) {
        problem = nghttp2_option_new(&option);
    }
    if (problem == 0) {
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
        nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
        nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, on_invalid_header);
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data_chunk);
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame_recv);
        nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_send);
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
        /* Closed streams would be kept for priorities, which are ignored. */
        nghttp2_option_set_no_closed_streams(option, 1);
        nghttp2_option_set_max_outbound_ack(option, H2_QUEUE_MAX);
        nghttp2_option_set_max_continuations(option, H2_CONTINUATIONS_MAX);
        /* What we count ourselves, with a name and a limit of the server's. */
        nghttp2_option_set_stream_reset_rate_limit(option, UINT32_MAX, UINT32_MAX);
        problem = nghttp2_session_server_new3(&session->nghttp2, callbacks, session, option, &mem);
    }
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    return problem;
}

static int submit_settings(struct h2_session *session)
{
    const struct http_server *server = session->connection->loop->server;
    const nghttp2_settings_entry entries[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, server->options.h2_streams_max},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, (uint32_t)server->limits.header_max},
        {SETTING_NO_RFC7540_PRIORITIES, 1},
    };
    return nghttp2_submit_settings(
        session->nghttp2, NGHTTP2_FLAG_NONE, entries, LENGTH_OF(entries));
}

static struct h2_session *new_session(struct http_connection *connection)
{
    const struct http_server_options *options = &connection->loop->server->options;
    struct h2_session *session = calloc(1, sizeof(*session));
    struct h2_account *account = malloc(sizeof(*account));
    if (session == NULL || account == NULL) {
        free(session);
        free(account);
        return NULL;
    }
    atomic_init(&account->refs, 1);
    session->account = account;
    session->connection = connection;
    http_link_begin(&session->streams);
    http_link_begin(&session->unsent);
    h2_frames_init(&session->frames, connection->loop->now_ns, options->h2_resets_max);
    return session;
}

bool h2_begin(struct http_connection *connection)
{
    struct h2_session *session = new_session(connection);
    if (session == NULL) {
        return false;
    }
    connection->h2 = session;
    const uint8_t *preface = (const uint8_t *)H2_PREFACE;
    if (!h2_memory_begin(connection->loop) || new_nghttp2(session) != 0 ||
        submit_settings(session) != 0 ||
        nghttp2_session_mem_recv(session->nghttp2, preface, H2_PREFACE_LEN) != H2_PREFACE_LEN ||
        session->is_spent) {
        h2_end(connection, NULL);
        return false;
    }
    connection->phase = HTTP_PHASE_H2;
    if (connection->loop->is_drain_begun) {
        h2_drain(connection);
    }
    h2_mark(connection);
    return true;
}

/* --- reading --------------------------------------------------------------------------------- */

void h2_break_flooded(struct http_connection *connection, enum h2_flood flood)
{
    h2_flood_count(flood);
    LOG_WARN("http.flood", NULL, log_str("client", connection->peer),
        log_str("kind", h2_flood_word(flood)));
    h2_break(connection, NGHTTP2_ENHANCE_YOUR_CALM, "flood");
}

void h2_receive(struct http_connection *connection, const uint8_t *data, size_t len)
{
    struct h2_session *session = connection->h2;
    if (session->is_broken) {
        return; /* nothing is read any more but for the end */
    }
    enum h2_flood flood = h2_frames_read(&session->frames, connection->loop->now_ns, data, len);
    if (flood != H2_FLOOD_NONE) {
        h2_break_flooded(connection, flood);
        return;
    }
    ssize_t used = nghttp2_session_mem_recv(session->nghttp2, data, len);
    if (session->is_spent) {
        http_connection_close(connection);
        return;
    }
    if (used == NGHTTP2_ERR_FLOODED ||
        nghttp2_session_get_outbound_queue_size(session->nghttp2) > H2_QUEUE_MAX) {
        h2_break_flooded(connection, H2_FLOOD_QUEUE);
        return;
    }
    if (used == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS) {
        h2_break_flooded(connection, H2_FLOOD_CONTINUATIONS);
        return;
    }
    if (used < 0) {
        h2_break(connection,
            used == NGHTTP2_ERR_NOMEM ? NGHTTP2_INTERNAL_ERROR : NGHTTP2_PROTOCOL_ERROR, "error");
        return;
    }
    h2_mark(connection);
}

static void lose_waiting(struct h2_session *session, const char *how)
{
    struct http_link *link = session->streams.next;
    while (link != &session->streams) {
        struct h2_stream *stream = CONTAINER_OF(link, struct h2_stream, link);
        link = link->next;
        if (stream->exchange != NULL && !stream->taken.is_whole) {
            h2_stream_over(stream, how);
        }
    }
}

void h2_on_fin(struct http_connection *connection)
{
    lose_waiting(connection->h2, connection->end);
    h2_mark(connection); /* closes it once the whole answers are out */
}

void h2_on_timeout(struct http_connection *connection)
{
    switch (connection->timer.kind) {
    case HTTP_TIMEOUT_HEADER:
        h2_break_flooded(connection, H2_FLOOD_HEADERS);
        break;
    case HTTP_TIMEOUT_IDLE:
        h2_break(connection, NGHTTP2_NO_ERROR, NULL);
        break;
    case HTTP_TIMEOUT_SEND:
        http_output_on_timeout(connection);
        break;
    case HTTP_TIMEOUT_NONE:
    case HTTP_TIMEOUT_HANDSHAKE:
    case HTTP_TIMEOUT_BODY:
    case HTTP_TIMEOUT_DRAIN:
    case HTTP_TIMEOUT_LINGER:
    case HTTP_TIMEOUT_STREAM_BODY:
    case HTTP_TIMEOUT_STREAM_SEND:
    case HTTP_TIMEOUT_STREAM_LINGER:
    case HTTP_TIMEOUT_GOODBYE:
    case HTTP_TIMEOUTS:
        http_connection_close(connection);
        break;
    }
}

/* --- the end --------------------------------------------------------------------------------- */

void h2_drain(struct http_connection *connection)
{
    struct h2_session *session = connection->h2;
    if (session->is_saying_goodbye || session->is_ending || session->is_broken) {
        return;
    }
    /* A GOAWAY with the last stream would refuse those that are on their way. The first one names
     * none; what answers our PING has read it, and all that was sent before is here. */
    const uint8_t text[8] = {SAID_GOODBYE};
    session->is_saying_goodbye = true;
    connection->loop->n_goodbyes++;
    http_timer_set(connection->loop, &session->goodbye, HTTP_TIMEOUT_GOODBYE);
    if (nghttp2_submit_shutdown_notice(session->nghttp2) != 0 ||
        nghttp2_submit_ping(session->nghttp2, NGHTTP2_FLAG_NONE, text) != 0) {
        h2_on_goodbye(session);
    }
    h2_mark(connection);
}

/* It has been said, or the client is too slow to hear it. */
static void end_goodbye(struct h2_session *session)
{
    if (session->is_saying_goodbye) {
        struct http_loop *loop = session->connection->loop;
        session->is_saying_goodbye = false;
        loop->n_goodbyes--;
        http_timer_set(loop, &session->goodbye, HTTP_TIMEOUT_NONE);
    }
}

void h2_on_goodbye(struct h2_session *session)
{
    end_goodbye(session);
    session->is_ending = true;
    int problem = nghttp2_submit_goaway(session->nghttp2, NGHTTP2_FLAG_NONE,
        nghttp2_session_get_last_proc_stream_id(session->nghttp2), NGHTTP2_NO_ERROR, NULL, 0);
    session->is_broken = session->is_broken || problem != 0;
    h2_mark(session->connection);
}

void h2_break(struct http_connection *connection, uint32_t code, const char *how)
{
    struct h2_session *session = connection->h2;
    session->is_broken = true;
    http_timeout_set(connection, HTTP_TIMEOUT_LINGER); /* the GOAWAY has so long to get out */
    struct http_link *link = session->streams.next;
    while (link != &session->streams) {
        struct h2_stream *stream = CONTAINER_OF(link, struct h2_stream, link);
        link = link->next;
        h2_stream_over(stream, how);
    }
    /* On failure the connection ends without it. */
    (void)nghttp2_session_terminate_session(session->nghttp2, code);
    h2_mark(connection);
}

void h2_end(struct http_connection *connection, const char *how)
{
    struct h2_session *session = connection->h2;
    if (session == NULL) {
        return;
    }
    while (session->streams.next != &session->streams) {
        struct h2_stream *stream = CONTAINER_OF(session->streams.next, struct h2_stream, link);
        h2_stream_over(stream, how);
        h2_stream_free(stream);
    }
    end_goodbye(session);
    nghttp2_session_del(session->nghttp2); /* calls nothing back */
    h2_memory_end(session);
    h2_account_unref(session->account);
    connection->h2 = NULL;
    free(session);
}
