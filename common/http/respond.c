/* The answer, from any thread: written into the exchange under its lock, then the loop is told. */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "http/head.h"
#include "http/internal.h"

/* Returns false, unlocked, when nobody waits for the answer any more. */
static bool lock_live(struct http_exchange *exchange)
{
    pthread_mutex_lock(&exchange->lock);
    if (exchange->is_over || exchange->answer == HTTP_ANSWER_ENDED ||
        exchange->answer == HTTP_ANSWER_BROKEN) {
        pthread_mutex_unlock(&exchange->lock);
        return false;
    }
    return true;
}

static void unlock_and_tell(struct http_exchange *exchange)
{
    if (!exchange->is_in_handler) {
        http_mailbox_post(exchange);
    }
    pthread_mutex_unlock(&exchange->lock);
}

static bool is_ours(const char *name)
{
    static const char *const OURS[] = {
        "Connection", "Content-Length", "Date", "Keep-Alive", "Transfer-Encoding"};
    for (size_t i = 0; i < LENGTH_OF(OURS); i++) {
        if ((*name | 0x20) == (*OURS[i] | 0x20) && strcasecmp(name, OURS[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool append_line(struct buffer *lines, const char *name, const char *value)
{
    size_t before = lines->len;
    if (buffer_append_text(lines, name) != STATUS_OK ||
        buffer_append_text(lines, ": ") != STATUS_OK ||
        buffer_append_text(lines, value) != STATUS_OK ||
        buffer_append_text(lines, "\r\n") != STATUS_OK) {
        lines->len = before;
        return false;
    }
    return true;
}

void http_respond_header(struct http_exchange *exchange, const char *name, const char *value)
{
    if (!http_is_token(name, strlen(name)) || !http_is_field_value(value) || is_ours(name)) {
        return;
    }
    if (!lock_live(exchange)) {
        return;
    }
    /* Else the fields are being sent. */
    if (exchange->answer == HTTP_ANSWER_NONE && append_line(&exchange->fields, name, value)) {
        http_standing_replaced(exchange->loop->server, name, &exchange->replaced);
    }
    pthread_mutex_unlock(&exchange->lock);
}

bool http_takes_trailers(const struct http_exchange *exchange)
{
    static const char WORD[] = "trailers";
    const char *te = exchange->request.is_http_10 ? NULL : http_header(exchange, "te");
    for (const char *at = te; at != NULL && *at != '\0';) {
        at += strspn(at, ", \t");
        size_t len = strcspn(at, ",; \t");
        if (len == sizeof(WORD) - 1 && strncasecmp(at, WORD, len) == 0) {
            return true;
        }
        at += strcspn(at, ",");
    }
    return false;
}

void http_respond_trailer(struct http_exchange *exchange, const char *name, const char *value)
{
    if (!http_is_token(name, strlen(name)) || !http_is_field_value(value) || is_ours(name) ||
        !http_takes_trailers(exchange) || !lock_live(exchange)) {
        return;
    }
    bool has_place = exchange->framing == HTTP_FRAMING_CHUNKED || exchange->request.is_http_2;
    if (has_place && exchange->answer == HTTP_ANSWER_BEGUN && !exchange->is_body_hidden) {
        (void)append_line(&exchange->trailers, name, value);
    }
    pthread_mutex_unlock(&exchange->lock);
}

/* With the lock held: what the server's owner adds to every head. */
static void add_lines(struct http_exchange *exchange, bool has_trailers)
{
    const struct http_server_options *options = &exchange->loop->server->options;
    char lines[HTTP_HEAD_LINES_MAX];
    if (options->on_head != NULL) {
        size_t len = options->on_head(exchange, has_trailers, lines, options->arg);
        (void)!buffer_append(&exchange->fields, lines, len); /* it goes without them */
    }
}

static bool has_no_body(int status_code)
{
    return status_code == 204 || status_code == 304;
}

/* HTTP/2: the head is all in the fields; the loop makes frames of them. */
static enum status begin_stream(
    struct http_exchange *exchange, const char *content_type, int64_t content_len)
{
    enum status status = STATUS_OK;
    if (content_len >= 0) {
        status =
            buffer_printf(&exchange->fields, "content-length: %lld\r\n", (long long)content_len);
    }
    if (status == STATUS_OK && content_type != NULL) {
        status = buffer_printf(&exchange->fields, "content-type: %s\r\n", content_type);
    }
    return status;
}

/* Write the head. With the lock held. On failure the answer is broken off. */
static bool begin(
    struct http_exchange *exchange, int status_code, const char *content_type, int64_t content_len)
{
    assert(status_code >= 200 && status_code <= 599);
    const struct http_request *request = &exchange->request;
    bool is_bodiless = has_no_body(status_code);
    exchange->status_code = status_code;
    exchange->is_body_hidden = request->is_head || is_bodiless;
    exchange->framing = HTTP_FRAMING_LENGTH;
    bool has_place = content_len == HTTP_LENGTH_UNKNOWN || request->is_http_2;
    add_lines(exchange, exchange->is_streamed && has_place && http_takes_trailers(exchange));
    if (content_len == HTTP_LENGTH_UNKNOWN) {
        exchange->framing = request->is_http_2    ? HTTP_FRAMING_STREAM
                            : request->is_http_10 ? HTTP_FRAMING_CLOSE
                                                  : HTTP_FRAMING_CHUNKED;
    }
    if (exchange->framing == HTTP_FRAMING_CLOSE && !exchange->is_body_hidden) {
        exchange->must_close = true;
    }
    if (atomic_load_explicit(&exchange->loop->server->is_draining, memory_order_relaxed)) {
        exchange->must_close = true;
    }
    if (http_standing_append(exchange->loop->server, exchange->replaced, &exchange->fields) !=
        STATUS_OK) {
        exchange->answer = HTTP_ANSWER_BROKEN;
        return false;
    }
    struct http_head head = {
        .status_code = status_code,
        .content_type =
            content_type != NULL && http_is_field_value(content_type) ? content_type : NULL,
        .content_len = is_bodiless ? HTTP_LENGTH_UNKNOWN : content_len,
        .is_chunked = exchange->framing == HTTP_FRAMING_CHUNKED && !is_bodiless,
        .is_close = exchange->must_close,
        .is_keep_alive = request->is_http_10,
        .fields = buffer_bytes(&exchange->fields),
    };
    exchange->content_left = content_len > 0 ? (uint64_t)content_len : 0;
    enum status status = request->is_http_2
                             ? begin_stream(exchange, head.content_type, head.content_len)
                             : http_head_append(&exchange->pending, &head);
    if (status != STATUS_OK) {
        exchange->answer = HTTP_ANSWER_BROKEN;
        return false;
    }
    exchange->answer = HTTP_ANSWER_BEGUN;
    return true;
}

/* The whole answer, with the lock held. */
static void respond_locked(
    struct http_exchange *exchange, int status_code, const char *content_type, struct bytes body)
{
    if (exchange->answer != HTTP_ANSWER_NONE ||
        !begin(exchange, status_code, content_type, (int64_t)body.len)) {
        return;
    }
    exchange->answer = HTTP_ANSWER_ENDED;
    if (exchange->is_body_hidden) {
        return;
    }
    exchange->queued = body.len;
    if (buffer_append(&exchange->pending, body.data, body.len) != STATUS_OK) {
        exchange->answer = HTTP_ANSWER_BROKEN;
    }
}

void http_respond(
    struct http_exchange *exchange, int status_code, const char *content_type, struct bytes body)
{
    if (lock_live(exchange)) {
        respond_locked(exchange, status_code, content_type, body);
        unlock_and_tell(exchange);
    }
}

void http_respond_begin(
    struct http_exchange *exchange, int status_code, const char *content_type, int64_t content_len)
{
    if (!lock_live(exchange)) {
        return;
    }
    if (exchange->answer == HTTP_ANSWER_NONE) {
        exchange->is_streamed = true;
        (void)begin(exchange, status_code, content_type, content_len);
    }
    unlock_and_tell(exchange);
}

void http_respond_on_sent(
    struct http_exchange *exchange, void (*on_sent)(void *arg, size_t len), void *arg)
{
    if (lock_live(exchange)) {
        exchange->on_sent = on_sent;
        exchange->on_sent_arg = arg;
        pthread_mutex_unlock(&exchange->lock);
    }
}

static enum status append_piece(struct http_exchange *exchange, struct bytes piece)
{
    if (exchange->framing != HTTP_FRAMING_CHUNKED) {
        return buffer_append(&exchange->pending, piece.data, piece.len);
    }
    char size[24];
    int size_len = snprintf(size, sizeof(size), "%zx\r\n", piece.len);
    enum status status = buffer_reserve(&exchange->pending, (size_t)size_len + piece.len + 2);
    if (status == STATUS_OK) {
        status = buffer_append(&exchange->pending, size, (size_t)size_len);
    }
    if (status == STATUS_OK) {
        status = buffer_append(&exchange->pending, piece.data, piece.len);
    }
    return status == STATUS_OK ? buffer_append(&exchange->pending, "\r\n", 2) : status;
}

/* With the lock held: whether the producer keeps its promises. */
static bool is_piece_allowed(const struct http_exchange *exchange, size_t len)
{
    if (exchange->answer != HTTP_ANSWER_BEGUN) {
        return false;
    }
    if (exchange->framing == HTTP_FRAMING_LENGTH && len > exchange->content_left) {
        return false;
    }
    uint64_t unsent =
        exchange->queued - atomic_load_explicit(&exchange->sent, memory_order_relaxed);
    return unsent + len <= 2 * (uint64_t)HTTP_OUTPUT_HIGH;
}

void http_respond_piece(struct http_exchange *exchange, struct bytes piece)
{
    if (piece.len == 0 || !lock_live(exchange)) {
        return; /* an empty chunk would be the last one */
    }
    if (!is_piece_allowed(exchange, piece.len)) {
        exchange->answer = HTTP_ANSWER_BROKEN;
    } else {
        exchange->content_left -= exchange->framing == HTTP_FRAMING_LENGTH ? piece.len : 0;
        exchange->queued += piece.len;
        if (!exchange->is_body_hidden && append_piece(exchange, piece) != STATUS_OK) {
            exchange->answer = HTTP_ANSWER_BROKEN;
        }
    }
    unlock_and_tell(exchange);
}

static enum status append_last_chunk(struct http_exchange *exchange)
{
    struct buffer *pending = &exchange->pending;
    struct bytes trailers = buffer_bytes(&exchange->trailers);
    enum status status = buffer_append(pending, "0\r\n", 3);
    if (status == STATUS_OK && trailers.len > 0) {
        status = buffer_append(pending, trailers.data, trailers.len);
    }
    return status == STATUS_OK ? buffer_append(pending, "\r\n", 2) : status;
}

void http_respond_end(struct http_exchange *exchange)
{
    if (!lock_live(exchange)) {
        return;
    }
    bool is_short = exchange->framing == HTTP_FRAMING_LENGTH && exchange->content_left > 0 &&
                    !exchange->is_body_hidden;
    bool is_chunked = exchange->framing == HTTP_FRAMING_CHUNKED && !exchange->is_body_hidden;
    if (exchange->answer != HTTP_ANSWER_BEGUN || is_short ||
        (is_chunked && append_last_chunk(exchange) != STATUS_OK)) {
        exchange->answer = HTTP_ANSWER_BROKEN;
    } else {
        exchange->answer = HTTP_ANSWER_ENDED;
    }
    unlock_and_tell(exchange);
}

void http_respond_abort(struct http_exchange *exchange)
{
    if (lock_live(exchange)) {
        exchange->answer = HTTP_ANSWER_BROKEN;
        unlock_and_tell(exchange);
    }
}

void http_exchange_orphaned(struct http_exchange *exchange)
{
    if (!lock_live(exchange)) {
        return;
    }
    if (exchange->answer == HTTP_ANSWER_NONE) {
        exchange->fields.len = 0;
        respond_locked(exchange, 500, "text/plain", bytes_of("internal error\n"));
    } else {
        exchange->answer = HTTP_ANSWER_BROKEN;
    }
    unlock_and_tell(exchange);
}
