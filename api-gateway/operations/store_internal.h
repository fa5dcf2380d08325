/* What the parts of the store share. Private to operations/store*.c. */
#ifndef WALKIE_GATEWAY_OPERATIONS_STORE_INTERNAL_H
#define WALKIE_GATEWAY_OPERATIONS_STORE_INTERNAL_H

#include "db/db.h"
#include "operations/store.h"

struct store {
    struct db *db;
    bool is_made; /* the table is there; the worker's thread only */
};

/* One transaction; under a context of its own with STORE_STATEMENT_NS. */
struct store_work {
    struct ctx_scope *scope;
    const struct ctx *ctx;
    struct db_session *session;
    struct error *error;
};

MUST_USE enum status store_begin(struct store *store, enum db_access access,
    struct store_work *ret_work, struct error *ret_error);
/* Commit when `status` is OK, else roll back; returns the first failure. Always called after
 * store_begin, whatever that returned. */
MUST_USE enum status store_end(struct store_work *work, enum status status);

MUST_USE enum status store_exec(
    struct store_work *work, const char *sql, const struct db_value *values, size_t n_values);

/* Run a query and call `take` with each row, at most `n_max` of them. *ret_n may be NULL. */
typedef void store_take_fn(void *arg, size_t i, const struct db_rows *rows);
MUST_USE enum status store_query(struct store_work *work, const char *sql,
    const struct db_value *values, size_t n_values, size_t n_max, store_take_fn *take, void *arg,
    size_t *ret_n);

/* The columns that store_take_record reads, in its order. */
#define STORE_COLUMNS                                                                              \
    "id, owner, gateway, state, is_cancelling, is_removed, created_ms, finished_ms, expires_ms, "  \
    "deadline_ms, path, trace_id, stage, section, page, done, total, outcome, problem, bytes, "    \
    "sha256, content_type, filename, filename_utf8"

/* `arg` is an array of records. */
store_take_fn store_take_record;
/* `arg` is an array of ids; the first column is one. */
store_take_fn store_take_id;

#endif
