#include <assert.h>
#include <stdlib.h>

#include "db/internal.h"
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
    session->is_first = true;
    status = db_pool_take(ctx, db, &session->connection, ret_error);
    if (status != STATUS_OK) {
        free(session);
        return status;
    }
    uint64_t started_at_ns = clock_now_ns();
    status = db->backend->begin(ctx, session->connection, access, ret_error);
    if (status != STATUS_OK) {
        if (ctx_err(ctx) != STATUS_OK) {
            db_log_cancel(ctx, db, "BEGIN", started_at_ns);
        }
        db_end(session);
        return status;
    }
    *ret_session = session;
    return STATUS_OK;
}

enum status db_commit_from(struct ctx_site site, const struct ctx *ctx, struct db_session *session,
    struct error *ret_error)
{
    detached_check(site, ctx, "sql");
    enum status status = db_session_enter(ctx, session, "COMMIT", ret_error);
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
    bool is_clean = session->is_committed || session->db->backend->rollback(session->connection);
    db_pool_give(session->db, session->connection, is_clean);
    free(session);
}
