/* Sessions in PostgreSQL: the same promises as with SQLite (db_session_test.c). */
#include "db_postgres_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctx/test.h"

static struct db_session *begin(struct postgres_fixture *fixture, enum db_access access)
{
    return postgres_fixture_begin(fixture->db, access);
}

static enum status exec(struct db_session *session, const char *sql, struct error *ret_error)
{
    return db_exec(ctx_background(), session, sql, NULL, 0, ret_error);
}

static void values_come_back_as_they_went_in(void **state)
{
    struct error error = ERROR_NONE;
    struct db_session *session = begin(*state, DB_READ);
    struct db_rows *rows = NULL;
    bool has_row = false;
    for (int round = 0; round < 3; round++) {
        assert_int_equal(db_query(ctx_background(), session, "SELECT $3, $1, $2, $4, 1 < 2",
                             (struct db_value[]){db_integer(INT64_MIN), db_real(0.1),
                                 db_text("北京协和 é"), db_null()},
                             4, &rows, &error),
            STATUS_OK);
        assert_int_equal(db_next(ctx_background(), rows, &has_row, &error), STATUS_OK);
        assert_true(has_row);
        assert_string_equal(db_column_text(rows, 0), "北京协和 é");
        assert_true(db_column_integer(rows, 1) == INT64_MIN);
        assert_true(db_column_real(rows, 2) == 0.1);
        assert_true(db_column_is_null(rows, 3));
        assert_null(db_column_text(rows, 3));
        assert_int_equal(db_column_integer(rows, 4), 1);
        assert_int_equal(db_next(ctx_background(), rows, &has_row, &error), STATUS_OK);
        assert_false(has_row);
        db_rows_free(rows);
    }
    db_end(session);
}

static void a_wrong_number_of_values_is_refused(void **state)
{
    struct error error = ERROR_NONE;
    struct db_session *session = begin(*state, DB_READ);
    struct db_rows *rows = NULL;
    assert_int_equal(db_query(ctx_background(), session, "SELECT '$9', $1, $2 -- $7",
                         (struct db_value[]){db_integer(1)}, 1, &rows, &error),
        STATUS_INTERNAL);
    assert_non_null(strstr(error.text, "1 values for 2 parameters"));
    assert_null(rows);
    db_end(session);
}

static void a_broken_statement_is_quoted_in_the_error(void **state)
{
    struct error error = ERROR_NONE;
    struct db_session *session = begin(*state, DB_READ);
    assert_int_equal(exec(session, "SELEKT 1", &error), STATUS_INTERNAL);
    assert_non_null(strstr(error.text, "SELEKT"));
    /* The server refuses the rest of the transaction; so do we, in words. */
    assert_int_equal(exec(session, "SELECT 1", &error), STATUS_ABORTED);
    db_end(session);
    /* And the connection is as new. */
    session = begin(*state, DB_READ);
    assert_int_equal(postgres_fixture_integer(session, "SELECT 42"), 42);
    db_end(session);
}

static void what_was_not_committed_is_rolled_back(void **state)
{
    struct error error = ERROR_NONE;
    struct db_session *session = begin(*state, DB_WRITE);
    assert_int_equal(exec(session, "INSERT INTO t VALUES (1)", &error), STATUS_OK);
    db_end(session);
    session = begin(*state, DB_READ);
    assert_int_equal(postgres_fixture_integer(session, "SELECT count(*) FROM t"), 0);
    db_end(session);
}

static void a_read_session_keeps_its_snapshot_from_its_beginning(void **state)
{
    struct postgres_fixture *fixture = *state;
    struct db_session *reader = begin(fixture, DB_READ);
    postgres_fixture_run(fixture, "INSERT INTO t VALUES (1)");
    assert_int_equal(postgres_fixture_integer(reader, "SELECT count(*) FROM t"), 0);
    db_end(reader);
    reader = begin(fixture, DB_READ);
    assert_int_equal(postgres_fixture_integer(reader, "SELECT count(*) FROM t"), 1);
    db_end(reader);
}

static void a_read_session_cannot_write(void **state)
{
    struct error error = ERROR_NONE;
    struct db_session *session = begin(*state, DB_READ);
    assert_int_equal(exec(session, "INSERT INTO t VALUES (1)", &error), STATUS_FAILED_PRECONDITION);
    assert_non_null(strstr(error.text, "DB_READ"));
    db_end(session);
    session = begin(*state, DB_WRITE);
    assert_int_equal(exec(session, "INSERT INTO t VALUES (1)", &error), STATUS_OK);
    db_end(session);
    session = begin(*state, DB_READ);
    assert_int_equal(exec(session, "INSERT INTO t VALUES (1)", &error), STATUS_FAILED_PRECONDITION);
    db_end(session);
}

static void a_database_opened_for_reading_has_no_write_sessions(void **state)
{
    struct postgres_fixture *fixture = *state;
    struct error error = ERROR_NONE;
    struct db *db = postgres_fixture_open(fixture->uri, DB_OPEN_READ_ONLY);
    struct db_session *session = NULL;
    assert_int_equal(
        db_begin(ctx_background(), db, DB_WRITE, &session, &error), STATUS_FAILED_PRECONDITION);
    assert_null(session);
    db_close(db);
}

static void writers_come_one_after_the_other(void **state)
{
    struct postgres_fixture *fixture = *state;
    struct error error = ERROR_NONE;
    struct db_session *first = begin(fixture, DB_WRITE);
    CTX_SCOPE(soon, ctx_with_timeout(ctx_background(), CTX_MS(50)));
    struct db_session *second = NULL;
    assert_int_equal(
        db_begin(soon->ctx, fixture->db, DB_WRITE, &second, &error), STATUS_DEADLINE_EXCEEDED);
    assert_null(second);
    db_end(first);
    second = begin(fixture, DB_WRITE);
    db_end(second);
}

static void a_committed_session_can_only_be_ended(void **state)
{
    struct error error = ERROR_NONE;
    struct db_session *session = begin(*state, DB_WRITE);
    assert_int_equal(db_commit(ctx_background(), session, &error), STATUS_OK);
    assert_int_equal(exec(session, "INSERT INTO t VALUES (1)", &error), STATUS_FAILED_PRECONDITION);
    db_end(session);
}

static void a_transaction_with_a_failed_statement_is_not_committed(void **state)
{
    struct error error = ERROR_NONE;
    struct db_session *session = begin(*state, DB_WRITE);
    assert_int_equal(exec(session, "INSERT INTO t VALUES (7)", &error), STATUS_OK);
    assert_int_equal(exec(session, "INSERT INTO t VALUES (7)", &error), STATUS_ALREADY_EXISTS);
    assert_int_equal(db_commit(ctx_background(), session, &error), STATUS_ABORTED);
    db_end(session);
}

/* The parameter is NULL first, then an integer, a text that is not one, a number with a fraction.
 */
static void a_prepared_statement_takes_values_of_any_kind(void **state)
{
    struct error error = ERROR_NONE;
    struct db_session *session = begin(*state, DB_WRITE);
    assert_int_equal(
        exec(session, "CREATE TABLE v (a BIGINT, b DOUBLE PRECISION)", &error), STATUS_OK);
    struct db_statement *insert = NULL;
    assert_int_equal(
        db_prepare(ctx_background(), session, "INSERT INTO v VALUES ($1, $2)", &insert, &error),
        STATUS_OK);
    const struct db_value rows[][2] = {{db_null(), db_null()}, {db_integer(1), db_integer(2)},
        {db_null(), db_real(0.5)}, {db_integer(INT64_MAX), db_integer(4)},
        {db_integer(3), db_null()}};
    for (size_t i = 0; i < LENGTH_OF(rows); i++) {
        assert_int_equal(db_run(ctx_background(), insert, rows[i], 2, &error), STATUS_OK);
    }
    db_statement_free(insert);
    assert_int_equal(
        postgres_fixture_integer(session, "SELECT count(*) FROM v WHERE a IS NULL"), 2);
    assert_int_equal(
        postgres_fixture_integer(session, "SELECT CAST(10 * sum(b) AS BIGINT) FROM v"), 65);
    db_end(session);
}

static void many_different_statements_pass_through_the_cache(void **state)
{
    struct db_session *session = begin(*state, DB_READ);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 200; i++) {
            char sql[32];
            snprintf(sql, sizeof(sql), "SELECT %d", i);
            assert_int_equal(postgres_fixture_integer(session, sql), i);
        }
    }
    db_end(session);
}

static const char THOUSAND[] = "SELECT i FROM generate_series(1, 1000) AS numbers(i) ORDER BY i";

static void a_statement_may_run_while_rows_of_another_are_unread(void **state)
{
    struct error error = ERROR_NONE;
    struct db_session *session = begin(*state, DB_READ);
    struct db_rows *rows = NULL;
    bool has_row = true;
    int64_t sum = 0;
    assert_int_equal(
        db_query(ctx_background(), session, THOUSAND, NULL, 0, &rows, &error), STATUS_OK);
    for (int i = 0; has_row; i++) {
        if (i == 10 || i == 500) {
            assert_int_equal(postgres_fixture_integer(session, "SELECT 40 + 2"), 42);
        }
        assert_int_equal(db_next(ctx_background(), rows, &has_row, &error), STATUS_OK);
        sum += has_row ? db_column_integer(rows, 0) : 0;
    }
    db_rows_free(rows);
    assert_int_equal(sum, 500500);
    db_end(session);
}

static void rows_may_be_given_up_in_the_middle(void **state)
{
    struct error error = ERROR_NONE;
    struct db_session *session = begin(*state, DB_WRITE);
    for (int i = 0; i < 3; i++) {
        struct db_rows *rows = NULL;
        bool has_row = false;
        assert_int_equal(
            db_query(ctx_background(), session, THOUSAND, NULL, 0, &rows, &error), STATUS_OK);
        assert_int_equal(db_next(ctx_background(), rows, &has_row, &error), STATUS_OK);
        db_rows_free(rows);
    }
    assert_int_equal(exec(session, "INSERT INTO t VALUES (1)", &error), STATUS_OK);
    assert_int_equal(db_commit(ctx_background(), session, &error), STATUS_OK);
    db_end(session);
    session = begin(*state, DB_READ);
    assert_int_equal(postgres_fixture_integer(session, "SELECT count(*) FROM t"), 1);
    db_end(session);
}

static int by_size(const void *a, const void *b)
{
    const uint64_t *left = a;
    const uint64_t *right = b;
    return *left < *right ? -1 : *left > *right;
}

static uint64_t time_bare(struct postgres_fixture *fixture)
{
    static const char *const VALUES[] = {"101"};
    uint64_t started_at_ns = clock_now_ns();
    PQclear(PQexecPrepared(fixture->watcher, "bare", 1, VALUES, NULL, NULL, 0));
    return clock_now_ns() - started_at_ns;
}

static uint64_t time_ours(const struct ctx *ctx, struct db_session *session)
{
    struct error error = ERROR_NONE;
    struct db_rows *rows = NULL;
    bool has_row = false;
    struct db_value value = db_text("101");
    uint64_t started_at_ns = clock_now_ns();
    assert_int_equal(
        db_query(ctx, session, "SELECT $1, 1 AS n", &value, 1, &rows, &error), STATUS_OK);
    assert_int_equal(db_next(ctx, rows, &has_row, &error), STATUS_OK);
    assert_string_equal(db_column_text(rows, 0), "101");
    assert_int_equal(db_next(ctx, rows, &has_row, &error), STATUS_OK);
    db_rows_free(rows);
    return clock_now_ns() - started_at_ns;
}

/* With a deadline in front of it, and heard at every wait; in turns, so that the machine is the
 * same for both. */
static void a_small_query_costs_little_more_than_with_libpq_alone(void **state)
{
    enum { N_TIMES = 1000 };
    static uint64_t bare_ns[N_TIMES];
    static uint64_t ours_ns[N_TIMES];
    struct postgres_fixture *fixture = *state;
    PQclear(PQprepare(fixture->watcher, "bare", "SELECT $1, 1 AS n", 1, NULL));
    struct db_session *session = begin(fixture, DB_READ);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(60)));
    for (size_t i = 0; i < N_TIMES; i++) {
        bare_ns[i] = time_bare(fixture);
        ours_ns[i] = time_ours(scope->ctx, session);
    }
    db_end(session);
    qsort(bare_ns, N_TIMES, sizeof(*bare_ns), by_size);
    qsort(ours_ns, N_TIMES, sizeof(*ours_ns), by_size);
    print_message("a small query: libpq p50 %.0f us, p99 %.0f us; ours p50 %.0f us, p99 %.0f us\n",
        (double)bare_ns[N_TIMES / 2] / 1e3, (double)bare_ns[N_TIMES * 99 / 100] / 1e3,
        (double)ours_ns[N_TIMES / 2] / 1e3, (double)ours_ns[N_TIMES * 99 / 100] / 1e3);
    /* A second round trip alone would double it. */
    assert_true(ours_ns[N_TIMES / 2] < bare_ns[N_TIMES / 2] * 4);
}

static int set_up(void **state)
{
    struct postgres_fixture *fixture = *state;
    postgres_fixture_run(
        fixture, "DROP TABLE IF EXISTS t; CREATE TABLE t (id INTEGER PRIMARY KEY)");
    return 0;
}

static int start(void **state)
{
    static struct postgres_fixture fixture;
    postgres_fixture_start(&fixture, "db_session");
    *state = &fixture;
    return 0;
}

static int end(void **state)
{
    postgres_fixture_end(*state);
    return ctx_test_no_leaks() ? 0 : -1;
}

#define WITH_TABLE(test) cmocka_unit_test_setup(test, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TABLE(values_come_back_as_they_went_in),
        WITH_TABLE(a_wrong_number_of_values_is_refused),
        WITH_TABLE(a_broken_statement_is_quoted_in_the_error),
        WITH_TABLE(what_was_not_committed_is_rolled_back),
        WITH_TABLE(a_read_session_keeps_its_snapshot_from_its_beginning),
        WITH_TABLE(a_read_session_cannot_write),
        WITH_TABLE(a_database_opened_for_reading_has_no_write_sessions),
        WITH_TABLE(writers_come_one_after_the_other),
        WITH_TABLE(a_committed_session_can_only_be_ended),
        WITH_TABLE(a_transaction_with_a_failed_statement_is_not_committed),
        WITH_TABLE(a_prepared_statement_takes_values_of_any_kind),
        WITH_TABLE(many_different_statements_pass_through_the_cache),
        WITH_TABLE(a_statement_may_run_while_rows_of_another_are_unread),
        WITH_TABLE(rows_may_be_given_up_in_the_middle),
        WITH_TABLE(a_small_query_costs_little_more_than_with_libpq_alone),
    };
    return cmocka_run_group_tests_name("db_postgres_session", tests, start, end);
}
