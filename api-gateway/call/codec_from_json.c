/* From JSON to a message. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "call/codec_internal.h"

enum { KNOWN_NAMES_MAX = 256, SHOWN_LEN_MAX = 60, MAP_KEY = 1, MAP_VALUE = 2 };

struct encoding {
    struct error *error; /* may be NULL */
    unsigned int depth;
};

static enum status encode_message(struct encoding *encoding, const struct codec_path *path,
    const struct schema_type *type, const cJSON *object, struct buffer *out);

static enum status too_large(struct encoding *encoding, const struct codec_path *path)
{
    return codec_fail(path, encoding->error, STATUS_RESOURCE_EXHAUSTED,
        "the message is longer than %d bytes, or memory has run out", CODEC_MESSAGE_MAX);
}

/* The buffer's failures in words. */
static enum status put(struct encoding *encoding, const struct codec_path *path, enum status status)
{
    return status == STATUS_OK ? STATUS_OK : too_large(encoding, path);
}

static enum status put_bits(
    struct buffer *out, const struct schema_field *field, bool has_tag, uint64_t bits)
{
    enum wire_type type = codec_wire_type(field->kind);
    enum status status = has_tag ? wire_put_tag(out, field->number, type) : STATUS_OK;
    if (status != STATUS_OK) {
        return status;
    }
    if (type == WIRE_VARINT) {
        return wire_put_varint(out, bits);
    }
    return wire_put_fixed(out, type == WIRE_FIXED64 ? sizeof(uint64_t) : sizeof(uint32_t), bits);
}

static enum status encode_text(struct encoding *encoding, const struct codec_path *path,
    const struct schema_field *field, const char *text, bool keeps_empty, struct buffer *out)
{
    if (text[0] == '\0' && !keeps_empty) {
        return STATUS_OK;
    }
    if (field->kind == SCHEMA_STRING) {
        struct bytes bytes = bytes_of(text);
        if (!wire_is_utf8(bytes)) {
            return codec_fail(path, encoding->error, STATUS_INVALID_ARGUMENT, "is not UTF-8");
        }
        return put(encoding, path, wire_put_bytes(out, field->number, bytes));
    }
    CLEANUP(buffer_finish) struct buffer bytes = BUFFER_EMPTY(CODEC_MESSAGE_MAX);
    enum status status = STATUS_OK;
    if (!codec_base64_read(text, &bytes, &status)) {
        return codec_fail(path, encoding->error, STATUS_INVALID_ARGUMENT,
            "is not base64, which is how JSON has bytes (try: printf hello | base64)");
    }
    if (status == STATUS_OK) {
        status = wire_put_bytes(out, field->number, buffer_bytes(&bytes));
    }
    return put(encoding, path, status);
}

static enum status encode_nested(struct encoding *encoding, const struct codec_path *path,
    const struct schema_field *field, const cJSON *value, struct buffer *out)
{
    CLEANUP(buffer_finish) struct buffer nested = BUFFER_EMPTY(CODEC_MESSAGE_MAX);
    enum status status = encode_message(encoding, path, field->type, value, &nested);
    if (status != STATUS_OK) {
        return status;
    }
    return put(encoding, path, wire_put_bytes(out, field->number, buffer_bytes(&nested)));
}

/* One value with its tag. `keeps_zero`: also when it is what an absent field reads as. */
static enum status encode_value(struct encoding *encoding, const struct codec_path *path,
    const struct schema_field *field, const cJSON *value, bool keeps_zero, struct buffer *out)
{
    if (field->kind == SCHEMA_MESSAGE) {
        return encode_nested(encoding, path, field, value, out);
    }
    if (field->kind == SCHEMA_STRING || field->kind == SCHEMA_BYTES) {
        if (!cJSON_IsString(value)) {
            return codec_fail(path, encoding->error, STATUS_INVALID_ARGUMENT,
                "expects a text%s, not %s", field->kind == SCHEMA_BYTES ? " of base64" : "",
                codec_json_word(value));
        }
        return encode_text(encoding, path, field, value->valuestring, keeps_zero, out);
    }
    uint64_t bits = 0;
    enum status status = codec_read_number(path, field, value, &bits, encoding->error);
    if (status != STATUS_OK || (bits == 0 && !keeps_zero)) {
        return status;
    }
    return put(encoding, path, put_bits(out, field, true, bits));
}

static enum status encode_packed(struct encoding *encoding, const struct codec_path *path,
    const struct schema_field *field, const cJSON *list, struct buffer *out)
{
    CLEANUP(buffer_finish) struct buffer packed = BUFFER_EMPTY(CODEC_MESSAGE_MAX);
    struct codec_path element = {.parent = path, .index = 0};
    for (const cJSON *value = list->child; value != NULL; value = value->next) {
        uint64_t bits = 0;
        enum status status = codec_read_number(&element, field, value, &bits, encoding->error);
        if (status != STATUS_OK) {
            return status;
        }
        status = put(encoding, path, put_bits(&packed, field, false, bits));
        if (status != STATUS_OK) {
            return status;
        }
        element.index++;
    }
    if (packed.len == 0) {
        return STATUS_OK;
    }
    return put(encoding, path, wire_put_bytes(out, field->number, buffer_bytes(&packed)));
}

static enum status encode_list(struct encoding *encoding, const struct codec_path *path,
    const struct schema_field *field, const cJSON *list, struct buffer *out)
{
    if (!cJSON_IsArray(list)) {
        return codec_fail(path, encoding->error, STATUS_INVALID_ARGUMENT, "expects a list, not %s",
            codec_json_word(list));
    }
    if (codec_is_packable(field->kind)) {
        return encode_packed(encoding, path, field, list, out);
    }
    struct codec_path element = {.parent = path, .index = 0};
    for (const cJSON *value = list->child; value != NULL; value = value->next) {
        enum status status = encode_value(encoding, &element, field, value, true, out);
        if (status != STATUS_OK) {
            return status;
        }
        element.index++;
    }
    return STATUS_OK;
}

static enum status encode_key(struct encoding *encoding, const struct codec_path *path,
    const struct schema_field *field, const char *key, struct buffer *out)
{
    if (field->kind == SCHEMA_STRING) {
        return encode_text(encoding, path, field, key, true, out);
    }
    uint64_t bits = 0;
    enum status status = codec_read_key(path, field, key, &bits, encoding->error);
    return status == STATUS_OK ? put(encoding, path, put_bits(out, field, true, bits)) : status;
}

static enum status encode_map(struct encoding *encoding, const struct codec_path *path,
    const struct schema_field *field, const cJSON *object, struct buffer *out)
{
    if (!cJSON_IsObject(object)) {
        return codec_fail(path, encoding->error, STATUS_INVALID_ARGUMENT,
            "expects an object of keys and values, not %s", codec_json_word(object));
    }
    const struct schema_field *key = schema_field_numbered(field->type, MAP_KEY);
    const struct schema_field *value = schema_field_numbered(field->type, MAP_VALUE);
    for (const cJSON *member = object->child; member != NULL; member = member->next) {
        CLEANUP(buffer_finish) struct buffer entry = BUFFER_EMPTY(CODEC_MESSAGE_MAX);
        struct codec_path at = {path, member->string, CODEC_NO_INDEX};
        enum status status = encode_key(encoding, &at, key, member->string, &entry);
        if (status == STATUS_OK) {
            status = encode_value(encoding, &at, value, member, true, &entry);
        }
        if (status == STATUS_OK) {
            status = put(encoding, &at, wire_put_bytes(out, field->number, buffer_bytes(&entry)));
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status unknown_field(struct encoding *encoding, const struct codec_path *path,
    const struct schema_type *type, const char *name)
{
    const char *names[KNOWN_NAMES_MAX];
    char known[ERROR_TEXT_MAX] = "";
    size_t len = 0;
    size_t n_names = type->n_fields < KNOWN_NAMES_MAX ? type->n_fields : KNOWN_NAMES_MAX;
    for (size_t i = 0; i < n_names; i++) {
        names[i] = type->fields[i].name;
        if (len < sizeof(known)) {
            int more =
                snprintf(known + len, sizeof(known) - len, "%s%s", i == 0 ? "" : ", ", names[i]);
            len += more < 0 ? 0 : (size_t)more;
        }
    }
    const char *nearest = nearest_name(name, names, n_names);
    return codec_fail(path, encoding->error, STATUS_INVALID_ARGUMENT,
        "%s has no field \"%.*s\"%s%s%s; %s%s", type->name, SHOWN_LEN_MAX, name,
        nearest == NULL ? "" : "; did you mean ", nearest == NULL ? "" : nearest,
        nearest == NULL ? "" : "?", n_names == 0 ? "it has no fields" : "known: ", known);
}

static enum status encode_field(struct encoding *encoding, const struct codec_path *path,
    const struct schema_field *field, const cJSON *value, struct buffer *out)
{
    struct codec_path at = {path, field->name, CODEC_NO_INDEX};
    if (schema_is_map(field)) {
        return encode_map(encoding, &at, field, value, out);
    }
    if (field->is_repeated) {
        return encode_list(encoding, &at, field, value, out);
    }
    bool has_presence = field->is_optional || field->oneof != SCHEMA_ONEOF_NONE;
    return encode_value(encoding, &at, field, value, has_presence, out);
}

/* Whether the field, or another of its oneof, was there before; marks it. */
static const struct schema_field *seen_before(
    const struct schema_type *type, const struct schema_field *field, bool *is_seen)
{
    assert(type->fields != NULL); /* it has `field` */
    for (size_t i = 0; i < type->n_fields; i++) {
        const struct schema_field *other = &type->fields[i];
        bool is_rival =
            other == field || (field->oneof != SCHEMA_ONEOF_NONE && other->oneof == field->oneof);
        if (is_rival && is_seen[i]) {
            return other;
        }
    }
    is_seen[field - type->fields] = true;
    return NULL;
}

static void free_at(void *pointer)
{
    free(*(void **)pointer);
}

static enum status encode_members(struct encoding *encoding, const struct codec_path *path,
    const struct schema_type *type, const cJSON *object, struct buffer *out)
{
    CLEANUP(free_at) bool *is_seen = calloc(type->n_fields + 1, sizeof(*is_seen));
    if (is_seen == NULL) {
        return too_large(encoding, path);
    }
    for (const cJSON *member = object->child; member != NULL; member = member->next) {
        const struct schema_field *field = schema_find_field(type, member->string);
        if (field == NULL) {
            return unknown_field(encoding, path, type, member->string);
        }
        const struct schema_field *before = seen_before(type, field, is_seen);
        if (before != NULL) {
            return codec_fail(path, encoding->error, STATUS_INVALID_ARGUMENT,
                before == field ? "%s is there twice" : "%s and %s are alternatives: give one",
                before->name, field->name);
        }
        if (cJSON_IsNull(member)) {
            continue;
        }
        enum status status = encode_field(encoding, path, field, member, out);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status encode_message(struct encoding *encoding, const struct codec_path *path,
    const struct schema_type *type, const cJSON *object, struct buffer *out)
{
    if (!cJSON_IsObject(object)) {
        return codec_fail(path, encoding->error, STATUS_INVALID_ARGUMENT,
            "expects an object (a %s), not %s", type->name, codec_json_word(object));
    }
    if (encoding->depth == CODEC_DEPTH_MAX) {
        return codec_fail(path, encoding->error, STATUS_INVALID_ARGUMENT,
            "messages within messages more than %d deep", CODEC_DEPTH_MAX);
    }
    encoding->depth++;
    enum status status = encode_members(encoding, path, type, object, out);
    encoding->depth--;
    return status;
}

/* Where in the text, counted as editors do. */
static void find_place(struct bytes json, size_t at, size_t *ret_line, size_t *ret_column)
{
    *ret_line = 1;
    *ret_column = 1;
    for (size_t i = 0; i < at && i < json.len; i++) {
        bool is_break = json.data[i] == '\n';
        *ret_line += is_break ? 1 : 0;
        *ret_column = is_break ? 1 : *ret_column + 1;
    }
}

static enum status not_json(struct bytes json, size_t at, const char *what, struct error *ret_error)
{
    size_t line;
    size_t column;
    find_place(json, at, &line, &column);
    return error_set(ret_error, STATUS_INVALID_ARGUMENT, "the JSON, line %zu, column %zu: %s", line,
        column, what);
}

/* The parser ends a text at "\u0000" without a word, so it must not see one. */
static bool find_nul(struct bytes json, size_t *ret_at)
{
    static const char NUL[] = {'u', '0', '0', '0', '0'};
    for (size_t i = 0; i < json.len; i++) {
        if (json.data[i] == '\0') {
            *ret_at = i;
            return true;
        }
        if (json.data[i] != '\\') {
            continue;
        }
        if (json.len - i > sizeof(NUL) && memcmp(json.data + i + 1, NUL, sizeof(NUL)) == 0) {
            *ret_at = i;
            return true;
        }
        i++; /* the escaped character, which may be a backslash */
    }
    return false;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static enum status parse(struct bytes json, cJSON **ret_object, struct error *ret_error)
{
    size_t at = 0;
    if (find_nul(json, &at)) {
        return not_json(json, at, "a NUL cannot be part of a text here", ret_error);
    }
    const char *end = NULL;
    cJSON *object = cJSON_ParseWithLengthOpts((const char *)json.data, json.len, &end, false);
    at = end == NULL ? 0 : (size_t)(end - (const char *)json.data);
    if (object == NULL) {
        return not_json(json, at, "something else is expected here", ret_error);
    }
    while (at < json.len && is_blank(json.data[at])) {
        at++;
    }
    if (at < json.len) {
        cJSON_Delete(object);
        return not_json(json, at, "more after the end of the value", ret_error);
    }
    *ret_object = object;
    return STATUS_OK;
}

enum status codec_from_json(const struct schema_type *type, struct bytes json,
    struct buffer *message, struct error *ret_error)
{
    if (json.len > CODEC_JSON_LEN_MAX) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "JSON of %zu bytes; at most %d are read", json.len, CODEC_JSON_LEN_MAX);
    }
    size_t n_blanks = 0;
    while (n_blanks < json.len && is_blank(json.data[n_blanks])) {
        n_blanks++;
    }
    if (n_blanks == json.len) {
        return STATUS_OK; /* the empty message */
    }
    cJSON *object = NULL;
    enum status status = parse(json, &object, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    struct encoding encoding = {.error = ret_error};
    status = encode_message(&encoding, NULL, type, object, message);
    cJSON_Delete(object);
    return status;
}
