/* Any bytes as a descriptor set; whatever is understood must be usable: the fields have words, and
 * the bytes of the set themselves are tried as messages of its types. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "call/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct json_writer writer;

static enum status drop(void *arg, struct bytes piece)
{
    (void)arg;
    (void)piece;
    return STATUS_OK;
}

static void use(const struct schema_type *type, struct bytes bytes)
{
    for (size_t i = 0; i < type->n_fields; i++) {
        char words[256];
        schema_field_words(&type->fields[i], words, sizeof(words));
        bool needs_type = type->fields[i].kind == SCHEMA_MESSAGE;
        if (words[0] == '\0' || (needs_type && type->fields[i].type == NULL)) {
            abort();
        }
    }
    struct error error = ERROR_NONE;
    json_init(&writer, drop, NULL);
    if (codec_to_json(type, bytes, &writer, &error) != STATUS_OK && error.text[0] == '\0') {
        abort(); /* every failure is in words */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { TYPES_USED_MAX = 16 };
    struct schema *schema = NULL;
    struct error error = ERROR_NONE;
    struct bytes bytes = {data, size};
    if (schema_read(bytes, &schema, &error) != STATUS_OK) {
        if (error.text[0] == '\0') {
            abort();
        }
        return 0;
    }
    for (size_t i = 0; i < schema->n_types && i < TYPES_USED_MAX; i++) {
        if (schema_find_type(schema, schema->types[i].name) == NULL) {
            abort();
        }
        use(&schema->types[i], bytes);
    }
    schema_free(schema);
    return 0;
}
