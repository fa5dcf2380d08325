/* Single values, and the words of failures. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "call/codec_internal.h"

enum { PATH_TEXT_MAX = 200 };

/* Writes "a.b[2]" and returns its length; what does not fit is left out at the end. */
static size_t path_text(const struct codec_path *path, char *text, size_t size)
{
    size_t len = path->parent == NULL ? 0 : path_text(path->parent, text, size);
    int more;
    if (path->index != CODEC_NO_INDEX) {
        more = snprintf(text + len, size - len, "[%zu]", path->index);
    } else {
        more = snprintf(text + len, size - len, "%s%s", len == 0 ? "" : ".", path->name);
    }
    len += more < 0 ? 0 : (size_t)more;
    return len < size ? len : size - 1;
}

enum status codec_fail(const struct codec_path *path, struct error *ret_error, enum status status,
    const char *format, ...)
{
    char text[ERROR_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    error_record(ret_error, status, "%s", text);
    if (path != NULL) {
        char where[PATH_TEXT_MAX];
        path_text(path, where, sizeof(where));
        error_prefix(ret_error, "%s", where);
    }
    return status;
}

enum wire_type codec_wire_type(enum schema_kind kind)
{
    switch (kind) {
    case SCHEMA_DOUBLE:
    case SCHEMA_FIXED64:
    case SCHEMA_SFIXED64:
        return WIRE_FIXED64;
    case SCHEMA_FLOAT:
    case SCHEMA_FIXED32:
    case SCHEMA_SFIXED32:
        return WIRE_FIXED32;
    case SCHEMA_STRING:
    case SCHEMA_BYTES:
    case SCHEMA_MESSAGE:
        return WIRE_BYTES;
    case SCHEMA_INT64:
    case SCHEMA_UINT64:
    case SCHEMA_INT32:
    case SCHEMA_UINT32:
    case SCHEMA_SINT32:
    case SCHEMA_SINT64:
    case SCHEMA_BOOL:
    case SCHEMA_ENUM:
        return WIRE_VARINT;
    }
    return WIRE_VARINT;
}

bool codec_is_packable(enum schema_kind kind)
{
    return codec_wire_type(kind) != WIRE_BYTES;
}

const char *codec_json_word(const cJSON *value)
{
    if (cJSON_IsNumber(value)) {
        return "a number";
    }
    if (cJSON_IsString(value)) {
        return "a text";
    }
    if (cJSON_IsArray(value)) {
        return "a list";
    }
    if (cJSON_IsObject(value)) {
        return "an object";
    }
    return cJSON_IsNull(value) ? "null" : cJSON_IsTrue(value) ? "true" : "false";
}

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* -1: no character of either alphabet. */
static int base64_value(char character)
{
    if (character == '-') {
        return 62;
    }
    if (character == '_') {
        return 63;
    }
    const char *at = character == '\0' ? NULL : strchr(ALPHABET, character);
    return at == NULL ? -1 : (int)(at - ALPHABET);
}

bool codec_base64_read(const char *text, struct buffer *out, enum status *ret_status)
{
    size_t len = strlen(text);
    size_t n_padding = 0;
    while (n_padding < 2 && len > 0 && text[len - 1] == '=') {
        len--;
        n_padding++;
    }
    bool is_length_good = len % 4 != 1 && (n_padding == 0 || (len + n_padding) % 4 == 0);
    if (!is_length_good) {
        return false;
    }
    *ret_status = buffer_reserve(out, len / 4 * 3 + 2);
    uint32_t bits = 0;
    for (size_t i = 0; i < len && *ret_status == STATUS_OK; i++) {
        int value = base64_value(text[i]);
        if (value < 0) {
            return false;
        }
        bits = (bits << 6 | (uint32_t)value) & 0xffffff;
        if (i % 4 != 0) { /* six, twelve, eighteen or twenty-four bits: a byte from the second on */
            uint8_t byte = (uint8_t)(bits >> (6 - 2 * (i % 4)));
            *ret_status = buffer_append(out, &byte, 1);
        }
    }
    return true;
}

size_t codec_base64_len(size_t len)
{
    return (len + 2) / 3 * 4;
}

void codec_base64_write(struct bytes bytes, char *ret_text)
{
    char *to = ret_text;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        uint32_t bits = (uint32_t)bytes.data[i] << 16;
        bits |= left > 1 ? (uint32_t)bytes.data[i + 1] << 8 : 0;
        bits |= left > 2 ? (uint32_t)bytes.data[i + 2] : 0;
        *to++ = ALPHABET[bits >> 18];
        *to++ = ALPHABET[bits >> 12 & 63];
        *to++ = left > 1 ? ALPHABET[bits >> 6 & 63] : '=';
        *to++ = left > 2 ? ALPHABET[bits & 63] : '=';
    }
    *to = '\0';
}
