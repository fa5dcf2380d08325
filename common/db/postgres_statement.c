/* Prepared statements: a connection's cache of them, and their parameters. */
#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/postgres.h"

/* Pass over a quoted text, a quoted name or a comment that begins at `sql`; else one byte. */
static const char *pass(const char *sql)
{
    if (*sql == '\'' || *sql == '"') {
        const char *end = strchr(sql + 1, *sql);
        return end == NULL ? sql + strlen(sql) : end + 1;
    }
    if (sql[0] == '-' && sql[1] == '-') {
        return sql + strcspn(sql, "\n");
    }
    if (sql[0] == '/' && sql[1] == '*') {
        const char *end = strstr(sql + 2, "*/");
        return end == NULL ? sql + strlen(sql) : end + 2;
    }
    return sql + 1;
}

/* The highest $N. */
static long count_parameters(const char *sql)
{
    long highest = 0;
    while (*sql != '\0') {
        if (*sql == '$' && isdigit((unsigned char)sql[1])) {
            long number = strtol(sql + 1, NULL, 10);
            highest = number > highest ? number : highest;
        }
        sql = pass(sql);
    }
    return highest;
}

/* The cached cursor for this text, else the one to replace, else NULL when all are in use. */
static struct db_cursor *find_cursor(struct db_connection *connection, const char *sql)
{
    struct db_cursor *oldest = NULL;
    for (size_t i = 0; i < POSTGRES_STATEMENTS_CACHED; i++) {
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

void postgres_forget_statements(struct db_connection *connection)
{
    for (size_t i = 0; i < POSTGRES_STATEMENTS_CACHED; i++) {
        struct db_cursor *cursor = &connection->cache[i];
        assert(!cursor->is_in_use);
        buffer_finish(&cursor->text);
        buffer_finish(&cursor->kept.rows);
        free(cursor->texts);
    }
}

/* Take a place for another text. What the server has under its name is replaced when it is sent. */
static enum status fill_cursor(struct db_connection *connection, const char *sql,
    struct db_cursor *cursor, struct error *ret_error)
{
    const char *name = connection->store->name;
    long n_parameters = count_parameters(sql);
    if (n_parameters > DB_PARAMETERS_MAX) {
        return error_set(ret_error, STATUS_INTERNAL, "%s: %ld parameters, at most %d (in: %.200s)",
            name, n_parameters, DB_PARAMETERS_MAX, sql);
    }
    if (sql[strspn(sql, " \t\r\n;")] == '\0') {
        return error_set(ret_error, STATUS_INTERNAL, "%s: the statement is empty", name);
    }
    cursor->sql = NULL;
    cursor->text.len = 0;
    cursor->text.len_max = POSTGRES_SQL_MAX;
    if (buffer_append(&cursor->text, sql, strlen(sql) + 1) != STATUS_OK) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "%s: out of memory, or a statement of more than %d bytes", name, POSTGRES_SQL_MAX);
    }
    cursor->sql = (const char *)cursor->text.data;
    memset(cursor->types, 0, sizeof(cursor->types));
    cursor->connection = connection;
    cursor->n_parameters = (int)n_parameters;
    cursor->is_prepared = false;
    snprintf(
        cursor->name, sizeof(cursor->name), "walkie_%zu", (size_t)(cursor - connection->cache));
    return STATUS_OK;
}

enum status postgres_acquire(const struct ctx *ctx, struct db_connection *connection,
    const char *sql, struct db_cursor **ret_cursor, struct error *ret_error)
{
    (void)ctx; /* nothing is sent before the first step */
    struct db_cursor *cursor = find_cursor(connection, sql);
    if (cursor == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "%s: more than %d statements open at once", connection->store->name,
            POSTGRES_STATEMENTS_CACHED);
    }
    if (cursor->sql == NULL || strcmp(cursor->sql, sql) != 0) {
        enum status status = fill_cursor(connection, sql, cursor, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
    }
    cursor->used_at = ++connection->n_acquired;
    cursor->is_in_use = true;
    cursor->has_started = false;
    cursor->has_ended = false;
    *ret_cursor = cursor;
    return STATUS_OK;
}

/* Nobody wants its rows any more. Those that are still coming are read, and dropped, by whatever
 * uses the connection next: that has a context to wait under. */
static void stop(struct db_cursor *cursor)
{
    struct db_connection *connection = cursor->connection;
    if (connection->active == cursor) {
        connection->active = NULL;
    }
    PQclear(cursor->row);
    cursor->row = NULL;
    postgres_drop_kept(cursor);
}

void postgres_release(struct db_cursor *cursor)
{
    stop(cursor);
    cursor->is_in_use = false;
}

static bool reserve_texts(struct db_cursor *cursor, size_t size)
{
    if (size <= cursor->texts_size) {
        return true;
    }
    char *texts = size > POSTGRES_TEXTS_MAX ? NULL : realloc(cursor->texts, size);
    if (texts == NULL) {
        return false;
    }
    cursor->texts = texts;
    cursor->texts_size = size;
    return true;
}

/* The type that goes with a value; an integer fits where a double was before. */
static Oid type_for(const struct db_value *value, Oid before)
{
    switch (value->kind) {
    case DB_NULL:
        return before;
    case DB_INTEGER:
        return before == POSTGRES_FLOAT8 ? POSTGRES_FLOAT8 : POSTGRES_INT8;
    case DB_REAL:
        return POSTGRES_FLOAT8;
    case DB_TEXT:
        return value->text == NULL ? before : POSTGRES_TEXT;
    }
    return before;
}

/* Numbers go in the binary form, exactly and without being printed; text as it is. */
static void bind_number(struct db_cursor *cursor, int i, const struct db_value *value)
{
    uint64_t bits = (uint64_t)value->integer;
    if (cursor->types[i] == POSTGRES_FLOAT8) {
        double real = value->kind == DB_REAL ? value->real : (double)value->integer;
        memcpy(&bits, &real, sizeof(bits));
    }
    be64_put(cursor->numbers[i], bits);
    cursor->values[i] = (const char *)cursor->numbers[i];
    cursor->lengths[i] = (int)sizeof(cursor->numbers[i]);
    cursor->formats[i] = 1;
}

static bool is_null(const struct db_value *value)
{
    return value->kind == DB_NULL || (value->kind == DB_TEXT && value->text == NULL);
}

enum status postgres_bind(struct db_cursor *cursor, const struct db_value *values, size_t n_values,
    struct error *ret_error)
{
    const char *name = cursor->connection->store->name;
    if (n_values != (size_t)cursor->n_parameters) {
        return error_set(ret_error, STATUS_INTERNAL,
            "%s: %zu values for %d parameters (in: %.200s)", name, n_values, cursor->n_parameters,
            cursor->sql);
    }
    stop(cursor);
    size_t texts_size = 0;
    for (size_t i = 0; i < n_values; i++) {
        texts_size +=
            values[i].kind == DB_TEXT && !is_null(&values[i]) ? strlen(values[i].text) + 1 : 0;
    }
    if (!reserve_texts(cursor, texts_size)) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "%s: parameters of %zu bytes, at most %d (in: %.120s)", name, texts_size,
            POSTGRES_TEXTS_MAX, cursor->sql);
    }
    char *next = cursor->texts;
    for (int i = 0; i < cursor->n_parameters; i++) {
        Oid type = type_for(&values[i], cursor->types[i]);
        cursor->is_prepared = cursor->is_prepared && type == cursor->types[i];
        cursor->types[i] = type;
        if (is_null(&values[i])) {
            cursor->values[i] = NULL;
            cursor->formats[i] = 0;
        } else if (values[i].kind == DB_TEXT) {
            size_t size = strlen(values[i].text) + 1;
            cursor->values[i] = memcpy(next, values[i].text, size);
            cursor->formats[i] = 0;
            next += size;
        } else {
            bind_number(cursor, i, &values[i]);
        }
    }
    cursor->has_started = false;
    cursor->has_ended = false;
    return STATUS_OK;
}
