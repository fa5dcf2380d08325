#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "http/head.h"
#include "http/internal.h"

enum { DATE_LEN = 29, NUMBER_MAX = 20, HEAD_FIXED_MAX = 320 };

const char *http_reason(int status_code)
{
    static const struct {
        int code;
        const char *reason;
    } REASONS[] = {{200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"},
        {206, "Partial Content"}, {301, "Moved Permanently"}, {302, "Found"}, {303, "See Other"},
        {304, "Not Modified"}, {307, "Temporary Redirect"}, {308, "Permanent Redirect"},
        {400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"},
        {405, "Method Not Allowed"}, {406, "Not Acceptable"}, {408, "Request Timeout"},
        {409, "Conflict"}, {410, "Gone"}, {411, "Length Required"}, {412, "Precondition Failed"},
        {413, "Content Too Large"}, {414, "URI Too Long"}, {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"}, {417, "Expectation Failed"}, {422, "Unprocessable Content"},
        {425, "Too Early"}, {428, "Precondition Required"}, {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"}, {499, "Client Closed Request"},
        {500, "Internal Server Error"}, {501, "Not Implemented"}, {502, "Bad Gateway"},
        {503, "Service Unavailable"}, {504, "Gateway Timeout"}, {505, "HTTP Version Not Supported"},
        {507, "Insufficient Storage"}};
    for (size_t i = 0; i < LENGTH_OF(REASONS); i++) {
        if (REASONS[i].code == status_code) {
            return REASONS[i].reason;
        }
    }
    return "Status";
}

/* Whether one of eight bytes is below 0x20, or 0x7f. */
static bool has_control(const char *bytes)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t tops = ones << 7;
    uint64_t word;
    memcpy(&word, bytes, sizeof(word));
    uint64_t deletes = word ^ (ones * 0x7f);
    return (((word - ones * 0x20) & ~word) & tops) != 0 ||
           (((deletes - ones) & ~deletes) & tops) != 0;
}

bool http_is_field_value(const char *value)
{
    const char *end = value + strlen(value);
    const char *at = value;
    while (end - at >= (long)sizeof(uint64_t) && !has_control(at)) {
        at += sizeof(uint64_t);
    }
    for (; at < end; at++) {
        unsigned char byte = (unsigned char)*at;
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f) {
            return false;
        }
    }
    return true;
}

/* Made once a second and thread. */
const char *http_date(void)
{
    static _Thread_local struct {
        int64_t second;
        char text[DATE_LEN + 1];
    } cache = {-1, ""};
    int64_t second = clock_epoch_us() / 1000000;
    if (second == cache.second) {
        return cache.text;
    }
    static const char DAYS[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char MONTHS[12][4] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t now = (time_t)second;
    struct tm utc;
    char text[64];
    if (gmtime_r(&now, &utc) != NULL) {
        /* strftime would use the locale's words. */
        snprintf(text, sizeof(text), "%s, %02d %s %04d %02d:%02d:%02d GMT", DAYS[utc.tm_wday],
            utc.tm_mday, MONTHS[utc.tm_mon], (utc.tm_year + 1900) % 10000, utc.tm_hour, utc.tm_min,
            utc.tm_sec);
        memcpy(cache.text, text, DATE_LEN);
        cache.text[DATE_LEN] = '\0';
        cache.second = second;
    }
    return cache.text;
}

/* Writes without looking at the room: the caller has reserved it. */
static void put(struct buffer *out, const char *text, size_t len)
{
    memcpy(out->data + out->len, text, len);
    out->len += len;
}
#define PUT(out, literal) put((out), (literal), sizeof(literal) - 1)

static void put_number(struct buffer *out, uint64_t number)
{
    char digits[NUMBER_MAX];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    put(out, digits + at, sizeof(digits) - at);
}

enum status http_head_append(struct buffer *out, const struct http_head *head)
{
    const char *reason = http_reason(head->status_code);
    size_t type_len = head->content_type != NULL ? strlen(head->content_type) : 0;
    enum status status =
        buffer_reserve(out, HEAD_FIXED_MAX + strlen(reason) + type_len + head->fields.len);
    if (status != STATUS_OK) {
        return status;
    }
    PUT(out, "HTTP/1.1 ");
    put_number(out, (uint64_t)head->status_code);
    PUT(out, " ");
    put(out, reason, strlen(reason));
    PUT(out, "\r\nDate: ");
    put(out, http_date(), DATE_LEN);
    if (head->content_type != NULL) {
        PUT(out, "\r\nContent-Type: ");
        put(out, head->content_type, type_len);
    }
    if (head->is_chunked) {
        PUT(out, "\r\nTransfer-Encoding: chunked");
    } else if (head->content_len >= 0) {
        PUT(out, "\r\nContent-Length: ");
        put_number(out, (uint64_t)head->content_len);
    }
    if (head->is_close) {
        PUT(out, "\r\nConnection: close");
    } else if (head->is_keep_alive) {
        PUT(out, "\r\nConnection: keep-alive");
    }
    PUT(out, "\r\n");
    if (head->fields.len > 0) {
        put(out, (const char *)head->fields.data, head->fields.len);
    }
    PUT(out, "\r\n");
    return STATUS_OK;
}
