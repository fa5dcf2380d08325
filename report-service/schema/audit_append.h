/* New rows at the end of the audit trail, continuing its hash chain, within the transaction of the
 * writes that they tell of.
 *
 *     status = audit_append_open(ctx, session, &append, &error);
 *     status = audit_append_user(ctx, session, principal, &user_id, &error);
 *     status = audit_append_add(ctx, append, &row, &error);      audit_id is given here
 *     audit_append_free(append);                                 before the session ends
 *
 * Only in a DB_WRITE session, of which there is one at a time: the chain has one end. One append a
 * session. Not here: reading the trail. */
#ifndef WALKIE_SCHEMA_AUDIT_APPEND_H
#define WALKIE_SCHEMA_AUDIT_APPEND_H

#include "db/db.h"
#include "schema/audit_chain.h"

struct audit_append;

/* Finds the end of the chain; a trail without rows, or whose last row has no hash, begins a chain
 * anew. Errors: the context's, RESOURCE_EXHAUSTED, those of db_query. */
MUST_USE enum status audit_append_open(const struct ctx *ctx, struct db_session *session,
    struct audit_append **ret_append, struct error *ret_error);

/* The user that rows of this caller are written under: whose login it is, else the system's own
 * user AUDIT_APPEND_LOGIN, which is made when it is missing. `principal` may be NULL. */
#define AUDIT_APPEND_LOGIN "walkie"
MUST_USE enum status audit_append_user(const struct ctx *ctx, struct db_session *session,
    const char *principal, int64_t *ret_user_id, struct error *ret_error);

/* Add a row; its audit_id is ignored. Errors: those of db_bulk_add. */
MUST_USE enum status audit_append_add(const struct ctx *ctx, struct audit_append *append,
    const struct audit_row *row, struct error *ret_error);

void audit_append_free(struct audit_append *append); /* before its session ends; accepts NULL */

#endif
