/* Stopping PostgreSQL: whoever is told to stop returns at once, the server stops soon after, and
 * the connection that is used next is as new. Watched from another connection, and in the server's
 * log.
 */
#include "db_postgres_fixture.h"

#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctx/test.h"

enum {
    RETURN_MAX_MS = 20,     /* from the cancel to the status, the design's promise */
    OUTLIVE_MAX_MS = 50,    /* from the cancel to the end in the server, the same */
    SLOW_BUILD_FACTOR = 10, /* sanitizers on a shared core */
    N_LATE = 1000,
    N_TIMED = 50,
};

/* Nothing but CPU: no rows kept, no files. */
static const char ENDLESS[] =
    "SELECT count(*) FROM pg_class a, pg_class b, pg_class c, pg_class d WHERE a.oid < b.oid";

/* Its rows arrive while it runs, as fast as they are taken. */
static const char ENDLESS_ROWS[] = "SELECT generate_series(1, 1000000000), repeat('x', 100)";

/* A statement on a thread of its own, that the test thread stops. */
struct runner {
    pthread_t thread;
    const struct ctx *ctx;
    struct db *db;
    const char *sql;
    _Atomic uint64_t n_rows;
    enum status status;
    struct error error;
    uint64_t stopped_at_ns;
    uint64_t ended_at_ns; /* after db_end */
};

static void *runner_main(void *arg)
{
    struct runner *runner = arg;
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
    return NULL;
}

static void start_runner(struct runner *runner)
{
    assert_int_equal(pthread_create(&runner->thread, NULL, runner_main, runner), 0);
}

/* Waits until the server runs nothing any more; returns when that was. */
static uint64_t idle_at_ns(struct postgres_fixture *fixture)
{
    postgres_fixture_wait_for(fixture, POSTGRES_FIXTURE_RUNNING, 0);
    return clock_now_ns();
}

static void expect_within(uint64_t from_ns, uint64_t to_ns, unsigned int limit_ms)
{
    uint64_t took_ns = to_ns > from_ns ? to_ns - from_ns : 0;
    if (took_ns >= CTX_MS((uint64_t)limit_ms * SLOW_BUILD_FACTOR)) {
        fail_msg("%.1f ms, at most %u", (double)took_ns / 1e6, limit_ms);
    }
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
        struct runner runner = {.ctx = scope->ctx, .db = fixture->db, .sql = ENDLESS};
        start_runner(&runner);
        postgres_fixture_wait_for(fixture, POSTGRES_FIXTURE_RUNNING, 1);
        uint64_t cancelled_at_ns = clock_now_ns();
        ctx_cancel(scope, CTX_CAUSE_CLIENT_DISCONNECTED);
        uint64_t idle_ns = idle_at_ns(fixture);
        assert_int_equal(pthread_join(runner.thread, NULL), 0);
        assert_int_equal(runner.status, STATUS_CANCELLED);
        assert_string_equal(runner.error.text, "edc: statement stopped (client_disconnected)");
        expect_within(cancelled_at_ns, runner.stopped_at_ns, RETURN_MAX_MS);
        expect_within(cancelled_at_ns, runner.ended_at_ns, RETURN_MAX_MS);
        expect_within(cancelled_at_ns, idle_ns, OUTLIVE_MAX_MS);
        returned_ns[i] = runner.stopped_at_ns - cancelled_at_ns;
        ended_ns[i] = runner.ended_at_ns - cancelled_at_ns;
        outlived_ns[i] = idle_ns - cancelled_at_ns;
    }
    judge_times("cancel to return", returned_ns, N_TIMED, RETURN_MAX_MS);
    judge_times("cancel to the session's end", ended_ns, N_TIMED, RETURN_MAX_MS);
    judge_times("cancel to the end in the server", outlived_ns, N_TIMED, OUTLIVE_MAX_MS);
    assert_true(postgres_server_log_has("canceling statement due to user request", NULL, 5000));
}

static void a_cancelled_fetch_stops_while_rows_arrive(void **state)
{
    struct postgres_fixture *fixture = *state;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct runner runner = {.ctx = scope->ctx, .db = fixture->db, .sql = ENDLESS_ROWS};
    start_runner(&runner);
    while (atomic_load(&runner.n_rows) < 1000) {
        assert_int_equal(ctx_sleep(ctx_background(), CTX_MS(1)), STATUS_OK);
    }
    uint64_t cancelled_at_ns = clock_now_ns();
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    uint64_t idle_ns = idle_at_ns(fixture);
    assert_int_equal(pthread_join(runner.thread, NULL), 0);
    assert_int_equal(runner.status, STATUS_CANCELLED);
    expect_within(cancelled_at_ns, runner.ended_at_ns, RETURN_MAX_MS);
    expect_within(cancelled_at_ns, idle_ns, OUTLIVE_MAX_MS);
}

static void a_deadline_ends_the_query_here_and_in_the_server(void **state)
{
    struct postgres_fixture *fixture = *state;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(150)));
    uint64_t deadline_ns = ctx_deadline_ns(scope->ctx);
    struct runner runner = {.ctx = scope->ctx, .db = fixture->db, .sql = ENDLESS};
    start_runner(&runner);
    assert_int_equal(pthread_join(runner.thread, NULL), 0);
    uint64_t idle_ns = idle_at_ns(fixture);
    assert_int_equal(runner.status, STATUS_DEADLINE_EXCEEDED);
    expect_within(deadline_ns, runner.ended_at_ns, RETURN_MAX_MS);
    expect_within(deadline_ns, idle_ns, OUTLIVE_MAX_MS);
    /* What went out in front of it: not more than the 150 ms. */
    assert_true(postgres_server_log_has("execute walkie_timeout", NULL, 5000));
    assert_true(postgres_server_log_has("DETAIL:  parameters: $1 = '1", NULL, 5000));
}

/* Our own deadline is moved away while the query runs; the server keeps to what it was told. */
static void the_server_has_the_deadline_too(void **state)
{
    struct postgres_fixture *fixture = *state;
    CTX_SCOPE(scope,
        ctx_with_moving_deadline(ctx_background(), CTX_ORIGIN_CODE, clock_now_ns() + CTX_MS(300)));
    struct runner runner = {.ctx = scope->ctx, .db = fixture->db, .sql = ENDLESS};
    uint64_t deadline_ns = ctx_deadline_ns(scope->ctx);
    start_runner(&runner);
    postgres_fixture_wait_for(fixture, POSTGRES_FIXTURE_RUNNING, 1);
    assert_true(ctx_move_deadline(scope, CTX_ORIGIN_CODE, clock_now_ns() + CTX_SECONDS(60)));
    assert_int_equal(pthread_join(runner.thread, NULL), 0);
    expect_within(deadline_ns, runner.ended_at_ns, OUTLIVE_MAX_MS);
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

static void waiting_for_a_connection_hears_the_deadline(void **state)
{
    struct postgres_fixture *fixture = *state;
    struct db_session *held[DB_CONNECTIONS_MAX];
    hold_sessions(fixture->db, held, 0);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(50)));
    struct runner runner = {.ctx = scope->ctx, .db = fixture->db, .sql = "SELECT 1"};
    start_runner(&runner);
    assert_int_equal(pthread_join(runner.thread, NULL), 0);
    assert_int_equal(runner.status, STATUS_DEADLINE_EXCEEDED);
    assert_non_null(strstr(runner.error.text, "waiting for one of 16 connections"));
    expect_within(ctx_deadline_ns(scope->ctx), runner.ended_at_ns, RETURN_MAX_MS);
    let_go(held, 0);
    assert_int_equal(idle_at_ns(fixture) > 0, 1);
}

/* A listener that takes connections and never says a word. */
static int listen_silently(char *ret_uri, size_t uri_size)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = 0};
    socklen_t len = sizeof(address);
    assert_true(listener >= 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    snprintf(ret_uri, uri_size, "postgresql://u:hunter2@127.0.0.1:%d/db?sslmode=disable",
        ntohs(address.sin_port));
    return listener;
}

static void connecting_hears_the_cancel_and_the_deadline(void **state)
{
    (void)state;
    char uri[POSTGRES_URI_MAX];
    int listener = listen_silently(uri, sizeof(uri));
    struct db *db = postgres_fixture_open(uri, DB_OPEN_READ_ONLY);
    CTX_SCOPE(timed, ctx_with_timeout(ctx_background(), CTX_MS(50)));
    struct runner runner = {.ctx = timed->ctx, .db = db, .sql = "SELECT 1"};
    start_runner(&runner);
    assert_int_equal(pthread_join(runner.thread, NULL), 0);
    assert_int_equal(runner.status, STATUS_DEADLINE_EXCEEDED);
    expect_within(ctx_deadline_ns(timed->ctx), runner.ended_at_ns, RETURN_MAX_MS);

    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    runner = (struct runner){.ctx = scope->ctx, .db = db, .sql = "SELECT 1"};
    start_runner(&runner);
    assert_int_equal(ctx_sleep(ctx_background(), CTX_MS(5)), STATUS_OK);
    uint64_t cancelled_at_ns = clock_now_ns();
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    assert_int_equal(pthread_join(runner.thread, NULL), 0);
    assert_int_equal(runner.status, STATUS_CANCELLED);
    assert_non_null(strstr(runner.error.text, "127.0.0.1"));
    assert_null(strstr(runner.error.text, "hunter2"));
    expect_within(cancelled_at_ns, runner.ended_at_ns, RETURN_MAX_MS);
    db_close(db);
    close(listener);
}

/* The uri's own limit, where the context has none. */
static void a_server_that_does_not_answer_is_unavailable(void **state)
{
    (void)state;
    char uri[POSTGRES_URI_MAX];
    int listener = listen_silently(uri, sizeof(uri));
    strncat(uri, "&connect_timeout=1", sizeof(uri) - strlen(uri) - 1);
    struct db *db = postgres_fixture_open(uri, DB_OPEN_READ_ONLY);
    struct error error = ERROR_NONE;
    struct db_session *session = NULL;
    assert_int_equal(db_begin(ctx_background(), db, DB_READ, &session, &error), STATUS_UNAVAILABLE);
    assert_non_null(strstr(error.text, "does not answer within 1000 ms"));
    db_close(db);
    close(listener);
}

/* Half of the statements are told to stop just when they end by themselves. All use one connection:
 * the others are held. */
static void no_late_cancel_hits_a_later_query(void **state)
{
    struct postgres_fixture *fixture = *state;
    struct db_session *held[DB_CONNECTIONS_MAX];
    hold_sessions(fixture->db, held, 1);
    int64_t first_pid = 0;
    int n_stopped = 0;
    for (int i = 0; i < N_LATE; i++) {
        CTX_SCOPE(
            scope, ctx_with_timeout(ctx_background(), CTX_MS(2) + (uint64_t)(i % 100) * 20000));
        struct runner runner = {
            .ctx = scope->ctx, .db = fixture->db, .sql = "SELECT pg_sleep(0.002)"};
        runner_main(&runner);
        n_stopped += runner.status == STATUS_DEADLINE_EXCEEDED ? 1 : 0;
        assert_true(runner.status == STATUS_OK || runner.status == STATUS_DEADLINE_EXCEEDED);

        struct db_session *session = postgres_fixture_begin(fixture->db, DB_READ);
        int64_t pid =
            postgres_fixture_integer(session, "SELECT pg_backend_pid(), pg_sleep(0.0005)");
        first_pid = first_pid == 0 ? pid : first_pid;
        assert_int_equal(pid, first_pid);
        db_end(session);
    }
    print_message("%d of %d were stopped\n", n_stopped, N_LATE);
    assert_true(n_stopped > N_LATE / 10);
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
    struct runner runner = {.ctx = scope->ctx, .db = fixture->db, .sql = ENDLESS};
    runner_main(&runner);
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
                         " 'standard_conforming_strings', 'client_connection_check_interval',"
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
        db_exec(scope->ctx, session, ENDLESS, NULL, 0, &error), STATUS_DEADLINE_EXCEEDED);
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
        .sql = ENDLESS};
    runner_main(&runner);
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
    expect_within(killed_at_ns, idle_at_ns(fixture), 300);
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
        cmocka_unit_test(waiting_for_a_connection_hears_the_deadline),
        cmocka_unit_test(connecting_hears_the_cancel_and_the_deadline),
        cmocka_unit_test(a_server_that_does_not_answer_is_unavailable),
        cmocka_unit_test(no_late_cancel_hits_a_later_query),
        cmocka_unit_test(a_connection_is_reused_and_clean_after_a_cancel),
        cmocka_unit_test(a_stopped_session_can_only_be_ended),
        cmocka_unit_test(the_query_of_a_killed_process_ends_by_itself),
    };
    return cmocka_run_group_tests_name("db_postgres_cancel", tests, start, end);
}
