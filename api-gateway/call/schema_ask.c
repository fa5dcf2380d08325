/* Questions to a schema. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "call/schema.h"

const struct schema_method *schema_find_method(const struct schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->n_methods; i++) {
        if (strcmp(schema->methods[i].name, name) == 0) {
            return &schema->methods[i];
        }
    }
    return NULL;
}

const struct schema_field *schema_find_field(const struct schema_type *type, const char *name)
{
    for (size_t i = 0; i < type->n_fields; i++) {
        const struct schema_field *field = &type->fields[i];
        if (strcmp(field->name, name) == 0 || strcmp(field->json_name, name) == 0) {
            return field;
        }
    }
    return NULL;
}

const struct schema_field *schema_field_numbered(const struct schema_type *type, uint32_t number)
{
    for (size_t i = 0; i < type->n_fields; i++) {
        if (type->fields[i].number == number) {
            return &type->fields[i];
        }
    }
    return NULL;
}

bool schema_is_map(const struct schema_field *field)
{
    return field->is_repeated && field->type != NULL && field->type->is_map_entry;
}

const char *schema_kind_word(enum schema_kind kind)
{
    static const char *const WORDS[] = {
        [SCHEMA_DOUBLE] = "double",
        [SCHEMA_FLOAT] = "float",
        [SCHEMA_INT64] = "int64",
        [SCHEMA_UINT64] = "uint64",
        [SCHEMA_INT32] = "int32",
        [SCHEMA_FIXED64] = "fixed64",
        [SCHEMA_FIXED32] = "fixed32",
        [SCHEMA_BOOL] = "bool",
        [SCHEMA_STRING] = "string",
        [SCHEMA_MESSAGE] = "message",
        [SCHEMA_BYTES] = "bytes",
        [SCHEMA_UINT32] = "uint32",
        [SCHEMA_ENUM] = "enum",
        [SCHEMA_SFIXED32] = "sfixed32",
        [SCHEMA_SFIXED64] = "sfixed64",
        [SCHEMA_SINT32] = "sint32",
        [SCHEMA_SINT64] = "sint64",
    };
    return WORDS[kind];
}

static const char *word_of(const struct schema_field *field)
{
    return field->type_name != NULL && (field->type != NULL || field->enumeration != NULL)
               ? field->type_name
               : schema_kind_word(field->kind);
}

void schema_field_words(const struct schema_field *field, char *ret_text, size_t size)
{
    if (schema_is_map(field)) {
        const struct schema_field *key = schema_field_numbered(field->type, 1);
        const struct schema_field *value = schema_field_numbered(field->type, 2);
        assert(key != NULL && value != NULL); /* schema_read refuses other entries */
        snprintf(ret_text, size, "map<%s, %s>", word_of(key), word_of(value));
    } else {
        const char *label = field->is_repeated   ? "repeated "
                            : field->is_optional ? "optional "
                                                 : "";
        snprintf(ret_text, size, "%s%s", label, word_of(field));
    }
}
