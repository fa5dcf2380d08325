#include "base/json_scan.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

struct scan {
    const struct json_scan_limits *limits;
    const uint8_t *at;
    const uint8_t *end;
    unsigned int depth;
    size_t n_values;
};

static bool is_digit(const struct scan *scan)
{
    return scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9';
}

static bool skip_digits(struct scan *scan)
{
    if (!is_digit(scan)) {
        return false;
    }
    while (is_digit(scan)) {
        scan->at++;
    }
    return true;
}

static bool skip_byte(struct scan *scan, const char *bytes)
{
    if (scan->at < scan->end && *scan->at != '\0' && strchr(bytes, *scan->at) != NULL) {
        scan->at++;
        return true;
    }
    return false;
}

/* RFC 8259, 6: -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)? */
static bool skip_number(struct scan *scan)
{
    const uint8_t *start = scan->at;
    (void)skip_byte(scan, "-");
    if (!skip_byte(scan, "0") && !skip_digits(scan)) {
        return false;
    }
    if (skip_byte(scan, ".") && !skip_digits(scan)) {
        return false;
    }
    if (skip_byte(scan, "eE")) {
        (void)skip_byte(scan, "+-");
        if (!skip_digits(scan)) {
            return false;
        }
    }
    return !is_digit(scan) && (size_t)(scan->at - start) < scan->limits->number_text_max;
}

/* From behind the opening quote to behind the closing one. */
static bool skip_text(struct scan *scan)
{
    static const char NUL[] = {'u', '0', '0', '0', '0'};
    while (scan->at < scan->end) {
        uint8_t byte = *scan->at++;
        if (byte == '"') {
            return true;
        }
        if (byte < ' ') {
            return false;
        }
        if (byte != '\\') {
            continue;
        }
        size_t n_left = (size_t)(scan->end - scan->at);
        if (n_left == 0 || (n_left >= sizeof(NUL) && memcmp(scan->at, NUL, sizeof(NUL)) == 0)) {
            return false;
        }
        scan->at++; /* the escaped character, which may be a quote */
    }
    return false;
}

static enum json_scan_outcome skip_token(struct scan *scan)
{
    bool is_good;
    if (skip_byte(scan, "\"")) {
        is_good = skip_text(scan);
    } else if (is_digit(scan) || *scan->at == '-') {
        is_good = skip_number(scan);
    } else if (skip_byte(scan, "[{")) {
        scan->n_values++;
        return ++scan->depth <= scan->limits->depth_max ? JSON_SCAN_OK : JSON_SCAN_TOO_DEEP;
    } else if (skip_byte(scan, "]}")) {
        is_good = scan->depth > 0;
        scan->depth -= is_good;
    } else if (skip_byte(scan, ",")) {
        scan->n_values++;
        is_good = true;
    } else {
        is_good = skip_byte(scan, " \t\r\n:abcdefghijklmnopqrstuvwxyz"); /* true, false, null */
    }
    return is_good ? JSON_SCAN_OK : JSON_SCAN_NOT_JSON;
}

static bool is_utf8(struct bytes text)
{
    const char *at = (const char *)text.data;
    const char *end = at + text.len;
    while (at < end) {
        uint32_t codepoint = (uint8_t)*at;
        size_t len = codepoint < 0x80 ? 1 : utf8_decode(at, end, &codepoint);
        if (utf8_is_damaged(len, codepoint)) {
            return false;
        }
        at += len;
    }
    return true;
}

enum json_scan_outcome json_scan(struct bytes json, const struct json_scan_limits *limits)
{
    struct scan scan = {.limits = limits, .at = json.data, .end = json.data + json.len};
    if (json.len > limits->len_max) {
        return JSON_SCAN_TOO_LONG;
    }
    if (json.len == 0 || !is_utf8(json)) {
        return JSON_SCAN_NOT_JSON;
    }
    while (scan.at < scan.end) {
        enum json_scan_outcome outcome = skip_token(&scan);
        if (outcome != JSON_SCAN_OK) {
            return outcome;
        }
        if (scan.n_values > limits->values_max) {
            return JSON_SCAN_TOO_MANY;
        }
    }
    return scan.depth == 0 ? JSON_SCAN_OK : JSON_SCAN_NOT_JSON;
}
