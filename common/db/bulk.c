/* Bulk loads. Where the backend takes many rows at once they are collected as PostgreSQL's COPY
 * text (https://www.postgresql.org/docs/15/sql-copy.html), one buffer a table; otherwise each row
 * is one run of a prepared INSERT. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/internal.h"
#include "obs/detached.h"

enum { BULK_TABLE_MAX = 64, BULK_COLUMNS_MAX = 1024, INSERT_SQL_MAX = 2048, REAL_MAX = 40 };

struct db_bulk {
    struct db_session *session;
    struct db_bulk *next;
    struct db_statement *insert; /* NULL where rows are collected */
    struct buffer rows;
    uint64_t n_rows; /* in the buffer */
    size_t n_columns;
    char table[BULK_TABLE_MAX];
    char columns[BULK_COLUMNS_MAX];
};

/* "INSERT INTO table (columns) VALUES ($1,$2)" */
static enum status prepare_insert(
    const struct ctx *ctx, struct db_bulk *bulk, struct error *ret_error)
{
    char sql[INSERT_SQL_MAX];
    int len =
        snprintf(sql, sizeof(sql), "INSERT INTO %s (%s) VALUES (", bulk->table, bulk->columns);
    for (size_t i = 0; i < bulk->n_columns; i++) {
        len += snprintf(sql + len, sizeof(sql) - (size_t)len, "%s$%zu", i == 0 ? "" : ",", i + 1);
    }
    snprintf(sql + len, sizeof(sql) - (size_t)len, ")");
    return db_prepare(ctx, bulk->session, sql, &bulk->insert, ret_error);
}

static void link_bulk(struct db_session *session, struct db_bulk *bulk)
{
    bulk->session = session;
    if (session->last_bulk == NULL) {
        session->first_bulk = bulk;
    } else {
        session->last_bulk->next = bulk;
    }
    session->last_bulk = bulk;
    session->n_live++;
}

static void unlink_bulk(struct db_bulk *bulk)
{
    struct db_session *session = bulk->session;
    struct db_bulk *before = NULL;
    struct db_bulk *at = session->first_bulk;
    while (at != bulk) {
        before = at;
        at = at->next;
    }
    if (before == NULL) {
        session->first_bulk = bulk->next;
    } else {
        before->next = bulk->next;
    }
    if (session->last_bulk == bulk) {
        session->last_bulk = before;
    }
    session->n_live--;
}

enum status db_bulk_open_from(struct ctx_site site, const struct ctx *ctx,
    struct db_session *session, const char *table, const char *columns, struct db_bulk **ret_bulk,
    struct error *ret_error)
{
    detached_check(site, ctx, "sql");
    const char *name = session->db->name;
    size_t n_columns = 1;
    for (const char *comma = strchr(columns, ','); comma != NULL; comma = strchr(comma + 1, ',')) {
        n_columns++;
    }
    if (strlen(table) >= BULK_TABLE_MAX || strlen(columns) >= BULK_COLUMNS_MAX ||
        n_columns > DB_PARAMETERS_MAX) {
        return error_set(
            ret_error, STATUS_INTERNAL, "%s: the columns of %s are too many", name, table);
    }
    struct db_bulk *bulk = calloc(1, sizeof(*bulk));
    if (bulk == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", name);
    }
    snprintf(bulk->table, sizeof(bulk->table), "%s", table);
    snprintf(bulk->columns, sizeof(bulk->columns), "%s", columns);
    bulk->n_columns = n_columns;
    bulk->rows = (struct buffer)BUFFER_EMPTY(DB_BULK_MAX + DB_BULK_ROW_MAX);
    link_bulk(session, bulk);
    enum status status = STATUS_OK;
    if (session->db->backend->load == NULL) {
        status = prepare_insert(ctx, bulk, ret_error);
    }
    if (status != STATUS_OK) {
        db_bulk_free(bulk);
        return status;
    }
    *ret_bulk = bulk;
    return STATUS_OK;
}

/* What COPY would take for something else stands behind a backslash. */
static enum status append_text(struct buffer *rows, const char *text)
{
    enum status status = STATUS_OK;
    while (status == STATUS_OK && *text != '\0') {
        size_t plain_len = strcspn(text, "\\\n\r\t");
        status = buffer_append(rows, text, plain_len);
        text += plain_len;
        if (status == STATUS_OK && *text != '\0') {
            const char escaped[] = {'\\', *text == '\n'   ? 'n'
                                          : *text == '\r' ? 'r'
                                          : *text == '\t' ? 't'
                                                          : '\\'};
            status = buffer_append(rows, escaped, sizeof(escaped));
            text++;
        }
    }
    return status;
}

static enum status append_value(struct buffer *rows, const struct db_value *value)
{
    switch (value->kind) {
    case DB_NULL:
        return buffer_append_text(rows, "\\N");
    case DB_INTEGER:
        return buffer_printf(rows, "%" PRId64, value->integer);
    case DB_REAL:
        return buffer_printf(rows, "%.17g", value->real);
    case DB_TEXT:
        return value->text == NULL ? buffer_append_text(rows, "\\N")
                                   : append_text(rows, value->text);
    }
    return STATUS_INTERNAL;
}

static enum status collect(
    struct db_bulk *bulk, const struct db_value *values, struct error *ret_error)
{
    size_t len_before = bulk->rows.len;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < bulk->n_columns && status == STATUS_OK; i++) {
        status = i == 0 ? STATUS_OK : buffer_append_text(&bulk->rows, "\t");
        if (status == STATUS_OK) {
            status = append_value(&bulk->rows, &values[i]);
        }
    }
    if (status == STATUS_OK) {
        status = buffer_append_text(&bulk->rows, "\n");
    }
    if (status != STATUS_OK || bulk->rows.len - len_before > DB_BULK_ROW_MAX) {
        bulk->rows.len = len_before;
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "%s: a row of table %s does not fit the memory, or is larger than %d bytes",
            bulk->session->db->name, bulk->table, DB_BULK_ROW_MAX);
    }
    bulk->n_rows++;
    return STATUS_OK;
}

static enum status send(const struct ctx *ctx, struct db_bulk *bulk, struct error *ret_error)
{
    struct db_session *session = bulk->session;
    uint64_t started_at_ns = clock_now_ns();
    char label[BULK_TABLE_MAX + sizeof("COPY ")];
    snprintf(label, sizeof(label), "COPY %s", bulk->table);
    enum status status = db_session_enter(ctx, session, label, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    status = session->db->backend->load(
        ctx, session->connection, bulk->table, bulk->columns, buffer_bytes(&bulk->rows), ret_error);
    if (status != STATUS_OK && ctx_err(ctx) == status) {
        db_log_cancel(ctx, session->db, label, started_at_ns);
    }
    if (status == STATUS_OK) {
        db_log_query(ctx, session->db, label, started_at_ns, bulk->n_rows);
    }
    bulk->rows.len = 0;
    bulk->n_rows = 0;
    return status;
}

enum status db_bulk_send_all(
    const struct ctx *ctx, struct db_session *session, struct error *ret_error)
{
    enum status status = STATUS_OK;
    for (struct db_bulk *bulk = session->first_bulk; bulk != NULL && status == STATUS_OK;
         bulk = bulk->next) {
        if (bulk->rows.len > 0) {
            status = send(ctx, bulk, ret_error);
        }
    }
    return status;
}

enum status db_bulk_add_from(struct ctx_site site, const struct ctx *ctx, struct db_bulk *bulk,
    const struct db_value *values, size_t n_values, struct error *ret_error)
{
    detached_check(site, ctx, "sql");
    if (n_values != bulk->n_columns) {
        return error_set(ret_error, STATUS_INTERNAL, "%s: %zu values for %zu columns of table %s",
            bulk->session->db->name, n_values, bulk->n_columns, bulk->table);
    }
    if (bulk->insert != NULL) {
        return db_run(ctx, bulk->insert, values, n_values, ret_error);
    }
    enum status status = collect(bulk, values, ret_error);
    if (status == STATUS_OK && bulk->rows.len >= DB_BULK_MAX) {
        status = db_bulk_send_all(ctx, bulk->session, ret_error);
    }
    return status;
}

enum status db_bulk_flush_from(struct ctx_site site, const struct ctx *ctx,
    struct db_session *session, struct error *ret_error)
{
    detached_check(site, ctx, "sql");
    return db_bulk_send_all(ctx, session, ret_error);
}

void db_bulk_free(struct db_bulk *bulk)
{
    if (bulk == NULL) {
        return;
    }
    db_statement_free(bulk->insert);
    unlink_bulk(bulk);
    buffer_finish(&bulk->rows);
    free(bulk);
}
