/* What a server's messages look like: read from a serialized FileDescriptorSet, as `protoc
 * --descriptor_set_out --include_imports` and Reflection/Describe give it.
 *
 *     status = schema_read(reply->descriptors, &schema, &error);
 *     const struct schema_method *method = schema_find_method(schema, "walkie.…Service/Echo");
 *     … method->input->fields[0].name …
 *     schema_free(schema);
 *
 * Everything hangs on the schema and is never changed after schema_read: any threads may read it.
 * Not here: options but map_entry, extensions, defaults of proto2, the JSON forms of well-known
 * types (a Timestamp is the message that it is). */
#ifndef WALKIE_CALL_SCHEMA_H
#define WALKIE_CALL_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

enum {
    SCHEMA_LEN_MAX = 4 << 20,     /* bytes of a descriptor set */
    SCHEMA_MEMORY_MAX = 64 << 20, /* bytes of what is read from it */
    SCHEMA_DEPTH_MAX = 32,        /* messages declared within messages */
    SCHEMA_ONEOF_NONE = -1,
};

enum schema_kind { /* numbers are descriptor.proto's */
    SCHEMA_DOUBLE = 1,
    SCHEMA_FLOAT = 2,
    SCHEMA_INT64 = 3,
    SCHEMA_UINT64 = 4,
    SCHEMA_INT32 = 5,
    SCHEMA_FIXED64 = 6,
    SCHEMA_FIXED32 = 7,
    SCHEMA_BOOL = 8,
    SCHEMA_STRING = 9,
    SCHEMA_MESSAGE = 11,
    SCHEMA_BYTES = 12,
    SCHEMA_UINT32 = 13,
    SCHEMA_ENUM = 14,
    SCHEMA_SFIXED32 = 15,
    SCHEMA_SFIXED64 = 16,
    SCHEMA_SINT32 = 17,
    SCHEMA_SINT64 = 18,
};

struct schema_value {
    const char *name;
    const char *comment; /* here and below: what stands beside it in the .proto; "" when nothing */
    int32_t number;
};

struct schema_enum {
    const char *name; /* "walkie.report.v1.Format" */
    const char *comment;
    struct schema_value *values;
    size_t n_values;
};

struct schema_field {
    const char *name;      /* "site_no" */
    const char *json_name; /* "siteNo" */
    const char *comment;
    uint32_t number;
    enum schema_kind kind;
    bool is_repeated;
    bool is_optional; /* knows whether it was set, although it is a scalar */
    int32_t oneof;    /* which of the message's; SCHEMA_ONEOF_NONE */
    const char *type_name;
    const struct schema_type *type;        /* SCHEMA_MESSAGE */
    const struct schema_enum *enumeration; /* SCHEMA_ENUM */
};

struct schema_type {
    const char *name; /* "walkie.report.v1.EchoRequest" */
    const char *comment;
    struct schema_field *fields;
    size_t n_fields;
    bool is_map_entry; /* what a map's entries are; fields 1 and 2 are key and value */
};

struct schema_method {
    const char *name; /* "walkie.report.v1.ReportService/Echo" */
    const char *comment;
    const char *input_name;
    const char *output_name;
    const struct schema_type *input;
    const struct schema_type *output;
    bool is_server_stream;
    bool is_client_stream;
};

struct schema {
    struct arena *arena;       /* holds everything */
    struct schema_type *types; /* sorted by name, as the enums are */
    size_t n_types;
    struct schema_enum *enums;
    size_t n_enums;
    struct schema_method *methods; /* as declared */
    size_t n_methods;
};

/* Ownership: copies what it needs of `set`. *ret_schema is the caller's, to schema_free.
 * Errors:    DATA_LOSS (malformed, or a name that nothing declares: the text says which),
 *            RESOURCE_EXHAUSTED (memory, SCHEMA_LEN_MAX, SCHEMA_MEMORY_MAX). */
MUST_USE enum status schema_read(
    struct bytes set, struct schema **ret_schema, struct error *ret_error);

void schema_free(struct schema *schema); /* accepts NULL */
void schema_free_at(struct schema **schema);

/* By full name; NULL when there is none. */
const struct schema_type *schema_find_type(const struct schema *schema, const char *name);
const struct schema_enum *schema_find_enum(const struct schema *schema, const char *name);
const struct schema_method *schema_find_method(const struct schema *schema, const char *name);

/* By name or json_name, and by number; NULL when there is none. */
const struct schema_field *schema_find_field(const struct schema_type *type, const char *name);
const struct schema_field *schema_field_numbered(const struct schema_type *type, uint32_t number);

bool schema_is_map(const struct schema_field *field);

/* "string", "repeated walkie.report.v1.Center", "map<string, int32>" for people. */
void schema_field_words(const struct schema_field *field, char *ret_text, size_t size);
const char *schema_kind_word(enum schema_kind kind);

#endif
