/* A PostgreSQL server that stops, fails, stands still, comes back: clear words for who was in the
 * middle, and the next session as if nothing had been. The server is this test's own. */
#include "db_postgres_fixture.h"
#include "db_postgres_runner.h"

#include <stdio.h>
#include <string.h>

#include "ctx/test.h"

struct world {
    char folder[POSTGRES_FOLDER_MAX];
    struct postgres_fixture fixture;
};

static void start_runner(struct runner *runner, struct world *world, struct ctx_scope *scope)
{
    *runner = (struct runner){.ctx = scope->ctx, .db = world->fixture.db, .sql = RUNNER_ENDLESS};
    runner_start(runner);
    postgres_fixture_wait_for(&world->fixture, POSTGRES_FIXTURE_RUNNING, 1);
}

/* The watcher's connection is lost with the server, too. */
static void watch_again(struct world *world)
{
    PQreset(world->fixture.watcher);
    assert_int_equal(PQstatus(world->fixture.watcher), CONNECTION_OK);
}

static int64_t pid_of_a_session(struct db *db)
{
    struct db_session *session = postgres_fixture_begin(db, DB_READ);
    int64_t pid = postgres_fixture_integer(session, "SELECT pg_backend_pid()");
    db_end(session);
    return pid;
}

static void a_restart_between_two_sessions_is_not_noticed(void **state)
{
    struct world *world = *state;
    struct db_session *sessions[4];
    for (size_t i = 0; i < LENGTH_OF(sessions); i++) {
        sessions[i] = postgres_fixture_begin(world->fixture.db, DB_READ);
    }
    for (size_t i = 0; i < LENGTH_OF(sessions); i++) {
        db_end(sessions[i]);
    }
    postgres_server_run("halt", world->folder);
    postgres_server_run("resume", world->folder);
    watch_again(world);
    for (size_t i = 0; i < LENGTH_OF(sessions) * 2; i++) {
        assert_true(pid_of_a_session(world->fixture.db) > 0);
    }
}

/* Told to end, the server's process does so before, during or after our look at the connection, and
 * before, during or after our BEGIN: a session begins each time. */
static void a_connection_that_is_lost_at_its_beginning_is_made_again(void **state)
{
    struct world *world = *state;
    int64_t pid = pid_of_a_session(world->fixture.db);
    for (int i = 0; i < 30; i++) {
        char sql[80];
        char answer[8];
        snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%lld)", (long long)pid);
        postgres_fixture_watch(&world->fixture, sql, answer, sizeof(answer));
        assert_int_equal(ctx_sleep(ctx_background(), (uint64_t)i * 20000), STATUS_OK);
        struct db_session *session = postgres_fixture_begin(world->fixture.db, DB_READ);
        struct error error = ERROR_NONE;
        enum status status = db_exec(ctx_background(), session, "SELECT 1", NULL, 0, &error);
        db_end(session);
        assert_true(status == STATUS_OK || status == STATUS_UNAVAILABLE);
        pid = pid_of_a_session(world->fixture.db);
    }
}

static void a_server_that_stops_ends_the_query_with_its_words(void **state)
{
    struct world *world = *state;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(30)));
    struct runner runner;
    start_runner(&runner, world, scope);
    postgres_server_run("halt", world->folder);
    runner_join(&runner);
    assert_int_equal(runner.status, STATUS_UNAVAILABLE);
    assert_non_null(strstr(runner.error.text, "edc: postgresql://127.0.0.1:"));
    assert_null(strstr(runner.error.text, "s3cret"));

    struct error error = ERROR_NONE;
    struct db_session *session = NULL;
    assert_int_equal(db_begin(ctx_background(), world->fixture.db, DB_READ, &session, &error),
        STATUS_UNAVAILABLE);
    assert_non_null(strstr(error.text, "cannot connect to postgresql://127.0.0.1:"));
    assert_null(strstr(error.text, "s3cret"));
    postgres_server_run("resume", world->folder);
    watch_again(world);
    assert_true(pid_of_a_session(world->fixture.db) > 0);
}

static void a_server_that_is_killed_ends_the_query(void **state)
{
    struct world *world = *state;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(30)));
    struct runner runner;
    start_runner(&runner, world, scope);
    postgres_server_run("crash", world->folder);
    runner_join(&runner);
    assert_int_equal(runner.status, STATUS_UNAVAILABLE);
    assert_non_null(strstr(runner.error.text, "postgresql://127.0.0.1:"));
    postgres_server_run("resume", world->folder);
    watch_again(world);
    assert_true(pid_of_a_session(world->fixture.db) > 0);
}

/* Nothing answers, and no connection breaks: neither the query, nor PQcancel, nor a new one. */
static void a_server_that_stands_still_holds_nobody_beyond_the_deadline(void **state)
{
    struct world *world = *state;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(400)));
    struct runner runner;
    start_runner(&runner, world, scope);
    postgres_server_run("freeze", world->folder);
    runner_join(&runner);
    uint64_t deadline_ns = clock_now_ns();
    struct error error = ERROR_NONE;
    struct db_session *session = NULL;
    CTX_SCOPE(soon, ctx_with_timeout(ctx_background(), CTX_MS(100)));
    enum status status = db_begin(soon->ctx, world->fixture.db, DB_READ, &session, &error);
    uint64_t waited_ns = clock_now_ns() - deadline_ns;
    postgres_server_run("thaw", world->folder);
    assert_int_equal(runner.status, STATUS_DEADLINE_EXCEEDED);
    assert_int_equal(status, STATUS_DEADLINE_EXCEEDED);
    assert_true(waited_ns < CTX_SECONDS(10)); /* it would stand still for ever */
    /* It goes on, the cancel arrives, and all is as before. */
    postgres_fixture_wait_for(&world->fixture, POSTGRES_FIXTURE_RUNNING, 0);
    assert_true(pid_of_a_session(world->fixture.db) > 0);
}

/* A helper hangs in PQcancel, which nobody can interrupt: closing waits for it only so long. */
static void closing_does_not_wait_for_a_server_that_stands_still(void **state)
{
    struct world *world = *state;
    struct db *db = postgres_fixture_open(world->fixture.uri, DB_OPEN_READ_ONLY);
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct runner runner = {.ctx = scope->ctx, .db = db, .sql = RUNNER_ENDLESS};
    runner_start(&runner);
    postgres_fixture_wait_for(&world->fixture, POSTGRES_FIXTURE_RUNNING, 1);
    postgres_server_run("freeze", world->folder);
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    runner_join(&runner);
    uint64_t closed_at_ns = clock_now_ns();
    db_close(db);
    uint64_t took_ns = clock_now_ns() - closed_at_ns;
    postgres_server_run("thaw", world->folder);
    assert_int_equal(runner.status, STATUS_CANCELLED);
    assert_true(took_ns >= CTX_MS(DB_CLOSE_MAX_MS) / 2);
    assert_true(took_ns < CTX_MS(DB_CLOSE_MAX_MS) * 2);
    postgres_fixture_wait_for(&world->fixture, POSTGRES_FIXTURE_RUNNING, 0);
}

/* The check of a new connection is part of the session's beginning. */
static enum status count_and_refuse(
    const struct ctx *ctx, struct db_session *session, void *arg, struct error *ret_error)
{
    int *n_checks = arg;
    ++*n_checks;
    enum status status = db_exec(ctx, session, "SELECT 1", NULL, 0, ret_error);
    return status == STATUS_OK && *n_checks == 1
               ? error_set(ret_error, STATUS_FAILED_PRECONDITION, "not what was expected")
               : status;
}

static void every_new_connection_is_checked_once(void **state)
{
    struct world *world = *state;
    struct error error = ERROR_NONE;
    struct db_session *session = NULL;
    int n_checks = 0;
    struct db *db = postgres_fixture_open(world->fixture.uri, DB_OPEN_READ_ONLY);
    db_set_check(db, count_and_refuse, &n_checks);
    assert_int_equal(
        db_begin(ctx_background(), db, DB_READ, &session, &error), STATUS_FAILED_PRECONDITION);
    assert_string_equal(error.text, "not what was expected");
    /* The connection that failed is not used: another one is made, and checked. */
    assert_true(pid_of_a_session(db) > 0);
    assert_int_equal(n_checks, 2);
    postgres_server_run("halt", world->folder);
    postgres_server_run("resume", world->folder);
    watch_again(world);
    assert_true(pid_of_a_session(db) > 0);
    assert_true(pid_of_a_session(db) > 0);
    assert_int_equal(n_checks, 3);
    db_close(db);
}

static int start(void **state)
{
    static struct world world;
    postgres_server_start_own(world.folder);
    postgres_fixture_start(&world.fixture, "db_loss");
    *state = &world;
    return 0;
}

static int end(void **state)
{
    struct world *world = *state;
    postgres_fixture_end(&world->fixture);
    postgres_server_stop_own(world->folder);
    return ctx_test_no_leaks() ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restart_between_two_sessions_is_not_noticed),
        cmocka_unit_test(a_connection_that_is_lost_at_its_beginning_is_made_again),
        cmocka_unit_test(a_server_that_stops_ends_the_query_with_its_words),
        cmocka_unit_test(a_server_that_is_killed_ends_the_query),
        cmocka_unit_test(a_server_that_stands_still_holds_nobody_beyond_the_deadline),
        cmocka_unit_test(closing_does_not_wait_for_a_server_that_stands_still),
        cmocka_unit_test(every_new_connection_is_checked_once),
    };
    return cmocka_run_group_tests_name("db_postgres_loss", tests, start, end);
}
