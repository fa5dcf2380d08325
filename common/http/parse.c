#include "http/parse.h"

#include <string.h>

#include "http/target.h"

/* Chunk sizes, extensions and trailers may take this many times the body, plus a header's worth:
 * one-byte chunks need 5 bytes each. */
enum { CHUNK_OVERHEAD_FACTOR = 8 };

static struct http_parser *parser_of(llhttp_t *llhttp)
{
    return llhttp->data;
}

/* Record why, and have llhttp stop. */
static int refuse(struct http_parser *parser, struct http_verdict verdict)
{
    parser->verdict = verdict;
    return -1;
}

/* `at` continues the range, or starts it. The text holds everything llhttp is given. */
static void extend(
    const struct http_parser *parser, struct http_range *range, const char *at, size_t len)
{
    if (range->len == 0) {
        range->offset = (uint32_t)(at - (const char *)parser->request->text.data);
    }
    range->len += (uint32_t)len;
}

static int on_url(llhttp_t *llhttp, const char *at, size_t len)
{
    struct http_parser *parser = parser_of(llhttp);
    extend(parser, &parser->request->target, at, len);
    if (parser->request->target.len > HTTP_TARGET_MAX) {
        return refuse(parser, HTTP_REFUSED(414, "the request target is too long"));
    }
    return 0;
}

static int on_header_field(llhttp_t *llhttp, const char *at, size_t len)
{
    struct http_parser *parser = parser_of(llhttp);
    struct http_request *request = parser->request;
    if (parser->is_header_complete) {
        return 0; /* a trailer: not the request's text, and nobody's business */
    }
    if (!parser->is_in_name) {
        if (request->n_fields == HTTP_HEADERS_MAX) {
            return refuse(parser, HTTP_REFUSED(431, "too many header fields"));
        }
        if (http_request_add_field(request) == NULL) {
            return refuse(parser, HTTP_REFUSED(500, "out of memory"));
        }
        parser->is_in_name = true;
    }
    extend(parser, &request->fields[request->n_fields - 1].name, at, len);
    return 0;
}

static int on_header_field_complete(llhttp_t *llhttp)
{
    parser_of(llhttp)->is_in_name = false;
    return 0;
}

static int on_header_value(llhttp_t *llhttp, const char *at, size_t len)
{
    struct http_parser *parser = parser_of(llhttp);
    if (!parser->is_header_complete && len > 0) {
        extend(parser, &parser->request->fields[parser->request->n_fields - 1].value, at, len);
    }
    return 0;
}

static struct http_verdict check_version(const llhttp_t *llhttp, struct http_request *request)
{
    if (llhttp->http_major != 1 || llhttp->http_minor > 1) {
        return HTTP_REFUSED(505, "a version other than HTTP/1.1 and HTTP/1.0");
    }
    request->is_http_10 = llhttp->http_minor == 0;
    return HTTP_ACCEPTED;
}

/* One space before the target and one behind it: llhttp takes more, and other white space. */
static bool is_request_line_strict(const struct http_parser *parser)
{
    const struct http_request *request = parser->request;
    const char *text = (const char *)request->text.data;
    size_t start = parser->scan.n_empty > 0 ? 2 : 0;
    size_t end = request->target.offset + request->target.len;
    return request->target.offset == start + strlen(request->method) + 1 &&
           text[request->target.offset - 1] == ' ' && strncmp(text + end, " HTTP/", 6) == 0;
}

void http_limits_choose(const struct http_limits *limits, struct http_request *request)
{
    http_request_use_room(request, limits->bodies);
    if (limits->body_max_of == NULL) {
        return; /* reset to body_max */
    }
    size_t body_max = limits->body_max_of(
        request->method, http_request_text(request, request->path), limits->arg);
    request->body.len_max = body_max == 0 ? limits->body_max : body_max;
}

/* Everything that can be said once the header is there. */
static struct http_verdict complete_header(struct http_parser *parser)
{
    struct http_request *request = parser->request;
    const llhttp_t *llhttp = &parser->llhttp;
    struct http_verdict verdict = check_version(llhttp, request);
    if (verdict.status_code != 0) {
        return verdict;
    }
    request->method = llhttp_method_name((llhttp_method_t)llhttp->method);
    request->is_head = llhttp->method == HTTP_HEAD;
    request->is_options = llhttp->method == HTTP_OPTIONS;
    request->is_keep_alive = llhttp_should_keep_alive(llhttp) != 0;
    if (!is_request_line_strict(parser)) {
        return HTTP_REFUSED(400, "the request line is malformed");
    }
    if (llhttp->method == HTTP_CONNECT) {
        return HTTP_REFUSED(501, "CONNECT: this is no proxy");
    }
    http_request_terminate(request);
    verdict = http_check_fields(request);
    if (verdict.status_code == 0) {
        verdict = http_target_parse(request);
    }
    if (verdict.status_code == 0) {
        verdict = http_request_join(request);
    }
    if (verdict.status_code != 0) {
        return verdict;
    }
    http_limits_choose(parser->limits, request);
    return llhttp->content_length > request->body.len_max ? HTTP_BODY_TOO_LONG : HTTP_ACCEPTED;
}

static int on_headers_complete(llhttp_t *llhttp)
{
    struct http_parser *parser = parser_of(llhttp);
    parser->is_header_complete = true;
    struct http_verdict verdict = complete_header(parser);
    if (verdict.status_code != 0) {
        return refuse(parser, verdict);
    }
    /* An offer to upgrade (h2c) is declined by ignoring it. */
    llhttp->upgrade = 0;
    return 0;
}

static int on_body(llhttp_t *llhttp, const char *at, size_t len)
{
    struct http_parser *parser = parser_of(llhttp);
    struct http_verdict verdict = http_request_add_body(parser->request, at, len);
    return verdict.status_code == 0 ? 0 : refuse(parser, verdict);
}

static int on_message_complete(llhttp_t *llhttp)
{
    parser_of(llhttp)->is_complete = true;
    return HPE_PAUSED;
}

static const llhttp_settings_t PARSER_SETTINGS = {
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_header_field_complete = on_header_field_complete,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

void http_parser_begin(
    struct http_parser *parser, struct http_request *request, const struct http_limits *limits)
{
    memset(parser, 0, sizeof(*parser));
    /* llhttp takes them without const and does not write to them. */
    llhttp_init(&parser->llhttp, HTTP_REQUEST, (llhttp_settings_t *)&PARSER_SETTINGS);
    parser->llhttp.data = parser;
    parser->request = request;
    parser->limits = limits;
}

bool http_parser_has_begun(const struct http_parser *parser)
{
    return parser->scan.n_lines > 0 || parser->scan.line_len > 0;
}

static struct http_verdict explain(const struct http_parser *parser, enum llhttp_errno error)
{
    if (parser->verdict.status_code != 0) {
        return parser->verdict;
    }
    if (error == HPE_INVALID_VERSION || error == HPE_PAUSED_H2_UPGRADE) {
        return HTTP_REFUSED(505, "a version other than HTTP/1.1 and HTTP/1.0");
    }
    const char *reason = llhttp_get_error_reason(&parser->llhttp);
    return HTTP_REFUSED(400, reason != NULL ? reason : "the request is malformed");
}

static enum http_parse_result refuse_with(struct http_parser *parser, struct http_verdict verdict)
{
    parser->verdict = verdict;
    return HTTP_PARSE_REFUSED;
}

/* Give llhttp bytes. True when it took all of them, or up to the end of the message; `ret_used`
 * says how many. False: parser->verdict is set. */
static bool execute(struct http_parser *parser, const uint8_t *data, size_t len, size_t *ret_used)
{
    const char *text = (const char *)data;
    enum llhttp_errno error = llhttp_execute(&parser->llhttp, text, len);
    *ret_used = len;
    if (error == HPE_OK) {
        return true;
    }
    if (error == HPE_PAUSED && parser->is_complete) {
        *ret_used = (size_t)(llhttp_get_error_pos(&parser->llhttp) - text);
        return true;
    }
    parser->verdict = explain(parser, error);
    return false;
}

/* llhttp gives up at the first byte that no method it knows has there. Capital letters may still be
 * a method of somebody else's, which the whole line will tell; anything else is no HTTP. */
static bool may_be_method(const struct http_parser *parser)
{
    if (llhttp_get_errno(&parser->llhttp) != HPE_INVALID_METHOD) {
        return false;
    }
    const char *text = (const char *)parser->request->text.data;
    const char *stopped = llhttp_get_error_pos(&parser->llhttp);
    const char *at = text;
    while (at < stopped && (*at == '\r' || *at == '\n')) {
        at++;
    }
    while (at < stopped && *at >= 'A' && *at <= 'Z') {
        at++;
    }
    return at == stopped && ((*at >= 'A' && *at <= 'Z') || (*at == ' ' && at > text));
}

static enum http_parse_result judge_unknown_method(struct http_parser *parser)
{
    const struct buffer *text = &parser->request->text;
    if (parser->scan.n_lines > 0) {
        return refuse_with(
            parser, http_is_request_line((const char *)text->data, text->len)
                        ? HTTP_REFUSED(501, "a method that this server does not know")
                        : HTTP_REFUSED(400, "this is no HTTP request"));
    }
    return text->len == parser->limits->header_max
               ? refuse_with(parser, HTTP_REFUSED(414, "the request line is too long"))
               : HTTP_PARSE_MORE;
}

static enum http_parse_result feed_header(
    struct http_parser *parser, const uint8_t *data, size_t len, size_t *ret_used)
{
    struct buffer *text = &parser->request->text;
    size_t room = parser->limits->header_max - text->len;
    size_t scanned = 0;
    const char *detail = NULL;
    enum http_scan_result scan =
        http_scan(&parser->scan, data, len < room ? len : room, &scanned, &detail);
    if (scan == HTTP_SCAN_BAD) {
        return refuse_with(parser, HTTP_REFUSED(400, detail));
    }
    size_t before = text->len;
    if (buffer_append(text, data, scanned) != STATUS_OK) {
        return refuse_with(parser, HTTP_REFUSED(500, "out of memory"));
    }
    *ret_used = scanned;
    size_t used = 0;
    if (!parser->is_method_unknown && !execute(parser, text->data + before, scanned, &used)) {
        parser->is_method_unknown = may_be_method(parser);
        if (!parser->is_method_unknown) {
            return HTTP_PARSE_REFUSED;
        }
    }
    if (parser->is_method_unknown) {
        return judge_unknown_method(parser);
    }
    /* Two readers must agree where the header ends; if not, nobody knows what follows it. */
    if (used != scanned || parser->is_header_complete != (scan == HTTP_SCAN_END)) {
        return refuse_with(parser, HTTP_REFUSED(400, "the end of the header is ambiguous"));
    }
    if (scan == HTTP_SCAN_END) {
        return parser->is_complete ? HTTP_PARSE_COMPLETE : HTTP_PARSE_HEADER;
    }
    if (text->len == parser->limits->header_max) {
        return refuse_with(parser, parser->scan.n_lines == 0
                                       ? HTTP_REFUSED(414, "the request line is too long")
                                       : HTTP_REFUSED(431, "the header is too long"));
    }
    return HTTP_PARSE_MORE;
}

/* Look at the framing before llhttp does. False: parser->verdict is set. */
static bool scan_chunks(
    struct http_parser *parser, const uint8_t *data, size_t len, size_t *ret_used, bool *ret_is_end)
{
    const char *detail = NULL;
    enum http_scan_result scan = http_chunks_scan(&parser->chunks, data, len, ret_used, &detail);
    if (scan == HTTP_SCAN_BAD) {
        parser->verdict = HTTP_REFUSED(400, detail);
        return false;
    }
    if (parser->chunks.promised > parser->request->body.len_max) {
        parser->verdict = HTTP_BODY_TOO_LONG;
        return false;
    }
    *ret_is_end = scan == HTTP_SCAN_END;
    return true;
}

static enum http_parse_result feed_body(
    struct http_parser *parser, const uint8_t *data, size_t len, size_t *ret_used)
{
    bool is_chunked = parser->request->is_chunked;
    bool is_end = false;
    size_t scanned = len;
    if ((is_chunked && !scan_chunks(parser, data, len, &scanned, &is_end)) ||
        !execute(parser, data, scanned, ret_used)) {
        return HTTP_PARSE_REFUSED;
    }
    if (is_chunked && (*ret_used != scanned || parser->is_complete != is_end)) {
        return refuse_with(parser, HTTP_REFUSED(400, "the end of the body is ambiguous"));
    }
    parser->body_wire += *ret_used;
    uint64_t body_len = parser->request->body.len;
    if (parser->body_wire - body_len >
        body_len * CHUNK_OVERHEAD_FACTOR + parser->limits->header_max) {
        return refuse_with(parser, HTTP_REFUSED(400, "the chunks have too much framing"));
    }
    return parser->is_complete ? HTTP_PARSE_COMPLETE : HTTP_PARSE_MORE;
}

enum http_parse_result http_parser_feed(
    struct http_parser *parser, const uint8_t *data, size_t len, size_t *ret_used)
{
    *ret_used = 0;
    return parser->is_header_complete ? feed_body(parser, data, len, ret_used)
                                      : feed_header(parser, data, len, ret_used);
}
