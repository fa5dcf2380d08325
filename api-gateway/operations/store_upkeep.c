/* What is done from time to time: cancels of others, leases, what is too old or too much. */
#include <stdlib.h>
#include <string.h>

#include "operations/store_internal.h"

enum status store_cancels(struct store *store, const char *gateway,
    char ret_ids[][OPERATION_ID_MAX], size_t *ret_n, struct error *ret_error)
{
    const struct db_value values[] = {db_text(gateway)};
    struct store_work work;
    enum status status = store_begin(store, DB_READ, &work, ret_error);
    if (status == STATUS_OK) {
        status = store_query(&work,
            "SELECT id FROM walkie_operation "
            "WHERE state = 'running' AND gateway = $1 AND is_cancelling = 1",
            values, 1, STORE_BATCH_MAX, store_take_id, ret_ids, ret_n);
    }
    return store_end(&work, status);
}

static enum status renew_one(
    struct store_work *work, const struct operation_record *record, int64_t lease_until_ms)
{
    const struct progress *progress = &record->progress;
    const struct db_value values[] = {db_text(record->id), db_integer(lease_until_ms),
        db_text(progress->stage), db_text(progress->section), db_integer(progress->page),
        db_integer((int64_t)progress->done), db_integer((int64_t)progress->total)};
    return store_exec(work,
        "UPDATE walkie_operation SET lease_ms = $2, stage = $3, section = $4, page = $5, "
        "done = $6, total = $7 WHERE id = $1 AND state = 'running'",
        values, LENGTH_OF(values));
}

enum status store_renew(struct store *store, const struct operation_record *records,
    size_t n_records, int64_t lease_until_ms, struct error *ret_error)
{
    struct store_work work;
    enum status status = store_begin(store, DB_WRITE, &work, ret_error);
    for (size_t i = 0; i < n_records && status == STATUS_OK; i++) {
        status = renew_one(&work, &records[i], lease_until_ms);
    }
    return store_end(&work, status);
}

enum status store_others(struct store *store, const char *gateway, int64_t now_ms, bool is_lapsed,
    struct operation_record *ret_records, size_t *ret_n, struct error *ret_error)
{
    const struct db_value values[] = {
        db_text(is_lapsed ? "" : gateway), db_integer(is_lapsed ? now_ms : INT64_MAX)};
    struct store_work work;
    enum status status = store_begin(store, DB_READ, &work, ret_error);
    if (status == STATUS_OK) {
        status = store_query(&work,
            "SELECT " STORE_COLUMNS " FROM walkie_operation "
            "WHERE state = 'running' AND gateway <> $1 AND lease_ms < $2 ORDER BY created_ms, id",
            values, LENGTH_OF(values), STORE_BATCH_MAX, store_take_record, ret_records, ret_n);
    }
    return store_end(&work, status);
}

/* What the oldest results look like, and which of them must go. */
struct expiry {
    int64_t now_ms;
    uint64_t bytes_max;
    uint64_t rows_max;
    uint64_t total; /* bytes that are kept */
    uint64_t n_rows;
    char (*ids)[OPERATION_ID_MAX];
    size_t n_ids;
};

static void take_total(void *arg, size_t i, const struct db_rows *rows)
{
    struct expiry *expiry = arg;
    (void)i;
    expiry->total = (uint64_t)db_column_integer(rows, 0);
    expiry->n_rows = (uint64_t)db_column_integer(rows, 1);
}

static void take_old(void *arg, size_t i, const struct db_rows *rows)
{
    struct expiry *expiry = arg;
    bool is_old = db_column_integer(rows, 1) <= expiry->now_ms;
    bool is_much = expiry->total > expiry->bytes_max || expiry->n_rows > expiry->rows_max;
    if (is_old || is_much) {
        expiry->n_rows--;
        store_take_id(expiry->ids, expiry->n_ids++, rows);
        expiry->total -= (uint64_t)db_column_integer(rows, 2);
    }
    (void)i;
}

static enum status mark_removed(struct store_work *work, const struct expiry *expiry)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < expiry->n_ids && status == STATUS_OK; i++) {
        const struct db_value values[] = {db_text(expiry->ids[i])};
        /* The key is free again: what it stood for cannot be had any more. */
        status = store_exec(work,
            "UPDATE walkie_operation SET is_removed = 1, key_hash = NULL WHERE id = $1", values, 1);
    }
    return status;
}

enum status store_expire(struct store *store, int64_t now_ms, uint64_t bytes_max, uint64_t rows_max,
    char ret_ids[][OPERATION_ID_MAX], size_t *ret_n, struct error *ret_error)
{
    struct expiry expiry = {
        .now_ms = now_ms, .bytes_max = bytes_max, .rows_max = rows_max, .ids = ret_ids};
    struct store_work work;
    enum status status = store_begin(store, DB_WRITE, &work, ret_error);
    if (status == STATUS_OK) {
        status = store_query(&work,
            "SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT), COUNT(*) FROM walkie_operation "
            "WHERE state = 'done' AND is_removed = 0",
            NULL, 0, 1, take_total, &expiry, NULL);
    }
    if (status == STATUS_OK) {
        status = store_query(&work,
            "SELECT id, expires_ms, bytes FROM walkie_operation "
            "WHERE state = 'done' AND is_removed = 0 ORDER BY finished_ms, id LIMIT 100",
            NULL, 0, STORE_BATCH_MAX, take_old, &expiry, NULL);
    }
    if (status == STATUS_OK) {
        status = mark_removed(&work, &expiry);
    }
    status = store_end(&work, status);
    *ret_n = status == STATUS_OK ? expiry.n_ids : 0;
    return status;
}

enum status store_forget(
    struct store *store, int64_t finished_before_ms, uint64_t rows_max, struct error *ret_error)
{
    const struct db_value values[] = {
        db_integer(finished_before_ms), db_integer((int64_t)rows_max)};
    struct store_work work;
    enum status status = store_begin(store, DB_WRITE, &work, ret_error);
    if (status == STATUS_OK) {
        status = store_exec(&work,
            "DELETE FROM walkie_operation WHERE state <> 'running' "
            "AND (state <> 'done' OR is_removed = 1) AND (finished_ms < $1 OR created_ms < "
            "(SELECT created_ms FROM walkie_operation ORDER BY created_ms DESC LIMIT 1 "
            "OFFSET $2))",
            values, LENGTH_OF(values));
    }
    return store_end(&work, status);
}
