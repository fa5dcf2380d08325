/* What is in the store of a crf_fixture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crf_fixture.h"
#include "schema/schema.h"

int64_t crf_fixture_number(struct crf_fixture *fixture, const char *sql)
{
    struct db_session *session = NULL;
    struct db_rows *rows = NULL;
    struct error error = ERROR_NONE;
    bool has_row = false;
    const struct ctx *ctx = ctx_background();
    enum status status = db_begin(ctx, fixture->db, DB_READ, &session, &error);
    if (status == STATUS_OK) {
        status = db_query(ctx, session, sql, NULL, 0, &rows, &error);
    }
    if (status == STATUS_OK) {
        status = db_next(ctx, rows, &has_row, &error);
    }
    if (status != STATUS_OK || !has_row) {
        fail_msg("%s: %s", sql, error.text);
    }
    int64_t number = db_column_integer(rows, 0);
    db_rows_free(rows);
    db_end(session);
    return number;
}

static void dump_rows(
    struct db_session *session, const char *columns, const char *table, struct buffer *text)
{
    char sql[512];
    struct db_rows *rows = NULL;
    struct error error = ERROR_NONE;
    bool has_row = false;
    snprintf(sql, sizeof(sql), "SELECT %s FROM %s ORDER BY 1", columns, table);
    enum status status = db_query(ctx_background(), session, sql, NULL, 0, &rows, &error);
    while (status == STATUS_OK) {
        status = db_next(ctx_background(), rows, &has_row, &error);
        if (status != STATUS_OK || !has_row) {
            break;
        }
        const char *row = db_column_text(rows, 0);
        status = buffer_printf(text, "%s: %s\n", table, row == NULL ? "" : row);
    }
    db_rows_free(rows);
    if (status != STATUS_OK) {
        fail_msg("%s: %s", sql, error.text);
    }
}

/* The tables that a validation may touch, and what tells of all others. */
char *crf_fixture_dump(struct crf_fixture *fixture)
{
    enum { DUMP_MAX = 16 << 20 };
    static const struct {
        const char *table;
        const char *columns;
    } TABLES[] = {
        {"meta", "key || '=' || value"},
        {"app_user", "user_id || ' ' || login || ' ' || role"},
        {"query", "query_id || ' ' || form_id || ' ' || coalesce(item_id, 0) || ' ' ||"
                  " coalesce(check_id, 0) || ' ' || origin || ' ' || status || ' ' || opened_at"},
        {"audit_trail", "audit_id || ' ' || at || ' ' || user_id || ' ' || action || ' ' ||"
                        " coalesce(new_value, '') || ' ' || prev_hash || ' ' || hash"},
        {"site_total", "site_id || ' ' || day || ' ' || n_dated_forms || ' ' || n_items || ' ' ||"
                       " n_queries || ' ' || n_outstanding_queries || ' ' ||"
                       " coalesce(last_entry_at, 0)"},
        {"item_data", "item_id || ' ' || form_id || ' ' || coalesce(value, '')"},
        {"form", "form_id || ' ' || status"},
    };
    struct buffer text = BUFFER_EMPTY(DUMP_MAX);
    struct db_session *session = NULL;
    struct error error = ERROR_NONE;
    if (db_begin(ctx_background(), fixture->db, DB_READ, &session, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    for (size_t i = 0; i < LENGTH_OF(TABLES); i++) {
        dump_rows(session, TABLES[i].columns, TABLES[i].table, &text);
    }
    db_end(session);
    assert_int_equal(buffer_append(&text, "", 1), STATUS_OK);
    return (char *)text.data;
}
