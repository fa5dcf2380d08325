#include "http/strict.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "http/request.h"

/* The line that ends here was empty: the header's end, or in front of the request line. */
static enum http_scan_result end_line(struct http_scan *scan, const char **ret_detail)
{
    if (scan->line_len > 0) {
        scan->n_lines++;
        scan->line_len = 0;
        return HTTP_SCAN_MORE;
    }
    if (scan->n_lines > 0) {
        return HTTP_SCAN_END;
    }
    if (scan->n_empty > 0) {
        *ret_detail = "more than one empty line before the request";
        return HTTP_SCAN_BAD;
    }
    scan->n_empty = 1; /* RFC 9112 2.2: one is to be tolerated */
    return HTTP_SCAN_MORE;
}

static const char *refuse_byte(const struct http_scan *scan, uint8_t byte)
{
    if (byte == '\n') {
        return "a line ends with LF instead of CRLF";
    }
    if ((byte < 0x20 && byte != '\t') || byte == 0x7f) {
        return "a control character in the header";
    }
    if ((byte == ' ' || byte == '\t') && scan->line_len == 0) {
        return scan->n_lines > 0 ? "a folded header line" : "white space before the request";
    }
    return NULL;
}

enum http_scan_result http_scan(struct http_scan *scan, const uint8_t *data, size_t len,
    size_t *ret_used, const char **ret_detail)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = data[i];
        if (scan->previous == '\r') {
            if (byte != '\n') {
                *ret_detail = "a CR that no LF follows";
                return HTTP_SCAN_BAD;
            }
            scan->previous = '\n';
            enum http_scan_result result = end_line(scan, ret_detail);
            if (result != HTTP_SCAN_MORE) {
                *ret_used = i + 1;
                return result;
            }
            continue;
        }
        scan->previous = byte;
        if (byte > ' ' && byte != 0x7f) {
            scan->line_len++;
            continue;
        }
        if (byte == '\r') {
            continue;
        }
        *ret_detail = refuse_byte(scan, byte);
        if (*ret_detail != NULL) {
            return HTTP_SCAN_BAD;
        }
        scan->line_len++;
    }
    *ret_used = len;
    return HTTP_SCAN_MORE;
}

/* RFC 9110 5.6.2: letters, digits and !#$%&'*+-.^_`|~, a bit each. */
static bool is_token_byte(unsigned char byte)
{
    static const uint64_t BITS[4] = {
        UINT64_C(0x03ff6cfa00000000), UINT64_C(0x57ffffffc7fffffe), 0, 0};
    return (BITS[byte / 64] >> byte % 64 & 1) != 0;
}

bool http_is_token(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!is_token_byte((unsigned char)text[i])) {
            return false;
        }
    }
    return len > 0;
}

bool http_is_request_line(const char *text, size_t len)
{
    static const char VERSION[] = "HTTP/d.d";
    const char *end = text + len;
    while (text < end && (*text == '\r' || *text == '\n')) {
        text++;
    }
    const char *line_end = memchr(text, '\r', (size_t)(end - text));
    const char *space = line_end == NULL ? NULL : memchr(text, ' ', (size_t)(line_end - text));
    if (space == NULL || !http_is_token(text, (size_t)(space - text))) {
        return false;
    }
    const char *target = space + 1;
    space = memchr(target, ' ', (size_t)(line_end - target));
    if (space == NULL || space == target || line_end - space != (long)sizeof(VERSION)) {
        return false;
    }
    for (size_t i = 0; VERSION[i] != '\0'; i++) {
        char wanted = VERSION[i];
        char byte = space[1 + i];
        if (wanted == 'd' ? !isdigit((unsigned char)byte) : byte != wanted) {
            return false;
        }
    }
    return true;
}

/* ":8080", or nothing. */
static bool is_port_suffix(const char *text, size_t len)
{
    if (len == 0) {
        return true;
    }
    if (text[0] != ':' || len > 6) {
        return false;
    }
    unsigned int port = 0;
    for (size_t i = 1; i < len; i++) {
        if (!isdigit((unsigned char)text[i])) {
            return false;
        }
        port = port * 10 + (unsigned int)(text[i] - '0');
    }
    return port <= UINT16_MAX;
}

bool http_is_authority(const char *text, size_t len)
{
    size_t end = 0;
    if (len > 0 && text[0] == '[') {
        end = 1;
        while (end < len && (isxdigit((unsigned char)text[end]) || strchr(":.", text[end]))) {
            end++;
        }
        if (end == 1 || end == len || text[end] != ']') {
            return false;
        }
        return is_port_suffix(text + end + 1, len - end - 1);
    }
    while (end < len && (isalnum((unsigned char)text[end]) || strchr("-._~", text[end]))) {
        end++;
    }
    return end > 0 && is_port_suffix(text + end, len - end);
}

static struct http_verdict check_host(const char *value, bool is_repeated)
{
    if (is_repeated) {
        return HTTP_REFUSED(400, "more than one Host field");
    }
    if (!http_is_authority(value, strlen(value))) {
        return HTTP_REFUSED(400, "the Host field is malformed");
    }
    return HTTP_ACCEPTED;
}

static struct http_verdict check_content_length(const char *value, bool is_repeated)
{
    /* Equal ones could be folded into one; whoever sends two has a bug that we do not hide. */
    if (is_repeated) {
        return HTTP_REFUSED(400, "more than one Content-Length field");
    }
    if (value[0] == '\0' || value[strspn(value, "0123456789")] != '\0') {
        return HTTP_REFUSED(400, "the Content-Length field is not a number");
    }
    return HTTP_ACCEPTED;
}

static struct http_verdict check_transfer_encoding(
    struct http_request *request, const char *value, bool is_repeated)
{
    if (request->is_http_10) {
        return HTTP_REFUSED(400, "Transfer-Encoding in an HTTP/1.0 request");
    }
    if (is_repeated) {
        return HTTP_REFUSED(400, "more than one Transfer-Encoding field");
    }
    if (strcasecmp(value, "chunked") != 0) {
        return HTTP_REFUSED(501, "a transfer coding other than chunked");
    }
    request->is_chunked = true;
    return HTTP_ACCEPTED;
}

static struct http_verdict check_expect(struct http_request *request, const char *value)
{
    if (strcasecmp(value, "100-continue") != 0) {
        return HTTP_REFUSED(417, "an expectation other than 100-continue");
    }
    request->wants_continue = !request->is_http_10;
    return HTTP_ACCEPTED;
}

struct http_verdict http_check_fields(struct http_request *request)
{
    unsigned int n_host = 0;
    unsigned int n_length = 0;
    unsigned int n_encoding = 0;
    for (uint32_t i = 0; i < request->n_fields; i++) {
        const struct http_field *field = &request->fields[i];
        const char *name = http_request_text(request, field->name.offset);
        const char *value = http_request_text(request, field->value.offset);
        struct http_verdict verdict = HTTP_ACCEPTED;
        if (!http_is_token(name, field->name.len)) {
            return HTTP_REFUSED(400, "a header field's name is malformed");
        }
        if (field->name.len == 4 && strcasecmp(name, "Host") == 0) {
            verdict = check_host(value, n_host++ > 0);
        } else if (field->name.len == 14 && strcasecmp(name, "Content-Length") == 0) {
            verdict = check_content_length(value, n_length++ > 0);
        } else if (field->name.len == 17 && strcasecmp(name, "Transfer-Encoding") == 0) {
            verdict = check_transfer_encoding(request, value, n_encoding++ > 0);
        } else if (field->name.len == 6 && strcasecmp(name, "Expect") == 0) {
            verdict = check_expect(request, value);
        }
        if (verdict.status_code != 0) {
            return verdict;
        }
    }
    if (n_length > 0 && n_encoding > 0) {
        return HTTP_REFUSED(400, "both Content-Length and Transfer-Encoding");
    }
    if (n_host == 0 && !request->is_http_10) {
        return HTTP_REFUSED(400, "an HTTP/1.1 request without a Host field");
    }
    return HTTP_ACCEPTED;
}
