/* A request as it was read: one buffer of text with the strings in place, one for the body.
 *
 *     http_request_reset(&request);
 *     ... the parser fills it ...
 *     const char *host = http_request_field(&request, "Host");
 *
 * Offsets, not pointers, until the header is complete: the buffer moves while it grows. Constant
 * afterwards. Not here: how bytes become a request (parse.h). */
#ifndef WALKIE_HTTP_REQUEST_H
#define WALKIE_HTTP_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "http/body_room.h"
#include "http/server.h"
#include "http/strict.h"

struct http_range {
    uint32_t offset;
    uint32_t len;
};

struct http_field {
    struct http_range name;
    struct http_range value;
    uint32_t hash;  /* of the name in lower case */
    bool is_joined; /* its value is part of an earlier field of the same name */
};

struct http_request {
    struct buffer text; /* the raw header; then the decoded path and joined values */
    struct buffer body;
    struct http_body_room *body_room; /* that the body's bytes are taken from; NULL: none is */
    struct http_field *fields;        /* room for as many as came; thousands of requests wait */
    uint32_t n_fields;
    uint32_t fields_capacity;
    struct http_range target; /* as sent */
    uint32_t path;            /* offset of the decoded path */
    uint32_t query;           /* offset of the raw query */
    const char *method;       /* static storage */
    bool is_head;
    bool is_options;
    bool is_http_10;
    bool is_http_2;
    bool is_keep_alive;
    bool is_chunked;
    bool wants_continue; /* Expect: 100-continue */
};

/* The most that `text` may need for a header of `header_max` bytes: the path decoded, fields
 * joined, and the NULs behind them. */
#define HTTP_TEXT_MAX(header_max) (3 * (header_max) + 2 * HTTP_HEADERS_MAX + 16)

/* Ready for the next request; keeps a modest amount of memory. */
void http_request_reset(struct http_request *request, size_t header_max, size_t body_max);
void http_request_finish(struct http_request *request);

/* The header is complete: whose room the body takes; NULL: nobody's. */
void http_request_use_room(struct http_request *request, struct http_body_room *room);

/* More of the body. Refused: 413, 503 (no room), 500 (out of memory). */
struct http_verdict http_request_add_body(
    struct http_request *request, const void *data, size_t len);

/* One more field, zeroed. NULL: out of memory. At most HTTP_HEADERS_MAX of them. */
struct http_field *http_request_add_field(struct http_request *request);

static inline char *http_request_text(const struct http_request *request, uint32_t offset)
{
    return (char *)request->text.data + offset;
}

/* End every name and value with a NUL and trim the values; the header is complete. */
void http_request_terminate(struct http_request *request);

/* Join the values of repeated fields by ", ". Errors: 500 when out of memory. */
struct http_verdict http_request_join(struct http_request *request);

/* The value of the first field of that name (joined), NULL when there is none. */
const char *http_request_field(const struct http_request *request, const char *name);

#endif
