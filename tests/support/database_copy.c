#include "support/database_copy.h"

#include <stdio.h>
#include <string.h>

enum { TABLES_MAX = 64, NAME_MAX_LEN = 64, SQL_MAX = 4096, COLUMNS_TEXT_MAX = 1024 };

struct table {
    char name[NAME_MAX_LEN];
    char columns[COLUMNS_TEXT_MAX]; /* "a,b" */
    char wanted[SQL_MAX];           /* "a,typeof(a),b,typeof(b)": SQLite's values have types */
    size_t n_columns;
};

static enum status read_columns(
    struct db_session *source, struct table *table, struct error *ret_error)
{
    struct db_rows *rows = NULL;
    struct db_value name = db_text(table->name);
    enum status status = db_query(ctx_background(), source,
        "SELECT name FROM pragma_table_info($1) ORDER BY cid", &name, 1, &rows, ret_error);
    bool has_row = true;
    size_t at = 0;
    size_t wanted_at = 0;
    while (status == STATUS_OK && has_row) {
        status = db_next(ctx_background(), rows, &has_row, ret_error);
        if (status == STATUS_OK && has_row) {
            const char *comma = table->n_columns++ == 0 ? "" : ",";
            const char *column = db_column_text(rows, 0);
            at += (size_t)snprintf(
                table->columns + at, sizeof(table->columns) - at, "%s%s", comma, column);
            wanted_at += (size_t)snprintf(table->wanted + wanted_at,
                sizeof(table->wanted) - wanted_at, "%s%s,typeof(%s)", comma, column, column);
        }
    }
    db_rows_free(rows);
    return status;
}

/* In the order of their making: what is referred to comes first. */
static enum status read_tables(struct db_session *source, struct table tables[TABLES_MAX],
    size_t *ret_n_tables, struct error *ret_error)
{
    struct db_rows *rows = NULL;
    enum status status = db_query(ctx_background(), source,
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        " ORDER BY rowid",
        NULL, 0, &rows, ret_error);
    bool has_row = true;
    size_t n_tables = 0;
    while (status == STATUS_OK && has_row && n_tables < TABLES_MAX) {
        status = db_next(ctx_background(), rows, &has_row, ret_error);
        if (status == STATUS_OK && has_row) {
            snprintf(tables[n_tables++].name, NAME_MAX_LEN, "%s", db_column_text(rows, 0));
        }
    }
    db_rows_free(rows);
    for (size_t i = 0; i < n_tables && status == STATUS_OK; i++) {
        status = read_columns(source, &tables[i], ret_error);
    }
    *ret_n_tables = n_tables;
    return status;
}

static struct db_value value_of(const struct db_rows *rows, int column)
{
    const char *type = db_column_text(rows, column + 1);
    if (strcmp(type, "integer") == 0) {
        return db_integer(db_column_integer(rows, column));
    }
    if (strcmp(type, "real") == 0) {
        return db_real(db_column_real(rows, column));
    }
    return db_text(db_column_text(rows, column));
}

static enum status copy_rows(struct db_session *source, const struct table *table,
    struct db_bulk *bulk, struct error *ret_error)
{
    char sql[SQL_MAX + NAME_MAX_LEN + 32];
    snprintf(sql, sizeof(sql), "SELECT %.*s FROM %.*s ORDER BY 1", SQL_MAX - 1, table->wanted,
        NAME_MAX_LEN - 1, table->name);
    struct db_rows *rows = NULL;
    enum status status = db_query(ctx_background(), source, sql, NULL, 0, &rows, ret_error);
    bool has_row = true;
    while (status == STATUS_OK && has_row) {
        status = db_next(ctx_background(), rows, &has_row, ret_error);
        if (status == STATUS_OK && has_row) {
            struct db_value values[DB_PARAMETERS_MAX];
            for (size_t i = 0; i < table->n_columns; i++) {
                values[i] = value_of(rows, (int)(i * 2));
            }
            status = db_bulk_add(ctx_background(), bulk, values, table->n_columns, ret_error);
        }
    }
    db_rows_free(rows);
    return status;
}

static enum status copy_table(struct db_session *source, const struct table *table,
    struct db_session *target, struct error *ret_error)
{
    char sql[NAME_MAX_LEN + 16];
    snprintf(sql, sizeof(sql), "DELETE FROM %.*s", NAME_MAX_LEN - 1, table->name);
    enum status status = db_script(ctx_background(), target, sql, ret_error);
    struct db_bulk *bulk = NULL;
    if (status == STATUS_OK) {
        status =
            db_bulk_open(ctx_background(), target, table->name, table->columns, &bulk, ret_error);
    }
    if (status == STATUS_OK) {
        status = copy_rows(source, table, bulk, ret_error);
    }
    if (status == STATUS_OK) {
        status = db_bulk_flush(ctx_background(), target, ret_error);
    }
    db_bulk_free(bulk);
    return status;
}

static enum status copy_all(struct db_session *source, enum schema_kind kind,
    struct db_session *target, struct error *ret_error)
{
    static struct table tables[TABLES_MAX];
    memset(tables, 0, sizeof(tables));
    size_t n_tables = 0;
    enum status status = schema_migrate_in(ctx_background(), target, kind, ret_error);
    if (status == STATUS_OK) {
        status = read_tables(source, tables, &n_tables, ret_error);
    }
    for (size_t i = 0; i < n_tables && status == STATUS_OK; i++) {
        status = copy_table(source, &tables[i], target, ret_error);
    }
    if (status == STATUS_OK) {
        /* What an importer does at its end: plans are made from it. */
        status = db_script(ctx_background(), target, "ANALYZE", ret_error);
    }
    return status == STATUS_OK ? db_commit(ctx_background(), target, ret_error) : status;
}

enum status database_copy(const char *sqlite_uri, enum schema_kind kind, const char *postgres_uri,
    struct error *ret_error)
{
    const struct db_options from = {
        .name = schema_kind_name(kind), .uri = sqlite_uri, .mode = DB_OPEN_READ_ONLY};
    const struct db_options to = {
        .name = schema_kind_name(kind), .uri = postgres_uri, .mode = DB_OPEN_READ_WRITE};
    struct db *from_db = NULL;
    struct db *to_db = NULL;
    struct db_session *source = NULL;
    struct db_session *target = NULL;
    enum status status = db_open(ctx_background(), &from, &from_db, ret_error);
    if (status == STATUS_OK) {
        status = db_open(ctx_background(), &to, &to_db, ret_error);
    }
    if (status == STATUS_OK) {
        status = db_begin(ctx_background(), from_db, DB_READ, &source, ret_error);
    }
    if (status == STATUS_OK) {
        status = db_begin(ctx_background(), to_db, DB_WRITE, &target, ret_error);
    }
    if (status == STATUS_OK) {
        status = copy_all(source, kind, target, ret_error);
    }
    db_end(source);
    db_end(target);
    db_close(from_db);
    db_close(to_db);
    return status;
}
