/* Protobuf's wire format, one field at a time, read with suspicion and written without ceremony.
 *
 *     struct wire_reader reader = {message.data, message.data + message.len};
 *     struct wire_field field;
 *     while ((status = wire_next(&reader, &field, &error)) == STATUS_OK && field.number != 0) { … }
 *
 * Not here: what a field means. That is the schema's (schema.h). Groups, which proto3 does not
 * have, are refused. */
#ifndef WALKIE_CALL_WIRE_H
#define WALKIE_CALL_WIRE_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

enum {
    WIRE_NUMBER_MAX = (1 << 29) - 1, /* of a field */
    WIRE_VARINT_LEN_MAX = 10,
};

/* What is still to be read; borrowed. */
struct wire_reader {
    const uint8_t *at;
    const uint8_t *end;
};

struct wire_field {
    uint32_t number; /* 0: the message is over */
    enum wire_type type;
    uint64_t value;     /* varint and fixed */
    struct bytes bytes; /* WIRE_BYTES: within the message read */
};

struct wire_reader wire_reader_of(struct bytes message);

/* The next field. Errors: DATA_LOSS with words: truncated, a varint without an end, a type that
 * does not exist, field number 0. */
MUST_USE enum status wire_next(
    struct wire_reader *reader, struct wire_field *ret_field, struct error *ret_error);

/* One value of a packed field. Same errors. */
MUST_USE enum status wire_read_varint(
    struct wire_reader *reader, uint64_t *ret_value, struct error *ret_error);
MUST_USE enum status wire_read_fixed(
    struct wire_reader *reader, size_t len, uint64_t *ret_value, struct error *ret_error);

/* Errors of writing: RESOURCE_EXHAUSTED, the buffer's. */
MUST_USE enum status wire_put_varint(struct buffer *out, uint64_t value);
MUST_USE enum status wire_put_tag(struct buffer *out, uint32_t number, enum wire_type type);
MUST_USE enum status wire_put_fixed(struct buffer *out, size_t len, uint64_t value);
MUST_USE enum status wire_put_bytes(struct buffer *out, uint32_t number, struct bytes value);

/* Signed numbers whose small absolute values are short: sint32, sint64. */
uint64_t wire_zigzag(int64_t value);
int64_t wire_unzigzag(uint64_t value);

/* Whether these bytes are UTF-8 (shortest forms, no surrogates): what a proto3 string must be. */
bool wire_is_utf8(struct bytes text);

/* "a varint", "a length and bytes" for messages. */
const char *wire_type_words(enum wire_type type);

#endif
