/* The seam between db.h and a kind of database: one table of functions a backend.
 *
 *     const struct db_backend *backend = db_backend_of(options->uri, &location);
 *     status = backend->connect(ctx, store, &connection, ret_error);
 *
 * The layer above (db.c, pool.c, session.c, statement.c) does what all backends share: the pool,
 * faults, logging, one transaction a session. A backend does what differs, and turns its own
 * failures into statuses; a statement that the context stopped returns ctx_err(ctx).
 *
 * Not here: anything for users of db.h. */
#ifndef WALKIE_DB_BACKEND_H
#define WALKIE_DB_BACKEND_H

#include "base/bytes.h"
#include "db/db.h"

struct db_store;      /* a backend's opened database; shared by threads */
struct db_connection; /* one connection; one thread at a time */
struct db_cursor;     /* a compiled statement of one connection */

/* How a session's connection ended. */
enum db_clean {
    DB_CLEAN_NOW,   /* it is as new and can be given to the next */
    DB_CLEAN_NEVER, /* it must be closed */
    DB_CLEAN_LATER, /* a thread of the backend is at it, and calls db_cleaned_fn once */
};

/* The connection is free again, or must be closed. On a thread of the backend's, no lock held. */
typedef void db_cleaned_fn(void *arg, struct db_connection *connection, bool is_clean);

struct db_backend {
    const char *scheme; /* what stands before the ':' of a uri */
    const char *alias;  /* another word for it; may be NULL */
    enum db_dialect dialect;

    /* Check the database and remember how to connect. `location` is the uri after the scheme. */
    enum status (*open)(const struct ctx *ctx, const struct db_options *options,
        const char *location, struct db_store **ret_store, struct error *ret_error);
    void (*close)(struct db_store *store);
    /* See db_place. */
    const char *(*place)(const struct db_store *store);
    /* See db_why_read_only. NULL: never known. */
    const char *(*why_read_only)(const struct db_store *store);
    /* See db_data_stamp. */
    enum status (*data_stamp)(struct db_store *store, struct db_stamp *ret_stamp);

    enum status (*connect)(const struct ctx *ctx, struct db_store *store,
        struct db_connection **ret_connection, struct error *ret_error);
    void (*disconnect)(struct db_connection *connection);
    /* Whether the database has been replaced or removed since: an idle connection then is of no
     * use. */
    bool (*is_stale)(struct db_connection *connection);

    enum status (*begin)(const struct ctx *ctx, struct db_connection *connection,
        enum db_access access, struct error *ret_error);
    enum status (*commit)(
        const struct ctx *ctx, struct db_connection *connection, struct error *ret_error);
    /* Undo what was not committed. Never blocks long. */
    enum db_clean (*rollback)(
        struct db_connection *connection, db_cleaned_fn *on_cleaned, void *arg);

    /* A statement ready to be bound: compiled now, or taken from the connection's cache. */
    enum status (*acquire)(const struct ctx *ctx, struct db_connection *connection, const char *sql,
        struct db_cursor **ret_cursor, struct error *ret_error);
    /* Stop it where it is and give it back. */
    void (*release)(struct db_cursor *cursor);
    /* Stop it where it is, and bind the parameters of its next run (text stays borrowed). */
    enum status (*bind)(struct db_cursor *cursor, const struct db_value *values, size_t n_values,
        struct error *ret_error);
    enum status (*step)(const struct ctx *ctx, struct db_cursor *cursor, bool *ret_has_row,
        struct error *ret_error);
    enum status (*script)(const struct ctx *ctx, struct db_connection *connection, const char *sql,
        struct error *ret_error);
    /* Take many rows at once: `rows` is PostgreSQL's COPY text. NULL: the backend is quick enough
     * with one INSERT a row. */
    enum status (*load)(const struct ctx *ctx, struct db_connection *connection, const char *table,
        const char *columns, struct bytes rows, struct error *ret_error);

    bool (*column_is_null)(const struct db_cursor *cursor, int column);
    int64_t (*column_integer)(const struct db_cursor *cursor, int column);
    double (*column_real)(const struct db_cursor *cursor, int column);
    const char *(*column_text)(const struct db_cursor *cursor, int column);
};

extern const struct db_backend DB_BACKEND_SQLITE;
extern const struct db_backend DB_BACKEND_POSTGRES;

#endif
