/* Any bytes as JSON: what becomes a message must be one to protobuf-c's generated code, too, and
 * must become JSON again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "call/codec.h"
#include "everything.pb-c.h"
#include "unit/everything.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct json_writer writer;

static enum status drop(void *arg, struct bytes piece)
{
    (void)arg;
    (void)piece;
    return STATUS_OK;
}

static const struct schema_type *everything(void)
{
    static struct schema *schema;
    if (schema == NULL && schema_read(EVERYTHING_DESCRIPTORS, &schema, NULL) != STATUS_OK) {
        abort();
    }
    return schema_find_type(schema, "walkie.test.v1.Everything");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer message = BUFFER_EMPTY(CODEC_MESSAGE_MAX);
    struct error error = ERROR_NONE;
    enum status status =
        codec_from_json(everything(), (struct bytes){data, size}, &message, &error);
    if (status != STATUS_OK) {
        if (error.text[0] == '\0') {
            abort(); /* every failure is in words */
        }
        buffer_finish(&message);
        return 0;
    }
    Walkie__Test__V1__Everything *unpacked =
        walkie__test__v1__everything__unpack(NULL, message.len, message.data);
    json_init(&writer, drop, NULL);
    if (unpacked == NULL ||
        codec_to_json(everything(), buffer_bytes(&message), &writer, NULL) != STATUS_OK) {
        abort();
    }
    walkie__test__v1__everything__free_unpacked(unpacked, NULL);
    buffer_finish(&message);
    return 0;
}
