#include "db_postgres_runner.h"

#include "db_postgres_fixture.h"

/* Single ones may have to wait for a core, by far; nothing here would end by itself in that time.
 */
enum { BUSY_FACTOR = 100 };

const char RUNNER_ENDLESS[] =
    "SELECT count(*) FROM pg_class a, pg_class b, pg_class c, pg_class d WHERE a.oid < b.oid";

void runner_run(struct runner *runner)
{
    struct db_session *session = NULL;
    struct db_rows *rows = NULL;
    bool has_row = true;
    runner->error = (struct error)ERROR_NONE;
    enum status status = db_begin(runner->ctx, runner->db, DB_READ, &session, &runner->error);
    if (status == STATUS_OK) {
        status = db_query(runner->ctx, session, runner->sql, NULL, 0, &rows, &runner->error);
    }
    while (status == STATUS_OK && has_row) {
        status = db_next(runner->ctx, rows, &has_row, &runner->error);
        atomic_fetch_add(&runner->n_rows, 1);
    }
    runner->status = status;
    runner->stopped_at_ns = clock_now_ns();
    db_rows_free(rows);
    db_end(session);
    runner->ended_at_ns = clock_now_ns();
}

static void *runner_main(void *arg)
{
    runner_run(arg);
    return NULL;
}

void runner_start(struct runner *runner)
{
    assert_int_equal(pthread_create(&runner->thread, NULL, runner_main, runner), 0);
}

void runner_join(struct runner *runner)
{
    assert_int_equal(pthread_join(runner->thread, NULL), 0);
}

void runner_expect_within(uint64_t from_ns, uint64_t to_ns, unsigned int limit_ms)
{
    uint64_t took_ns = to_ns > from_ns ? to_ns - from_ns : 0;
    if (took_ns >= CTX_MS((uint64_t)limit_ms * BUSY_FACTOR)) {
        fail_msg("%.1f ms, at most %u", (double)took_ns / 1e6, limit_ms);
    }
}
