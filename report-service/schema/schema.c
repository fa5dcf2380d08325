#include "schema/schema.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "schema/migration.h"

/* Not a migration: where the version itself is kept must exist before the first one. */
static const char CREATE_META[] =
    "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)";

const char *schema_kind_name(enum schema_kind kind)
{
    switch (kind) {
    case SCHEMA_EDC:
        return "edc";
    case SCHEMA_CTMS:
        return "ctms";
    }
    return "unknown";
}

int schema_version_known(enum schema_kind kind)
{
    int version = 0;
    for (size_t i = 0; i < SCHEMA_MIGRATIONS_COUNT; i++) {
        if (SCHEMA_MIGRATIONS[i].kind == kind && SCHEMA_MIGRATIONS[i].version > version) {
            version = SCHEMA_MIGRATIONS[i].version;
        }
    }
    return version;
}

size_t schema_tables(
    enum schema_kind kind, char ret_names[SCHEMA_TABLES_MAX][SCHEMA_TABLE_NAME_MAX])
{
    static const char CREATE[] = "CREATE TABLE ";
    size_t n_names = 0;
    for (size_t i = 0; i < SCHEMA_MIGRATIONS_COUNT; i++) {
        const char *at = SCHEMA_MIGRATIONS[i].sql;
        while (SCHEMA_MIGRATIONS[i].kind == kind && (at = strstr(at, CREATE)) != NULL) {
            at += strlen(CREATE);
            size_t len = strcspn(at, " (\n");
            assert(n_names < SCHEMA_TABLES_MAX && len < SCHEMA_TABLE_NAME_MAX);
            memcpy(ret_names[n_names], at, len);
            ret_names[n_names++][len] = '\0';
        }
    }
    return n_names;
}

static void free_rows(struct db_rows **rows)
{
    db_rows_free(*rows);
}

enum { META_VALUE_MAX = 256 }; /* bytes of a meta value that is read here, with the NUL */

/* The value of a row of meta, "" when there is none. */
static enum status read_meta(const struct ctx *ctx, struct db_session *session, const char *key,
    char ret_value[META_VALUE_MAX], struct error *ret_error)
{
    CLEANUP(free_rows) struct db_rows *rows = NULL;
    enum status status = db_query(ctx, session, "SELECT value FROM meta WHERE key = $1",
        (struct db_value[]){db_text(key)}, 1, &rows, ret_error);
    bool has_row = false;
    if (status == STATUS_OK) {
        status = db_next(ctx, rows, &has_row, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    snprintf(ret_value, META_VALUE_MAX, "%s", has_row ? db_column_text(rows, 0) : "");
    return STATUS_OK;
}

static int to_version(const char *text)
{
    int version = 0;
    return sscanf(text, "%d", &version) == 1 && version > 0 ? version : 0;
}

static enum status check_kind(const char *found, enum schema_kind kind, struct error *ret_error)
{
    const char *wanted = schema_kind_name(kind);
    if (found[0] == '\0' || strcmp(found, wanted) == 0) {
        return STATUS_OK;
    }
    return error_set(ret_error, STATUS_FAILED_PRECONDITION,
        "holds %.32s data, but was given as the %s database: are --edc and --ctms swapped?", found,
        wanted);
}

static enum status fail_too_new(int version, enum schema_kind kind, struct error *ret_error)
{
    return error_set(ret_error, STATUS_FAILED_PRECONDITION,
        "has schema version %d, this program knows %d: use a newer walkie, or make the database "
        "again with walkie-data",
        version, schema_version_known(kind));
}

static enum status apply(const struct ctx *ctx, struct db_session *session,
    const struct schema_migration *migration, struct error *ret_error)
{
    enum status status = db_script(ctx, session, migration->sql, ret_error);
    if (status != STATUS_OK) {
        error_prefix(ret_error, "migration %s", migration->name);
        return status;
    }
    char version[16];
    snprintf(version, sizeof(version), "%d", migration->version);
    return schema_set_meta(ctx, session, "schema_version", version, ret_error);
}

/* SQLite orders text by its bytes, PostgreSQL by the database's language. Reports of both must be
 * equal, and dates as text compare rightly only by their bytes. */
static const char ORDER_BYTEWISE[] =
    "DO $walkie$ DECLARE found RECORD; BEGIN"
    " IF EXISTS (SELECT 1 FROM pg_database WHERE datname = current_database() AND datlocprovider ="
    " 'c' AND datcollate IN ('C', 'POSIX', 'C.UTF-8', 'C.utf8')) THEN RETURN; END IF;"
    " FOR found IN SELECT table_name, column_name FROM information_schema.columns"
    " WHERE table_schema = current_schema() AND data_type = 'text' AND collation_name IS NULL"
    " LOOP EXECUTE format('ALTER TABLE %I ALTER COLUMN %I TYPE TEXT COLLATE \"C\"',"
    " found.table_name, found.column_name); END LOOP; END $walkie$";

static enum status order_bytewise(
    const struct ctx *ctx, struct db_session *session, struct error *ret_error)
{
    switch (db_dialect(session)) {
    case DB_SQLITE:
        return STATUS_OK;
    case DB_POSTGRES:
        return db_script(ctx, session, ORDER_BYTEWISE, ret_error);
    }
    return STATUS_INTERNAL;
}

enum status schema_migrate_in(const struct ctx *ctx, struct db_session *session,
    enum schema_kind kind, struct error *ret_error)
{
    char found_kind[META_VALUE_MAX];
    char found_version[META_VALUE_MAX];
    enum status status = db_script(ctx, session, CREATE_META, ret_error);
    if (status == STATUS_OK) {
        status = read_meta(ctx, session, "schema_kind", found_kind, ret_error);
    }
    if (status == STATUS_OK) {
        status = check_kind(found_kind, kind, ret_error);
    }
    if (status == STATUS_OK) {
        status = read_meta(ctx, session, "schema_version", found_version, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    int version = to_version(found_version);
    if (version > schema_version_known(kind)) {
        return fail_too_new(version, kind, ret_error);
    }
    for (size_t i = 0; status == STATUS_OK && i < SCHEMA_MIGRATIONS_COUNT; i++) {
        if (SCHEMA_MIGRATIONS[i].kind == kind && SCHEMA_MIGRATIONS[i].version > version) {
            status = apply(ctx, session, &SCHEMA_MIGRATIONS[i], ret_error);
        }
    }
    if (status == STATUS_OK && version < schema_version_known(kind)) {
        status = order_bytewise(ctx, session, ret_error);
    }
    if (status == STATUS_OK && version < schema_version_known(kind)) {
        status = schema_set_meta(ctx, session, "schema_kind", schema_kind_name(kind), ret_error);
    }
    return status;
}

static void end_session(struct db_session **session)
{
    db_end(*session);
}

enum status schema_migrate(
    const struct ctx *ctx, struct db *db, enum schema_kind kind, struct error *ret_error)
{
    CLEANUP(end_session) struct db_session *session = NULL;
    enum status status = db_begin(ctx, db, DB_WRITE, &session, ret_error);
    if (status == STATUS_OK) {
        status = schema_migrate_in(ctx, session, kind, ret_error);
    }
    return status == STATUS_OK ? db_commit(ctx, session, ret_error) : status;
}

static enum status fail_without_version(enum schema_kind kind, struct error *ret_error)
{
    return error_set(ret_error, STATUS_FAILED_PRECONDITION,
        "holds no %s tables of this program: make it with `walkie-data demo` or `walkie-data "
        "import`",
        schema_kind_name(kind));
}

enum status schema_check(const struct ctx *ctx, struct db_session *session, enum schema_kind kind,
    struct error *ret_error)
{
    char found_kind[META_VALUE_MAX];
    char found_version[META_VALUE_MAX];
    enum status status = read_meta(ctx, session, "schema_version", found_version, ret_error);
    if (status == STATUS_INTERNAL) {
        return fail_without_version(kind, ret_error); /* there is no table meta */
    }
    if (status == STATUS_OK) {
        status = read_meta(ctx, session, "schema_kind", found_kind, ret_error);
    }
    if (status == STATUS_OK) {
        status = check_kind(found_kind, kind, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    int version = to_version(found_version);
    if (version == 0) {
        return fail_without_version(kind, ret_error);
    }
    if (version > schema_version_known(kind)) {
        return fail_too_new(version, kind, ret_error);
    }
    if (version < schema_version_known(kind)) {
        return error_set(ret_error, STATUS_FAILED_PRECONDITION,
            "has schema version %d, this program needs %d: run `walkie-data migrate`", version,
            schema_version_known(kind));
    }
    return STATUS_OK;
}

enum status schema_set_meta(const struct ctx *ctx, struct db_session *session, const char *key,
    const char *value, struct error *ret_error)
{
    return db_exec(ctx, session,
        "INSERT INTO meta (key, value) VALUES ($1, $2) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (struct db_value[]){db_text(key), db_text(value)}, 2, ret_error);
}

enum status schema_bump_data_version(
    const struct ctx *ctx, struct db_session *session, struct error *ret_error)
{
    return db_exec(ctx, session,
        "INSERT INTO meta (key, value) VALUES ('data_version', '1') ON CONFLICT (key) DO UPDATE "
        "SET value = CAST(CAST(meta.value AS BIGINT) + 1 AS TEXT)",
        NULL, 0, ret_error);
}

enum status schema_data_version(const struct ctx *ctx, struct db_session *session,
    int64_t *ret_version, struct error *ret_error)
{
    char text[META_VALUE_MAX];
    enum status status = read_meta(ctx, session, "data_version", text, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    long long version = 0;
    *ret_version = sscanf(text, "%lld", &version) == 1 ? version : 0;
    return STATUS_OK;
}
