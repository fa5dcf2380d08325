#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "db/sqlite.h"

enum status sqlite_compile(const struct ctx *ctx, struct db_connection *connection, const char *sql,
    sqlite3_stmt **ret_compiled, const char **ret_rest, struct error *ret_error)
{
    sqlite3_stmt *compiled = NULL;
    connection->ctx = ctx;
    int code = sqlite3_prepare_v3(
        connection->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &compiled, ret_rest);
    connection->ctx = NULL;
    if (code != SQLITE_OK) {
        return sqlite_fail(ctx, connection, code, sql, ret_error);
    }
    if (compiled != NULL && connection->access == DB_READ && !sqlite3_stmt_readonly(compiled)) {
        sqlite3_finalize(compiled);
        return error_set(ret_error, STATUS_FAILED_PRECONDITION,
            "%s: a session begun with DB_READ cannot write (in: %.200s)", connection->store->name,
            sql);
    }
    *ret_compiled = compiled;
    return STATUS_OK;
}

/* The cached cursor for this text, else the one to replace, else NULL when all are in use. */
static struct db_cursor *find_cursor(struct db_connection *connection, const char *sql)
{
    struct db_cursor *oldest = NULL;
    for (size_t i = 0; i < SQLITE_STATEMENTS_CACHED; i++) {
        struct db_cursor *cursor = &connection->cache[i];
        if (cursor->is_in_use) {
            continue;
        }
        if (cursor->sql != NULL && strcmp(cursor->sql, sql) == 0) {
            return cursor;
        }
        if (oldest == NULL || cursor->used_at < oldest->used_at) {
            oldest = cursor;
        }
    }
    return oldest;
}

static void forget(struct db_cursor *cursor)
{
    sqlite3_finalize(cursor->compiled);
    free(cursor->sql);
    *cursor = (struct db_cursor){0};
}

void sqlite_forget_statements(struct db_connection *connection)
{
    for (size_t i = 0; i < SQLITE_STATEMENTS_CACHED; i++) {
        assert(!connection->cache[i].is_in_use);
        forget(&connection->cache[i]);
    }
}

/* Find out which of the caller's values each parameter takes. */
static enum status map_parameters(struct db_cursor *cursor, struct error *ret_error)
{
    const char *name_of_database = cursor->connection->store->name;
    int n_parameters = sqlite3_bind_parameter_count(cursor->compiled);
    if (n_parameters > DB_PARAMETERS_MAX) {
        return error_set(ret_error, STATUS_INTERNAL, "%s: %d parameters, at most %d (in: %.200s)",
            name_of_database, n_parameters, DB_PARAMETERS_MAX, cursor->sql);
    }
    for (int i = 0; i < n_parameters; i++) {
        const char *name = sqlite3_bind_parameter_name(cursor->compiled, i + 1);
        long number = name != NULL && name[0] == '$' ? strtol(name + 1, NULL, 10) : 0;
        if (number < 1 || number > n_parameters) {
            return error_set(ret_error, STATUS_INTERNAL,
                "%s: parameters are $1 to $%d, not %s (in: %.200s)", name_of_database, n_parameters,
                name == NULL ? "?" : name, cursor->sql);
        }
        cursor->value_of[i] = (uint8_t)(number - 1);
    }
    cursor->n_parameters = n_parameters;
    return STATUS_OK;
}

/* Compile into a place of the cache that is not in use. */
static enum status fill_cursor(const struct ctx *ctx, struct db_connection *connection,
    const char *sql, struct db_cursor *cursor, struct error *ret_error)
{
    const char *name = connection->store->name;
    size_t sql_size = strlen(sql) + 1;
    char *copy = malloc(sql_size);
    if (copy == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", name);
    }
    memcpy(copy, sql, sql_size);
    const char *rest;
    sqlite3_stmt *compiled = NULL;
    enum status status = sqlite_compile(ctx, connection, sql, &compiled, &rest, ret_error);
    if (status == STATUS_OK && compiled == NULL) {
        status = error_set(ret_error, STATUS_INTERNAL, "%s: the statement is empty", name);
    }
    if (status != STATUS_OK) {
        free(copy);
        return status;
    }
    forget(cursor);
    cursor->connection = connection;
    cursor->compiled = compiled;
    cursor->sql = copy;
    status = map_parameters(cursor, ret_error);
    if (status != STATUS_OK) {
        forget(cursor);
    }
    return status;
}

enum status sqlite_acquire(const struct ctx *ctx, struct db_connection *connection, const char *sql,
    struct db_cursor **ret_cursor, struct error *ret_error)
{
    struct db_cursor *cursor = find_cursor(connection, sql);
    if (cursor == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "%s: more than %d statements open at once", connection->store->name,
            SQLITE_STATEMENTS_CACHED);
    }
    bool is_compiled = cursor->sql != NULL && strcmp(cursor->sql, sql) == 0;
    if (is_compiled && connection->access == DB_READ && !sqlite3_stmt_readonly(cursor->compiled)) {
        is_compiled = false; /* compiled for a writer: compiling it again refuses it in words */
    }
    if (!is_compiled) {
        enum status status = fill_cursor(ctx, connection, sql, cursor, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
    }
    cursor->used_at = ++connection->n_acquired;
    cursor->is_in_use = true;
    *ret_cursor = cursor;
    return STATUS_OK;
}

void sqlite_release(struct db_cursor *cursor)
{
    /* Resetting reports the last run's failure again; it was told when it happened. */
    sqlite3_reset(cursor->compiled);
    sqlite3_clear_bindings(cursor->compiled);
    cursor->is_in_use = false;
}

static int bind_one(sqlite3_stmt *compiled, int index, const struct db_value *value)
{
    switch (value->kind) {
    case DB_NULL:
        return sqlite3_bind_null(compiled, index);
    case DB_INTEGER:
        return sqlite3_bind_int64(compiled, index, value->integer);
    case DB_REAL:
        return sqlite3_bind_double(compiled, index, value->real);
    case DB_TEXT:
        return value->text == NULL
                   ? sqlite3_bind_null(compiled, index)
                   : sqlite3_bind_text(compiled, index, value->text, -1, SQLITE_TRANSIENT);
    }
    return SQLITE_MISUSE;
}

enum status sqlite_bind(struct db_cursor *cursor, const struct db_value *values, size_t n_values,
    struct error *ret_error)
{
    struct db_connection *connection = cursor->connection;
    if (n_values != (size_t)cursor->n_parameters) {
        return error_set(ret_error, STATUS_INTERNAL,
            "%s: %zu values for %d parameters (in: %.200s)", connection->store->name, n_values,
            cursor->n_parameters, cursor->sql);
    }
    sqlite3_reset(cursor->compiled);
    for (int i = 0; i < cursor->n_parameters; i++) {
        int code = bind_one(cursor->compiled, i + 1, &values[cursor->value_of[i]]);
        if (code != SQLITE_OK) {
            return sqlite_fail(ctx_background(), connection, code, cursor->sql, ret_error);
        }
    }
    return STATUS_OK;
}

enum status sqlite_step(
    const struct ctx *ctx, struct db_cursor *cursor, bool *ret_has_row, struct error *ret_error)
{
    struct db_connection *connection = cursor->connection;
    /* A short step never reaches the progress handler. */
    if (ctx_done(ctx)) {
        return sqlite_fail(ctx, connection, SQLITE_INTERRUPT, cursor->sql, ret_error);
    }
    connection->ctx = ctx;
    int code = sqlite3_step(cursor->compiled);
    connection->ctx = NULL;
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        return sqlite_fail(ctx, connection, code, cursor->sql, ret_error);
    }
    *ret_has_row = code == SQLITE_ROW;
    return STATUS_OK;
}

/* Run one compiled statement to its end and finalize it. */
static enum status run_once(const struct ctx *ctx, struct db_connection *connection,
    sqlite3_stmt *compiled, const char *sql, struct error *ret_error)
{
    int code = SQLITE_ROW;
    connection->ctx = ctx;
    while (code == SQLITE_ROW) {
        code = sqlite3_step(compiled);
    }
    connection->ctx = NULL;
    enum status status =
        code == SQLITE_DONE ? STATUS_OK : sqlite_fail(ctx, connection, code, sql, ret_error);
    sqlite3_finalize(compiled);
    return status;
}

enum status sqlite_script(const struct ctx *ctx, struct db_connection *connection, const char *sql,
    struct error *ret_error)
{
    enum status status = STATUS_OK;
    while (status == STATUS_OK && *sql != '\0') {
        sqlite3_stmt *compiled;
        const char *rest;
        status = ctx_err(ctx);
        if (status != STATUS_OK) {
            return sqlite_fail(ctx, connection, SQLITE_INTERRUPT, sql, ret_error);
        }
        status = sqlite_compile(ctx, connection, sql, &compiled, &rest, ret_error);
        if (status == STATUS_OK && compiled != NULL) {
            status = run_once(ctx, connection, compiled, sql, ret_error);
        }
        sql = status == STATUS_OK ? rest : sql;
    }
    return status;
}

enum status sqlite_command(const struct ctx *ctx, struct db_connection *connection, const char *sql,
    struct error *ret_error)
{
    sqlite3_stmt *compiled = NULL;
    /* A new connection reads the schema here, and may have to wait for a writer. */
    connection->ctx = ctx;
    int code = sqlite3_prepare_v2(connection->handle, sql, -1, &compiled, NULL);
    connection->ctx = NULL;
    if (code != SQLITE_OK) {
        return sqlite_fail(ctx, connection, code, sql, ret_error);
    }
    return run_once(ctx, connection, compiled, sql, ret_error);
}

bool sqlite_column_is_null(const struct db_cursor *cursor, int column)
{
    return sqlite3_column_type(cursor->compiled, column) == SQLITE_NULL;
}

int64_t sqlite_column_integer(const struct db_cursor *cursor, int column)
{
    return sqlite3_column_int64(cursor->compiled, column);
}

double sqlite_column_real(const struct db_cursor *cursor, int column)
{
    return sqlite3_column_double(cursor->compiled, column);
}

const char *sqlite_column_text(const struct db_cursor *cursor, int column)
{
    return (const char *)sqlite3_column_text(cursor->compiled, column);
}
