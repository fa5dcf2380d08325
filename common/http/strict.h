/* What we refuse although a lenient parser would let it through: everything on which two parsers
 * in a chain might disagree. llhttp parses; these checks come on top of it.
 *
 *     struct http_scan scan = {0};
 *     switch (http_scan(&scan, data, len, &used, &detail)) { ... }
 *
 * Not here: limits on lengths (parse.c), the target (target.h). */
#ifndef WALKIE_HTTP_STRICT_H
#define WALKIE_HTTP_STRICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_request;

/* A refusal: the status code of the answer and a sentence; status_code 0: nothing to refuse. */
struct http_verdict {
    int status_code;
    const char *detail; /* static storage */
};
#define HTTP_ACCEPTED ((struct http_verdict){0, NULL})
#define HTTP_REFUSED(code, text) ((struct http_verdict){(code), (text)})
#define HTTP_BODY_TOO_LONG HTTP_REFUSED(413, "the body is longer than this path takes")

/* Follows the raw bytes of request line and header, in pieces of any size, and finds their end. */
struct http_scan {
    uint8_t previous;  /* 0 at the start */
    uint8_t n_empty;   /* empty lines before the request line */
    uint32_t n_lines;  /* complete lines that were not empty */
    uint32_t line_len; /* bytes of the current one */
};

enum http_scan_result { HTTP_SCAN_MORE, HTTP_SCAN_END, HTTP_SCAN_BAD };

/* Read on. `ret_used` is the number of bytes that belong to the header (to its end when END).
 * BAD (and *ret_detail says why): a line that does not end in CRLF, a control character, a folded
 * line, more than one empty line in front. */
enum http_scan_result http_scan(struct http_scan *scan, const uint8_t *data, size_t len,
    size_t *ret_used, const char **ret_detail);

/* RFC 9110 token: a method or a field name. */
/* Whether the text begins with a well-formed request line (empty lines in front are skipped): a
 * token, a target, HTTP/d.d, one space between each, CRLF. */
bool http_is_request_line(const char *text, size_t len);

bool http_is_token(const char *text, size_t len);

/* Host or authority: a name, an IPv4 address or [IPv6], and an optional port. Not empty. */
bool http_is_authority(const char *text, size_t len);

/* The fields of a complete header, strings in place: names, Host, Content-Length,
 * Transfer-Encoding, Expect. */
struct http_verdict http_check_fields(struct http_request *request);

#endif
