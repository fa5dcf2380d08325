/* Bytes to requests: llhttp, our stricter checks and the limits. Knows nothing of sockets.
 *
 *     http_parser_begin(&parser, &request, &limits);
 *     while (len > 0) {
 *         result = http_parser_feed(&parser, data, len, &used);
 *         ...
 *     }
 *
 * The outcome does not depend on how the bytes were cut (the fuzz target checks that), except for
 * the moment at which too much chunk framing is noticed. */
#ifndef WALKIE_HTTP_PARSE_H
#define WALKIE_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/chunk.h"
#include "http/request.h"
#include "http/strict.h"
#include "llhttp.h"

struct http_limits {
    size_t header_max;
    size_t body_max;
    http_body_max_fn *body_max_of; /* NULL: body_max for all */
    void *arg;                     /* of body_max_of */
    struct http_body_room *bodies; /* of all requests; NULL: not bounded */
};

struct http_parser {
    llhttp_t llhttp;
    struct http_scan scan;
    struct http_chunks chunks;    /* of a chunked body */
    struct http_request *request; /* borrowed */
    const struct http_limits *limits;
    struct http_verdict verdict; /* why a callback stopped llhttp, or why REFUSED */
    uint64_t body_wire;          /* bytes read after the header, framing included */
    bool is_in_name;
    bool is_method_unknown; /* llhttp has given up; the rest of the line is awaited */
    bool is_header_complete;
    bool is_complete;
};

enum http_parse_result {
    HTTP_PARSE_MORE,     /* everything was used; more is needed */
    HTTP_PARSE_HEADER,   /* the header is complete, a body follows */
    HTTP_PARSE_COMPLETE, /* the request is complete; the rest is the next one's */
    HTTP_PARSE_REFUSED,  /* parser->verdict says why; nothing more can be read */
};

/* The header is complete: how long the body may be, which request->body keeps to from here on, and
 * whose room it takes. */
void http_limits_choose(const struct http_limits *limits, struct http_request *request);

/* Start a request. `request` has been reset; it and `limits` outlive the parser's use. */
void http_parser_begin(
    struct http_parser *parser, struct http_request *request, const struct http_limits *limits);

/* Read on; `len` > 0. Not again after COMPLETE or REFUSED. */
enum http_parse_result http_parser_feed(
    struct http_parser *parser, const uint8_t *data, size_t len, size_t *ret_used);

/* Whether anything of the request itself has been read (an empty line in front is nothing). */
bool http_parser_has_begun(const struct http_parser *parser);

#endif
