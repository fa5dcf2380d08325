/* What the linker lets us stand in for: where the work is, and when the handler returns. */
#include <string.h>

#include "ctx/checkpoint.h"
#include "rpc/condition.h"
#include "support/stop_internal.h"

struct stop_now stop_now = {
    .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl*): the linker's --wrap names them so. */
enum status __real_ctx_checkpoint(
    const struct ctx *ctx, const char *stage, uint64_t done, uint64_t total);
enum status __wrap_ctx_checkpoint(
    const struct ctx *ctx, const char *stage, uint64_t done, uint64_t total);
enum status __real_db_begin_from(struct ctx_site site, const struct ctx *ctx, struct db *db,
    enum db_access access, struct db_session **ret_session, struct error *ret_error);
enum status __wrap_db_begin_from(struct ctx_site site, const struct ctx *ctx, struct db *db,
    enum db_access access, struct db_session **ret_session, struct error *ret_error);
enum status __real_db_query_from(struct ctx_site site, const struct ctx *ctx,
    struct db_session *session, const char *sql, const struct db_value *values, size_t n_values,
    struct db_rows **ret_rows, struct error *ret_error);
enum status __wrap_db_query_from(struct ctx_site site, const struct ctx *ctx,
    struct db_session *session, const char *sql, const struct db_value *values, size_t n_values,
    struct db_rows **ret_rows, struct error *ret_error);
enum status __real_service_audit_report(
    const struct ctx *ctx, struct rpc_server_call *call, void *arg);
enum status __wrap_service_audit_report(
    const struct ctx *ctx, struct rpc_server_call *call, void *arg);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl*) */

void stop_now_begin(const char *stage, uint64_t done_min, const struct db *db)
{
    pthread_mutex_lock(&stop_now.mutex);
    stop_now.stage = stage;
    stop_now.done_min = done_min;
    stop_now.db = db;
    stop_now.scope = NULL;
    stop_now.n_begins = 0;
    stop_now.n_queries = 0;
    stop_now.n_connects = 0;
    stop_now.is_struck = false;
    stop_now.has_returned = false;
    pthread_mutex_unlock(&stop_now.mutex);
}

/* Under the lock, so that the scope does not end meanwhile; common/ctx calls nothing of ours. */
static void strike_locked(void)
{
    if (!stop_now.is_struck && stop_now.scope != NULL) {
        stop_now.is_struck = true;
        stop_now.struck_at_ns = clock_now_ns();
        ctx_cancel(stop_now.scope, CTX_CAUSE_CLIENT_DISCONNECTED);
        pthread_cond_broadcast(&stop_now.changed);
    }
}

void stop_strike(void)
{
    pthread_mutex_lock(&stop_now.mutex);
    strike_locked();
    pthread_mutex_unlock(&stop_now.mutex);
}

bool stop_wait(bool (*is_so)(void *arg), void *arg)
{
    uint64_t limit_ns = clock_now_ns() + CLOCK_SECONDS(STOP_WAIT_SECONDS);
    pthread_mutex_lock(&stop_now.mutex);
    bool is_reached = is_so(arg);
    while (!is_reached && condition_wait_until(&stop_now.changed, &stop_now.mutex, limit_ns)) {
        is_reached = is_so(arg);
    }
    pthread_mutex_unlock(&stop_now.mutex);
    return is_reached;
}

enum status __wrap_ctx_checkpoint(
    const struct ctx *ctx, const char *stage, uint64_t done, uint64_t total)
{
    pthread_mutex_lock(&stop_now.mutex);
    if (stop_now.stage != NULL && strcmp(stop_now.stage, stage) == 0 && done >= stop_now.done_min) {
        strike_locked();
    }
    pthread_mutex_unlock(&stop_now.mutex);
    return __real_ctx_checkpoint(ctx, stage, done, total);
}

static void count_one(const struct db *db, unsigned int *count)
{
    pthread_mutex_lock(&stop_now.mutex);
    if (db == stop_now.db) {
        ++*count;
        pthread_cond_broadcast(&stop_now.changed);
    }
    pthread_mutex_unlock(&stop_now.mutex);
}

enum status __wrap_db_begin_from(struct ctx_site site, const struct ctx *ctx, struct db *db,
    enum db_access access, struct db_session **ret_session, struct error *ret_error)
{
    count_one(db, &stop_now.n_begins);
    return __real_db_begin_from(site, ctx, db, access, ret_session, ret_error);
}

/* The one statement that STOP_IN_QUERY has made slow. */
enum status __wrap_db_query_from(struct ctx_site site, const struct ctx *ctx,
    struct db_session *session, const char *sql, const struct db_value *values, size_t n_values,
    struct db_rows **ret_rows, struct error *ret_error)
{
    if (strstr(sql, "FROM provided") != NULL) {
        count_one(stop_now.db, &stop_now.n_queries);
    }
    return __real_db_query_from(site, ctx, session, sql, values, n_values, ret_rows, ret_error);
}

enum status __wrap_service_audit_report(
    const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    enum status status = __real_service_audit_report(ctx, call, arg);
    pthread_mutex_lock(&stop_now.mutex);
    stop_now.has_returned = true;
    stop_now.returned = status;
    stop_now.returned_at_ns = clock_now_ns();
    pthread_cond_broadcast(&stop_now.changed);
    pthread_mutex_unlock(&stop_now.mutex);
    return status;
}
