/* The operations' store: a table in SQLite, or in a PostgreSQL that several gateways share.
 *
 *     status = store_open(ctx, "sqlite:/var/lib/walkie/operations.sqlite", &store, &error);
 *     status = store_add(ctx, store, &record, &key, &existing, &is_new, &error);
 *     status = store_finish(ctx, store, &record, &is_ours, &error);
 *
 * A row says which gateway runs the operation and until when it vouches for it (its lease). Times
 * are the gateways' wall clocks: those that share a store keep them within a few seconds.
 *
 * Every function may block, up to STORE_STATEMENT_NS: the worker's thread calls them. Not here: the
 * result's bytes (files.h). */
#ifndef WALKIE_GATEWAY_OPERATIONS_STORE_H
#define WALKIE_GATEWAY_OPERATIONS_STORE_H

#include "base/clock.h"
#include "operations/record.h"

struct store;
struct ctx;

#define STORE_STATEMENT_NS CLOCK_SECONDS(5)
enum {
    STORE_PAGE_MAX = 100,  /* records of one list */
    STORE_BATCH_MAX = 100, /* rows that one step of the upkeep takes */
};

/* Open; a file is made where it is missing, and its table. A server's table is made with the first
 * session: until it is there everything fails with UNAVAILABLE.
 * Errors: INVALID_ARGUMENT (uri), UNAVAILABLE, DATA_LOSS. */
MUST_USE enum status store_open(const char *uri, struct store **ret_store, struct error *ret_error);
void store_close(struct store *store);              /* accepts NULL */
const char *store_place(const struct store *store); /* for messages; no password */

/* What makes a second request the same operation. */
struct store_key {
    char key[OPERATION_SHA256_MAX];     /* SHA-256 of owner and Idempotency-Key; "": none */
    char request[OPERATION_SHA256_MAX]; /* SHA-256 of the request in one spelling */
};

/* Keep a new record, unless there is one under the key already: *ret_existing is that then, or
 * the record. Errors: ALREADY_EXISTS (the key came with another request), the database's. */
MUST_USE enum status store_add(struct store *store, const struct operation_record *record,
    const struct store_key *key, int64_t lease_until_ms, struct operation_record *ret_existing,
    bool *ret_is_new, struct error *ret_error);

/* A running operation has come to its end: the record's. *ret_was_running: it is now as the record
 * says; false: another gateway took it for lost, and it stays what that one said. */
MUST_USE enum status store_finish(struct store *store, const struct operation_record *record,
    bool *ret_was_running, struct error *ret_error);

/* Errors: NOT_FOUND. */
MUST_USE enum status store_get(struct store *store, const char *id,
    struct operation_record *ret_record, struct error *ret_error);

/* The newest ones before `before_id` ("": from the newest), at most `n_max`; `owner` NULL: of all.
 */
MUST_USE enum status store_list(struct store *store, const char *owner, const char *before_id,
    size_t n_max, struct operation_record *ret_records, size_t *ret_n, struct error *ret_error);

/* Somebody wants it cancelled that another gateway runs. */
MUST_USE enum status store_want_cancel(
    struct store *store, const char *id, struct error *ret_error);

/* --- upkeep ---------------------------------------------------------------------------------- */

/* The ids of this gateway's running operations that somebody wants cancelled. */
MUST_USE enum status store_cancels(struct store *store, const char *gateway,
    char ret_ids[][OPERATION_ID_MAX], size_t *ret_n, struct error *ret_error);

/* This gateway vouches for its operations until then, and tells their progress. */
MUST_USE enum status store_renew(struct store *store, const struct operation_record *records,
    size_t n_records, int64_t lease_until_ms, struct error *ret_error);

/* Running operations of other gateways; or `is_lapsed` those of all whose lease is over. */
MUST_USE enum status store_others(struct store *store, const char *gateway, int64_t now_ms,
    bool is_lapsed, struct operation_record *ret_records, size_t *ret_n, struct error *ret_error);

/* Results to let go: those whose time is over, and the oldest ones that keep the sum above
 * `bytes_max` or their number above `rows_max`. They are marked (is_removed) and their ids
 * returned, for the files. */
MUST_USE enum status store_expire(struct store *store, int64_t now_ms, uint64_t bytes_max,
    uint64_t rows_max, char ret_ids[][OPERATION_ID_MAX], size_t *ret_n, struct error *ret_error);

/* Forget finished records older than this, and the oldest beyond `rows_max`. */
MUST_USE enum status store_forget(
    struct store *store, int64_t finished_before_ms, uint64_t rows_max, struct error *ret_error);

#endif
