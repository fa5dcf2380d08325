/* The request target: which part is the path, which the query, and what the path says decoded.
 *
 *     "/v1/centers/%E4%B8%8A?x=1"          path "/v1/centers/上", query "x=1"
 *     "http://gateway:8080/v1/centers"     path "/v1/centers", query "" (absolute form)
 *     "*" of OPTIONS                       path "*"
 *     "/a%2Fb", "/a%00", "/a/../b", "/a%"  refused with 400
 *
 * What is decoded must mean one thing only: an encoded slash, a control character, a dot segment
 * and text that is not UTF-8 are refused, so that no handler and no log has to think of them. A
 * '+' in the path is a plus. Not here: the query's parameters (query.h). */
#ifndef WALKIE_HTTP_TARGET_H
#define WALKIE_HTTP_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/request.h"
#include "http/strict.h"

/* Set path and query of the request from its target. Appends to its text.
 * Errors: 400 (malformed), 500 (out of memory). */
struct http_verdict http_target_parse(struct http_request *request);

/* The value of two hexadecimal digits, -1 when they are not. Reads text[0], and text[1] only when
 * text[0] is a digit. */
int http_hex_pair(const char *text);

/* Whether the bytes are UTF-8 (no overlong forms, no surrogates). */
bool http_is_utf8(const uint8_t *text, size_t len);

#endif
