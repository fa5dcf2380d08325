/* What the two directions of the codec share: where in a message one is, and single values. Not for
 * anybody else.
 *
 *     const struct codec_path path = {.parent = parent, .name = field->name};
 *     return codec_fail(&path, ret_error, STATUS_INVALID_ARGUMENT, "expects a list");
 */
#ifndef WALKIE_CALL_CODEC_INTERNAL_H
#define WALKIE_CALL_CODEC_INTERNAL_H

#include <cjson/cJSON.h>

#include "call/codec.h"
#include "call/wire.h"

#define CODEC_NO_INDEX SIZE_MAX

/* Lives on the stack, a step a level. NULL: the message itself. */
struct codec_path {
    const struct codec_path *parent;
    const char *name; /* of a field or a map's key */
    size_t index;     /* in a repeated field, else CODEC_NO_INDEX */
};

/* Record "centers[2].name: what" and return the status. */
enum status codec_fail(const struct codec_path *path, struct error *ret_error, enum status status,
    const char *format, ...) PRINTF_LIKE(4, 5);

/* How a value of this kind travels. */
enum wire_type codec_wire_type(enum schema_kind kind);

/* Whether a repeated field of this kind may be packed. */
bool codec_is_packable(enum schema_kind kind);

/* A number, bool or enum as the bits that travel. Errors: INVALID_ARGUMENT. */
MUST_USE enum status codec_read_number(const struct codec_path *path,
    const struct schema_field *field, const cJSON *value, uint64_t *ret_bits,
    struct error *ret_error);
/* The same of a map's key, which JSON has as a text. */
MUST_USE enum status codec_read_key(const struct codec_path *path, const struct schema_field *field,
    const char *key, uint64_t *ret_bits, struct error *ret_error);

/* The other way round. The key is not quoted yet. */
void codec_write_number(const struct schema_field *field, uint64_t bits, struct json_writer *json);
void codec_key_text(const struct schema_field *field, uint64_t bits, char *ret_text, size_t size);

/* Base64: any of the two alphabets, with or without padding, is read; the first is written. */
MUST_USE bool codec_base64_read(const char *text, struct buffer *out, enum status *ret_status);
void codec_base64_write(struct bytes bytes, char *ret_text); /* codec_base64_len bytes and a NUL */
size_t codec_base64_len(size_t len);

/* "a number", "a list": what JSON has there. */
const char *codec_json_word(const cJSON *value);

#endif
