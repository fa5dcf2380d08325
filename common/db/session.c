#include <assert.h>
#include <stdlib.h>

#include "db/metrics.h"
#include "obs/detached.h"

/* Whether the next session is one that fails: spread evenly, the same in every run. */
static bool is_failing_session(struct db *db)
{
    uint64_t ppm = atomic_load(&db->fault_error_ppm);
    if (ppm == 0) {
        return false;
    }
    uint64_t n = atomic_fetch_add(&db->n_fault_sessions, 1) + 1;
    return n * ppm / 1000000 != (n - 1) * ppm / 1000000;
}

static enum status apply_fault(
    const struct ctx *ctx, struct db *db, const char *sql, struct error *ret_error)
{
    uint64_t delay_ns = atomic_load(&db->fault_delay_ns);
    if (delay_ns > 0) {
        uint64_t started_at_ns = clock_now_ns();
        enum status status = ctx_sleep(ctx, delay_ns);
        if (status != STATUS_OK) {
            db_log_cancel(ctx, db, sql, started_at_ns);
            return error_set(ret_error, status, "%s: statement stopped (%s)", db->name,
                ctx_cause_word(ctx_cause(ctx)));
        }
    }
    if (is_failing_session(db)) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "%s: injected fault (--fault %s.error)",
            db->name, db->name);
    }
    return STATUS_OK;
}

enum status db_session_enter(
    const struct ctx *ctx, struct db_session *session, const char *sql, struct error *ret_error)
{
    if (session->is_committed) {
        return error_set(ret_error, STATUS_FAILED_PRECONDITION,
            "%s: the session was committed and can only be ended", session->db->name);
    }
    enum status status = ctx_err(ctx);
    if (status != STATUS_OK) {
        return error_set(ret_error, status, "%s: statement not started (%s)", session->db->name,
            ctx_cause_word(ctx_cause(ctx)));
    }
    if (session->is_first) {
        session->is_first = false;
        status = apply_fault(ctx, session->db, sql, ret_error);
    }
    return status;
}

/* Begin the transaction. A connection of the pool may turn out to be lost only when it is used, as
 * after a restart of the server: then another one is made, once. */
static enum status begin_on(const struct ctx *ctx, struct db_session *session,
    enum db_access access, struct error *ret_error)
{
    struct db *db = session->db;
    uint64_t started_at_ns = clock_now_ns();
    /* The first failure's words are nobody's when the second try goes well. */
    struct error error = ERROR_NONE;
    enum status status = db->backend->begin(ctx, session->connection, access, &error);
    if (status == STATUS_UNAVAILABLE && !session->is_new && ctx_err(ctx) == STATUS_OK) {
        session->is_new = true;
        status = db_pool_replace(ctx, db, STEAL(session->connection), &session->connection, &error);
        if (status == STATUS_OK) {
            status = db->backend->begin(ctx, session->connection, access, &error);
        }
    }
    if (status != STATUS_OK) {
        error_record(ret_error, status, "%s", error.text);
    }
    if (status != STATUS_OK && ctx_err(ctx) == status) {
        db_log_cancel(ctx, db, "BEGIN", started_at_ns);
    }
    return status;
}

static void free_session(struct db_session *session)
{
    if (session->is_writer) {
        db_pool_writer_left(session->db);
    }
    free(session);
}

/* Of a session that did not come to be; it may have no connection. */
static void end_failed(struct db_session *session)
{
    if (session->connection == NULL) {
        free_session(session);
    } else {
        db_end(session);
    }
}

enum status db_begin_from(struct ctx_site site, const struct ctx *ctx, struct db *db,
    enum db_access access, struct db_session **ret_session, struct error *ret_error)
{
    detached_check(site, ctx, "sql");
    enum status status = ctx_err(ctx);
    if (status != STATUS_OK) {
        return error_set(ret_error, status, "%s: session not started (%s)", db->name,
            ctx_cause_word(ctx_cause(ctx)));
    }
    struct db_session *session = calloc(1, sizeof(*session));
    if (session == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", db->name);
    }
    session->db = db;
    uint64_t started_at_ns = clock_now_ns();
    status = db_pool_take(ctx, db, access, &session->connection, &session->is_new, ret_error);
    session->is_writer = status == STATUS_OK && access == DB_WRITE;
    db_metrics_waited(db, started_at_ns);
    if (status == STATUS_OK) {
        status = begin_on(ctx, session, access, ret_error);
    }
    db_note_begin(ctx, session, started_at_ns, status);
    if (status == STATUS_OK && session->is_new && db->check != NULL) {
        status = db->check(ctx, session, db->check_arg, ret_error);
        session->is_unchecked = status != STATUS_OK;
    }
    if (status != STATUS_OK) {
        end_failed(session);
        return status;
    }
    session->is_first = true;
    *ret_session = session;
    return STATUS_OK;
}

enum status db_commit_from(struct ctx_site site, const struct ctx *ctx, struct db_session *session,
    struct error *ret_error)
{
    detached_check(site, ctx, "sql");
    enum status status = db_session_enter(ctx, session, "COMMIT", ret_error);
    if (status == STATUS_OK) {
        status = db_bulk_send_all(ctx, session, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    uint64_t started_at_ns = clock_now_ns();
    status = session->db->backend->commit(ctx, session->connection, ret_error);
    if (status != STATUS_OK) {
        if (ctx_err(ctx) != STATUS_OK) {
            db_log_cancel(ctx, session->db, "COMMIT", started_at_ns);
        }
        return status;
    }
    session->is_committed = true;
    return STATUS_OK;
}

void db_end(struct db_session *session)
{
    if (session == NULL) {
        return;
    }
    assert(session->n_live == 0);
    if (session->is_committed) {
        db_pool_give(session->db, session->connection, true);
    } else {
        db_pool_roll_back(session->db, session->connection, !session->is_unchecked);
    }
    free_session(session);
}
