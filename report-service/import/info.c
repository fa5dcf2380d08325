#include "import/info.h"

#include <inttypes.h>

#include "schema/schema.h"

enum { INFO_SQL_MAX = 256 };

struct opened {
    struct db *db;
    struct db_session *session;
};

static void close_opened(struct opened *opened)
{
    db_end(opened->session);
    db_close(opened->db);
}

static void free_rows(struct db_rows **rows)
{
    db_rows_free(*rows);
}

static enum status open_checked(const struct ctx *ctx, enum schema_kind kind, const char *uri,
    struct opened *ret_opened, struct error *ret_error)
{
    const struct db_options options = {
        .name = schema_kind_name(kind), .uri = uri, .mode = DB_OPEN_READ_ONLY};
    enum status status = db_open(ctx, &options, &ret_opened->db, ret_error);
    if (status == STATUS_OK) {
        status = db_begin(ctx, ret_opened->db, DB_READ, &ret_opened->session, ret_error);
    }
    if (status == STATUS_OK) {
        status = schema_check(ctx, ret_opened->session, kind, ret_error);
        if (status != STATUS_OK) {
            error_prefix(ret_error, "%s", db_place(ret_opened->db));
        }
    }
    return status;
}

/* The number of rows of one table, and whether the source has such data at all. */
static enum status print_table(const struct ctx *ctx, struct db_session *session, const char *name,
    bool is_provided, FILE *output, struct error *ret_error)
{
    char sql[INFO_SQL_MAX];
    snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", name);
    CLEANUP(free_rows) struct db_rows *rows = NULL;
    bool has_row = false;
    enum status status = db_query(ctx, session, sql, NULL, 0, &rows, ret_error);
    if (status == STATUS_OK) {
        status = db_next(ctx, rows, &has_row, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (is_provided) {
        fprintf(output, "  %-16s %10" PRId64 "\n", name, db_column_integer(rows, 0));
    } else {
        fprintf(output, "  %-16s %10s\n", name, "not provided");
    }
    return STATUS_OK;
}

static enum status print_meta(
    const struct ctx *ctx, struct db_session *session, FILE *output, struct error *ret_error)
{
    CLEANUP(free_rows) struct db_rows *rows = NULL;
    bool has_row = true;
    enum status status = db_query(
        ctx, session, "SELECT key, value FROM meta ORDER BY key", NULL, 0, &rows, ret_error);
    while (status == STATUS_OK && has_row) {
        status = db_next(ctx, rows, &has_row, ret_error);
        if (status == STATUS_OK && has_row) {
            fprintf(output, "  %-16s %s\n", db_column_text(rows, 0), db_column_text(rows, 1));
        }
    }
    return status;
}

static enum status print_tables(const struct ctx *ctx, enum schema_kind kind, const char *uri,
    FILE *output, struct error *ret_error)
{
    CLEANUP(close_opened) struct opened opened = {NULL, NULL};
    enum status status = open_checked(ctx, kind, uri, &opened, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    fprintf(output, "%s %s\n", schema_kind_name(kind), db_place(opened.db));
    status = print_meta(ctx, opened.session, output, ret_error);
    CLEANUP(free_rows) struct db_rows *rows = NULL;
    bool has_row = true;
    if (status == STATUS_OK) {
        status = db_query(ctx, opened.session,
            "SELECT table_name, is_provided FROM provided WHERE table_name NOT LIKE '%.%' "
            "ORDER BY table_name",
            NULL, 0, &rows, ret_error);
    }
    while (status == STATUS_OK && has_row) {
        status = db_next(ctx, rows, &has_row, ret_error);
        if (status == STATUS_OK && has_row) {
            status = print_table(ctx, opened.session, db_column_text(rows, 0),
                db_column_integer(rows, 1) != 0, output, ret_error);
        }
    }
    return status;
}

static enum status print_sites(
    const struct ctx *ctx, const char *uri, FILE *output, struct error *ret_error)
{
    static const char SQL[] =
        "SELECT site.site_no, coalesce(site.name, ''), coalesce(site.country, ''), "
        "count(subject.subject_id), "
        "coalesce(sum(CASE WHEN subject.enrolled_on IS NOT NULL THEN 1 ELSE 0 END), 0) "
        "FROM site LEFT JOIN subject ON subject.site_id = site.site_id "
        "GROUP BY site.site_id, site.site_no, site.name, site.country ORDER BY site.site_id";
    CLEANUP(close_opened) struct opened opened = {NULL, NULL};
    CLEANUP(free_rows) struct db_rows *rows = NULL;
    bool has_row = true;
    enum status status = open_checked(ctx, SCHEMA_EDC, uri, &opened, ret_error);
    if (status == STATUS_OK) {
        status = db_query(ctx, opened.session, SQL, NULL, 0, &rows, ret_error);
    }
    if (status == STATUS_OK) {
        fprintf(output, "sites: number, screened, enrolled, country, name\n");
    }
    while (status == STATUS_OK && has_row) {
        status = db_next(ctx, rows, &has_row, ret_error);
        if (status == STATUS_OK && has_row) {
            fprintf(output, "  %-6s %5" PRId64 " %5" PRId64 "  %-10s %s\n", db_column_text(rows, 0),
                db_column_integer(rows, 3), db_column_integer(rows, 4), db_column_text(rows, 2),
                db_column_text(rows, 1));
        }
    }
    db_rows_free(rows);
    rows = NULL;
    return status;
}

enum status info_print(const struct ctx *ctx, const char *edc_uri, const char *ctms_uri,
    FILE *output, struct error *ret_error)
{
    enum status status = STATUS_OK;
    if (edc_uri != NULL) {
        status = print_tables(ctx, SCHEMA_EDC, edc_uri, output, ret_error);
    }
    if (status == STATUS_OK && ctms_uri != NULL) {
        status = print_tables(ctx, SCHEMA_CTMS, ctms_uri, output, ret_error);
    }
    if (status == STATUS_OK && edc_uri != NULL) {
        status = print_sites(ctx, edc_uri, output, ret_error);
    }
    return status;
}
