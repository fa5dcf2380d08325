/* A descriptor set: its files, their services, and what refers to what. */
#include "call/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call/schema_internal.h"

enum {
    SET_FILE = 1,
    FILE_PACKAGE = 2,
    FILE_SOURCE_INFO = 9,
    METHOD_INPUT = 2,
    METHOD_OUTPUT = 3,
    METHOD_CLIENT_STREAM = 5,
    METHOD_SERVER_STREAM = 6,
    MAP_KEY = 1,
    MAP_VALUE = 2,
};

static enum status read_method_part(struct schema_reading *reading, const char *service,
    struct schema_method *method, const struct wire_field *part, struct error *ret_error)
{
    if (part->type == WIRE_VARINT) {
        method->is_client_stream |= part->number == METHOD_CLIENT_STREAM && part->value != 0;
        method->is_server_stream |= part->number == METHOD_SERVER_STREAM && part->value != 0;
    } else if (part->type == WIRE_BYTES && part->number == DECLARED_NAME) {
        return schema_copy_full_name(reading, service, '/', part->bytes, &method->name, ret_error);
    } else if (part->type == WIRE_BYTES && part->number == METHOD_INPUT) {
        return schema_copy_reference(reading, part->bytes, &method->input_name, ret_error);
    } else if (part->type == WIRE_BYTES && part->number == METHOD_OUTPUT) {
        return schema_copy_reference(reading, part->bytes, &method->output_name, ret_error);
    }
    return STATUS_OK;
}

static enum status read_method(struct schema_reading *reading, const char *scope, void *owner,
    struct bytes message, struct error *ret_error)
{
    (void)owner; /* all methods stand in one list */
    struct schema_method method = {.name = NULL};
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field part = {.number = 1};
    while (part.number != 0) {
        enum status status = wire_next(&reader, &part, ret_error);
        if (status == STATUS_OK) {
            status = read_method_part(reading, scope, &method, &part, ret_error);
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    if (method.name == NULL || method.input_name == NULL || method.output_name == NULL) {
        return error_set(
            ret_error, STATUS_DATA_LOSS, "%s has a method without a name, input or output", scope);
    }
    enum status status = schema_take_comment(reading, &method.comment, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    struct schema_method *kept = schema_list_add(reading, &reading->methods, sizeof(*kept));
    if (kept == NULL) {
        return schema_out_of_memory(ret_error);
    }
    *kept = method;
    return STATUS_OK;
}

static enum status read_service(struct schema_reading *reading, const char *scope, void *owner,
    struct bytes message, struct error *ret_error)
{
    struct bytes text;
    const char *name = NULL;
    enum status status = schema_find_bytes(message, DECLARED_NAME, &text, ret_error);
    if (status == STATUS_OK) {
        status = schema_copy_full_name(reading, scope, '.', text, &name, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    return schema_read_declarations(reading, name, owner, message,
        (struct schema_declaration){SERVICE_METHOD, read_method}, ret_error);
}

static enum status read_file(struct schema_reading *reading, const char *scope, void *owner,
    struct bytes message, struct error *ret_error)
{
    static const struct schema_declaration KINDS[] = {{FILE_MESSAGE, schema_read_message},
        {FILE_ENUM, schema_read_enum}, {FILE_SERVICE, read_service}};
    struct bytes package;
    struct bytes info;
    const char *name = "";
    comments_forget(reading);
    enum status status = schema_find_bytes(message, FILE_PACKAGE, &package, ret_error);
    if (status == STATUS_OK) {
        status = schema_find_bytes(message, FILE_SOURCE_INFO, &info, ret_error);
    }
    if (status == STATUS_OK) {
        status = comments_read(reading, info, ret_error);
    }
    if (status == STATUS_OK && package.len > 0) {
        status = schema_copy_full_name(reading, scope, '.', package, &name, ret_error);
    }
    reading->path.n_steps = 0; /* SourceCodeInfo's paths begin in the file */
    for (size_t i = 0; i < LENGTH_OF(KINDS) && status == STATUS_OK; i++) {
        status = schema_read_declarations(reading, name, owner, message, KINDS[i], ret_error);
    }
    return status;
}

/* Types and enums both begin with their name. */
static int compare_names(const void *one, const void *other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

const struct schema_enum *schema_find_enum(const struct schema *schema, const char *name)
{
    return schema->n_enums == 0 ? NULL
                                : bsearch(&name, schema->enums, schema->n_enums,
                                      sizeof(struct schema_enum), compare_names);
}

const struct schema_type *schema_find_type(const struct schema *schema, const char *name)
{
    return schema->n_types == 0 ? NULL
                                : bsearch(&name, schema->types, schema->n_types,
                                      sizeof(struct schema_type), compare_names);
}

static enum status missing(const char *who, const char *name, struct error *ret_error)
{
    return error_set(ret_error, STATUS_DATA_LOSS, "%s refers to %s, which nothing declares", who,
        name == NULL ? "a type without a name" : name);
}

static enum status resolve_field(const struct schema *schema, const struct schema_type *type,
    struct schema_field *field, struct error *ret_error)
{
    const char *name = field->type_name;
    if (field->kind == SCHEMA_MESSAGE) {
        field->type = name == NULL ? NULL : schema_find_type(schema, name);
        return field->type == NULL ? missing(type->name, name, ret_error) : STATUS_OK;
    }
    if (field->kind == SCHEMA_ENUM) {
        field->enumeration = name == NULL ? NULL : schema_find_enum(schema, name);
        return field->enumeration == NULL ? missing(type->name, name, ret_error) : STATUS_OK;
    }
    return STATUS_OK;
}

static bool can_be_key(enum schema_kind kind)
{
    return kind != SCHEMA_DOUBLE && kind != SCHEMA_FLOAT && kind != SCHEMA_BYTES &&
           kind != SCHEMA_MESSAGE && kind != SCHEMA_ENUM;
}

static enum status check_map_entry(const struct schema_type *type, struct error *ret_error)
{
    const struct schema_field *key = schema_field_numbered(type, MAP_KEY);
    const struct schema_field *value = schema_field_numbered(type, MAP_VALUE);
    bool is_good = type->n_fields == 2 && key != NULL && value != NULL && !key->is_repeated &&
                   !value->is_repeated && can_be_key(key->kind) &&
                   (value->type == NULL || !value->type->is_map_entry);
    return is_good
               ? STATUS_OK
               : error_set(ret_error, STATUS_DATA_LOSS,
                     "%s cannot be the entry of a map: its key or value is not right", type->name);
}

static enum status resolve(struct schema *schema, struct error *ret_error)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < schema->n_types && status == STATUS_OK; i++) {
        struct schema_type *type = &schema->types[i];
        for (size_t j = 0; j < type->n_fields && status == STATUS_OK; j++) {
            status = resolve_field(schema, type, &type->fields[j], ret_error);
        }
        if (status == STATUS_OK && type->is_map_entry) {
            status = check_map_entry(type, ret_error);
        }
    }
    for (size_t i = 0; i < schema->n_methods && status == STATUS_OK; i++) {
        struct schema_method *method = &schema->methods[i];
        method->input = schema_find_type(schema, method->input_name);
        method->output = schema_find_type(schema, method->output_name);
        if (method->input == NULL || method->output == NULL) {
            const char *name = method->input == NULL ? method->input_name : method->output_name;
            status = missing(method->name, name, ret_error);
        }
    }
    return status;
}

static enum status read_set(struct schema *schema, struct bytes set, struct error *ret_error)
{
    struct schema_reading reading = {.arena = schema->arena};
    enum status status = schema_read_declarations(
        &reading, "", NULL, set, (struct schema_declaration){SET_FILE, read_file}, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    schema->types = reading.types.items;
    schema->n_types = reading.types.n_items;
    schema->enums = reading.enums.items;
    schema->n_enums = reading.enums.n_items;
    schema->methods = reading.methods.items;
    schema->n_methods = reading.methods.n_items;
    if (schema->n_types > 0) {
        qsort(schema->types, schema->n_types, sizeof(struct schema_type), compare_names);
    }
    if (schema->n_enums > 0) {
        qsort(schema->enums, schema->n_enums, sizeof(struct schema_enum), compare_names);
    }
    return resolve(schema, ret_error);
}

enum status schema_read(struct bytes set, struct schema **ret_schema, struct error *ret_error)
{
    if (set.len > SCHEMA_LEN_MAX) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "descriptors of %zu bytes; at most %d are read", set.len, SCHEMA_LEN_MAX);
    }
    struct schema *schema = calloc(1, sizeof(*schema));
    struct arena *arena = arena_new(SCHEMA_MEMORY_MAX);
    if (schema == NULL || arena == NULL) {
        free(schema);
        arena_free(arena);
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    schema->arena = arena;
    enum status status = read_set(schema, set, ret_error);
    if (status != STATUS_OK) {
        schema_free(schema);
        error_prefix(ret_error, "descriptors");
        return status;
    }
    *ret_schema = schema;
    return STATUS_OK;
}

void schema_free(struct schema *schema)
{
    if (schema != NULL) {
        arena_free(schema->arena);
        free(schema);
    }
}

void schema_free_at(struct schema **schema)
{
    schema_free(*schema);
}
