/* From a message to JSON. Fields come in the schema's order, whatever their order on the wire: each
 * is looked for in the whole message, which costs a pass a field and no memory. */
#include <stdlib.h>
#include <string.h>

#include "call/codec_internal.h"

enum { MAP_KEY = 1, MAP_VALUE = 2, KEY_TEXT_MAX = 32 };

struct decoding {
    struct json_writer *json;
    struct error *error; /* may be NULL */
    unsigned int depth;
};

static enum status decode_message(struct decoding *decoding, const struct codec_path *path,
    const struct schema_type *type, struct bytes message);

/* What the field's wire type must be; a repeated number may also be packed. */
static enum status check_wire_type(struct decoding *decoding, const struct codec_path *path,
    const struct schema_field *field, const struct wire_field *part)
{
    enum wire_type expected = codec_wire_type(field->kind);
    bool is_packed =
        field->is_repeated && part->type == WIRE_BYTES && codec_is_packable(field->kind);
    if (part->type == expected || is_packed) {
        return STATUS_OK;
    }
    struct codec_path at = {path, field->name, CODEC_NO_INDEX};
    return codec_fail(&at, decoding->error, STATUS_DATA_LOSS,
        "is %s on the wire, but %s is %s; do both sides have the same schema?",
        wire_type_words(part->type), schema_kind_word(field->kind), wire_type_words(expected));
}

/* The whole message once, before anything is written: is it well-formed, are the types right? */
static enum status check_message(struct decoding *decoding, const struct codec_path *path,
    const struct schema_type *type, struct bytes message)
{
    struct wire_reader reader = wire_reader_of(message);
    for (;;) {
        struct wire_field part;
        struct error reason = ERROR_NONE;
        enum status status = wire_next(&reader, &part, &reason);
        if (status != STATUS_OK) {
            return codec_fail(path, decoding->error, status, "%s: %s", type->name, reason.text);
        }
        if (part.number == 0) {
            return STATUS_OK;
        }
        const struct schema_field *field = schema_field_numbered(type, part.number);
        if (field == NULL) {
            continue; /* of a newer schema */
        }
        status = check_wire_type(decoding, path, field, &part);
        if (status != STATUS_OK) {
            return status;
        }
    }
}

/* Of a message that is checked: the next part of that field; false when there is none. */
static bool next_part(struct wire_reader *reader, uint32_t number, struct wire_field *ret_part)
{
    while (wire_next(reader, ret_part, NULL) == STATUS_OK && ret_part->number != 0) {
        if (ret_part->number == number) {
            return true;
        }
    }
    return false;
}

static enum status write_text(struct decoding *decoding, const struct codec_path *path,
    const struct schema_field *field, struct bytes value)
{
    if (field->kind == SCHEMA_STRING) {
        if (!wire_is_utf8(value)) {
            return codec_fail(path, decoding->error, STATUS_DATA_LOSS, "is not UTF-8");
        }
        json_text_bytes(decoding->json, value);
        return STATUS_OK;
    }
    char *text = malloc(codec_base64_len(value.len) + 1);
    if (text == NULL) {
        return codec_fail(path, decoding->error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    codec_base64_write(value, text);
    json_text(decoding->json, text);
    free(text);
    return STATUS_OK;
}

/* One value that is not packed; NULL: an absent one (of a map's entry), which reads as zero. */
static enum status write_value(struct decoding *decoding, const struct codec_path *path,
    const struct schema_field *field, const struct wire_field *part)
{
    static const struct wire_field ABSENT = {.bytes = {(const uint8_t *)"", 0}};
    part = part == NULL ? &ABSENT : part;
    if (field->kind == SCHEMA_MESSAGE) {
        return decode_message(decoding, path, field->type, part->bytes);
    }
    if (field->kind == SCHEMA_STRING || field->kind == SCHEMA_BYTES) {
        return write_text(decoding, path, field, part->bytes);
    }
    codec_write_number(field, part->value, decoding->json);
    return STATUS_OK;
}

static enum status write_packed(struct decoding *decoding, struct codec_path *element,
    const struct schema_field *field, struct bytes packed)
{
    enum wire_type type = codec_wire_type(field->kind);
    struct wire_reader reader = wire_reader_of(packed);
    while (reader.at < reader.end) {
        struct error reason = ERROR_NONE;
        uint64_t bits = 0;
        enum status status =
            type == WIRE_VARINT
                ? wire_read_varint(&reader, &bits, &reason)
                : wire_read_fixed(&reader,
                      type == WIRE_FIXED64 ? sizeof(uint64_t) : sizeof(uint32_t), &bits, &reason);
        if (status != STATUS_OK) {
            return codec_fail(element, decoding->error, status, "%s", reason.text);
        }
        codec_write_number(field, bits, decoding->json);
        element->index++;
    }
    return STATUS_OK;
}

static enum status write_list(struct decoding *decoding, const struct codec_path *path,
    const struct schema_field *field, struct bytes message)
{
    struct wire_reader reader = wire_reader_of(message);
    struct codec_path element = {.parent = path, .index = 0};
    struct wire_field part;
    enum status status = STATUS_OK;
    json_begin(decoding->json, '[');
    while (status == STATUS_OK && next_part(&reader, field->number, &part)) {
        if (part.type == WIRE_BYTES && codec_is_packable(field->kind)) {
            status = write_packed(decoding, &element, field, part.bytes);
        } else {
            status = write_value(decoding, &element, field, &part);
            element.index++;
        }
    }
    json_end(decoding->json, ']');
    return status;
}

/* The last part of a field; false when there is none. */
static bool find_last(struct bytes message, uint32_t number, struct wire_field *ret_part)
{
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field part;
    bool is_there = false;
    while (next_part(&reader, number, &part)) {
        *ret_part = part;
        is_there = true;
    }
    return is_there;
}

static enum status write_entry(struct decoding *decoding, const struct codec_path *path,
    const struct schema_type *type, struct bytes entry)
{
    const struct schema_field *key = schema_field_numbered(type, MAP_KEY);
    const struct schema_field *value = schema_field_numbered(type, MAP_VALUE);
    enum status status = check_message(decoding, path, type, entry);
    if (status != STATUS_OK) {
        return status;
    }
    struct wire_field part = {.bytes = {(const uint8_t *)"", 0}};
    (void)find_last(entry, MAP_KEY, &part); /* absent: the empty key, or 0 */
    if (key->kind == SCHEMA_STRING) {
        bool is_good = wire_is_utf8(part.bytes);
        if (!is_good || memchr(part.bytes.data, '\0', part.bytes.len) != NULL) {
            return codec_fail(path, decoding->error, STATUS_DATA_LOSS,
                is_good ? "a key has a NUL in it" : "a key is not UTF-8");
        }
        char *text = malloc(part.bytes.len + 1);
        if (text == NULL) {
            return codec_fail(path, decoding->error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
        }
        memcpy(text, part.bytes.data, part.bytes.len);
        text[part.bytes.len] = '\0';
        json_key(decoding->json, text);
        free(text);
    } else {
        char text[KEY_TEXT_MAX];
        codec_key_text(key, part.value, text, sizeof(text));
        json_key(decoding->json, text);
    }
    return write_value(decoding, path, value, find_last(entry, MAP_VALUE, &part) ? &part : NULL);
}

static enum status write_map(struct decoding *decoding, const struct codec_path *path,
    const struct schema_field *field, struct bytes message)
{
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field part;
    enum status status = STATUS_OK;
    json_begin(decoding->json, '{');
    while (status == STATUS_OK && next_part(&reader, field->number, &part)) {
        status = write_entry(decoding, path, field->type, part.bytes);
    }
    json_end(decoding->json, '}');
    return status;
}

/* A message in several parts is their sequence, as protobuf has it. */
static enum status write_message_field(struct decoding *decoding, const struct codec_path *path,
    const struct schema_field *field, struct bytes message)
{
    CLEANUP(buffer_finish) struct buffer whole = BUFFER_EMPTY(message.len);
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field part;
    while (next_part(&reader, field->number, &part)) {
        if (buffer_append(&whole, part.bytes.data, part.bytes.len) != STATUS_OK) {
            return codec_fail(path, decoding->error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
        }
    }
    return decode_message(decoding, path, field->type, buffer_bytes(&whole));
}

/* Whether another field of the same oneof came later. */
static bool is_overruled(
    const struct schema_type *type, const struct schema_field *field, struct bytes message)
{
    if (field->oneof == SCHEMA_ONEOF_NONE) {
        return false;
    }
    bool is_overruled = false;
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field part;
    while (wire_next(&reader, &part, NULL) == STATUS_OK && part.number != 0) {
        const struct schema_field *other = schema_field_numbered(type, part.number);
        if (other != NULL && other->oneof == field->oneof) {
            is_overruled = other->number != field->number;
        }
    }
    return is_overruled;
}

static enum status decode_field(struct decoding *decoding, const struct codec_path *parent,
    const struct schema_type *type, const struct schema_field *field, struct bytes message)
{
    struct wire_field last;
    if (!find_last(message, field->number, &last) || is_overruled(type, field, message)) {
        return STATUS_OK;
    }
    struct codec_path path = {parent, field->name, CODEC_NO_INDEX};
    json_key(decoding->json, field->name);
    if (schema_is_map(field)) {
        return write_map(decoding, &path, field, message);
    }
    if (field->is_repeated) {
        return write_list(decoding, &path, field, message);
    }
    if (field->kind == SCHEMA_MESSAGE) {
        return write_message_field(decoding, &path, field, message);
    }
    return write_value(decoding, &path, field, &last);
}

static enum status decode_message(struct decoding *decoding, const struct codec_path *path,
    const struct schema_type *type, struct bytes message)
{
    if (decoding->depth == CODEC_DEPTH_MAX) {
        return codec_fail(path, decoding->error, STATUS_DATA_LOSS,
            "messages within messages more than %d deep", CODEC_DEPTH_MAX);
    }
    enum status status = check_message(decoding, path, type, message);
    if (status != STATUS_OK) {
        return status;
    }
    decoding->depth++;
    json_begin(decoding->json, '{');
    for (size_t i = 0; i < type->n_fields && status == STATUS_OK; i++) {
        status = decode_field(decoding, path, type, &type->fields[i], message);
    }
    json_end(decoding->json, '}');
    decoding->depth--;
    return status == STATUS_OK ? decoding->json->status : status;
}

enum status codec_to_json(const struct schema_type *type, struct bytes message,
    struct json_writer *json, struct error *ret_error)
{
    struct decoding decoding = {.json = json, .error = ret_error};
    return decode_message(&decoding, NULL, type, message);
}
