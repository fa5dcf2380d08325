/* The head of an HTTP/1 answer: status line, the fields that the server writes, those of the
 * handler.
 *
 *     const struct http_head head = {.status_code = 200, .content_len = 5, .fields = fields};
 *     status = http_head_append(&out, &head);
 *
 * Not here: the head of an HTTP/2 answer (h2_output.c). */
#ifndef WALKIE_HTTP_HEAD_H
#define WALKIE_HTTP_HEAD_H

#include "base/bytes.h"
#include "http/server.h"

struct http_head {
    int status_code;
    const char *content_type; /* NULL: none */
    int64_t content_len;      /* HTTP_LENGTH_UNKNOWN: none */
    bool is_chunked;
    bool is_close;
    bool is_keep_alive;  /* an HTTP/1.0 client asked for it */
    struct bytes fields; /* whole lines */
};

/* Errors: RESOURCE_EXHAUSTED. Threads: any. */
MUST_USE enum status http_head_append(struct buffer *out, const struct http_head *head);

const char *http_date(void); /* "Sun, 06 Nov 1994 08:49:37 GMT", until the thread's next call */
const char *http_reason(int status_code);

/* Whether it may be a field's value: no control character, no CR, no LF. */
bool http_is_field_value(const char *value);

#endif
