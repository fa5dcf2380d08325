/* What the postgres_*.c files share. libpq's own header goes no further than here.
 *
 * How a context stops PostgreSQL: nothing here blocks inside libpq. Every wait is a poll of the
 * connection's socket together with the context's descriptor (postgres_wait.c), so whoever waits
 * returns within a thread's wake-up. What the server is then still busy with is stopped by a helper
 * thread (postgres_cancel.c): it sends the cancel, reads what is left and rolls back, and only then
 * does the connection go back to its pool, so that a late cancel meets nobody else's query. The
 * server has the deadline too: each statement is preceded, in the same packet, by a
 * statement_timeout of what remains, for the case that this process stands still.
 *
 * Lock order: the helpers' mutex alone; nothing is called while it is held. */
#ifndef WALKIE_DB_POSTGRES_H
#define WALKIE_DB_POSTGRES_H

#include <libpq-fe.h>
#include <pthread.h>

#include "base/bytes.h"
#include "db/backend.h"

enum {
    POSTGRES_STATEMENTS_CACHED = 64,  /* prepared statements that a connection keeps */
    POSTGRES_PLACE_MAX = 256,         /* bytes of "host:port/database" in messages, with the NUL */
    POSTGRES_CONNECT_MAX_MS = 10000,  /* for a connection, where the context allows more */
    POSTGRES_DRAIN_MAX_MS = 5,        /* db_end waits so long for rows that nobody wants any more */
    POSTGRES_ROLLBACK_MAX_MS = 250,   /* db_end waits so long for ROLLBACK */
    POSTGRES_CLEAN_MAX_MS = 1000,     /* a helper, for draining and ROLLBACK after a cancel */
    POSTGRES_BLIND_POLL_MS = 5,       /* between two looks at a context that has no descriptor */
    POSTGRES_CHECK_INTERVAL_MS = 100, /* the server looks so often whether we are still there */
    POSTGRES_KEPT_ROWS_MAX = 64 << 20, /* bytes of rows kept aside while another statement runs */
    POSTGRES_SQL_MAX = 1 << 20,        /* bytes of a statement's text, with the NUL */
    POSTGRES_TEXTS_MAX = 64 << 20,     /* bytes of one statement's parameters */
};

/* Threads that cancel and clean, started when first needed, at most one a connection. */
struct postgres_helpers {
    pthread_mutex_t mutex;  /* guards all below and each connection's `cleaning` */
    pthread_cond_t changed; /* there is work, or the end has come */
    struct db_connection *first;
    struct db_connection *last;
    size_t n_queued;
    size_t n_threads;
    size_t n_idle; /* threads that wait, or were woken and have not looked yet */
    pthread_t threads[DB_CONNECTIONS_MAX];
    bool is_closing;
};

struct db_store {
    char name[DB_NAME_MAX];
    char place[POSTGRES_PLACE_MAX]; /* for messages: without user and password */
    char *uri;                      /* holds the password: never in a message */
    uint64_t connect_max_ns;
    enum db_mode mode;
    struct postgres_helpers helpers;
};

/* Rows of a statement that was put aside because another one ran meanwhile. */
struct postgres_kept {
    struct buffer rows; /* of pointers to results, one a row */
    size_t n_taken;
    size_t bytes; /* of the rows themselves */
};

struct db_cursor {
    struct db_connection *connection;
    char name[16]; /* of the prepared statement in the server */
    struct buffer text;
    const char *sql; /* the text, the cache's key; NULL while the place is free */
    int n_parameters;
    Oid types[DB_PARAMETERS_MAX]; /* 0: not known yet, the server decides */
    bool is_prepared;             /* the server has `name` for this text and these types */
    bool is_in_server;            /* the server has something under `name` */
    bool is_in_use;
    bool has_started; /* sent since the last bind */
    bool has_ended;   /* its last row was read, or it failed */
    uint64_t used_at; /* the connection's count of acquisitions, for least recently used */
    PGresult *row;    /* the current row */
    struct postgres_kept kept;
    /* The parameters of the next run. */
    const char *values[DB_PARAMETERS_MAX];
    int lengths[DB_PARAMETERS_MAX];
    int formats[DB_PARAMETERS_MAX];
    uint8_t numbers[DB_PARAMETERS_MAX][8];
    char *texts;
    size_t texts_size;
};

enum postgres_cleaning {
    CLEANING_NOT,
    CLEANING_WAITS,  /* in the helpers' queue, to be cancelled */
    CLEANING_CANCEL, /* a helper is sending the cancel */
    CLEANING_SENT,   /* the cancel was sent; the session has not ended yet */
    CLEANING_ENDS,   /* in the queue or with a helper, to be drained and rolled back */
};

struct db_connection {
    struct db_store *store;
    PGconn *handle;
    PGcancel *cancel;
    enum db_access access;
    bool is_broken;           /* lost, or in a state that is not worth mending */
    bool is_in_cleaning;      /* a helper has it: nothing more is cancelled */
    bool is_stopped;          /* a context stopped its transaction: it can only be ended */
    bool is_uncertain;        /* whether the server has a statement under a cursor's name */
    bool is_busy;             /* the server owes results */
    struct db_cursor *active; /* whose rows are coming; NULL: nobody wants them any more */
    uint64_t n_acquired;
    struct db_cursor cache[POSTGRES_STATEMENTS_CACHED];
    /* With the helpers; guarded by their mutex. */
    enum postgres_cleaning cleaning;
    db_cleaned_fn *on_cleaned; /* not NULL: the session has ended */
    void *on_cleaned_arg;
    struct db_connection *next;
};

/* --- postgres_error.c ------------------------------------------------------------------------ */

/* The status and words of a failed result; the context's status when it was stopped. `sql` may be
 * NULL. */
enum status postgres_fail(const struct ctx *ctx, struct db_connection *connection,
    const PGresult *result, const char *sql, struct error *ret_error);
/* The connection is lost: it is marked, and libpq's message told on one line. */
enum status postgres_fail_lost(struct db_connection *connection, struct error *ret_error);
/* The context has stopped a statement: the server is told, the transaction can only be ended. */
enum status postgres_fail_stopped(
    const struct ctx *ctx, struct db_connection *connection, struct error *ret_error);
/* libpq's messages have several lines: make them one. */
void postgres_one_line(const char *message, char *ret_line, size_t line_size);

/* --- postgres_wait.c ------------------------------------------------------------------------- */

/* Wait until the socket has one of `events` (poll's). Errors: the context's. */
enum status postgres_wait(const struct ctx *ctx, int socket, short events);
/* Send what libpq holds. Errors: the context's (the connection is then stopped), UNAVAILABLE. */
enum status postgres_flush(
    const struct ctx *ctx, struct db_connection *connection, struct error *ret_error);
/* The next result as PQgetResult gives it: NULL at the end of each command. Errors as above. */
enum status postgres_result(const struct ctx *ctx, struct db_connection *connection,
    PGresult **ret_result, struct error *ret_error);
/* Read and drop results until the server owes none. False: it took longer, or the connection is
 * lost. */
bool postgres_drain(const struct ctx *ctx, struct db_connection *connection);
/* Run statements of ours by the simple protocol, their rows dropped. */
enum status postgres_command(const struct ctx *ctx, struct db_connection *connection,
    const char *sql, struct error *ret_error);

/* --- postgres_dial.c ------------------------------------------------------------------------- */

enum status postgres_dial(const struct ctx *ctx, const struct db_store *store, PGconn **ret_handle,
    struct error *ret_error);

/* --- postgres_connection.c ------------------------------------------------------------------- */

enum status postgres_connect(const struct ctx *ctx, struct db_store *store,
    struct db_connection **ret_connection, struct error *ret_error);
void postgres_disconnect(struct db_connection *connection);
bool postgres_is_stale(struct db_connection *connection);
enum status postgres_begin(const struct ctx *ctx, struct db_connection *connection,
    enum db_access access, struct error *ret_error);
enum status postgres_commit(
    const struct ctx *ctx, struct db_connection *connection, struct error *ret_error);
enum db_clean postgres_rollback(
    struct db_connection *connection, db_cleaned_fn *on_cleaned, void *arg);
/* ROLLBACK, and a cache that is known to be right, as long as the context allows. */
bool postgres_roll_back(const struct ctx *ctx, struct db_connection *connection);
/* Milliseconds for statement_timeout: what remains, at least 1; 0 where there is no deadline. */
uint64_t postgres_timeout_ms(const struct ctx *ctx);

/* --- postgres_cancel.c ----------------------------------------------------------------------- */

void postgres_helpers_init(struct postgres_helpers *helpers);
void postgres_helpers_finish(struct postgres_helpers *helpers);
/* Have a helper cancel what the connection is doing. Never blocks. */
void postgres_cancel(struct db_connection *connection);
/* The session has ended: have a helper cancel if that was not done yet, drain and roll back. False:
 * there is no helper to be had. */
bool postgres_clean_later(struct db_connection *connection, db_cleaned_fn *on_cleaned, void *arg);
/* Whether the connection is with a helper, or was stopped through one. */
bool postgres_is_cancelled(struct db_connection *connection);

/* --- postgres_statement.c, postgres_run.c ---------------------------------------------------- */

enum status postgres_acquire(const struct ctx *ctx, struct db_connection *connection,
    const char *sql, struct db_cursor **ret_cursor, struct error *ret_error);
void postgres_release(struct db_cursor *cursor);
enum status postgres_bind(struct db_cursor *cursor, const struct db_value *values, size_t n_values,
    struct error *ret_error);
void postgres_forget_statements(struct db_connection *connection);
enum status postgres_step(
    const struct ctx *ctx, struct db_cursor *cursor, bool *ret_has_row, struct error *ret_error);
enum status postgres_script(const struct ctx *ctx, struct db_connection *connection,
    const char *sql, struct error *ret_error);
/* Make the connection free for another statement: rows that are still coming are kept aside. */
enum status postgres_quiesce(
    const struct ctx *ctx, struct db_connection *connection, struct error *ret_error);
/* Drop the rows that were kept aside. */
void postgres_drop_kept(struct db_cursor *cursor);

/* --- postgres_column.c ----------------------------------------------------------------------- */

bool postgres_column_is_null(const struct db_cursor *cursor, int column);
int64_t postgres_column_integer(const struct db_cursor *cursor, int column);
double postgres_column_real(const struct db_cursor *cursor, int column);
const char *postgres_column_text(const struct db_cursor *cursor, int column);

/* --- postgres_bulk.c ------------------------------------------------------------------------- */

enum status postgres_load(const struct ctx *ctx, struct db_connection *connection,
    const char *table, const char *columns, struct bytes rows, struct error *ret_error);

/* The server's types (pg_type.h), by number as in every version. */
enum {
    POSTGRES_BOOL = 16,
    POSTGRES_INT8 = 20,
    POSTGRES_TEXT = 25,
    POSTGRES_FLOAT8 = 701,
};

#endif
