/* Arbitrary bytes in arbitrary pieces must neither break the parser nor change what it says: the
 * first byte chooses the pieces, and the outcome is compared with that of one piece. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/parse.h"

enum { HEADER_MAX = 1024, BODY_MAX = 256, INPUT_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct http_limits LIMITS = {.header_max = HEADER_MAX, .body_max = BODY_MAX};

struct outcome {
    struct http_request request;
    int status_code; /* of a refusal */
    bool is_complete;
    size_t used;
};

static void parse(struct outcome *outcome, const uint8_t *data, size_t len, size_t step)
{
    struct http_parser parser;
    memset(outcome, 0, sizeof(*outcome));
    http_request_reset(&outcome->request, HEADER_MAX, BODY_MAX);
    http_parser_begin(&parser, &outcome->request, &LIMITS);
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

static void compare(const struct outcome *one, const struct outcome *two)
{
    require(one->is_complete == two->is_complete);
    require((one->status_code != 0) == (two->status_code != 0));
    if (!one->is_complete) {
        return;
    }
    const struct http_request *a = &one->request;
    const struct http_request *b = &two->request;
    require(one->used == two->used);
    require(a->n_fields == b->n_fields);
    require(strcmp(http_request_text(a, a->path), http_request_text(b, b->path)) == 0);
    require(strcmp(http_request_text(a, a->query), http_request_text(b, b->query)) == 0);
    require(a->body.len == b->body.len);
    require(a->body.len == 0 || memcmp(a->body.data, b->body.data, a->body.len) == 0);
    for (uint32_t i = 0; i < a->n_fields; i++) {
        const char *name = http_request_text(a, a->fields[i].name.offset);
        const char *value = http_request_field(a, name);
        require(value != NULL && strcmp(value, http_request_field(b, name)) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 2 || len > INPUT_MAX) {
        return 0;
    }
    struct outcome whole;
    struct outcome pieces;
    parse(&whole, data + 1, len - 1, SIZE_MAX);
    parse(&pieces, data + 1, len - 1, (size_t)data[0] % 64 + 1);
    compare(&whole, &pieces);
    http_request_finish(&whole.request);
    http_request_finish(&pieces.request);
    return 0;
}
