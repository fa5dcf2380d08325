/* A look at the whole text before it is parsed: bounds what the parser will allocate and how deep
 * it will recurse, and holds to the grammar where cJSON is lenient (numbers such as 01, control
 * characters as blanks, NUL in a text). Brackets and commas are left to the parser. */
#include <string.h>

#include "audit/lab/lab_page.h"
#include "http/target.h"

struct scan {
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
    return !is_digit(scan) && scan->at - start < LAB_NUMBER_TEXT_MAX;
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

static bool skip_token(struct scan *scan)
{
    if (skip_byte(scan, "\"")) {
        return skip_text(scan);
    }
    if (is_digit(scan) || *scan->at == '-') {
        return skip_number(scan);
    }
    if (skip_byte(scan, "[{")) {
        scan->n_values++;
        return ++scan->depth <= LAB_NESTING_MAX;
    }
    if (skip_byte(scan, "]}")) {
        return scan->depth-- > 0;
    }
    if (skip_byte(scan, ",")) {
        scan->n_values++;
        return true;
    }
    return skip_byte(scan, " \t\r\n:abcdefghijklmnopqrstuvwxyz"); /* true, false, null */
}

bool lab_scan(struct bytes json)
{
    struct scan scan = {.at = json.data, .end = json.data + json.len};
    if (json.len > LAB_PAGE_LEN_MAX || !http_is_utf8(json.data, json.len)) {
        return false;
    }
    while (scan.at < scan.end) {
        if (!skip_token(&scan) || scan.n_values > LAB_PAGE_VALUES_MAX) {
            return false;
        }
    }
    return scan.depth == 0;
}
