#include "import/csv_export.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json_writer.h"
#include "import/csv_schema.h"

enum { PATH_LEN_MAX = 1024, SQL_MAX = 1024, ROWS_PER_POLL = 1024 };

static const char *const ABOUT[] = {"meta", "provided"};

struct csv_export {
    const struct ctx *ctx;
    const struct csv_export_options *options;
    char partial[PATH_LEN_MAX]; /* the folder until it is whole */
    struct error *error;
};

static enum status fail(struct csv_export *export, const char *path)
{
    return error_set(export->error, STATUS_UNAVAILABLE, "%s: %s", path, strerror(errno));
}

static bool table_path(const struct csv_export *export, enum schema_kind kind, const char *name,
    char path[PATH_LEN_MAX])
{
    int len =
        snprintf(path, PATH_LEN_MAX, "%s/%s/%s.csv", export->partial, schema_kind_name(kind), name);
    return len > 0 && len < PATH_LEN_MAX;
}

/* What this program can have made, and nothing else. */
static void remove_partial(const struct csv_export *export)
{
    static const enum schema_kind KINDS[] = {SCHEMA_EDC, SCHEMA_CTMS};
    char path[PATH_LEN_MAX];
    for (int table = 0; table < (int)TABLE_COUNT; table++) {
        if (table_path(export, dataset_table_kind((enum table)table),
                dataset_table_name((enum table)table), path)) {
            unlink(path);
        }
    }
    for (size_t i = 0; i < LENGTH_OF(KINDS); i++) {
        for (size_t j = 0; j < LENGTH_OF(ABOUT); j++) {
            if (table_path(export, KINDS[i], ABOUT[j], path)) {
                unlink(path);
            }
        }
        snprintf(path, sizeof(path), "%.*s/%s", PATH_LEN_MAX - 8, export->partial,
            schema_kind_name(KINDS[i]));
        rmdir(path);
    }
    rmdir(export->partial);
}

/* Nothing is NULL; whatever might be taken for something else, and empty text, is in quotes. */
static void put_text(FILE *file, const char *text)
{
    if (text[0] != '\0' && text[strcspn(text, "\",\r\n")] == '\0' && text[0] != '\xEF') {
        fputs(text, file);
        return;
    }
    fputc('"', file);
    for (; *text != '\0'; text++) {
        if (*text == '"') {
            fputc('"', file);
        }
        fputc(*text, file);
    }
    fputc('"', file);
}

static void put_value(
    FILE *file, const struct db_rows *rows, int column, const struct csv_column *about)
{
    char number[JSON_NUMBER_MAX];
    if (db_column_is_null(rows, column)) {
        return;
    }
    switch (about->kind) {
    case CSV_KEY:
    case CSV_REFERENCE:
    case CSV_INTEGER:
    case CSV_STAMP:
        fprintf(file, "%" PRId64, db_column_integer(rows, column));
        return;
    case CSV_REAL:
        json_format_number(db_column_real(rows, column), number);
        fputs(number, file);
        return;
    case CSV_DATE:
    case CSV_WORD:
    case CSV_TEXT:
        put_text(file, db_column_text(rows, column));
        return;
    }
}

static enum status write_rows(
    struct csv_export *export, struct db_rows *rows, const struct csv_table *table, FILE *file)
{
    bool has_row = true;
    for (uint64_t n_rows = 0;; n_rows++) {
        enum status status = db_next(export->ctx, rows, &has_row, export->error);
        if (status == STATUS_OK && n_rows % ROWS_PER_POLL == 0) {
            status = ctx_err(export->ctx);
        }
        if (status != STATUS_OK || !has_row) {
            return status;
        }
        for (size_t i = 0; i < table->n_columns; i++) {
            if (i > 0) {
                fputc(',', file);
            }
            put_value(file, rows, (int)i, &table->columns[i]);
        }
        fputc('\n', file);
    }
}

/* The query's rows under a header. */
static enum status write_file(struct csv_export *export, struct db_session *session,
    enum schema_kind kind, const struct csv_table *table, const char *columns, const char *order)
{
    char path[PATH_LEN_MAX];
    char sql[SQL_MAX];
    struct db_rows *rows = NULL;
    errno = ENAMETOOLONG;
    FILE *file = table_path(export, kind, table->name, path) ? fopen(path, "w") : NULL;
    if (file == NULL) {
        return fail(export, path);
    }
    fprintf(file, "%s\n", columns);
    snprintf(sql, sizeof(sql), "SELECT %s FROM %s ORDER BY %s", columns, table->name, order);
    enum status status = db_query(export->ctx, session, sql, NULL, 0, &rows, export->error);
    if (status == STATUS_OK) {
        status = write_rows(export, rows, table, file);
    }
    db_rows_free(rows);
    bool is_written = ferror(file) == 0;
    is_written = fclose(file) == 0 && is_written;
    return status == STATUS_OK && !is_written ? fail(export, path) : status;
}

static enum status write_about(
    struct csv_export *export, struct db_session *session, enum schema_kind kind)
{
    static const struct csv_table META = {.name = "meta",
        .columns = {{.name = "key", .kind = CSV_TEXT}, {.name = "value", .kind = CSV_TEXT}},
        .n_columns = 2};
    static const struct csv_table PROVIDED = {.name = "provided",
        .columns = {{.name = "table_name", .kind = CSV_TEXT},
            {.name = "is_provided", .kind = CSV_INTEGER}, {.name = "note", .kind = CSV_TEXT}},
        .n_columns = 3};
    enum status status = write_file(export, session, kind, &META, "key,value", "key");
    return status == STATUS_OK ? write_file(export, session, kind, &PROVIDED,
                                     "table_name,is_provided,note", "table_name")
                               : status;
}

static enum status write_tables(
    struct csv_export *export, struct db_session *session, enum schema_kind kind)
{
    enum status status = STATUS_OK;
    for (int number = 0; status == STATUS_OK && number < (int)TABLE_COUNT; number++) {
        struct csv_table table;
        if (dataset_table_kind((enum table)number) == kind) {
            csv_schema_read((enum table)number, &table);
            status = write_file(
                export, session, kind, &table, dataset_table_columns((enum table)number), "1, 2");
        }
    }
    return status == STATUS_OK ? write_about(export, session, kind) : status;
}

static enum status write_database(struct csv_export *export, enum schema_kind kind, const char *uri)
{
    char folder[PATH_LEN_MAX + 8];
    const struct db_options options = {
        .name = schema_kind_name(kind), .uri = uri, .mode = DB_OPEN_READ_ONLY};
    struct db *db = NULL;
    struct db_session *session = NULL;
    snprintf(folder, sizeof(folder), "%s/%s", export->partial, schema_kind_name(kind));
    enum status status = db_open(export->ctx, &options, &db, export->error);
    if (status == STATUS_OK) {
        status = db_begin(export->ctx, db, DB_READ, &session, export->error);
    }
    if (status == STATUS_OK) {
        status = schema_check(export->ctx, session, kind, export->error);
        if (status != STATUS_OK) {
            error_prefix(export->error, "%s", db_place(db));
        }
    }
    if (status == STATUS_OK && mkdir(folder, 0777) != 0) {
        status = fail(export, folder);
    }
    if (status == STATUS_OK) {
        status = write_tables(export, session, kind);
    }
    db_end(session);
    db_close(db);
    return status;
}

enum status csv_export(
    const struct ctx *ctx, const struct csv_export_options *options, struct error *ret_error)
{
    struct csv_export export = {.ctx = ctx, .options = options, .error = ret_error};
    int len = snprintf(export.partial, sizeof(export.partial), "%s.partial", options->folder);
    if (len < 0 || len >= PATH_LEN_MAX - CSV_NAME_MAX) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "the folder's path is too long");
    }
    if (access(options->folder, F_OK) == 0) {
        return error_set(ret_error, STATUS_ALREADY_EXISTS, "%s: exists already", options->folder);
    }
    remove_partial(&export); /* of a run that was killed */
    if (mkdir(export.partial, 0777) != 0) {
        return fail(&export, export.partial);
    }
    enum status status = write_database(&export, SCHEMA_EDC, options->edc_uri);
    if (status == STATUS_OK && options->ctms_uri != NULL) {
        status = write_database(&export, SCHEMA_CTMS, options->ctms_uri);
    }
    if (status == STATUS_OK && rename(export.partial, options->folder) != 0) {
        status = fail(&export, options->folder);
    }
    if (status != STATUS_OK) {
        remove_partial(&export);
    }
    return status;
}
