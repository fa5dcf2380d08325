/* Stopping PostgreSQL: whoever is told to stop returns at once, the server stops soon after, and
 * the connection that is used next is as new. Watched from another connection, and in the server's
 * log.
 */
#include "db_postgres_fixture.h"
#include "db_postgres_runner.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctx/test.h"

enum { N_LATE = 1000, N_TIMED = 50 };

/* Its rows arrive while it runs, as fast as they are taken. */
static const char ENDLESS_ROWS[] = "SELECT generate_series(1, 1000000000), repeat('x', 100)";

/* Waits until the server runs nothing any more; returns when that was. */
static uint64_t idle_at_ns(struct postgres_fixture *fixture)
{
    postgres_fixture_wait_for(fixture, POSTGRES_FIXTURE_RUNNING, 0);
    return clock_now_ns();
}

static int by_size(const void *a, const void *b)
{
    const uint64_t *left = a;
    const uint64_t *right = b;
    return *left < *right ? -1 : *left > *right;
}

/* Also what the median must keep to, whatever else the machine does. */
static void judge_times(const char *what, uint64_t *times_ns, size_t n_times, unsigned int limit_ms)
{
    qsort(times_ns, n_times, sizeof(*times_ns), by_size);
    print_message("%s: p50 %.3f ms, p99 %.3f ms, longest %.3f ms\n", what,
        (double)times_ns[n_times / 2] / 1e6, (double)times_ns[n_times * 99 / 100] / 1e6,
        (double)times_ns[n_times - 1] / 1e6);
    assert_true(times_ns[n_times / 2] < CTX_MS(limit_ms));
}

/* Many times, so that the figures say something. */
static void a_cancelled_query_returns_at_once_and_does_not_outlive_it(void **state)
{
    struct postgres_fixture *fixture = *state;
    uint64_t returned_ns[N_TIMED];
    uint64_t ended_ns[N_TIMED];
    uint64_t outlived_ns[N_TIMED];
    for (size_t i = 0; i < N_TIMED; i++) {
        CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
        struct runner runner = {.ctx = scope->ctx, .db = fixture->db, .sql = RUNNER_ENDLESS};
        runner_start(&runner);
        postgres_fixture_wait_for(fixture, POSTGRES_FIXTURE_RUNNING, 1);
        uint64_t cancelled_at_ns = clock_now_ns();
        ctx_cancel(scope, CTX_CAUSE_CLIENT_DISCONNECTED);
        uint64_t idle_ns = idle_at_ns(fixture);
        runner_join(&runner);
        assert_int_equal(runner.status, STATUS_CANCELLED);
        assert_string_equal(runner.error.text, "edc: statement stopped (client_disconnected)");
        runner_expect_within(cancelled_at_ns, runner.stopped_at_ns, RUNNER_RETURN_MAX_MS);
        runner_expect_within(cancelled_at_ns, runner.ended_at_ns, RUNNER_RETURN_MAX_MS);
        runner_expect_within(cancelled_at_ns, idle_ns, RUNNER_OUTLIVE_MAX_MS);
        returned_ns[i] = runner.stopped_at_ns - cancelled_at_ns;
        ended_ns[i] = runner.ended_at_ns - cancelled_at_ns;
        outlived_ns[i] = idle_ns - cancelled_at_ns;
    }
    judge_times("cancel to return", returned_ns, N_TIMED, RUNNER_RETURN_MAX_MS);
    judge_times("cancel to the session's end", ended_ns, N_TIMED, RUNNER_RETURN_MAX_MS);
    judge_times("cancel to the end in the server", outlived_ns, N_TIMED, RUNNER_OUTLIVE_MAX_MS);
    assert_true(postgres_server_log_has("canceling statement due to user request", NULL, 5000));
}

static void a_cancelled_fetch_stops_while_rows_arrive(void **state)
{
    struct postgres_fixture *fixture = *state;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct runner runner = {.ctx = scope->ctx, .db = fixture->db, .sql = ENDLESS_ROWS};
    runner_start(&runner);
    while (atomic_load(&runner.n_rows) < 1000) {
        assert_int_equal(ctx_sleep(ctx_background(), CTX_MS(1)), STATUS_OK);
    }
    uint64_t cancelled_at_ns = clock_now_ns();
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    uint64_t idle_ns = idle_at_ns(fixture);
    runner_join(&runner);
    assert_int_equal(runner.status, STATUS_CANCELLED);
    runner_expect_within(cancelled_at_ns, runner.ended_at_ns, RUNNER_RETURN_MAX_MS);
    runner_expect_within(cancelled_at_ns, idle_ns, RUNNER_OUTLIVE_MAX_MS);
}

static void a_deadline_ends_the_query_here_and_in_the_server(void **state)
{
    struct postgres_fixture *fixture = *state;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(150)));
    uint64_t deadline_ns = ctx_deadline_ns(scope->ctx);
    struct runner runner = {.ctx = scope->ctx, .db = fixture->db, .sql = RUNNER_ENDLESS};
    runner_start(&runner);
    runner_join(&runner);
    uint64_t idle_ns = idle_at_ns(fixture);
    assert_int_equal(runner.status, STATUS_DEADLINE_EXCEEDED);
    runner_expect_within(deadline_ns, runner.ended_at_ns, RUNNER_RETURN_MAX_MS);
    runner_expect_within(deadline_ns, idle_ns, RUNNER_OUTLIVE_MAX_MS);
    /* What went out in front of it: not more than the 150 ms. */
    assert_true(postgres_server_log_has("execute walkie_timeout", NULL, 5000));
    assert_true(postgres_server_log_has("DETAIL:  parameters: $1 = '1", NULL, 5000));
}

/* Our own deadline is moved away while the query runs; the server keeps to what it was told. */
static void the_server_has_the_deadline_too(void **state)
{
    struct postgres_fixture *fixture = *state;
    CTX_SCOPE(scope, ctx_with_moving_deadline(
                         ctx_background(), CTX_ORIGIN_CODE, clock_now_ns() + CTX_SECONDS(1)));
    struct runner runner = {.ctx = scope->ctx, .db = fixture->db, .sql = RUNNER_ENDLESS};
    uint64_t deadline_ns = ctx_deadline_ns(scope->ctx);
    runner_start(&runner);
    postgres_fixture_wait_for(fixture, POSTGRES_FIXTURE_RUNNING, 1);
    assert_true(ctx_move_deadline(scope, CTX_ORIGIN_CODE, clock_now_ns() + CTX_SECONDS(60)));
    runner_join(&runner);
    runner_expect_within(deadline_ns, runner.ended_at_ns, RUNNER_OUTLIVE_MAX_MS);
    assert_int_equal(runner.status, STATUS_ABORTED);
    assert_non_null(strstr(runner.error.text, "cancelled in the server"));
    assert_true(
        postgres_server_log_has("canceling statement due to statement timeout", NULL, 5000));
}

/* Take all connections but `n_left`. */
static void hold_sessions(struct db *db, struct db_session **sessions, size_t n_left)
{
    for (size_t i = 0; i < DB_CONNECTIONS_MAX - n_left; i++) {
        sessions[i] = postgres_fixture_begin(db, DB_READ);
    }
}

static void let_go(struct db_session **sessions, size_t n_left)
{
    for (size_t i = 0; i < DB_CONNECTIONS_MAX - n_left; i++) {
        db_end(sessions[i]);
    }
}

/* Half of the statements are told to stop just when they end by themselves. All use one connection:
 * the others are held. */
static void no_late_cancel_hits_a_later_query(void **state)
{
    struct postgres_fixture *fixture = *state;
    struct db_session *held[DB_CONNECTIONS_MAX];
    hold_sessions(fixture->db, held, 1);
    int64_t last_pid = 0;
    int n_connections = 0;
    int n_stopped = 0;
    for (int i = 0; i < N_LATE; i++) {
        CTX_SCOPE(
            scope, ctx_with_timeout(ctx_background(), CTX_MS(2) + (uint64_t)(i % 100) * 20000));
        struct runner runner = {
            .ctx = scope->ctx, .db = fixture->db, .sql = "SELECT pg_sleep(0.002)"};
        runner_run(&runner);
        n_stopped += runner.status == STATUS_DEADLINE_EXCEEDED ? 1 : 0;
        assert_true(runner.status == STATUS_OK || runner.status == STATUS_DEADLINE_EXCEEDED);

        struct db_session *session = postgres_fixture_begin(fixture->db, DB_READ);
        int64_t pid =
            postgres_fixture_integer(session, "SELECT pg_backend_pid(), pg_sleep(0.0005)");
        n_connections += pid != last_pid;
        last_pid = pid;
        db_end(session);
    }
    print_message("%d of %d were stopped\n", n_stopped, N_LATE);
    assert_true(n_stopped > N_LATE / 10);
    /* One that is not clean within POSTGRES_CLEAN_MAX_MS is given up: on a busy machine that may
     * be. */
    assert_in_range(n_connections, 1, N_LATE / 100);
    let_go(held, 1);
}

static void a_connection_is_reused_and_clean_after_a_cancel(void **state)
{
    struct postgres_fixture *fixture = *state;
    struct db_session *held[DB_CONNECTIONS_MAX];
    hold_sessions(fixture->db, held, 1);
    struct db_session *session = postgres_fixture_begin(fixture->db, DB_READ);
    int64_t pid = postgres_fixture_integer(session, "SELECT pg_backend_pid()");
    db_end(session);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(100)));
    struct runner runner = {.ctx = scope->ctx, .db = fixture->db, .sql = RUNNER_ENDLESS};
    runner_run(&runner);
    assert_int_equal(runner.status, STATUS_DEADLINE_EXCEEDED);
    char sql[160];
    snprintf(sql, sizeof(sql),
        "SELECT count(*) FROM pg_stat_activity WHERE pid = %lld AND state = 'idle' AND xact_start "
        "IS"
        " NULL",
        (long long)pid);
    postgres_fixture_wait_for(fixture, sql, 1);
    session = postgres_fixture_begin(fixture->db, DB_WRITE);
    assert_int_equal(postgres_fixture_integer(session, "SELECT pg_backend_pid()"), pid);
    assert_int_equal(postgres_fixture_integer(session,
                         "SELECT count(*) FROM pg_settings WHERE source = 'session' AND name NOT IN"
                         " ('statement_timeout', 'extra_float_digits', 'jit', 'client_encoding',"
                         " 'standard_conforming_strings', 'random_page_cost', 'work_mem', "
                         "'client_connection_check_interval',"
                         " 'application_name', 'transaction_isolation', 'transaction_read_only',"
                         " 'transaction_deferrable')"),
        0);
    assert_int_equal(postgres_fixture_integer(session,
                         "SELECT setting FROM pg_settings WHERE name = 'statement_timeout'"),
        0);
    db_end(session);
    let_go(held, 1);
}

/* A stopped session says so, whatever it is asked next. */
static void a_stopped_session_can_only_be_ended(void **state)
{
    struct postgres_fixture *fixture = *state;
    struct error error = ERROR_NONE;
    struct db_session *session = postgres_fixture_begin(fixture->db, DB_READ);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(20)));
    assert_int_equal(
        db_exec(scope->ctx, session, RUNNER_ENDLESS, NULL, 0, &error), STATUS_DEADLINE_EXCEEDED);
    assert_int_equal(
        db_exec(ctx_background(), session, "SELECT 1", NULL, 0, &error), STATUS_ABORTED);
    assert_int_equal(db_commit(ctx_background(), session, &error), STATUS_ABORTED);
    db_end(session);
}

/* What the child below is: this program again, in the middle of a query without a deadline. */
static int be_killed(const char *uri)
{
    struct runner runner = {.ctx = ctx_background(),
        .db = postgres_fixture_open(uri, DB_OPEN_READ_ONLY),
        .sql = RUNNER_ENDLESS};
    runner_run(&runner);
    return 1;
}

/* Our process is killed, so nobody cancels: the server looks whether we are still there. */
static void the_query_of_a_killed_process_ends_by_itself(void **state)
{
    struct postgres_fixture *fixture = *state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execl("/proc/self/exe", "db_postgres_cancel_test", fixture->uri, (char *)NULL);
        _exit(127);
    }
    postgres_fixture_wait_for(fixture, POSTGRES_FIXTURE_RUNNING, 1);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    uint64_t killed_at_ns = clock_now_ns();
    runner_expect_within(killed_at_ns, idle_at_ns(fixture), 300);
}

static int start(void **state)
{
    static struct postgres_fixture fixture;
    postgres_fixture_start(&fixture, "db_cancel");
    *state = &fixture;
    return 0;
}

static int end(void **state)
{
    postgres_fixture_end(*state);
    return ctx_test_no_leaks() ? 0 : -1;
}

int main(int argc, char **argv)
{
    if (argc == 2) {
        return be_killed(argv[1]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cancelled_query_returns_at_once_and_does_not_outlive_it),
        cmocka_unit_test(a_cancelled_fetch_stops_while_rows_arrive),
        cmocka_unit_test(a_deadline_ends_the_query_here_and_in_the_server),
        cmocka_unit_test(the_server_has_the_deadline_too),
        cmocka_unit_test(no_late_cancel_hits_a_later_query),
        cmocka_unit_test(a_connection_is_reused_and_clean_after_a_cancel),
        cmocka_unit_test(a_stopped_session_can_only_be_ended),
        cmocka_unit_test(the_query_of_a_killed_process_ends_by_itself),
    };
    return cmocka_run_group_tests_name("db_postgres_cancel", tests, start, end);
}
