/* What the files that read a descriptor set share: schema.c (the set, its services, and what refers
 * to what), schema_read.c (messages and enums), schema_comments.c (what stands beside them).
 *
 *     status = comments_read(reading, source_code_info, &error);
 *     comment = comments_of(reading);          of the declaration that reading->path names
 */
#ifndef WALKIE_CALL_SCHEMA_INTERNAL_H
#define WALKIE_CALL_SCHEMA_INTERNAL_H

#include "base/arena.h"
#include "call/schema.h"
#include "call/wire.h"

/* Two steps a nested message, then a field or a value. */
enum { SCHEMA_PATH_MAX = 2 * SCHEMA_DEPTH_MAX + 4 };

/* Field numbers of descriptor.proto that are steps of a path in SourceCodeInfo too. */
enum {
    DECLARED_NAME = 1, /* of messages, fields, enums, values, services and methods */
    FILE_MESSAGE = 4,
    FILE_ENUM = 5,
    FILE_SERVICE = 6,
    MESSAGE_FIELD = 2,
    MESSAGE_NESTED = 3,
    MESSAGE_ENUM = 4,
    ENUM_VALUE = 2,
    SERVICE_METHOD = 2,
};

struct schema_path {
    int32_t steps[SCHEMA_PATH_MAX];
    size_t n_steps;
};

/* A growing array in the arena. */
struct schema_list {
    void *items;
    size_t n_items;
};

struct schema_location {
    struct schema_path path;
    struct bytes leading;
    struct bytes trailing;
};

struct schema_reading {
    struct arena *arena;
    struct schema_list types;   /* struct schema_type */
    struct schema_list enums;   /* struct schema_enum */
    struct schema_list methods; /* struct schema_method */
    /* Of the file that is being read. */
    struct schema_location *locations; /* those with comments, sorted */
    size_t n_locations;
    struct schema_path path; /* of the declaration that is being read */
};

/* A new, zeroed item at the end; NULL when out of memory. Earlier items may move. */
void *schema_list_add(struct schema_reading *reading, struct schema_list *list, size_t item_size);

/* Errors: DATA_LOSS, RESOURCE_EXHAUSTED. */
MUST_USE enum status comments_read(
    struct schema_reading *reading, struct bytes info, struct error *ret_error);
void comments_forget(struct schema_reading *reading);

/* One line; "" when there is none; NULL when out of memory. */
const char *comments_of(struct schema_reading *reading);

/* Read one declaration. `scope` is the name that its own begins with; `owner` is what it belongs
 * to, or NULL. Errors, here and below: DATA_LOSS, RESOURCE_EXHAUSTED. */
typedef enum status schema_read_fn(struct schema_reading *reading, const char *scope, void *owner,
    struct bytes message, struct error *ret_error);

struct schema_declaration {
    uint32_t number; /* of the field that holds it */
    schema_read_fn *read;
};

/* Read each declaration of one kind in `message`; reading->path names it meanwhile. */
MUST_USE enum status schema_read_declarations(struct schema_reading *reading, const char *scope,
    void *owner, struct bytes message, struct schema_declaration kind, struct error *ret_error);
schema_read_fn schema_read_message; /* into reading->types, with all that is declared in it */
schema_read_fn schema_read_enum;    /* into reading->enums */

/* The last field of that number that is bytes; empty when there is none. */
MUST_USE enum status schema_find_bytes(
    struct bytes message, uint32_t number, struct bytes *ret_bytes, struct error *ret_error);

/* "scope.name" (or another character between), or the name alone in no scope. */
MUST_USE enum status schema_copy_full_name(struct schema_reading *reading, const char *scope,
    char between, struct bytes text, const char **ret_name, struct error *ret_error);

/* References are written with a dot in front: ".walkie.report.v1.Center". */
MUST_USE enum status schema_copy_reference(struct schema_reading *reading, struct bytes text,
    const char **ret_name, struct error *ret_error);

MUST_USE enum status schema_take_comment(
    struct schema_reading *reading, const char **ret_comment, struct error *ret_error);
enum status schema_out_of_memory(struct error *ret_error);

#endif
