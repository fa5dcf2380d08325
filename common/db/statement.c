#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "db/metrics.h"
#include "obs/detached.h"

/* One compiled statement at work: behind rows, behind a prepared statement, and in db_exec. */
struct work {
    const struct ctx *ctx; /* counted: the end of the work is logged under it */
    struct db_session *session;
    struct db_cursor *cursor;
    char *sql; /* a copy for the log; the caller's text may go */
    uint64_t started_at_ns;
    uint64_t n_rows;         /* rows read, or runs of a prepared statement */
    enum db_outcome outcome; /* so far */
};

struct db_rows {
    struct work work;
    bool has_row;
};

struct db_statement {
    struct work work;
};

static const struct db_backend *backend_of(const struct work *work)
{
    return work->session->db->backend;
}

/* What a statement that came to `status` is counted as: when its context is done that is why, and
 * it is logged. */
static enum db_outcome judge(const struct ctx *ctx, const struct db *db, const char *sql,
    uint64_t started_at_ns, enum status status)
{
    if (status == STATUS_OK) {
        return DB_OUTCOME_OK;
    }
    if (ctx_err(ctx) != status) {
        return DB_OUTCOME_ERROR;
    }
    db_log_cancel(ctx, db, sql, started_at_ns);
    return DB_OUTCOME_CANCELLED;
}

static enum status work_start(const struct ctx *ctx, struct db_session *session, const char *sql,
    struct work *ret_work, struct error *ret_error)
{
    struct db *db = session->db;
    uint64_t started_at_ns = clock_now_ns();
    enum status status = db_session_enter(ctx, session, sql, ret_error);
    if (status == STATUS_OK) {
        status = db_bulk_send_all(ctx, session, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    size_t sql_size = strlen(sql) + 1;
    char *copy = malloc(sql_size);
    if (copy == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", db->name);
    }
    memcpy(copy, sql, sql_size);
    struct db_cursor *cursor;
    status = db->backend->acquire(ctx, session->connection, sql, &cursor, ret_error);
    if (status != STATUS_OK) {
        free(copy);
        db_metrics_statement(db, judge(ctx, db, sql, started_at_ns, status), started_at_ns);
        return status;
    }
    session->n_live++;
    *ret_work = (struct work){ctx_ref(ctx), session, cursor, copy, started_at_ns, 0, DB_OUTCOME_OK};
    return STATUS_OK;
}

static enum status work_step(
    const struct ctx *ctx, struct work *work, bool *ret_has_row, struct error *ret_error)
{
    enum status status = backend_of(work)->step(ctx, work->cursor, ret_has_row, ret_error);
    enum db_outcome outcome = judge(ctx, work->session->db, work->sql, work->started_at_ns, status);
    work->outcome = outcome == DB_OUTCOME_OK ? work->outcome : outcome;
    return status;
}

static void work_end(struct work *work)
{
    db_log_query(work->ctx, work->session->db, work->sql, work->started_at_ns, work->n_rows);
    db_metrics_statement(work->session->db, work->outcome, work->started_at_ns);
    backend_of(work)->release(work->cursor);
    work->session->n_live--;
    free(work->sql);
    ctx_unref(work->ctx);
}

enum status db_query_from(struct ctx_site site, const struct ctx *ctx, struct db_session *session,
    const char *sql, const struct db_value *values, size_t n_values, struct db_rows **ret_rows,
    struct error *ret_error)
{
    detached_check(site, ctx, "sql");
    struct work work = {0};
    enum status status = work_start(ctx, session, sql, &work, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    status = backend_of(&work)->bind(work.cursor, values, n_values, ret_error);
    struct db_rows *rows = status == STATUS_OK ? calloc(1, sizeof(*rows)) : NULL;
    if (rows == NULL) {
        work_end(&work);
        return status != STATUS_OK ? status
                                   : error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
                                         "%s: out of memory", session->db->name);
    }
    rows->work = work;
    *ret_rows = rows;
    return STATUS_OK;
}

enum status db_next_from(struct ctx_site site, const struct ctx *ctx, struct db_rows *rows,
    bool *ret_has_row, struct error *ret_error)
{
    detached_check(site, ctx, "sql");
    rows->has_row = false;
    bool has_row;
    enum status status = work_step(ctx, &rows->work, &has_row, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    rows->has_row = has_row;
    rows->work.n_rows += has_row ? 1 : 0;
    *ret_has_row = has_row;
    return STATUS_OK;
}

void db_rows_free(struct db_rows *rows)
{
    if (rows == NULL) {
        return;
    }
    work_end(&rows->work);
    free(rows);
}

bool db_column_is_null(const struct db_rows *rows, int column)
{
    assert(rows->has_row);
    return backend_of(&rows->work)->column_is_null(rows->work.cursor, column);
}

int64_t db_column_integer(const struct db_rows *rows, int column)
{
    assert(rows->has_row);
    return backend_of(&rows->work)->column_integer(rows->work.cursor, column);
}

double db_column_real(const struct db_rows *rows, int column)
{
    assert(rows->has_row);
    return backend_of(&rows->work)->column_real(rows->work.cursor, column);
}

const char *db_column_text(const struct db_rows *rows, int column)
{
    assert(rows->has_row);
    return backend_of(&rows->work)->column_text(rows->work.cursor, column);
}

/* Run to the end; rows that a statement happens to have are passed over. */
static enum status run_to_end(const struct ctx *ctx, struct work *work,
    const struct db_value *values, size_t n_values, struct error *ret_error)
{
    enum status status = backend_of(work)->bind(work->cursor, values, n_values, ret_error);
    bool has_row = true;
    while (status == STATUS_OK && has_row) {
        status = work_step(ctx, work, &has_row, ret_error);
    }
    work->n_rows++;
    return status;
}

enum status db_exec_from(struct ctx_site site, const struct ctx *ctx, struct db_session *session,
    const char *sql, const struct db_value *values, size_t n_values, struct error *ret_error)
{
    detached_check(site, ctx, "sql");
    struct work work = {0};
    enum status status = work_start(ctx, session, sql, &work, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    status = run_to_end(ctx, &work, values, n_values, ret_error);
    work_end(&work);
    return status;
}

enum status db_script_from(struct ctx_site site, const struct ctx *ctx, struct db_session *session,
    const char *sql, struct error *ret_error)
{
    detached_check(site, ctx, "sql");
    uint64_t started_at_ns = clock_now_ns();
    enum status status = db_session_enter(ctx, session, sql, ret_error);
    if (status == STATUS_OK) {
        status = db_bulk_send_all(ctx, session, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = session->db->backend->script(ctx, session->connection, sql, ret_error);
    db_metrics_statement(
        session->db, judge(ctx, session->db, sql, started_at_ns, status), started_at_ns);
    if (status != STATUS_OK) {
        return status;
    }
    db_log_query(ctx, session->db, sql, started_at_ns, 0);
    return STATUS_OK;
}

enum status db_prepare_from(struct ctx_site site, const struct ctx *ctx, struct db_session *session,
    const char *sql, struct db_statement **ret_statement, struct error *ret_error)
{
    detached_check(site, ctx, "sql");
    struct db_statement *statement = calloc(1, sizeof(*statement));
    if (statement == NULL) {
        return error_set(
            ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", session->db->name);
    }
    enum status status = work_start(ctx, session, sql, &statement->work, ret_error);
    if (status != STATUS_OK) {
        free(statement);
        return status;
    }
    *ret_statement = statement;
    return STATUS_OK;
}

enum status db_run_from(struct ctx_site site, const struct ctx *ctx, struct db_statement *statement,
    const struct db_value *values, size_t n_values, struct error *ret_error)
{
    detached_check(site, ctx, "sql");
    return run_to_end(ctx, &statement->work, values, n_values, ret_error);
}

void db_statement_free(struct db_statement *statement)
{
    if (statement == NULL) {
        return;
    }
    work_end(&statement->work);
    free(statement);
}
