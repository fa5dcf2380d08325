/* What db.c, pool.c, session.c and statement.c share.
 *
 * Lock order: there is one lock, the pool's; nothing is called while it is held. */
#ifndef WALKIE_DB_INTERNAL_H
#define WALKIE_DB_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "db/backend.h"
#include "obs/metrics.h"

struct db_pool {
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* a connection came back, or a waiter's context is done */
    struct db_connection *idle[DB_CONNECTIONS_MAX];
    size_t n_idle;
    size_t n_out; /* connections that sessions hold, that are being made or being cleaned */
    size_t n_being_cleaned; /* of those: their sessions have ended */
    bool has_writer;        /* a session that was begun with DB_WRITE has not ended */
};

enum db_outcome {
    DB_OUTCOME_OK,
    DB_OUTCOME_ERROR,
    DB_OUTCOME_CANCELLED, /* its context was done */
    DB_OUTCOMES,
};

/* metrics.c */
struct db_metrics {
    struct metrics_child *statements[DB_OUTCOMES];
    struct metrics_child *seconds;
    struct metrics_child *wait;
    struct metrics_hook hook;
};

struct db {
    char name[DB_NAME_MAX];
    const struct db_backend *backend;
    struct db_store *store;
    struct db_pool pool;
    struct db_metrics metrics;
    db_check_fn *check; /* NULL: none */
    void *check_arg;
    _Atomic uint64_t fault_delay_ns;
    _Atomic uint64_t fault_error_ppm; /* failing sessions in a million */
    _Atomic uint64_t n_fault_sessions;
    struct db *next_left_behind; /* db.c */
};

struct db_session {
    struct db *db;
    struct db_connection *connection;
    bool is_writer;             /* it is the pool's */
    bool is_first;              /* no statement has run yet: a fault applies to the next one */
    bool is_committed;          /* nothing but db_end is allowed any more */
    bool is_new;                /* the connection was made for this session */
    bool is_unchecked;          /* its check has failed: nobody else may have the connection */
    size_t n_live;              /* rows, statements and bulk loads that were not freed yet */
    struct db_bulk *first_bulk; /* in the order in which they were opened */
    struct db_bulk *last_bulk;
};

void db_pool_init(struct db_pool *pool);
/* Close the connections; all sessions must have ended. False: some are still being cleaned after
 * DB_CLOSE_MAX_MS, and nothing of the database may be freed. */
bool db_pool_finish(struct db *db);

/* Take an idle connection, make one, or wait for one as long as the context allows. `ret_is_new`
 * says which. For DB_WRITE also wait until the writer before has ended; db_pool_writer_left then
 * lets the next one in. */
enum status db_pool_take(const struct ctx *ctx, struct db *db, enum db_access access,
    struct db_connection **ret_connection, bool *ret_is_new, struct error *ret_error);
void db_pool_writer_left(struct db *db);
/* Make another connection in the place of one that turned out to be lost, which is closed. On
 * failure the place is given back. */
enum status db_pool_replace(const struct ctx *ctx, struct db *db, struct db_connection *lost,
    struct db_connection **ret_connection, struct error *ret_error);
/* Give it back; a connection that is not clean is closed instead. */
void db_pool_give(struct db *db, struct db_connection *connection, bool is_clean);
/* Have the backend roll it back, then give it back, now or when that is done; not kept: close it
 * then. */
void db_pool_roll_back(struct db *db, struct db_connection *connection, bool is_kept);

/* Log db.cancel for work of this database that its context stopped. */
void db_log_cancel(
    const struct ctx *ctx, const struct db *db, const char *sql, uint64_t started_at_ns);

/* Log db.query for a statement that has ended: rows read, or runs of a prepared one. */
void db_log_query(const struct ctx *ctx, const struct db *db, const char *sql,
    uint64_t started_at_ns, uint64_t n_rows);

/* Record how long a session took to begin: waiting for a connection, making one, BEGIN. */
void db_note_begin(const struct ctx *ctx, const struct db_session *session, uint64_t started_at_ns,
    enum status status);

/* What every statement starts with: the session is usable, the context not done, faults applied. */
enum status db_session_enter(
    const struct ctx *ctx, struct db_session *session, const char *sql, struct error *ret_error);

/* bulk.c: send what the session's bulk loads hold, before something else runs. */
enum status db_bulk_send_all(
    const struct ctx *ctx, struct db_session *session, struct error *ret_error);

#endif
