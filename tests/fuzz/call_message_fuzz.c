/* Any bytes as a message: what becomes JSON must become a message again, and that the same JSON. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "call/codec.h"
#include "unit/everything.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct json_writer writer;

static enum status collect(void *arg, struct bytes piece)
{
    return buffer_append(arg, piece.data, piece.len);
}

static const struct schema_type *everything(void)
{
    static struct schema *schema;
    if (schema == NULL && schema_read(EVERYTHING_DESCRIPTORS, &schema, NULL) != STATUS_OK) {
        abort();
    }
    return schema_find_type(schema, "walkie.test.v1.Everything");
}

static bool write_json(struct bytes message, struct buffer *text)
{
    struct error error = ERROR_NONE;
    json_init(&writer, collect, text);
    enum status status = codec_to_json(everything(), message, &writer, &error);
    if (status != STATUS_OK && status != STATUS_RESOURCE_EXHAUSTED && error.text[0] == '\0') {
        abort(); /* every failure is in words */
    }
    return status == STATUS_OK && json_finish(&writer) == STATUS_OK;
}

/* JSON to a message and back; false when JSON cannot say it: a NUL in a text. */
static bool go_round(const struct buffer *text, struct buffer *ret_text)
{
    static const char NUL[] = "\\u0000";
    for (size_t i = 0; i + sizeof(NUL) - 1 <= text->len; i++) {
        if (memcmp(text->data + i, NUL, sizeof(NUL) - 1) == 0) {
            return false;
        }
    }
    struct buffer message = BUFFER_EMPTY(CODEC_MESSAGE_MAX);
    struct error error = ERROR_NONE;
    if (codec_from_json(everything(), buffer_bytes(text), &message, &error) != STATUS_OK ||
        !write_json(buffer_bytes(&message), ret_text)) {
        abort();
    }
    buffer_finish(&message);
    return true;
}

/* The first way round may drop zeros that were written out; from then on nothing changes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer first = BUFFER_EMPTY(CODEC_JSON_LEN_MAX);
    struct buffer second = BUFFER_EMPTY(CODEC_JSON_LEN_MAX);
    struct buffer third = BUFFER_EMPTY(CODEC_JSON_LEN_MAX);
    if (write_json((struct bytes){data, size}, &first) && go_round(&first, &second) &&
        go_round(&second, &third)) {
        if (third.len != second.len || memcmp(third.data, second.data, second.len) != 0) {
            abort();
        }
    }
    buffer_finish(&first);
    buffer_finish(&second);
    buffer_finish(&third);
    return 0;
}
