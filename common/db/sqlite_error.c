#include <errno.h>
#include <string.h>

#include "db/sqlite.h"

/* An input or output error: a full disk says so itself, a file that ends early has lost data. */
static enum status fail_io(
    const struct db_store *store, int extended, int system_error, struct error *ret_error)
{
    if (system_error == ENOSPC || system_error == EDQUOT) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "%s: %s: no space left on the disk; nothing was written", store->name, store->path);
    }
    if (extended == SQLITE_IOERR_SHORT_READ) {
        return error_set(ret_error, STATUS_DATA_LOSS, "%s: %s: the file ends before its data does",
            store->name, store->path);
    }
    return error_set(ret_error, STATUS_UNAVAILABLE, "%s: %s: cannot read or write: %s", store->name,
        store->path, system_error != 0 ? strerror(system_error) : "input/output error");
}

static enum status fail_constraint(
    const struct db_connection *connection, int extended, const char *sql, struct error *ret_error)
{
    bool is_twice =
        extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY;
    return error_set(ret_error, is_twice ? STATUS_ALREADY_EXISTS : STATUS_FAILED_PRECONDITION,
        "%s: %s (in: %.120s)", connection->store->name, sqlite3_errmsg(connection->handle),
        sql == NULL ? "" : sql);
}

enum status sqlite_fail(const struct ctx *ctx, const struct db_connection *connection, int code,
    const char *sql, struct error *ret_error)
{
    const struct db_store *store = connection->store;
    int extended = sqlite3_extended_errcode(connection->handle);
    int primary = code & 0xFF;
    if (primary == SQLITE_INTERRUPT || primary == SQLITE_BUSY) {
        enum status status = ctx_err(ctx);
        if (status != STATUS_OK) {
            return error_set(ret_error, status, "%s: statement stopped (%s)", store->name,
                ctx_cause_word(ctx_cause(ctx)));
        }
    }
    switch (primary) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(ret_error, STATUS_UNAVAILABLE, "%s: %s: locked by another writer",
            store->name, store->path);
    case SQLITE_CORRUPT:
        return error_set(ret_error, STATUS_DATA_LOSS, "%s: %s: the file is corrupt (%s)",
            store->name, store->path, sqlite3_errmsg(connection->handle));
    case SQLITE_NOTADB:
        return error_set(
            ret_error, STATUS_DATA_LOSS, "%s: %s: not a SQLite database", store->name, store->path);
    case SQLITE_FULL:
        return fail_io(store, extended, ENOSPC, ret_error);
    case SQLITE_IOERR:
        return fail_io(store, extended, sqlite3_system_errno(connection->handle), ret_error);
    case SQLITE_CANTOPEN:
        return error_set(ret_error, STATUS_UNAVAILABLE, "%s: %s: cannot open: %s", store->name,
            store->path, strerror(sqlite3_system_errno(connection->handle)));
    case SQLITE_READONLY:
        return error_set(ret_error, STATUS_FAILED_PRECONDITION, "%s: %s: is open for reading only",
            store->name, store->path);
    case SQLITE_NOMEM:
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", store->name);
    case SQLITE_CONSTRAINT:
        return fail_constraint(connection, extended, sql, ret_error);
    default:
        return error_set(ret_error, STATUS_INTERNAL, "%s: %s (in: %.200s)", store->name,
            sqlite3_errmsg(connection->handle), sql == NULL ? "" : sql);
    }
}
