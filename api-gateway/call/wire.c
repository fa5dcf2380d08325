#include "call/wire.h"

#include <stdbool.h>

struct wire_reader wire_reader_of(struct bytes message)
{
    struct wire_reader reader = {message.data, message.data};
    if (message.len > 0) { /* NULL + 0 is not defined in C */
        reader.end += message.len;
    }
    return reader;
}

enum status wire_read_varint(
    struct wire_reader *reader, uint64_t *ret_value, struct error *ret_error)
{
    uint64_t value = 0;
    for (unsigned int i = 0; i < WIRE_VARINT_LEN_MAX; i++) {
        if (reader->at == reader->end) {
            return error_set(ret_error, STATUS_DATA_LOSS, "the message ends within a number");
        }
        uint8_t byte = *reader->at++;
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if ((byte & 0x80) == 0) {
            *ret_value = value;
            return STATUS_OK;
        }
    }
    return error_set(
        ret_error, STATUS_DATA_LOSS, "a number is longer than %d bytes", (int)WIRE_VARINT_LEN_MAX);
}

enum status wire_read_fixed(
    struct wire_reader *reader, size_t len, uint64_t *ret_value, struct error *ret_error)
{
    if ((size_t)(reader->end - reader->at) < len) {
        return error_set(
            ret_error, STATUS_DATA_LOSS, "the message ends within a number of %zu bytes", len);
    }
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++) {
        value |= (uint64_t)reader->at[i] << (8 * i);
    }
    reader->at += len;
    *ret_value = value;
    return STATUS_OK;
}

static enum status read_bytes(
    struct wire_reader *reader, struct bytes *ret_bytes, struct error *ret_error)
{
    uint64_t len = 0;
    enum status status = wire_read_varint(reader, &len, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    size_t left = (size_t)(reader->end - reader->at);
    if (len > left) {
        return error_set(ret_error, STATUS_DATA_LOSS,
            "a length of %llu, and only %zu bytes are left", (unsigned long long)len, left);
    }
    *ret_bytes = (struct bytes){reader->at, (size_t)len};
    reader->at += len;
    return STATUS_OK;
}

static enum status read_value(struct wire_reader *reader, unsigned int type,
    struct wire_field *field, struct error *ret_error)
{
    switch (type) {
    case WIRE_VARINT:
        return wire_read_varint(reader, &field->value, ret_error);
    case WIRE_FIXED64:
        return wire_read_fixed(reader, sizeof(uint64_t), &field->value, ret_error);
    case WIRE_BYTES:
        return read_bytes(reader, &field->bytes, ret_error);
    case WIRE_FIXED32:
        return wire_read_fixed(reader, sizeof(uint32_t), &field->value, ret_error);
    default: /* what a peer sent: no enumeration */
        return error_set(ret_error, STATUS_DATA_LOSS, "wire type %u %s", type,
            type == 3 || type == 4 ? "(a group) is not part of proto3" : "does not exist");
    }
}

enum status wire_next(
    struct wire_reader *reader, struct wire_field *ret_field, struct error *ret_error)
{
    struct wire_field field = {.number = 0};
    if (reader->at == reader->end) {
        *ret_field = field;
        return STATUS_OK;
    }
    uint64_t tag = 0;
    enum status status = wire_read_varint(reader, &tag, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    if (tag >> 3 == 0 || tag >> 3 > WIRE_NUMBER_MAX) {
        return error_set(ret_error, STATUS_DATA_LOSS, "%llu cannot be the number of a field",
            (unsigned long long)(tag >> 3));
    }
    field.number = (uint32_t)(tag >> 3);
    field.type = (enum wire_type)(tag & 7);
    status = read_value(reader, (unsigned int)(tag & 7), &field, ret_error);
    if (status != STATUS_OK) {
        error_prefix(ret_error, "field number %u", field.number);
        return status;
    }
    *ret_field = field;
    return STATUS_OK;
}

enum status wire_put_varint(struct buffer *out, uint64_t value)
{
    uint8_t bytes[WIRE_VARINT_LEN_MAX];
    size_t len = 0;
    while (value >= 0x80) {
        bytes[len++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    bytes[len++] = (uint8_t)value;
    return buffer_append(out, bytes, len);
}

enum status wire_put_tag(struct buffer *out, uint32_t number, enum wire_type type)
{
    return wire_put_varint(out, (uint64_t)number << 3 | (uint64_t)type);
}

enum status wire_put_fixed(struct buffer *out, size_t len, uint64_t value)
{
    uint8_t bytes[sizeof(uint64_t)];
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
    return buffer_append(out, bytes, len);
}

enum status wire_put_bytes(struct buffer *out, uint32_t number, struct bytes value)
{
    enum status status = wire_put_tag(out, number, WIRE_BYTES);
    if (status == STATUS_OK) {
        status = wire_put_varint(out, value.len);
    }
    return status == STATUS_OK ? buffer_append(out, value.data, value.len) : status;
}

uint64_t wire_zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

int64_t wire_unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1 ^ ((value & 1) != 0 ? UINT64_MAX : 0));
}

/* How many bytes the character at `at` has; 0 when it is none. */
static size_t character_len(const uint8_t *at, size_t left)
{
    static const uint32_t LEAST[] = {0, 0, 0x80, 0x800, 0x10000}; /* that needs so many bytes */
    size_t len = at[0] < 0x80       ? 1
                 : at[0] >> 5 == 6  ? 2
                 : at[0] >> 4 == 14 ? 3
                 : at[0] >> 3 == 30 ? 4
                                    : 0;
    if (len == 1 || len == 0 || len > left) {
        return len == 1 ? 1 : 0;
    }
    uint32_t code = at[0] & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        if (at[i] >> 6 != 2) {
            return 0;
        }
        code = code << 6 | (at[i] & 0x3fU);
    }
    bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < LEAST[len] || code > 0x10ffff || is_surrogate ? 0 : len;
}

bool wire_is_utf8(struct bytes text)
{
    size_t at = 0;
    while (at < text.len) {
        size_t len = character_len(text.data + at, text.len - at);
        if (len == 0) {
            return false;
        }
        at += len;
    }
    return true;
}

const char *wire_type_words(enum wire_type type)
{
    switch (type) {
    case WIRE_VARINT:
        return "a varint";
    case WIRE_FIXED64:
        return "8 bytes";
    case WIRE_BYTES:
        return "a length and bytes";
    case WIRE_FIXED32:
        return "4 bytes";
    }
    return "nothing known";
}
