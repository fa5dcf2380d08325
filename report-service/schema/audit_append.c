#include "schema/audit_append.h"

#include <stdlib.h>
#include <string.h>

static const char END_SQL[] =
    "SELECT audit_id, hash FROM audit_trail ORDER BY audit_id DESC LIMIT 1";

static const char USER_SQL[] = "SELECT user_id FROM app_user WHERE login IN ($1, $2)"
                               " ORDER BY CASE WHEN login = $1 THEN 0 ELSE 1 END LIMIT 1";

static const char NEXT_USER_SQL[] = "SELECT coalesce(max(user_id), 0) + 1 FROM app_user";

static const char ADD_USER_SQL[] =
    "INSERT INTO app_user (user_id, login, full_name, role) VALUES ($1, $2, 'Walkie', 'system')";

struct audit_append {
    struct sha256 *digest;
    struct db_bulk *rows;
    int64_t last_id;
    char hash[SHA256_HEX_MAX]; /* of the last row */
};

static void free_rows(struct db_rows **rows)
{
    db_rows_free(*rows);
}

static enum status find_end(const struct ctx *ctx, struct db_session *session,
    struct audit_append *append, struct error *ret_error)
{
    CLEANUP(free_rows) struct db_rows *rows = NULL;
    bool has_row = false;
    memcpy(append->hash, AUDIT_CHAIN_START, sizeof(append->hash));
    enum status status = db_query(ctx, session, END_SQL, NULL, 0, &rows, ret_error);
    if (status == STATUS_OK) {
        status = db_next(ctx, rows, &has_row, ret_error);
    }
    if (status == STATUS_OK && has_row) {
        const char *hash = db_column_text(rows, 1);
        append->last_id = db_column_integer(rows, 0);
        if (hash != NULL && strlen(hash) == SHA256_HEX_MAX - 1) {
            memcpy(append->hash, hash, SHA256_HEX_MAX);
        }
    }
    return status;
}

enum status audit_append_open(const struct ctx *ctx, struct db_session *session,
    struct audit_append **ret_append, struct error *ret_error)
{
    struct audit_append *append = calloc(1, sizeof(*append));
    if (append == NULL || (append->digest = sha256_new()) == NULL) {
        free(append);
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "audit trail: out of memory");
    }
    enum status status = find_end(ctx, session, append, ret_error);
    if (status == STATUS_OK) {
        status = db_bulk_open(ctx, session, "audit_trail",
            "audit_id,at,user_id,action,form_id,item_id,old_value,new_value,reason,prev_hash,hash",
            &append->rows, ret_error);
    }
    if (status != STATUS_OK) {
        audit_append_free(append);
        return status;
    }
    *ret_append = append;
    return STATUS_OK;
}

/* The first column of the only row; 0: there is none. */
static enum status read_key(const struct ctx *ctx, struct db_session *session, const char *sql,
    const struct db_value *values, size_t n_values, int64_t *ret_key, struct error *ret_error)
{
    CLEANUP(free_rows) struct db_rows *rows = NULL;
    bool has_row = false;
    enum status status = db_query(ctx, session, sql, values, n_values, &rows, ret_error);
    if (status == STATUS_OK) {
        status = db_next(ctx, rows, &has_row, ret_error);
    }
    if (status == STATUS_OK) {
        *ret_key = has_row ? db_column_integer(rows, 0) : 0;
    }
    return status;
}

enum status audit_append_user(const struct ctx *ctx, struct db_session *session,
    const char *principal, int64_t *ret_user_id, struct error *ret_error)
{
    const struct db_value logins[] = {
        db_text(principal == NULL ? AUDIT_APPEND_LOGIN : principal), db_text(AUDIT_APPEND_LOGIN)};
    int64_t user_id = 0;
    enum status status = read_key(ctx, session, USER_SQL, logins, 2, &user_id, ret_error);
    if (status == STATUS_OK && user_id == 0) {
        status = read_key(ctx, session, NEXT_USER_SQL, NULL, 0, &user_id, ret_error);
        if (status == STATUS_OK) {
            const struct db_value values[] = {db_integer(user_id), db_text(AUDIT_APPEND_LOGIN)};
            status = db_exec(ctx, session, ADD_USER_SQL, values, LENGTH_OF(values), ret_error);
        }
    }
    if (status == STATUS_OK) {
        *ret_user_id = user_id;
    }
    return status;
}

static struct db_value key_value(int64_t key)
{
    return key == 0 ? db_null() : db_integer(key);
}

enum status audit_append_add(const struct ctx *ctx, struct audit_append *append,
    const struct audit_row *row, struct error *ret_error)
{
    struct audit_row numbered = *row;
    char hash[SHA256_HEX_MAX];
    numbered.audit_id = append->last_id + 1;
    audit_chain_hash(append->digest, append->hash, &numbered, hash);
    enum status status = db_bulk_add(ctx, append->rows,
        (struct db_value[]){db_integer(numbered.audit_id), db_integer(row->at),
            db_integer(row->user_id), db_text(row->action), key_value(row->form_id),
            key_value(row->item_id), db_text(row->old_value), db_text(row->new_value),
            db_text(row->reason), db_text(append->hash), db_text(hash)},
        11, ret_error);
    if (status == STATUS_OK) {
        append->last_id = numbered.audit_id;
        memcpy(append->hash, hash, sizeof(hash));
    }
    return status;
}

void audit_append_free(struct audit_append *append)
{
    if (append != NULL) {
        db_bulk_free(append->rows);
        sha256_free(append->digest);
        free(append);
    }
}
