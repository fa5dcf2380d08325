/* Stopping: a statement whose context is done stops soon, and leaves nothing behind. */
#include "db_fixture.h"

#include <pthread.h>
#include <stdatomic.h>

#include "ctx/test.h"

/* Runs for minutes when nobody stops it. */
static const char ENDLESS[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) "
    "SELECT sum(i * 7 % 13) FROM n";

enum {
    STOP_MAX_MS = 20,       /* from the context's end to the statement's, the design's promise */
    SLOW_BUILD_FACTOR = 10, /* sanitizers on a shared core */
    N_TRIES = 5,     /* the first that is soon enough counts: who wakes up when is not ours */
    WAIT_MAX_S = 20, /* the bound of every wait in here */
};

/* `stop` returns how long after its context's end something has stopped. */
static void expect_soon(struct fixture *fixture, uint64_t (*stop)(struct fixture *fixture))
{
    const uint64_t stop_max_ns = CTX_MS((uint64_t)STOP_MAX_MS * SLOW_BUILD_FACTOR);
    uint64_t least_ns = CLOCK_NEVER;
    for (int i = 0; i < N_TRIES && least_ns >= stop_max_ns; i++) {
        uint64_t took_ns = stop(fixture);
        least_ns = took_ns < least_ns ? took_ns : least_ns;
    }
    print_message("stopped after %.3f ms\n", (double)least_ns / 1e6);
    assert_true(least_ns < stop_max_ns);
}

static uint64_t late_ns(const struct ctx_scope *scope)
{
    return clock_now_ns() - ctx_deadline_ns(scope->ctx);
}

static enum status run(const struct ctx *ctx, struct db_session *session, const char *sql)
{
    struct error error = ERROR_NONE;
    struct db_rows *rows = NULL;
    bool has_row = true;
    enum status status = db_query(ctx, session, sql, NULL, 0, &rows, &error);
    while (status == STATUS_OK && has_row) {
        status = db_next(ctx, rows, &has_row, &error);
    }
    db_rows_free(rows);
    return status;
}

/* A statement on a thread of its own, that the test thread stops. */
struct runner {
    pthread_t thread;
    const struct ctx *ctx;
    struct db_session *session;
    atomic_bool is_running;
    enum status status;
    uint64_t stopped_at_ns;
};

static void *runner_main(void *arg)
{
    struct runner *runner = arg;
    atomic_store(&runner->is_running, true);
    runner->status = run(runner->ctx, runner->session, ENDLESS);
    runner->stopped_at_ns = clock_now_ns();
    return NULL;
}

static struct db_session *begin(struct db *db)
{
    struct error error = ERROR_NONE;
    struct db_session *session = NULL;
    assert_int_equal(db_begin(ctx_background(), db, DB_READ, &session, &error), STATUS_OK);
    return session;
}

static uint64_t cancel_from_another_thread(struct fixture *fixture)
{
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct runner runner = {.ctx = scope->ctx, .session = begin(fixture->db)};
    assert_int_equal(pthread_create(&runner.thread, NULL, runner_main, &runner), 0);
    while (!atomic_load(&runner.is_running)) {
        assert_int_equal(ctx_wait_until(ctx_background(), clock_now_ns() + CTX_MS(1)), STATUS_OK);
    }
    /* Stopped before or within its run: both must end it, so no further step is awaited. */
    uint64_t cancelled_at_ns = clock_now_ns();
    ctx_cancel(scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_int_equal(pthread_join(runner.thread, NULL), 0);
    assert_int_equal(runner.status, STATUS_CANCELLED);
    db_end(runner.session);
    return runner.stopped_at_ns - cancelled_at_ns;
}

static void a_cancel_from_another_thread_stops_the_statement(void **state)
{
    expect_soon(*state, cancel_from_another_thread);
}

static uint64_t run_out_of_time(struct fixture *fixture)
{
    struct db_session *session = begin(fixture->db);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(100)));
    assert_int_equal(run(scope->ctx, session, ENDLESS), STATUS_DEADLINE_EXCEEDED);
    uint64_t took_ns = late_ns(scope);
    db_end(session);
    return took_ns;
}

static void a_deadline_stops_the_statement_within_milliseconds(void **state)
{
    expect_soon(*state, run_out_of_time);
}

static void a_stopped_session_runs_its_next_statement_untouched(void **state)
{
    struct fixture *fixture = *state;
    struct db_session *session = begin(fixture->db);
    for (int i = 0; i < 50; i++) {
        CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(1)));
        assert_int_equal(run(scope->ctx, session, ENDLESS), STATUS_DEADLINE_EXCEEDED);
        assert_int_equal(fixture_integer(session, "SELECT 40 + 2"), 42);
    }
    db_end(session);
}

static void a_context_that_is_done_starts_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct error error = ERROR_NONE;
    struct db_session *session = begin(fixture->db);
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    assert_int_equal(run(scope->ctx, session, "SELECT 1"), STATUS_CANCELLED);
    db_end(session);
    session = NULL;
    assert_int_equal(
        db_begin(scope->ctx, fixture->db, DB_READ, &session, &error), STATUS_CANCELLED);
    assert_null(session);
}

static void rows_stop_between_two_steps(void **state)
{
    struct fixture *fixture = *state;
    struct error error = ERROR_NONE;
    struct db_session *session = begin(fixture->db);
    struct db_rows *rows = NULL;
    bool has_row = false;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    assert_int_equal(
        db_query(scope->ctx, session, "SELECT 1 UNION ALL SELECT 2", NULL, 0, &rows, &error),
        STATUS_OK);
    assert_int_equal(db_next(scope->ctx, rows, &has_row, &error), STATUS_OK);
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    assert_int_equal(db_next(scope->ctx, rows, &has_row, &error), STATUS_CANCELLED);
    db_rows_free(rows);
    db_end(session);
}

static void a_stopped_write_leaves_nothing_behind(void **state)
{
    struct fixture *fixture = *state;
    struct error error = ERROR_NONE;
    struct db_session *session = NULL;
    assert_int_equal(
        db_begin(ctx_background(), fixture->db, DB_WRITE, &session, &error), STATUS_OK);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(30)));
    assert_int_equal(
        db_exec(scope->ctx, session,
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) "
            "INSERT INTO t SELECT i FROM n",
            NULL, 0, &error),
        STATUS_DEADLINE_EXCEEDED);
    assert_int_equal(db_commit(scope->ctx, session, &error), STATUS_DEADLINE_EXCEEDED);
    db_end(session);
    session = begin(fixture->db);
    assert_int_equal(fixture_integer(session, "SELECT count(*) FROM t"), 0);
    db_end(session);
}

static uint64_t wait_for_a_lock(struct fixture *fixture)
{
    struct error error = ERROR_NONE;
    struct db_session *holder = NULL;
    struct db_session *session = NULL;
    assert_int_equal(db_begin(ctx_background(), fixture->db, DB_WRITE, &holder, &error), STATUS_OK);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(50)));
    assert_int_equal(
        db_begin(scope->ctx, fixture->db, DB_WRITE, &session, &error), STATUS_DEADLINE_EXCEEDED);
    uint64_t took_ns = late_ns(scope);
    db_end(holder);
    /* The lock is free again: a failed wait must not have kept anything. */
    assert_int_equal(
        db_begin(ctx_background(), fixture->db, DB_WRITE, &session, &error), STATUS_OK);
    db_end(session);
    return took_ns;
}

static void waiting_for_a_lock_honours_the_deadline(void **state)
{
    expect_soon(*state, wait_for_a_lock);
}

static uint64_t wait_for_a_connection(struct fixture *fixture)
{
    struct error error = ERROR_NONE;
    struct db_session *sessions[DB_CONNECTIONS_MAX];
    struct db_session *one_more = NULL;
    for (size_t i = 0; i < DB_CONNECTIONS_MAX; i++) {
        sessions[i] = begin(fixture->db);
    }
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(50)));
    assert_int_equal(
        db_begin(scope->ctx, fixture->db, DB_READ, &one_more, &error), STATUS_DEADLINE_EXCEEDED);
    uint64_t took_ns = late_ns(scope);
    db_end(sessions[0]);
    sessions[0] = begin(fixture->db);
    for (size_t i = 0; i < DB_CONNECTIONS_MAX; i++) {
        db_end(sessions[i]);
    }
    return took_ns;
}

static void waiting_for_a_connection_honours_the_deadline(void **state)
{
    expect_soon(*state, wait_for_a_connection);
}

struct taker {
    pthread_t thread;
    struct db *db;
    const struct ctx *ctx;
    enum status status;
};

static void *taker_main(void *arg)
{
    struct taker *taker = arg;
    struct error error = ERROR_NONE;
    struct db_session *session = NULL;
    taker->status = db_begin(taker->ctx, taker->db, DB_READ, &session, &error);
    db_end(session);
    return NULL;
}

static void a_returned_connection_reaches_every_waiter(void **state)
{
    struct fixture *fixture = *state;
    struct db_session *sessions[DB_CONNECTIONS_MAX];
    struct taker takers[4];
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(WAIT_MAX_S)));
    for (size_t i = 0; i < DB_CONNECTIONS_MAX; i++) {
        sessions[i] = begin(fixture->db);
    }
    for (size_t i = 0; i < LENGTH_OF(takers); i++) {
        takers[i] = (struct taker){.db = fixture->db, .ctx = scope->ctx};
        assert_int_equal(pthread_create(&takers[i].thread, NULL, taker_main, &takers[i]), 0);
    }
    for (size_t i = 0; i < DB_CONNECTIONS_MAX; i++) {
        db_end(sessions[i]);
    }
    for (size_t i = 0; i < LENGTH_OF(takers); i++) {
        assert_int_equal(pthread_join(takers[i].thread, NULL), 0);
        assert_int_equal(takers[i].status, STATUS_OK);
    }
}

static uint64_t be_delayed(struct fixture *fixture)
{
    struct db_session *session = begin(fixture->db);
    db_set_fault(fixture->db, CTX_SECONDS(WAIT_MAX_S), 0.0);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(30)));
    assert_int_equal(run(scope->ctx, session, "SELECT 1"), STATUS_DEADLINE_EXCEEDED);
    uint64_t took_ns = late_ns(scope);
    db_set_fault(fixture->db, 0, 0.0);
    db_end(session);
    return took_ns;
}

static void an_injected_delay_hears_the_context(void **state)
{
    expect_soon(*state, be_delayed);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture_start(&fixture);
    fixture_run(&fixture, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    fixture_end(*state);
    return ctx_test_no_leaks() ? 0 : -1;
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(a_cancel_from_another_thread_stops_the_statement),
        WITH_FIXTURE(a_deadline_stops_the_statement_within_milliseconds),
        WITH_FIXTURE(a_stopped_session_runs_its_next_statement_untouched),
        WITH_FIXTURE(a_context_that_is_done_starts_nothing),
        WITH_FIXTURE(rows_stop_between_two_steps),
        WITH_FIXTURE(a_stopped_write_leaves_nothing_behind),
        WITH_FIXTURE(waiting_for_a_lock_honours_the_deadline),
        WITH_FIXTURE(waiting_for_a_connection_honours_the_deadline),
        WITH_FIXTURE(a_returned_connection_reaches_every_waiter),
        WITH_FIXTURE(an_injected_delay_hears_the_context),
    };
    return cmocka_run_group_tests_name("db_cancel", tests, NULL, NULL);
}
