/* Arbitrary bytes in arbitrary pieces must neither break the parser nor change what it says: the
 * first byte chooses the pieces, and the outcome is compared with that of one piece. What is taken
 * means one thing only: written down plainly and read again it is the same request. */
#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/parse.h"

enum { HEADER_MAX = 1024, BODY_MAX = 256, INPUT_MAX = 4096, PLAIN_MAX = 64 << 10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct http_limits LIMITS = {.header_max = HEADER_MAX, .body_max = BODY_MAX};
static const struct http_limits PLAIN_LIMITS = {.header_max = PLAIN_MAX, .body_max = BODY_MAX};

struct outcome {
    struct http_request request;
    int status_code; /* of a refusal */
    bool is_complete;
    size_t used;
};

static void parse(struct outcome *outcome, const struct http_limits *limits, const uint8_t *data,
    size_t len, size_t step)
{
    struct http_parser parser;
    memset(outcome, 0, sizeof(*outcome));
    http_request_reset(&outcome->request, limits->header_max, limits->body_max);
    http_parser_begin(&parser, &outcome->request, limits);
    while (outcome->used < len) {
        size_t piece = len - outcome->used < step ? len - outcome->used : step;
        uint8_t *copy = malloc(piece);
        if (copy == NULL) {
            abort();
        }
        memcpy(copy, data + outcome->used, piece);
        size_t used = 0;
        enum http_parse_result result = http_parser_feed(&parser, copy, piece, &used);
        free(copy);
        outcome->used += used;
        if (result == HTTP_PARSE_REFUSED) {
            outcome->status_code = parser.verdict.status_code;
            if (outcome->status_code < 400 || parser.verdict.detail == NULL) {
                abort();
            }
            return;
        }
        if (result == HTTP_PARSE_COMPLETE) {
            outcome->is_complete = true;
            return;
        }
        if (used == 0) {
            abort(); /* no progress */
        }
    }
}

static void require(bool is_true)
{
    if (!is_true) {
        abort();
    }
}

static bool is_about_length(const char *name)
{
    return strcasecmp(name, "Content-Length") == 0 || strcasecmp(name, "Transfer-Encoding") == 0;
}

static void compare(const struct outcome *one, const struct outcome *two)
{
    require(one->is_complete == two->is_complete);
    require((one->status_code != 0) == (two->status_code != 0));
    if (!one->is_complete) {
        return;
    }
    const struct http_request *a = &one->request;
    const struct http_request *b = &two->request;
    require(strcmp(http_request_text(a, a->path), http_request_text(b, b->path)) == 0);
    require(strcmp(http_request_text(a, a->query), http_request_text(b, b->query)) == 0);
    require(strcmp(a->method, b->method) == 0 && a->is_keep_alive == b->is_keep_alive);
    require(a->body.len == b->body.len);
    require(a->body.len == 0 || memcmp(a->body.data, b->body.data, a->body.len) == 0);
    for (uint32_t i = 0; i < a->n_fields; i++) {
        const char *name = http_request_text(a, a->fields[i].name.offset);
        const char *value = http_request_field(a, name);
        if (is_about_length(name)) {
            continue;
        }
        require(value != NULL && strcmp(value, http_request_field(b, name)) == 0);
    }
}

static void append(struct buffer *plain, const char *text)
{
    require(buffer_append_text(plain, text) == STATUS_OK);
}

static void append_path(struct buffer *plain, const char *path)
{
    for (const char *at = path; *at != '\0'; at++) {
        char byte = *at;
        bool is_plain = isalnum((unsigned char)byte) || byte == '/';
        require(buffer_printf(plain, is_plain ? "%c" : "%%%02X", (unsigned char)byte) == STATUS_OK);
    }
}

/* The request as nobody could misread it. */
static void write_plainly(const struct http_request *request, struct buffer *plain)
{
    const char *path = http_request_text(request, request->path);
    const char *query = http_request_text(request, request->query);
    append(plain, request->method);
    append(plain, " ");
    if (strcmp(path, "*") == 0) {
        append(plain, path);
    } else {
        append_path(plain, path);
        append(plain, "?");
        append(plain, query);
    }
    append(plain, request->is_http_10 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
    for (uint32_t i = 0; i < request->n_fields; i++) {
        const struct http_field *field = &request->fields[i];
        const char *name = http_request_text(request, field->name.offset);
        if (!field->is_joined && !is_about_length(name)) {
            append(plain, name);
            append(plain, ": ");
            append(plain, http_request_text(request, field->value.offset));
            append(plain, "\r\n");
        }
    }
    require(buffer_printf(plain, "Content-Length: %zu\r\n\r\n", request->body.len) == STATUS_OK);
    require(buffer_append(plain, request->body.data, request->body.len) == STATUS_OK);
}

static void read_again(const struct outcome *outcome)
{
    struct buffer plain = BUFFER_EMPTY(PLAIN_MAX);
    struct outcome again;
    write_plainly(&outcome->request, &plain);
    parse(&again, &PLAIN_LIMITS, plain.data, plain.len, SIZE_MAX);
    require(again.is_complete && again.used == plain.len);
    compare(outcome, &again);
    http_request_finish(&again.request);
    buffer_finish(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 2 || len > INPUT_MAX) {
        return 0;
    }
    struct outcome whole;
    struct outcome pieces;
    parse(&whole, &LIMITS, data + 1, len - 1, SIZE_MAX);
    parse(&pieces, &LIMITS, data + 1, len - 1, (size_t)data[0] % 64 + 1);
    compare(&whole, &pieces);
    if (whole.is_complete) {
        require(whole.used == pieces.used);
        read_again(&whole);
    }
    http_request_finish(&whole.request);
    http_request_finish(&pieces.request);
    return 0;
}
