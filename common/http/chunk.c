#include "http/chunk.h"

#include <string.h>

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    uint8_t lower = byte | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool is_text(uint8_t byte)
{
    return (byte >= ' ' || byte == '\t') && byte != 0x7f;
}

static const char *on_size(struct http_chunks *chunks, uint8_t byte)
{
    int digit = hex_digit(byte);
    if (digit >= 0) {
        chunks->size = chunks->size << 4 | (uint64_t)digit;
        return ++chunks->n_digits <= HTTP_CHUNK_DIGITS_MAX ? NULL : "a chunk size is too long";
    }
    if (chunks->n_digits == 0 || (byte != ';' && byte != '\r')) {
        return "a chunk size is malformed";
    }
    chunks->extension_len = 0;
    chunks->state = byte == ';' ? HTTP_CHUNKS_EXTENSION : HTTP_CHUNKS_SIZE_LF;
    return NULL;
}

static const char *on_extension(struct http_chunks *chunks, uint8_t byte)
{
    if (byte == '\r') {
        chunks->state = HTTP_CHUNKS_SIZE_LF;
        return NULL;
    }
    if (!is_text(byte) || byte >= 0x80) {
        return "a control character in a chunk's extension";
    }
    return ++chunks->extension_len <= HTTP_CHUNK_EXTENSION_MAX ? NULL
                                                               : "a chunk's extension is too long";
}

/* The line with the size is over. */
static const char *begin_chunk(struct http_chunks *chunks, uint8_t byte)
{
    if (byte != '\n') {
        return "a CR that no LF follows";
    }
    chunks->size_left = chunks->size;
    chunks->promised =
        chunks->size > UINT64_MAX - chunks->promised ? UINT64_MAX : chunks->promised + chunks->size;
    chunks->state = chunks->size == 0 ? HTTP_CHUNKS_TRAILER : HTTP_CHUNKS_DATA;
    return NULL;
}

static bool is_forbidden(const struct http_chunks *chunks)
{
    static const char *const FORBIDDEN[] = {
        "connection", "content-length", "host", "trailer", "transfer-encoding", "upgrade"};
    for (size_t i = 0; i < LENGTH_OF(FORBIDDEN); i++) {
        if (strlen(FORBIDDEN[i]) == chunks->name_len &&
            memcmp(FORBIDDEN[i], chunks->name, chunks->name_len) == 0) {
            return true;
        }
    }
    return false;
}

static const char *on_trailer_name(struct http_chunks *chunks, uint8_t byte)
{
    if (byte == ':' && chunks->name_len > 0) {
        chunks->state = HTTP_CHUNKS_TRAILER_VALUE;
        return is_forbidden(chunks) ? "a trailer about the framing" : NULL;
    }
    char character = (char)byte;
    if (!http_is_token(&character, 1)) {
        return "a trailer is malformed";
    }
    if (chunks->name_len < HTTP_TRAILER_NAME_KEPT) {
        bool is_capital = byte >= 'A' && byte <= 'Z';
        chunks->name[chunks->name_len] = (char)(is_capital ? byte | 0x20 : byte);
        chunks->name_len++;
    }
    return NULL;
}

static const char *on_trailer_value(struct http_chunks *chunks, uint8_t byte)
{
    if (byte == '\r') {
        chunks->state = HTTP_CHUNKS_TRAILER_LF;
        return NULL;
    }
    return is_text(byte) ? NULL : "a control character in a trailer";
}

static const char *on_trailer(struct http_chunks *chunks, uint8_t byte)
{
    if (byte == '\r') {
        chunks->state = HTTP_CHUNKS_LAST_LF;
        return NULL;
    }
    chunks->name_len = 0;
    chunks->state = HTTP_CHUNKS_TRAILER_NAME;
    return on_trailer_name(chunks, byte);
}

/* A byte that has to be this one. */
static const char *expect(
    struct http_chunks *chunks, uint8_t byte, uint8_t wanted, enum http_chunks_state next)
{
    chunks->state = next;
    return byte == wanted ? NULL : "a chunk or a trailer does not end with CRLF";
}

static const char *take(struct http_chunks *chunks, uint8_t byte)
{
    switch (chunks->state) {
    case HTTP_CHUNKS_SIZE:
        return on_size(chunks, byte);
    case HTTP_CHUNKS_EXTENSION:
        return on_extension(chunks, byte);
    case HTTP_CHUNKS_SIZE_LF:
        return begin_chunk(chunks, byte);
    case HTTP_CHUNKS_DATA_CR:
        return expect(chunks, byte, '\r', HTTP_CHUNKS_DATA_LF);
    case HTTP_CHUNKS_DATA_LF:
        chunks->size = 0;
        chunks->n_digits = 0;
        return expect(chunks, byte, '\n', HTTP_CHUNKS_SIZE);
    case HTTP_CHUNKS_TRAILER:
        return on_trailer(chunks, byte);
    case HTTP_CHUNKS_TRAILER_NAME:
        return on_trailer_name(chunks, byte);
    case HTTP_CHUNKS_TRAILER_VALUE:
        return on_trailer_value(chunks, byte);
    case HTTP_CHUNKS_TRAILER_LF:
        return expect(chunks, byte, '\n', HTTP_CHUNKS_TRAILER);
    case HTTP_CHUNKS_LAST_LF:
        return byte == '\n' ? NULL : "a CR that no LF follows";
    case HTTP_CHUNKS_DATA:
        break;
    }
    return NULL;
}

enum http_scan_result http_chunks_scan(struct http_chunks *chunks, const uint8_t *data, size_t len,
    size_t *ret_used, const char **ret_detail)
{
    size_t at = 0;
    while (at < len) {
        if (chunks->state == HTTP_CHUNKS_DATA) {
            uint64_t skipped = chunks->size_left < len - at ? chunks->size_left : len - at;
            at += (size_t)skipped;
            chunks->size_left -= skipped;
            chunks->state = chunks->size_left == 0 ? HTTP_CHUNKS_DATA_CR : HTTP_CHUNKS_DATA;
            continue;
        }
        bool is_last = chunks->state == HTTP_CHUNKS_LAST_LF;
        bool is_trailer = chunks->state >= HTTP_CHUNKS_TRAILER;
        const char *detail = take(chunks, data[at]);
        if (detail == NULL && is_trailer && ++chunks->trailers_len > HTTP_TRAILERS_MAX) {
            detail = "the trailers are too long";
        }
        if (detail != NULL) {
            *ret_detail = detail;
            return HTTP_SCAN_BAD;
        }
        at++;
        if (is_last) {
            *ret_used = at;
            return HTTP_SCAN_END;
        }
    }
    *ret_used = len;
    return HTTP_SCAN_MORE;
}
