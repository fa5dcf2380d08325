#include "crf/language/check_given.h"

#include <stdio.h>
#include <string.h>

#include "crf/language/check_tree.h"

struct check_given {
    const struct check_schema *schema;
    size_t form;
    const struct check_program *program;
    struct arena *arena;
    struct check_value *values;
    struct check_value *rows[CHECK_REFERENCES_MAX]; /* of those that are many */
    bool is_set[CHECK_REFERENCES_MAX];
};

struct check_given *check_given_new(const struct check_schema *schema, size_t form,
    const struct check_program *program, struct arena *arena)
{
    struct check_given *given = arena_alloc(arena, sizeof(*given));
    struct check_value *values =
        arena_alloc_array(arena, program->n_references + 1, sizeof(*values));
    if (given == NULL || values == NULL) {
        return NULL;
    }
    given->schema = schema;
    given->form = form;
    given->program = program;
    given->arena = arena;
    given->values = values;
    for (size_t i = 0; i < program->n_references; i++) {
        values[i].state = program->references[i].is_many ? CHECK_GIVEN : CHECK_MISSING;
    }
    return given;
}

const struct check_value *check_given_values(const struct check_given *given)
{
    return given->values;
}

/* What the name refers to, as the only reference of an expression. */
static enum status find(const struct check_given *given, const char *name,
    struct check_reference *ret_reference, struct error *ret_error)
{
    struct check_program program;
    struct check_error error;
    const char *expression = arena_printf(given->arena, "%s is missing", name);
    if (expression == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "no memory for %.60s", name);
    }
    enum status status =
        check_compile(expression, given->schema, given->form, given->arena, &program, &error);
    if (status != STATUS_OK) {
        return error_set(ret_error, status, "%.60s: %s", name, error.text);
    }
    *ret_reference = program.references[0];
    return STATUS_OK;
}

static bool is_meant(const struct check_reference *one, const struct check_reference *other)
{
    return one->property == other->property && one->visit == other->visit &&
           one->event == other->event && one->form == other->form && one->item == other->item &&
           one->is_own == other->is_own;
}

static enum status set(
    struct check_given *given, size_t i, const char *text, struct error *ret_error)
{
    enum check_kind kind = given->program->references[i].kind;
    struct check_value *value = &given->values[i];
    if (!given->program->references[i].is_many) {
        if (given->is_set[i]) {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT,
                "a second value: only within any(), all() and count() there are several");
        }
        given->is_set[i] = true;
        check_value_parse(kind, text, value);
        return STATUS_OK;
    }
    if (given->rows[i] == NULL) {
        given->rows[i] =
            arena_alloc_array(given->arena, CHECK_GIVEN_ROWS_MAX, sizeof(*given->rows[i]));
        value->many.rows = given->rows[i];
    }
    if (given->rows[i] == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "no memory for its rows");
    }
    if (value->many.n_rows == CHECK_GIVEN_ROWS_MAX) {
        return error_set(ret_error, STATUS_OUT_OF_RANGE, "more than %d rows", CHECK_GIVEN_ROWS_MAX);
    }
    check_value_parse(kind, text, &given->rows[i][value->many.n_rows++]);
    return STATUS_OK;
}

enum status check_given_set(
    struct check_given *given, const char *assignment, struct error *ret_error)
{
    const char *sign = strchr(assignment, '=');
    if (sign == NULL || sign == assignment) {
        return error_set(
            ret_error, STATUS_INVALID_ARGUMENT, "\"%.60s\": NAME=VALUE is expected", assignment);
    }
    const char *name = arena_printf(given->arena, "%.*s", (int)(sign - assignment), assignment);
    const char *text = arena_copy_text(given->arena, sign + 1);
    if (name == NULL || text == NULL) {
        return error_set(
            ret_error, STATUS_RESOURCE_EXHAUSTED, "no memory for \"%.60s\"", assignment);
    }
    struct check_reference reference;
    enum status status = find(given, name, &reference, ret_error);
    bool is_used = false;
    for (size_t i = 0; status == STATUS_OK && i < given->program->n_references; i++) {
        if (is_meant(&given->program->references[i], &reference)) {
            is_used = true;
            status = set(given, i, text, ret_error);
            if (status != STATUS_OK) {
                error_prefix(ret_error, "%.60s", name);
            }
        }
    }
    if (status == STATUS_OK && !is_used) {
        return error_set(
            ret_error, STATUS_INVALID_ARGUMENT, "%.60s: the expression does not use it", name);
    }
    return status;
}
