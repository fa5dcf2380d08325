#include <assert.h>
#include <stdio.h>

#include "db/internal.h"

void db_pool_init(struct db_pool *pool)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pool->n_idle = 0;
    pool->n_out = 0;
    pool->n_being_cleaned = 0;
    pool->has_writer = false;
}

/* Whether all connections that are being cleaned came back in time. */
static bool wait_for_cleaning(struct db_pool *pool)
{
    struct timespec limit;
    clock_gettime(CLOCK_MONOTONIC, &limit);
    limit.tv_sec += DB_CLOSE_MAX_MS / 1000;
    int problem = 0;
    pthread_mutex_lock(&pool->mutex);
    assert(pool->n_out == pool->n_being_cleaned);
    while (pool->n_out > 0 && problem == 0) {
        problem = pthread_cond_timedwait(&pool->changed, &pool->mutex, &limit);
    }
    bool is_over = pool->n_out == 0;
    pthread_mutex_unlock(&pool->mutex);
    return is_over;
}

bool db_pool_finish(struct db *db)
{
    struct db_pool *pool = &db->pool;
    if (!wait_for_cleaning(pool)) {
        return false;
    }
    for (size_t i = 0; i < pool->n_idle; i++) {
        db->backend->disconnect(pool->idle[i]);
    }
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->mutex);
    return true;
}

/* On the notifier thread: a waiter's context is done, let it see that. */
static void wake_waiters(void *arg)
{
    struct db_pool *pool = arg;
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
}

/* A writer that waited on a connection for the lock would keep readers from it: a database has one
 * writer at a time anyway, so the others wait here. */
static bool must_wait(const struct db_pool *pool, enum db_access access)
{
    return (pool->n_idle == 0 && pool->n_out == DB_CONNECTIONS_MAX) ||
           (access == DB_WRITE && pool->has_writer);
}

/* There is no connection for us: wait, with the lock held on entry and on return. */
static enum status wait_for_room(const struct ctx *ctx, struct db *db, enum db_access access,
    uint64_t started_at_ns, struct error *ret_error)
{
    struct db_pool *pool = &db->pool;
    bool is_for_writer = access == DB_WRITE && pool->has_writer;
    pthread_mutex_unlock(&pool->mutex);
    struct ctx_after *after = ctx_after_func(ctx, wake_waiters, pool);
    pthread_mutex_lock(&pool->mutex);
    if (after == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", db->name);
    }
    enum status status = ctx_err(ctx);
    while (status == STATUS_OK && must_wait(pool, access)) {
        pthread_cond_wait(&pool->changed, &pool->mutex);
        status = ctx_err(ctx);
    }
    /* The callback takes the lock, so it must not be waited for while the lock is held. */
    pthread_mutex_unlock(&pool->mutex);
    ctx_stop_wait(after);
    if (status != STATUS_OK) {
        db_log_cancel(ctx, db,
            is_for_writer ? "(waiting for a writer)" : "(waiting for a connection)", started_at_ns);
        const char *cause = ctx_cause_word(ctx_cause(ctx));
        if (is_for_writer) {
            error_set(ret_error, status, "%s: stopped while waiting for another writer (%s)",
                db->name, cause);
        } else {
            error_set(ret_error, status, "%s: stopped while waiting for one of %d connections (%s)",
                db->name, DB_CONNECTIONS_MAX, cause);
        }
    }
    pthread_mutex_lock(&pool->mutex);
    return status;
}

/* In a place that was taken already; on failure it is given back. */
static enum status connect_new(const struct ctx *ctx, struct db *db,
    struct db_connection **ret_connection, struct error *ret_error)
{
    uint64_t started_at_ns = clock_now_ns();
    enum status status = db->backend->connect(ctx, db->store, ret_connection, ret_error);
    if (status != STATUS_OK) {
        if (ctx_err(ctx) == status) {
            db_log_cancel(ctx, db, "(connecting)", started_at_ns);
        }
        db_pool_give(db, NULL, false);
    }
    return status;
}

void db_pool_writer_left(struct db *db)
{
    pthread_mutex_lock(&db->pool.mutex);
    db->pool.has_writer = false;
    pthread_cond_broadcast(&db->pool.changed);
    pthread_mutex_unlock(&db->pool.mutex);
}

enum status db_pool_take(const struct ctx *ctx, struct db *db, enum db_access access,
    struct db_connection **ret_connection, bool *ret_is_new, struct error *ret_error)
{
    struct db_pool *pool = &db->pool;
    uint64_t started_at_ns = clock_now_ns();
    struct db_connection *connection = NULL;
    enum status status = STATUS_OK;
    pthread_mutex_lock(&pool->mutex);
    /* Again and again: between the wait and the lock somebody else may have been faster. */
    while (status == STATUS_OK && must_wait(pool, access)) {
        status = wait_for_room(ctx, db, access, started_at_ns, ret_error);
    }
    if (status == STATUS_OK) {
        pool->n_out++;
        pool->has_writer = pool->has_writer || access == DB_WRITE;
        connection = pool->n_idle > 0 ? pool->idle[--pool->n_idle] : NULL;
    }
    pthread_mutex_unlock(&pool->mutex);
    if (status != STATUS_OK) {
        return status;
    }
    if (connection != NULL && db->backend->is_stale(connection)) {
        db->backend->disconnect(STEAL(connection));
    }
    *ret_is_new = connection == NULL;
    if (connection == NULL) {
        status = connect_new(ctx, db, &connection, ret_error);
    }
    if (status == STATUS_OK) {
        *ret_connection = connection;
    } else if (access == DB_WRITE) {
        db_pool_writer_left(db);
    }
    return status;
}

enum status db_pool_replace(const struct ctx *ctx, struct db *db, struct db_connection *lost,
    struct db_connection **ret_connection, struct error *ret_error)
{
    db->backend->disconnect(lost);
    return connect_new(ctx, db, ret_connection, ret_error);
}

/* One connection less is out; it is idle now, or NULL when it was closed. */
static void put_locked(struct db_pool *pool, struct db_connection *connection)
{
    assert(pool->n_out > 0);
    pool->n_out--;
    if (connection != NULL) {
        pool->idle[pool->n_idle++] = connection;
    }
    pthread_cond_broadcast(&pool->changed);
}

void db_pool_give(struct db *db, struct db_connection *connection, bool is_clean)
{
    struct db_pool *pool = &db->pool;
    if (connection != NULL && !is_clean) {
        db->backend->disconnect(connection);
        connection = NULL;
    }
    pthread_mutex_lock(&pool->mutex);
    put_locked(pool, connection);
    pthread_mutex_unlock(&pool->mutex);
}

/* On a thread of the backend's. */
static void give_cleaned(void *arg, struct db_connection *connection, bool is_clean)
{
    struct db *db = arg;
    if (!is_clean) {
        db->backend->disconnect(STEAL(connection));
    }
    struct db_pool *pool = &db->pool;
    pthread_mutex_lock(&pool->mutex);
    assert(pool->n_being_cleaned > 0);
    pool->n_being_cleaned--;
    put_locked(pool, connection);
    pthread_mutex_unlock(&pool->mutex);
}

/* The same for one that nobody may have again. */
static void close_cleaned(void *arg, struct db_connection *connection, bool is_clean)
{
    (void)is_clean;
    give_cleaned(arg, connection, false);
}

void db_pool_roll_back(struct db *db, struct db_connection *connection, bool is_kept)
{
    db_cleaned_fn *on_cleaned = is_kept ? give_cleaned : close_cleaned;
    struct db_pool *pool = &db->pool;
    /* Counted first: the backend's thread may be through before its answer is here. */
    pthread_mutex_lock(&pool->mutex);
    pool->n_being_cleaned++;
    pthread_mutex_unlock(&pool->mutex);
    switch (db->backend->rollback(connection, on_cleaned, db)) {
    case DB_CLEAN_NOW:
        on_cleaned(db, connection, true);
        break;
    case DB_CLEAN_NEVER:
        give_cleaned(db, connection, false);
        break;
    case DB_CLEAN_LATER:
        break;
    }
}
