#include "db/metrics.h"

#include "base/clock.h"

static struct metrics_family STATEMENTS = {.name = "walkie_db_statements_total",
    .help = "Statements that have ended: ok, error, or cancelled (their context was done).",
    .kind = METRICS_COUNTER,
    .labels = {"database", "outcome"}};
static struct metrics_family SECONDS = {.name = "walkie_db_statement_seconds",
    .help = "From a statement's start to its end, its rows read.",
    .kind = METRICS_HISTOGRAM,
    .labels = {"database"}};
static struct metrics_family WAIT = {.name = "walkie_db_pool_wait_seconds",
    .help = "What sessions wait for a connection, making one included.",
    .kind = METRICS_HISTOGRAM,
    .labels = {"database"}};
static struct metrics_family CONNECTIONS = {.name = "walkie_db_connections",
    .help = "Connections: in_use by sessions, being made or cleaned, or idle.",
    .kind = METRICS_GAUGE,
    .labels = {"database", "state"}};
static struct metrics_family CONNECTIONS_MAX = {.name = "walkie_db_connections_max",
    .help = "Connections that there may be at once; further sessions wait.",
    .kind = METRICS_GAUGE,
    .labels = {"database"}};

static const char *const OUTCOMES[DB_OUTCOMES] = {
    [DB_OUTCOME_OK] = "ok", [DB_OUTCOME_ERROR] = "error", [DB_OUTCOME_CANCELLED] = "cancelled"};

static void refresh(void *arg)
{
    struct db *db = arg;
    pthread_mutex_lock(&db->pool.mutex);
    size_t n_out = db->pool.n_out;
    size_t n_idle = db->pool.n_idle;
    pthread_mutex_unlock(&db->pool.mutex);
    metrics_set(metrics_child(&CONNECTIONS, db->name, "in_use", NULL), (int64_t)n_out);
    metrics_set(metrics_child(&CONNECTIONS, db->name, "idle", NULL), (int64_t)n_idle);
}

void db_metrics_start(struct db *db)
{
    for (size_t i = 0; i < DB_OUTCOMES; i++) {
        db->metrics.statements[i] = metrics_child(&STATEMENTS, db->name, OUTCOMES[i], NULL);
    }
    db->metrics.seconds = metrics_child(&SECONDS, db->name, NULL, NULL);
    db->metrics.wait = metrics_child(&WAIT, db->name, NULL, NULL);
    metrics_set(metrics_child(&CONNECTIONS_MAX, db->name, NULL, NULL), DB_CONNECTIONS_MAX);
    metrics_hook_start(&db->metrics.hook, refresh, db);
}

void db_metrics_stop(struct db *db)
{
    metrics_hook_stop(&db->metrics.hook);
}

void db_metrics_statement(struct db *db, enum db_outcome outcome, uint64_t started_at_ns)
{
    metrics_add(db->metrics.statements[outcome], 1);
    metrics_observe(db->metrics.seconds, clock_now_ns() - started_at_ns);
}

void db_metrics_waited(struct db *db, uint64_t started_at_ns)
{
    metrics_observe(db->metrics.wait, clock_now_ns() - started_at_ns);
}
