/* Declarations of messages and enums. The field numbers are descriptor.proto's; whatever else
 * stands in them is skipped. */
#include <string.h>

#include "call/schema_internal.h"

enum {
    MESSAGE_OPTIONS = 7,
    OPTION_MAP_ENTRY = 7,
    FIELD_NUMBER = 3,
    FIELD_LABEL = 4,
    FIELD_KIND = 5,
    FIELD_TYPE_NAME = 6,
    FIELD_ONEOF = 9,
    FIELD_JSON_NAME = 10,
    FIELD_PROTO3_OPTIONAL = 17,
    LABEL_REPEATED = 3,
    VALUE_NUMBER = 2,
    LIST_CAPACITY_MIN = 8,
};

void *schema_list_add(struct schema_reading *reading, struct schema_list *list, size_t item_size)
{
    /* Full when it holds a power of two. */
    size_t n_items = list->n_items;
    if (n_items == 0 || (n_items >= LIST_CAPACITY_MIN && (n_items & (n_items - 1)) == 0)) {
        size_t capacity = n_items == 0 ? LIST_CAPACITY_MIN : 2 * n_items;
        void *items = arena_alloc_array(reading->arena, capacity, item_size);
        if (items == NULL) {
            return NULL;
        }
        if (n_items > 0) {
            memcpy(items, list->items, n_items * item_size);
        }
        list->items = items;
    }
    list->n_items++;
    return (char *)list->items + n_items * item_size;
}

enum status schema_out_of_memory(struct error *ret_error)
{
    return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "no room for so many declarations");
}

/* A name as it may be printed: not empty, no blanks, no control characters. */
static enum status copy_name(struct schema_reading *reading, struct bytes text,
    const char **ret_name, struct error *ret_error)
{
    bool is_good = text.len > 0 && wire_is_utf8(text);
    for (size_t i = 0; i < text.len && is_good; i++) {
        is_good = text.data[i] > ' ' && text.data[i] != 0x7f;
    }
    if (!is_good) {
        return error_set(ret_error, STATUS_DATA_LOSS, "a declaration without a proper name");
    }
    *ret_name = arena_printf(reading->arena, "%.*s", (int)text.len, (const char *)text.data);
    return *ret_name == NULL ? schema_out_of_memory(ret_error) : STATUS_OK;
}

/* "scope.name", or the name alone in no scope. */
enum status schema_copy_full_name(struct schema_reading *reading, const char *scope, char between,
    struct bytes text, const char **ret_name, struct error *ret_error)
{
    const char *name = NULL;
    enum status status = copy_name(reading, text, &name, ret_error);
    if (status == STATUS_OK && scope[0] != '\0') {
        name = arena_printf(reading->arena, "%s%c%s", scope, between, name);
        status = name == NULL ? schema_out_of_memory(ret_error) : STATUS_OK;
    }
    if (status == STATUS_OK) {
        *ret_name = name;
    }
    return status;
}

/* References are written with a dot in front: ".walkie.report.v1.Center". */
enum status schema_copy_reference(struct schema_reading *reading, struct bytes text,
    const char **ret_name, struct error *ret_error)
{
    if (text.len > 0 && text.data[0] == '.') {
        text = (struct bytes){text.data + 1, text.len - 1};
    }
    return copy_name(reading, text, ret_name, ret_error);
}

enum status schema_take_comment(
    struct schema_reading *reading, const char **ret_comment, struct error *ret_error)
{
    *ret_comment = comments_of(reading);
    return *ret_comment == NULL ? schema_out_of_memory(ret_error) : STATUS_OK;
}

/* The last field of that number that is bytes; empty when there is none. */
enum status schema_find_bytes(
    struct bytes message, uint32_t number, struct bytes *ret_bytes, struct error *ret_error)
{
    struct bytes found = {(const uint8_t *)"", 0};
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field field = {.number = 1};
    while (field.number != 0) {
        enum status status = wire_next(&reader, &field, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
        if (field.number == number && field.type == WIRE_BYTES) {
            found = field.bytes;
        }
    }
    *ret_bytes = found;
    return STATUS_OK;
}

enum status schema_read_declarations(struct schema_reading *reading, const char *scope, void *owner,
    struct bytes message, struct schema_declaration kind, struct error *ret_error)
{
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field field = {.number = 1};
    struct schema_path *path = &reading->path;
    if (path->n_steps + 2 > SCHEMA_PATH_MAX) {
        return error_set(ret_error, STATUS_DATA_LOSS,
            "messages are declared within messages more than %d deep", SCHEMA_DEPTH_MAX);
    }
    size_t step = path->n_steps;
    path->n_steps += 2;
    path->steps[step] = (int32_t)kind.number;
    path->steps[step + 1] = 0;
    enum status status = wire_next(&reader, &field, ret_error);
    while (status == STATUS_OK && field.number != 0) {
        if (field.number == kind.number && field.type == WIRE_BYTES) {
            status = kind.read(reading, scope, owner, field.bytes, ret_error);
            path->steps[step + 1]++;
        }
        status = status == STATUS_OK ? wire_next(&reader, &field, ret_error) : status;
    }
    path->n_steps = step;
    return status;
}

/* Whether protobuf's descriptors know such a kind, and we do. */
static bool is_known_kind(uint64_t kind)
{
    return kind >= SCHEMA_DOUBLE && kind <= SCHEMA_SINT64 && kind != 10; /* 10: group, of proto2 */
}

static enum status read_field_part(struct schema_reading *reading, struct schema_field *field,
    const struct wire_field *part, struct error *ret_error)
{
    bool is_bytes = part->type == WIRE_BYTES;
    bool is_number = part->type == WIRE_VARINT;
    if (part->number == DECLARED_NAME && is_bytes) {
        return copy_name(reading, part->bytes, &field->name, ret_error);
    }
    if (part->number == FIELD_JSON_NAME && is_bytes) {
        return copy_name(reading, part->bytes, &field->json_name, ret_error);
    }
    if (part->number == FIELD_TYPE_NAME && is_bytes) {
        return schema_copy_reference(reading, part->bytes, &field->type_name, ret_error);
    }
    if (part->number == FIELD_KIND && is_number) {
        if (!is_known_kind(part->value)) {
            return error_set(ret_error, STATUS_DATA_LOSS, "a field of an unknown kind, %llu",
                (unsigned long long)part->value);
        }
        field->kind = (enum schema_kind)part->value;
    } else if (part->number == FIELD_NUMBER && is_number && part->value <= WIRE_NUMBER_MAX) {
        field->number = (uint32_t)part->value;
    } else if (part->number == FIELD_LABEL && is_number) {
        field->is_repeated = part->value == LABEL_REPEATED;
    } else if (part->number == FIELD_ONEOF && is_number && part->value <= INT32_MAX) {
        field->oneof = (int32_t)part->value;
    } else if (part->number == FIELD_PROTO3_OPTIONAL && is_number) {
        field->is_optional = part->value != 0;
    }
    return STATUS_OK;
}

static enum status read_field(struct schema_reading *reading, const char *scope, void *owner,
    struct bytes message, struct error *ret_error)
{
    struct schema_field field = {.oneof = SCHEMA_ONEOF_NONE};
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field part = {.number = 1};
    while (part.number != 0) {
        enum status status = wire_next(&reader, &part, ret_error);
        if (status == STATUS_OK) {
            status = read_field_part(reading, &field, &part, ret_error);
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    if (field.name == NULL || field.number == 0 || field.kind == 0) {
        return error_set(
            ret_error, STATUS_DATA_LOSS, "%s has a field without a name, number or kind", scope);
    }
    if (field.json_name == NULL) {
        field.json_name = field.name;
    }
    enum status status = schema_take_comment(reading, &field.comment, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    struct schema_field *kept = schema_list_add(reading, owner, sizeof(*kept));
    if (kept == NULL) {
        return schema_out_of_memory(ret_error);
    }
    *kept = field;
    return STATUS_OK;
}

static enum status read_value(struct schema_reading *reading, const char *scope, void *owner,
    struct bytes message, struct error *ret_error)
{
    (void)scope; /* values are named within their enum */
    struct schema_value value = {.number = 0};
    struct bytes name;
    enum status status = schema_find_bytes(message, DECLARED_NAME, &name, ret_error);
    if (status == STATUS_OK) {
        status = copy_name(reading, name, &value.name, ret_error);
    }
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field part = {.number = 1};
    while (status == STATUS_OK && part.number != 0) {
        status = wire_next(&reader, &part, ret_error);
        if (status == STATUS_OK && part.number == VALUE_NUMBER && part.type == WIRE_VARINT) {
            value.number = (int32_t)part.value;
        }
    }
    if (status == STATUS_OK) {
        status = schema_take_comment(reading, &value.comment, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct schema_value *kept = schema_list_add(reading, owner, sizeof(*kept));
    if (kept == NULL) {
        return schema_out_of_memory(ret_error);
    }
    *kept = value;
    return STATUS_OK;
}

enum status schema_read_enum(struct schema_reading *reading, const char *scope, void *owner,
    struct bytes message, struct error *ret_error)
{
    (void)owner; /* all enums stand in one list */
    struct schema_enum enumeration = {.name = NULL};
    struct schema_list values = {.n_items = 0};
    struct bytes name;
    enum status status = schema_find_bytes(message, DECLARED_NAME, &name, ret_error);
    if (status == STATUS_OK) {
        status = schema_copy_full_name(reading, scope, '.', name, &enumeration.name, ret_error);
    }
    if (status == STATUS_OK) {
        status = schema_take_comment(reading, &enumeration.comment, ret_error);
    }
    if (status == STATUS_OK) {
        status = schema_read_declarations(reading, enumeration.name, &values, message,
            (struct schema_declaration){ENUM_VALUE, read_value}, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    enumeration.values = values.items;
    enumeration.n_values = values.n_items;
    struct schema_enum *kept = schema_list_add(reading, &reading->enums, sizeof(*kept));
    if (kept == NULL) {
        return schema_out_of_memory(ret_error);
    }
    *kept = enumeration;
    return STATUS_OK;
}

static enum status read_map_entry(
    struct bytes message, bool *ret_is_map_entry, struct error *ret_error)
{
    struct bytes options;
    enum status status = schema_find_bytes(message, MESSAGE_OPTIONS, &options, ret_error);
    struct wire_reader reader =
        status == STATUS_OK ? wire_reader_of(options) : (struct wire_reader){NULL, NULL};
    struct wire_field option = {.number = 1};
    while (status == STATUS_OK && option.number != 0) {
        status = wire_next(&reader, &option, ret_error);
        if (status == STATUS_OK && option.number == OPTION_MAP_ENTRY &&
            option.type == WIRE_VARINT) {
            *ret_is_map_entry = option.value != 0;
        }
    }
    return status;
}

enum status schema_read_message(struct schema_reading *reading, const char *scope, void *owner,
    struct bytes message, struct error *ret_error)
{
    (void)owner; /* all messages stand in one list */
    struct schema_type type = {.name = NULL};
    struct schema_list fields = {.n_items = 0};
    struct bytes name;
    enum status status = schema_find_bytes(message, DECLARED_NAME, &name, ret_error);
    if (status == STATUS_OK) {
        status = schema_copy_full_name(reading, scope, '.', name, &type.name, ret_error);
    }
    if (status == STATUS_OK) {
        status = schema_take_comment(reading, &type.comment, ret_error);
    }
    if (status == STATUS_OK) {
        status = read_map_entry(message, &type.is_map_entry, ret_error);
    }
    static const struct schema_declaration KINDS[] = {{MESSAGE_FIELD, read_field},
        {MESSAGE_NESTED, schema_read_message}, {MESSAGE_ENUM, schema_read_enum}};
    for (size_t i = 0; i < LENGTH_OF(KINDS) && status == STATUS_OK; i++) {
        status =
            schema_read_declarations(reading, type.name, &fields, message, KINDS[i], ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    type.fields = fields.items;
    type.n_fields = fields.n_items;
    struct schema_type *kept = schema_list_add(reading, &reading->types, sizeof(*kept));
    if (kept == NULL) {
        return schema_out_of_memory(ret_error);
    }
    *kept = type;
    return STATUS_OK;
}
