/* One transaction of the store, and how rows become records. */
#include <stdio.h>
#include <string.h>

#include "operations/store_internal.h"

static const char TABLE[] =
    "CREATE TABLE IF NOT EXISTS walkie_operation ("
    "id TEXT PRIMARY KEY, owner TEXT NOT NULL, gateway TEXT NOT NULL, state TEXT NOT NULL, "
    "is_cancelling BIGINT NOT NULL, is_removed BIGINT NOT NULL, created_ms BIGINT NOT NULL, "
    "finished_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL, deadline_ms BIGINT NOT NULL, "
    "path TEXT NOT NULL, trace_id TEXT NOT NULL, stage TEXT NOT NULL, section TEXT NOT NULL, "
    "page BIGINT NOT NULL, done BIGINT NOT NULL, total BIGINT NOT NULL, outcome TEXT NOT NULL, "
    "problem TEXT NOT NULL, bytes BIGINT NOT NULL, sha256 TEXT NOT NULL, "
    "content_type TEXT NOT NULL, filename TEXT NOT NULL, filename_utf8 TEXT NOT NULL, "
    "lease_ms BIGINT NOT NULL, key_hash TEXT UNIQUE, request_hash TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS walkie_operation_newest ON walkie_operation (created_ms, id);"
    "CREATE INDEX IF NOT EXISTS walkie_operation_owner "
    "ON walkie_operation (owner, created_ms, id);"
    "CREATE INDEX IF NOT EXISTS walkie_operation_state ON walkie_operation (state, finished_ms);";

static enum status begin(struct store *store, enum db_access access, struct store_work *work)
{
    work->scope = ctx_with_timeout(ctx_background(), STORE_STATEMENT_NS);
    work->ctx = work->scope->ctx;
    return db_begin(work->ctx, store->db, access, &work->session, work->error);
}

static enum status make_table(struct store *store, struct error *ret_error)
{
    struct store_work work = {.error = ret_error};
    enum status status = begin(store, DB_WRITE, &work);
    if (status == STATUS_OK) {
        status = db_script(work.ctx, work.session, TABLE, ret_error);
    }
    status = store_end(&work, status);
    store->is_made = status == STATUS_OK;
    return status;
}

enum status store_begin(struct store *store, enum db_access access, struct store_work *ret_work,
    struct error *ret_error)
{
    *ret_work = (struct store_work){.error = ret_error};
    enum status status = store->is_made ? STATUS_OK : make_table(store, ret_error);
    return status == STATUS_OK ? begin(store, access, ret_work) : status;
}

enum status store_end(struct store_work *work, enum status status)
{
    if (status == STATUS_OK) {
        status = db_commit(work->ctx, work->session, work->error);
    }
    if (status == STATUS_RESOURCE_EXHAUSTED) {
        /* No client's doing, and no client need know the file's place, which the words name. */
        status = error_set(work->error, STATUS_UNAVAILABLE,
            "the store of operations has no room left, on its disk or in memory");
    }
    db_end(work->session);
    ctx_scope_end(work->scope);
    work->session = NULL;
    work->scope = NULL;
    return status;
}

enum status store_exec(
    struct store_work *work, const char *sql, const struct db_value *values, size_t n_values)
{
    return db_exec(work->ctx, work->session, sql, values, n_values, work->error);
}

enum status store_query(struct store_work *work, const char *sql, const struct db_value *values,
    size_t n_values, size_t n_max, store_take_fn *take, void *arg, size_t *ret_n)
{
    struct db_rows *rows = NULL;
    size_t n = 0;
    enum status status =
        db_query(work->ctx, work->session, sql, values, n_values, &rows, work->error);
    bool has_row = status == STATUS_OK;
    while (has_row && n < n_max) {
        status = db_next(work->ctx, rows, &has_row, work->error);
        has_row = has_row && status == STATUS_OK;
        if (has_row) {
            take(arg, n++, rows);
        }
    }
    db_rows_free(rows);
    if (status == STATUS_OK && ret_n != NULL) {
        *ret_n = n;
    }
    return status;
}

/* A text that is longer than we ever write, or NULL, is somebody else's doing: it is cut. */
static void take_text(const struct db_rows *rows, int column, char *ret_text, size_t size)
{
    const char *text = db_column_text(rows, column);
    snprintf(ret_text, size, "%s", text == NULL ? "" : text);
}
#define TAKE_TEXT(column, field) take_text(rows, column, record->field, sizeof(record->field))

void store_take_record(void *arg, size_t i, const struct db_rows *rows)
{
    struct operation_record *record = (struct operation_record *)arg + i;
    *record = (struct operation_record){.state = operation_state_of(db_column_text(rows, 3))};
    TAKE_TEXT(0, id);
    TAKE_TEXT(1, owner);
    TAKE_TEXT(2, gateway);
    record->is_cancelling = db_column_integer(rows, 4) != 0;
    record->is_removed = db_column_integer(rows, 5) != 0;
    record->created_ms = db_column_integer(rows, 6);
    record->finished_ms = db_column_integer(rows, 7);
    record->expires_ms = db_column_integer(rows, 8);
    record->deadline_ms = db_column_integer(rows, 9);
    TAKE_TEXT(10, path);
    TAKE_TEXT(11, trace_id);
    TAKE_TEXT(12, progress.stage);
    TAKE_TEXT(13, progress.section);
    record->progress.page = (uint32_t)db_column_integer(rows, 14);
    record->progress.done = (uint64_t)db_column_integer(rows, 15);
    record->progress.total = (uint64_t)db_column_integer(rows, 16);
    TAKE_TEXT(17, outcome);
    TAKE_TEXT(18, problem);
    record->bytes = (uint64_t)db_column_integer(rows, 19);
    TAKE_TEXT(20, sha256);
    TAKE_TEXT(21, content_type);
    TAKE_TEXT(22, filename);
    TAKE_TEXT(23, filename_utf8);
}

void store_take_id(void *arg, size_t i, const struct db_rows *rows)
{
    char(*ids)[OPERATION_ID_MAX] = arg;
    take_text(rows, 0, ids[i], OPERATION_ID_MAX);
}
