/* What requests and operations ask of the store. */
#include "operations/store.h"

#include <stdlib.h>
#include <string.h>

#include "operations/store_internal.h"

enum status store_open(const char *uri, struct store **ret_store, struct error *ret_error)
{
    struct store *store = calloc(1, sizeof(*store));
    if (store == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    const struct db_options options = {.name = "operations", .uri = uri, .mode = DB_OPEN_CREATE};
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), STORE_STATEMENT_NS));
    enum status status = db_open(scope->ctx, &options, &store->db, ret_error);
    if (status == STATUS_OK && !db_is_server(store->db)) {
        struct store_work work;
        status = store_begin(store, DB_WRITE, &work, ret_error); /* makes the table */
        status = store_end(&work, status);
    }
    if (status != STATUS_OK) {
        store_close(store);
        return status;
    }
    *ret_store = store;
    return STATUS_OK;
}

void store_close(struct store *store)
{
    if (store != NULL) {
        db_close(store->db);
        free(store);
    }
}

const char *store_place(const struct store *store)
{
    return db_place(store->db);
}

static struct db_value integer(uint64_t value)
{
    return db_integer((int64_t)value);
}

static enum status insert(struct store_work *work, const struct operation_record *record,
    const struct store_key *key, int64_t lease_until_ms, bool *ret_is_new)
{
    static const char SQL[] =
        "INSERT INTO walkie_operation (" STORE_COLUMNS ", lease_ms, key_hash, request_hash) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, "
        "$19, $20, $21, $22, $23, $24, $25, $26, $27) ON CONFLICT DO NOTHING RETURNING id";
    const struct progress *progress = &record->progress;
    const struct db_value values[] = {db_text(record->id), db_text(record->owner),
        db_text(record->gateway), db_text(operation_state_word(record->state)),
        db_integer(record->is_cancelling), db_integer(record->is_removed),
        db_integer(record->created_ms), db_integer(record->finished_ms),
        db_integer(record->expires_ms), db_integer(record->deadline_ms), db_text(record->path),
        db_text(record->trace_id), db_text(progress->stage), db_text(progress->section),
        db_integer(progress->page), integer(progress->done), integer(progress->total),
        db_text(record->outcome), db_text(record->problem), integer(record->bytes),
        db_text(record->sha256), db_text(record->content_type), db_text(record->filename),
        db_text(record->filename_utf8), db_integer(lease_until_ms),
        db_text(key->key[0] == '\0' ? NULL : key->key), db_text(key->request)};
    char ids[1][OPERATION_ID_MAX];
    size_t n = 0;
    enum status status =
        store_query(work, SQL, values, LENGTH_OF(values), 1, store_take_id, ids, &n);
    *ret_is_new = n > 0;
    return status;
}

/* Who has the key; NOT_FOUND: it came with another request. */
static enum status find_key(struct store_work *work, const struct store_key *key,
    struct operation_record *ret_record, struct error *ret_error)
{
    const struct db_value values[] = {db_text(key->key), db_text(key->request)};
    size_t n = 0;
    enum status status = store_query(work,
        "SELECT " STORE_COLUMNS " FROM walkie_operation WHERE key_hash = $1 AND request_hash = $2",
        values, LENGTH_OF(values), 1, store_take_record, ret_record, &n);
    if (status == STATUS_OK && n == 0) {
        return error_set(ret_error, STATUS_ALREADY_EXISTS,
            "this Idempotency-Key came with another request before; use a new one");
    }
    return status;
}

enum status store_add(struct store *store, const struct operation_record *record,
    const struct store_key *key, int64_t lease_until_ms, struct operation_record *ret_existing,
    bool *ret_is_new, struct error *ret_error)
{
    struct store_work work;
    bool is_new = false;
    enum status status = store_begin(store, DB_WRITE, &work, ret_error);
    if (status == STATUS_OK) {
        status = insert(&work, record, key, lease_until_ms, &is_new);
    }
    if (status == STATUS_OK && is_new) {
        *ret_existing = *record;
    } else if (status == STATUS_OK) {
        status = find_key(&work, key, ret_existing, ret_error);
    }
    status = store_end(&work, status);
    *ret_is_new = is_new;
    return status;
}

enum status store_finish(struct store *store, const struct operation_record *record,
    bool *ret_was_running, struct error *ret_error)
{
    static const char SQL[] =
        "UPDATE walkie_operation SET state = $2, is_cancelling = 0, finished_ms = $3, "
        "expires_ms = $4, stage = $5, section = $6, page = $7, done = $8, total = $9, "
        "outcome = $10, problem = $11, bytes = $12, sha256 = $13, content_type = $14, "
        "filename = $15, filename_utf8 = $16, lease_ms = 0 "
        "WHERE id = $1 AND state = 'running' RETURNING id";
    const struct progress *progress = &record->progress;
    const struct db_value values[] = {db_text(record->id),
        db_text(operation_state_word(record->state)), db_integer(record->finished_ms),
        db_integer(record->expires_ms), db_text(progress->stage), db_text(progress->section),
        db_integer(progress->page), integer(progress->done), integer(progress->total),
        db_text(record->outcome), db_text(record->problem), integer(record->bytes),
        db_text(record->sha256), db_text(record->content_type), db_text(record->filename),
        db_text(record->filename_utf8)};
    char ids[1][OPERATION_ID_MAX];
    size_t n = 0;
    struct store_work work;
    enum status status = store_begin(store, DB_WRITE, &work, ret_error);
    if (status == STATUS_OK) {
        status = store_query(&work, SQL, values, LENGTH_OF(values), 1, store_take_id, ids, &n);
    }
    status = store_end(&work, status);
    *ret_was_running = n > 0;
    return status;
}

enum status store_get(struct store *store, const char *id, struct operation_record *ret_record,
    struct error *ret_error)
{
    const struct db_value values[] = {db_text(id)};
    size_t n = 0;
    struct store_work work;
    enum status status = store_begin(store, DB_READ, &work, ret_error);
    if (status == STATUS_OK) {
        status = store_query(&work, "SELECT " STORE_COLUMNS " FROM walkie_operation WHERE id = $1",
            values, 1, 1, store_take_record, ret_record, &n);
    }
    status = store_end(&work, status);
    if (status == STATUS_OK && n == 0) {
        return error_set(ret_error, STATUS_NOT_FOUND, "there is no such operation");
    }
    return status;
}

enum status store_list(struct store *store, const char *owner, const char *before_id, size_t n_max,
    struct operation_record *ret_records, size_t *ret_n, struct error *ret_error)
{
    /* An unknown `before` gives nothing: what it stood for is gone, and so is all that is older. */
    static const char SQL[] =
        "SELECT " STORE_COLUMNS " FROM walkie_operation WHERE ($1 = '' OR owner = $1) "
        "AND ($2 = '' OR created_ms < (SELECT created_ms FROM walkie_operation WHERE id = $2) "
        "OR (created_ms = (SELECT created_ms FROM walkie_operation WHERE id = $2) AND id < $2)) "
        "ORDER BY created_ms DESC, id DESC LIMIT $3";
    n_max = n_max < STORE_PAGE_MAX ? n_max : STORE_PAGE_MAX;
    const struct db_value values[] = {
        db_text(owner == NULL ? "" : owner), db_text(before_id), integer(n_max)};
    struct store_work work;
    enum status status = store_begin(store, DB_READ, &work, ret_error);
    if (status == STATUS_OK) {
        status = store_query(
            &work, SQL, values, LENGTH_OF(values), n_max, store_take_record, ret_records, ret_n);
    }
    return store_end(&work, status);
}

enum status store_want_cancel(struct store *store, const char *id, struct error *ret_error)
{
    const struct db_value values[] = {db_text(id)};
    struct store_work work;
    enum status status = store_begin(store, DB_WRITE, &work, ret_error);
    if (status == STATUS_OK) {
        status = store_exec(&work,
            "UPDATE walkie_operation SET is_cancelling = 1 WHERE id = $1 AND state = 'running'",
            values, 1);
    }
    return store_end(&work, status);
}
