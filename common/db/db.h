/* A relational database behind one small interface, whose every call listens to its context.
 *
 *     status = db_begin(ctx, edc, DB_READ, &session, &error);
 *     status = db_query(ctx, session, "SELECT name FROM site WHERE site_no = $1",
 *         (struct db_value[]){db_text(site_no)}, 1, &rows, &error);
 *     while ((status = db_next(ctx, rows, &has_row, &error)) == STATUS_OK && has_row) {
 *         use(db_column_text(rows, 0));
 *     }
 *     db_rows_free(rows);
 *     db_end(session);                          // rolls back what was not committed
 *
 * SQL is written once for all backends: portable statements, parameters $1, $2, … A context that is
 * done stops the running statement within milliseconds; the connection stays usable and clean.
 * After a statement that failed or was stopped a session may only be ended: PostgreSQL refuses the
 * rest of such a transaction.
 * Every statement logs db.query (debug), an interrupted one db.cancel (info).
 *
 * The functions that reach the database are macros that pass the place of the call on, for the
 * detached-call detector (obs/detached.h).
 *
 * Not here: an object mapper, migrations (report-service/schema), or waiting without a context. */
#ifndef WALKIE_DB_DB_H
#define WALKIE_DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "ctx/ctx.h"

struct db;         /* a database with its pool of connections; shared by threads */
struct db_session; /* one connection inside one transaction; one thread at a time */
struct db_rows;    /* a running query's rows */
struct db_statement;

enum db_access {
    DB_READ,  /* one snapshot; writing fails */
    DB_WRITE, /* takes the write lock at once, waits for it as long as the context allows; one
               * thread must not hold two of a database */
};

enum db_mode {
    DB_OPEN_READ_ONLY, /* the file must exist */
    DB_OPEN_READ_WRITE,
    /* For many readers, and for writers where file and folder let us: what that depends on is
     * looked at once, here (db_why_read_only). A server is asked by each write. */
    DB_OPEN_WRITE_IF_POSSIBLE,
    DB_OPEN_CREATE, /* made when missing */
};

enum {
    DB_NAME_MAX = 32,        /* bytes of a database's name in logs, with the NUL */
    DB_CONNECTIONS_MAX = 16, /* a pool's size; further sessions wait for one, under their context */
    DB_PARAMETERS_MAX = 64,  /* parameters of one statement */
    DB_STAMP_MAX = 64,       /* bytes of a stamp */
    DB_CLOSE_MAX_MS = 2000,  /* db_close waits so long for connections that are being cleaned */
    DB_BULK_MAX = 256 << 10, /* bytes of one table's rows that a bulk load collects */
    DB_BULK_ROW_MAX = 16 << 20, /* bytes of one row of a bulk load */
};

enum db_dialect { DB_SQLITE, DB_POSTGRES };

struct db_options {
    const char *name; /* "edc", "ctms": the word for it in logs, faults and messages */
    const char *uri;  /* "sqlite:PATH", "postgresql://USER:PASSWORD@HOST:PORT/DATABASE" */
    enum db_mode mode;
};

/* Open, and check that a file is a database (header and schema are read). A server is not asked:
 * it may come later; until then db_begin fails with UNAVAILABLE.
 * Ownership: the caller's until db_close; all sessions must have ended by then.
 * Errors: INVALID_ARGUMENT (uri), UNAVAILABLE (missing, unreadable, busy), DATA_LOSS (corrupt); the
 * text names the file. */
MUST_USE enum status db_open_from(struct ctx_site site, const struct ctx *ctx,
    const struct db_options *options, struct db **ret_db, struct error *ret_error);
#define db_open(...) db_open_from(CTX_HERE, __VA_ARGS__)
/* Waits up to DB_CLOSE_MAX_MS for connections that are still being cleaned after a cancel; what a
 * server that stands still does not give back by then is left to the process's end. Accepts NULL.
 */
void db_close(struct db *db);

/* Whether what stands in the database is what the program expects. Runs in the first session of
 * every new connection, before db_begin returns; a failure is db_begin's. */
typedef enum status db_check_fn(
    const struct ctx *ctx, struct db_session *session, void *arg, struct error *ret_error);

/* Before the first session, by one thread. `arg` is borrowed as long as the database is open. */
void db_set_check(struct db *db, db_check_fn *check, void *arg);

/* Where it is, for messages: a path, or "postgresql://HOST:PORT/DATABASE". Never a password. The
 * text is the database's. */
const char *db_place(const struct db *db);

/* Why nothing can be written, in words that say what to do; NULL: it can, as far as is known (a
 * server says it when something is written). The text is the database's. */
const char *db_why_read_only(const struct db *db);

/* Whether it is a server, which comes and goes, and not a file. */
bool db_is_server(const struct db *db);

/* What the database speaks, for the few things that cannot be said portably. */
enum db_dialect db_dialect(const struct db_session *session);

/* Which data there are: equal stamps, equal data. Whoever reads after taking a stamp reads what it
 * stands for, or newer. Only to be compared with stamps of the same process and database. */
struct db_stamp {
    size_t len;
    uint8_t bytes[DB_STAMP_MAX];
};

/* The stamp of now. Some system calls on what the kernel has in memory: fit for a thread that must
 * not block. Threads: any. Errors: UNAVAILABLE (no such file now), UNIMPLEMENTED (this database
 * does not tell without being asked: PostgreSQL, SQLite with a write-ahead log). */
MUST_USE enum status db_data_stamp(struct db *db, struct db_stamp *ret_stamp);

/* For demonstrations and tests: every first statement of a session is preceded by `delay_ns` inside
 * the database call (the context is heard), and fails with UNAVAILABLE at `error_rate` (0 to 1). */
void db_set_fault(struct db *db, uint64_t delay_ns, double error_rate);

/* --- sessions ------------------------------------------------------------------------------- */

/* Begin a transaction on a pooled connection; waits for one as long as the context allows. Those
 * who write come one after the other, and hold no connection while they wait for each other.
 * Errors: the context's, UNAVAILABLE, DATA_LOSS; of DB_WRITE FAILED_PRECONDITION where nothing can
 * be written: the text says why and what to do. */
MUST_USE enum status db_begin_from(struct ctx_site site, const struct ctx *ctx, struct db *db,
    enum db_access access, struct db_session **ret_session, struct error *ret_error);
#define db_begin(...) db_begin_from(CTX_HERE, __VA_ARGS__)

/* Make the changes permanent; the session can then only be ended. */
MUST_USE enum status db_commit_from(struct ctx_site site, const struct ctx *ctx,
    struct db_session *session, struct error *ret_error);
#define db_commit(...) db_commit_from(CTX_HERE, __VA_ARGS__)

/* Roll back what was not committed, give the connection back. Accepts NULL. Never blocks long. */
void db_end(struct db_session *session);

/* --- statements ----------------------------------------------------------------------------- */

enum db_kind { DB_NULL, DB_INTEGER, DB_REAL, DB_TEXT };

/* A parameter. Text is borrowed until the call that takes it returns. */
struct db_value {
    enum db_kind kind;
    int64_t integer;
    double real;
    const char *text; /* UTF-8; NULL makes it an SQL NULL */
};
struct db_value db_null(void);
struct db_value db_integer(int64_t value);
struct db_value db_real(double value);
struct db_value db_text(const char *text);

/* Start a query. `rows` must be freed before the session ends.
 * Errors: the context's; INTERNAL with the statement and the database's message; DATA_LOSS. */
MUST_USE enum status db_query_from(struct ctx_site site, const struct ctx *ctx,
    struct db_session *session, const char *sql, const struct db_value *values, size_t n_values,
    struct db_rows **ret_rows, struct error *ret_error);
#define db_query(...) db_query_from(CTX_HERE, __VA_ARGS__)

/* Go to the next row. After *ret_has_row = false, or a failure, only db_rows_free is allowed. */
MUST_USE enum status db_next_from(struct ctx_site site, const struct ctx *ctx, struct db_rows *rows,
    bool *ret_has_row, struct error *ret_error);
#define db_next(...) db_next_from(CTX_HERE, __VA_ARGS__)
void db_rows_free(struct db_rows *rows); /* accepts NULL */

/* The current row's columns, from 0. Text is valid until the next db_next, NULL for an SQL NULL. */
bool db_column_is_null(const struct db_rows *rows, int column);
int64_t db_column_integer(const struct db_rows *rows, int column); /* 0 for NULL */
double db_column_real(const struct db_rows *rows, int column);     /* 0 for NULL */
const char *db_column_text(const struct db_rows *rows, int column);

/* One statement without rows (INSERT, UPDATE, CREATE …). */
MUST_USE enum status db_exec_from(struct ctx_site site, const struct ctx *ctx,
    struct db_session *session, const char *sql, const struct db_value *values, size_t n_values,
    struct error *ret_error);
#define db_exec(...) db_exec_from(CTX_HERE, __VA_ARGS__)

/* Several statements separated by ';', without parameters: schemas. */
MUST_USE enum status db_script_from(struct ctx_site site, const struct ctx *ctx,
    struct db_session *session, const char *sql, struct error *ret_error);
#define db_script(...) db_script_from(CTX_HERE, __VA_ARGS__)

/* A statement compiled once and run many times: bulk loads. Freed before its session ends. */
MUST_USE enum status db_prepare_from(struct ctx_site site, const struct ctx *ctx,
    struct db_session *session, const char *sql, struct db_statement **ret_statement,
    struct error *ret_error);
#define db_prepare(...) db_prepare_from(CTX_HERE, __VA_ARGS__)
MUST_USE enum status db_run_from(struct ctx_site site, const struct ctx *ctx,
    struct db_statement *statement, const struct db_value *values, size_t n_values,
    struct error *ret_error);
#define db_run(...) db_run_from(CTX_HERE, __VA_ARGS__)
void db_statement_free(struct db_statement *statement); /* accepts NULL */

/* --- bulk loads ------------------------------------------------------------------------------- */

/* Rows of one table, many and fast: collected and sent as a whole (COPY) where that is quicker than
 * a statement a row. Any number may be open in a session, and other statements may run in between:
 * whatever runs next sees all rows that were added before. Rows go out in the order in which the
 * loads were opened, so open the tables that others refer to first.
 *
 *     status = db_bulk_open(ctx, session, "site", "site_id,site_no", &bulk, &error);
 *     status = db_bulk_add(ctx, bulk, (struct db_value[]){db_integer(1), db_text("101")}, 2,
 * &error); status = db_bulk_flush(ctx, session, &error);    a row that does not fit fails here at
 * last db_bulk_free(bulk);                              rows that were not sent are dropped
 *
 * `table` and `columns` (with commas) are the program's own words, copied; never input. */
struct db_bulk;
MUST_USE enum status db_bulk_open_from(struct ctx_site site, const struct ctx *ctx,
    struct db_session *session, const char *table, const char *columns, struct db_bulk **ret_bulk,
    struct error *ret_error);
#define db_bulk_open(...) db_bulk_open_from(CTX_HERE, __VA_ARGS__)

/* Add a row. Errors: the context's; those of db_run, of this row or of one before it;
 * RESOURCE_EXHAUSTED (a row of more than DB_BULK_ROW_MAX). */
MUST_USE enum status db_bulk_add_from(struct ctx_site site, const struct ctx *ctx,
    struct db_bulk *bulk, const struct db_value *values, size_t n_values, struct error *ret_error);
#define db_bulk_add(...) db_bulk_add_from(CTX_HERE, __VA_ARGS__)

/* Send what all the session's bulk loads have collected. db_commit does it, too. */
MUST_USE enum status db_bulk_flush_from(struct ctx_site site, const struct ctx *ctx,
    struct db_session *session, struct error *ret_error);
#define db_bulk_flush(...) db_bulk_flush_from(CTX_HERE, __VA_ARGS__)
void db_bulk_free(struct db_bulk *bulk); /* before its session ends; accepts NULL */

#endif
