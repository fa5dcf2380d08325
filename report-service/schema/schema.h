/* The tables of the two databases, as numbered migrations inside the binary.
 *
 *     status = schema_migrate(ctx, db, SCHEMA_EDC, &error);     makes or upgrades the tables
 *     status = schema_check(ctx, session, SCHEMA_EDC, &error);  a reader's first step
 *     status = schema_bump_data_version(ctx, session, &error);  a writer's last step
 *
 * What the columns mean is in README.md beside this file.
 *
 * Not here: filling the tables (import/), or going back to an older version. */
#ifndef WALKIE_SCHEMA_SCHEMA_H
#define WALKIE_SCHEMA_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

#include "db/db.h"

enum schema_kind { SCHEMA_EDC, SCHEMA_CTMS };

/* "edc" or "ctms". Static storage. */
const char *schema_kind_name(enum schema_kind kind);

/* The newest version that this build knows. */
int schema_version_known(enum schema_kind kind);

enum { SCHEMA_TABLES_MAX = 64, SCHEMA_TABLE_NAME_MAX = 64 };

/* The names of the tables that the migrations make, in their order, so that each refers to earlier
 * ones only; without meta. Returns how many. */
size_t schema_tables(
    enum schema_kind kind, char ret_names[SCHEMA_TABLES_MAX][SCHEMA_TABLE_NAME_MAX]);

/* Bring the database to the newest version, in one transaction; nothing to do is OK.
 * Threads: any. Errors: the context's; FAILED_PRECONDITION (newer than this build, or the other
 * kind of database); those of db_script. */
MUST_USE enum status schema_migrate(
    const struct ctx *ctx, struct db *db, enum schema_kind kind, struct error *ret_error);

/* The same within a transaction that the caller commits. */
MUST_USE enum status schema_migrate_in(const struct ctx *ctx, struct db_session *session,
    enum schema_kind kind, struct error *ret_error);

/* Whether this build can read the database.
 * Errors: the context's; FAILED_PRECONDITION with what to do. The text does not name the file: the
 * caller, who opened it, prefixes it. */
MUST_USE enum status schema_check(const struct ctx *ctx, struct db_session *session,
    enum schema_kind kind, struct error *ret_error);

/* One more write: meta.data_version is a counter that readers compare to know of changes. */
MUST_USE enum status schema_bump_data_version(
    const struct ctx *ctx, struct db_session *session, struct error *ret_error);

/* The counter; 0 before the first write. */
MUST_USE enum status schema_data_version(const struct ctx *ctx, struct db_session *session,
    int64_t *ret_version, struct error *ret_error);

/* Set one row of meta; `value` replaces what was there. */
MUST_USE enum status schema_set_meta(const struct ctx *ctx, struct db_session *session,
    const char *key, const char *value, struct error *ret_error);

#endif
