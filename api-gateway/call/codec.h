/* JSON <-> protobuf by a schema, without generated code: the proto3 JSON mapping.
 *
 *     struct buffer message = BUFFER_EMPTY(CODEC_MESSAGE_MAX);
 *     status = codec_from_json(method->input, json, &message, &error);
 *     status = codec_to_json(method->output, answer, &writer, &error);
 *
 * In JSON a field has its name or its json_name; 64-bit numbers are texts (numbers are read too),
 * bytes are base64, enums their names or numbers, a map is an object, null is an absent field, and
 * NaN, Infinity and -Infinity are texts. Fields that are not set are left out. Of several values of
 * one field, or of one oneof, the last counts, as protobuf has it; JSON that names a field twice is
 * refused. Both directions read foreign bytes: every failure is in words that name the field.
 *
 * Not here: the special forms of google.protobuf's well-known types; proto2's groups, extensions
 * and defaults. */
#ifndef WALKIE_CALL_CODEC_H
#define WALKIE_CALL_CODEC_H

#include "base/json_writer.h"
#include "call/schema.h"

enum {
    CODEC_DEPTH_MAX = 64,          /* messages within messages */
    CODEC_MESSAGE_MAX = 4 << 20,   /* bytes of a message */
    CODEC_JSON_LEN_MAX = 16 << 20, /* bytes of JSON that is read */
};

/* Append the message that `json` (an object; empty: the empty message) describes.
 * Errors: INVALID_ARGUMENT (malformed: with line and column; an unknown field: with the nearest or
 *         all known ones; a value that does not fit its field), RESOURCE_EXHAUSTED (memory, the
 *         buffer's maximum, CODEC_JSON_LEN_MAX). */
MUST_USE enum status codec_from_json(const struct schema_type *type, struct bytes json,
    struct buffer *message, struct error *ret_error);

/* Write the message as one JSON value. What was written before a failure stays written.
 * Errors: DATA_LOSS (truncated, a field of another wire type, text that is not UTF-8, too deep),
 *         RESOURCE_EXHAUSTED, and what the writer's function returns. */
MUST_USE enum status codec_to_json(const struct schema_type *type, struct bytes message,
    struct json_writer *json, struct error *ret_error);

#endif
