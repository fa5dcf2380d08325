/* One stream: its request is read, its exchange begins and is over. */
#include <stdlib.h>

#include "http/h2.h"

static void set_timer(struct h2_stream *stream, enum http_timeout kind)
{
    if (stream->timer.kind != HTTP_TIMEOUT_NONE || kind != HTTP_TIMEOUT_NONE) {
        http_timer_set(stream->session->connection->loop, &stream->timer, kind);
    }
}

static void reset(struct h2_session *session, int32_t id, uint32_t code)
{
    if (nghttp2_submit_rst_stream(session->nghttp2, NGHTTP2_FLAG_NONE, id, code) != 0) {
        session->is_broken = true; /* out of memory */
    }
    h2_mark(session->connection);
}

/* Whether the handlers have ended what was reset before: else streams that come and go would pile
 * up work that nobody waits for, whatever the number of open ones. */
static bool has_room(const struct h2_session *session)
{
    unsigned int n_exchanges =
        atomic_load_explicit(&session->account->refs, memory_order_relaxed) - 1;
    return n_exchanges <
           session->connection->loop->server->options.h2_streams_max + H2_LEFT_BEHIND_MAX;
}

void h2_account_unref(struct h2_account *account)
{
    if (account != NULL &&
        atomic_fetch_sub_explicit(&account->refs, 1, memory_order_acq_rel) == 1) {
        free(account);
    }
}

struct h2_stream *h2_stream_new(struct h2_session *session, int32_t id)
{
    struct h2_stream *stream = has_room(session) ? calloc(1, sizeof(*stream)) : NULL;
    struct http_exchange *exchange =
        stream == NULL ? NULL : http_exchange_begin(session->connection, &stream->output);
    if (exchange == NULL) {
        free(stream);
        reset(session, id, NGHTTP2_REFUSED_STREAM);
        return NULL;
    }
    stream->session = session;
    stream->id = id;
    stream->output = (struct buffer)BUFFER_EMPTY(HTTP_RESPONSE_MAX);
    stream->exchange = exchange;
    exchange->stream = stream;
    exchange->account = session->account;
    exchange->request.is_http_2 = true;
    exchange->request.is_keep_alive = true;
    atomic_fetch_add_explicit(&session->account->refs, 1, memory_order_relaxed);
    http_link_append(&session->streams, &stream->link);
    session->n_streams++;
    return stream;
}

void h2_stream_free(struct h2_stream *stream)
{
    set_timer(stream, HTTP_TIMEOUT_NONE);
    http_link_remove(&stream->link);
    http_link_remove(&stream->unsent_link);
    stream->session->n_streams--;
    buffer_finish(&stream->output);
    free(stream);
}

/* The body counts while it is read: once a handler has it, it is what HTTP/1 allows, too. */
static void end_reading(struct h2_stream *stream)
{
    stream->session->body_len -= stream->exchange->request.body.len;
    set_timer(stream, HTTP_TIMEOUT_NONE);
}

static bool is_reading(const struct h2_stream *stream)
{
    return stream->exchange != NULL && !stream->is_request_complete && !stream->is_refused;
}

void h2_stream_over(struct h2_stream *stream, const char *how)
{
    if (is_reading(stream)) {
        end_reading(stream);
    }
    struct http_exchange *exchange = STEAL(stream->exchange);
    set_timer(stream, HTTP_TIMEOUT_NONE);
    if (exchange != NULL) {
        http_exchange_over(exchange, how == NULL && stream->is_ended, how);
    }
}

/* --- the request ----------------------------------------------------------------------------- */

static void refuse(struct h2_stream *stream, struct http_verdict verdict)
{
    struct http_exchange *exchange = stream->exchange;
    struct http_error_answer answer;
    enum status status =
        http_error_answer_make(stream->session->connection, exchange, verdict, &answer);
    if (is_reading(stream)) {
        end_reading(stream);
    }
    stream->is_refused = true;
    if (status == STATUS_OK) {
        status = buffer_append(&exchange->fields, answer.lines, answer.lines_len);
    }
    if (status == STATUS_OK) {
        http_respond(
            exchange, verdict.status_code, answer.content_type, buffer_bytes(&answer.body));
        h2_stream_answer(stream);
    } else {
        reset(stream->session, stream->id, NGHTTP2_INTERNAL_ERROR);
    }
    buffer_finish(&answer.body);
}

static void dispatch(struct h2_stream *stream)
{
    end_reading(stream);
    stream->is_request_complete = true;
    http_exchange_dispatch(stream->exchange);
    h2_stream_answer(stream);
}

static void send_continue(struct h2_stream *stream)
{
    nghttp2_nv field = {.name = (uint8_t *)":status",
        .namelen = 7,
        .value = (uint8_t *)"100",
        .valuelen = 3,
        .flags = NGHTTP2_NV_FLAG_NONE};
    /* Without it the client sends its body after a while. */
    (void)nghttp2_submit_headers(
        stream->session->nghttp2, NGHTTP2_FLAG_NONE, stream->id, NULL, &field, 1, NULL);
}

void h2_stream_on_header(struct h2_stream *stream, bool is_request_complete)
{
    if (stream->exchange == NULL) {
        return;
    }
    bool is_excess = !stream->session->connection->is_counted;
    struct http_verdict verdict =
        is_excess ? HTTP_TOO_MANY_CONNECTIONS : h2_request_complete(stream);
    if (verdict.status_code != 0) {
        refuse(stream, verdict);
        stream->is_request_complete = is_request_complete;
        if (is_excess) {
            h2_on_goodbye(stream->session); /* and that was all */
        }
        return;
    }
    if (is_request_complete) {
        dispatch(stream);
        return;
    }
    set_timer(stream, HTTP_TIMEOUT_STREAM_BODY);
    if (stream->exchange->request.wants_continue) {
        send_continue(stream);
    }
}

void h2_stream_on_data(struct h2_stream *stream, const uint8_t *data, size_t len)
{
    struct h2_session *session = stream->session;
    if (!is_reading(stream)) {
        stream->n_discarded += len;
        if (stream->n_discarded > HTTP_LINGER_BYTES_MAX && stream->is_ended) {
            reset(session, stream->id, NGHTTP2_NO_ERROR);
        }
        return;
    }
    if (session->body_len + len > H2_BODIES_MAX) {
        h2_stream_over(stream, NULL);
        reset(session, stream->id, NGHTTP2_REFUSED_STREAM);
        return;
    }
    struct http_verdict verdict = http_request_add_body(&stream->exchange->request, data, len);
    if (verdict.status_code != 0) {
        refuse(stream, verdict);
    } else {
        session->body_len += len;
    }
}

void h2_stream_on_end(struct h2_stream *stream)
{
    if (is_reading(stream)) {
        dispatch(stream);
    }
    stream->is_request_complete = true;
}

void h2_stream_on_timeout(struct h2_stream *stream, enum http_timeout kind)
{
    if (kind == HTTP_TIMEOUT_STREAM_BODY) {
        refuse(stream, HTTP_REFUSED(408, "the body did not arrive in time"));
        return;
    }
    bool is_sending = kind == HTTP_TIMEOUT_STREAM_SEND;
    if (is_sending && stream->n_framed - stream->n_framed_before >= HTTP_SEND_MIN) {
        h2_stream_wait_to_send(stream); /* slow, but not to keep us */
        return;
    }
    h2_stream_over(stream, "timeout"); /* no timer any more */
    reset(stream->session, stream->id, is_sending ? NGHTTP2_CANCEL : NGHTTP2_NO_ERROR);
}

/* --- its end --------------------------------------------------------------------------------- */

void h2_stream_on_close(struct h2_stream *stream)
{
    stream->is_closed = true;
    bool is_waited_for = stream->how == NULL && (stream->is_ended || stream->is_broken);
    if (stream->exchange != NULL && is_waited_for && http_link_is_in_list(&stream->unsent_link)) {
        return; /* its last bytes are with us still: the flush ends it */
    }
    h2_stream_over(stream, stream->is_broken     ? NULL
                           : stream->how != NULL ? stream->how
                           : stream->is_ended    ? NULL
                                                 : "error");
    h2_stream_free(stream);
}

void h2_stream_on_mail(struct h2_stream *stream)
{
    h2_stream_answer(stream);
}
