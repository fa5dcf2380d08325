/* Sessions: what one writes, when others see it, and that values come back as they went in. */
#include "db_fixture.h"

#include <stdio.h>
#include <string.h>

#include "ctx/test.h"

static struct db_session *begin(struct db *db, enum db_access access)
{
    struct error error = ERROR_NONE;
    struct db_session *session = NULL;
    enum status status = db_begin(ctx_background(), db, access, &session, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
    return session;
}

static enum status exec(struct db_session *session, const char *sql, struct error *ret_error)
{
    return db_exec(ctx_background(), session, sql, NULL, 0, ret_error);
}

static void values_come_back_as_they_went_in(void **state)
{
    struct fixture *fixture = *state;
    struct error error = ERROR_NONE;
    struct db_session *session = begin(fixture->db, DB_READ);
    struct db_rows *rows = NULL;
    bool has_row = false;
    assert_int_equal(db_query(ctx_background(), session, "SELECT $3, $1, $2, $4",
                         (struct db_value[]){
                             db_integer(INT64_MIN), db_real(0.1), db_text("北京协和 é"), db_null()},
                         4, &rows, &error),
        STATUS_OK);
    assert_int_equal(db_next(ctx_background(), rows, &has_row, &error), STATUS_OK);
    assert_true(has_row);
    assert_string_equal(db_column_text(rows, 0), "北京协和 é");
    assert_true(db_column_integer(rows, 1) == INT64_MIN);
    assert_true(db_column_real(rows, 2) == 0.1);
    assert_true(db_column_is_null(rows, 3));
    assert_null(db_column_text(rows, 3));
    assert_int_equal(db_next(ctx_background(), rows, &has_row, &error), STATUS_OK);
    assert_false(has_row);
    db_rows_free(rows);
    db_end(session);
}

static void a_wrong_number_of_values_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct error error = ERROR_NONE;
    struct db_session *session = begin(fixture->db, DB_READ);
    struct db_rows *rows = NULL;
    assert_int_equal(db_query(ctx_background(), session, "SELECT $1, $2",
                         (struct db_value[]){db_integer(1)}, 1, &rows, &error),
        STATUS_INTERNAL);
    assert_null(rows);
    db_end(session);
}

static void a_broken_statement_is_quoted_in_the_error(void **state)
{
    struct fixture *fixture = *state;
    struct error error = ERROR_NONE;
    struct db_session *session = begin(fixture->db, DB_READ);
    assert_int_equal(exec(session, "SELEKT 1", &error), STATUS_INTERNAL);
    assert_non_null(strstr(error.text, "SELEKT"));
    db_end(session);
}

static void what_was_not_committed_is_rolled_back(void **state)
{
    struct fixture *fixture = *state;
    struct error error = ERROR_NONE;
    struct db_session *session = begin(fixture->db, DB_WRITE);
    assert_int_equal(exec(session, "INSERT INTO t VALUES (1)", &error), STATUS_OK);
    db_end(session);
    session = begin(fixture->db, DB_READ);
    assert_int_equal(fixture_integer(session, "SELECT count(*) FROM t"), 0);
    db_end(session);
}

static void a_read_session_keeps_its_snapshot_until_it_ends(void **state)
{
    struct fixture *fixture = *state;
    struct error error = ERROR_NONE;
    fixture_run(fixture, "INSERT INTO t VALUES (1)");
    struct db *other = fixture_open(fixture, DB_OPEN_READ_WRITE);
    struct db_session *reader = begin(fixture->db, DB_READ);

    /* The writer may prepare its change, but cannot publish it under the reader's feet. */
    struct db_session *writer = begin(other, DB_WRITE);
    assert_int_equal(exec(writer, "INSERT INTO t VALUES (2)", &error), STATUS_OK);
    CTX_SCOPE(soon, ctx_with_timeout(ctx_background(), CTX_MS(50)));
    assert_int_equal(db_commit(soon->ctx, writer, &error), STATUS_DEADLINE_EXCEEDED);
    assert_int_equal(fixture_integer(reader, "SELECT count(*) FROM t"), 1);
    db_end(reader);

    /* The reader gone, the same transaction can still be committed. */
    assert_int_equal(db_commit(ctx_background(), writer, &error), STATUS_OK);
    db_end(writer);
    reader = begin(fixture->db, DB_READ);
    assert_int_equal(fixture_integer(reader, "SELECT count(*) FROM t"), 2);
    db_end(reader);
    db_close(other);
}

static void a_read_session_cannot_write(void **state)
{
    struct fixture *fixture = *state;
    struct error error = ERROR_NONE;
    struct db_session *session = begin(fixture->db, DB_READ);
    assert_int_equal(exec(session, "INSERT INTO t VALUES (1)", &error), STATUS_FAILED_PRECONDITION);
    db_end(session);
    session = begin(fixture->db, DB_WRITE);
    assert_int_equal(exec(session, "INSERT INTO t VALUES (1)", &error), STATUS_OK);
    db_end(session);
    /* The statement is in the connection's cache now; that must not open a way around. */
    session = begin(fixture->db, DB_READ);
    assert_int_equal(exec(session, "INSERT INTO t VALUES (1)", &error), STATUS_FAILED_PRECONDITION);
    db_end(session);
}

static void a_file_opened_for_reading_has_no_write_sessions(void **state)
{
    struct fixture *fixture = *state;
    struct error error = ERROR_NONE;
    struct db *db = fixture_open(fixture, DB_OPEN_READ_ONLY);
    struct db_session *session = NULL;
    assert_int_equal(
        db_begin(ctx_background(), db, DB_WRITE, &session, &error), STATUS_FAILED_PRECONDITION);
    assert_null(session);
    db_close(db);
}

static void a_committed_session_can_only_be_ended(void **state)
{
    struct fixture *fixture = *state;
    struct error error = ERROR_NONE;
    struct db_session *session = begin(fixture->db, DB_WRITE);
    assert_int_equal(db_commit(ctx_background(), session, &error), STATUS_OK);
    assert_int_equal(exec(session, "INSERT INTO t VALUES (1)", &error), STATUS_FAILED_PRECONDITION);
    db_end(session);
}

static void a_prepared_statement_runs_many_times(void **state)
{
    struct fixture *fixture = *state;
    struct error error = ERROR_NONE;
    struct db_session *session = begin(fixture->db, DB_WRITE);
    struct db_statement *insert = NULL;
    assert_int_equal(
        db_prepare(ctx_background(), session, "INSERT INTO t VALUES ($1)", &insert, &error),
        STATUS_OK);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(
            db_run(ctx_background(), insert, (struct db_value[]){db_integer(i)}, 1, &error),
            STATUS_OK);
    }
    db_statement_free(insert);
    assert_int_equal(fixture_integer(session, "SELECT sum(id) FROM t"), 4950);
    db_end(session);
}

static void the_same_row_twice_already_exists(void **state)
{
    struct fixture *fixture = *state;
    struct error error = ERROR_NONE;
    struct db_session *session = begin(fixture->db, DB_WRITE);
    assert_int_equal(exec(session, "INSERT INTO t VALUES (7)", &error), STATUS_OK);
    assert_int_equal(exec(session, "INSERT INTO t VALUES (7)", &error), STATUS_ALREADY_EXISTS);
    db_end(session);
}

static void many_different_statements_pass_through_the_cache(void **state)
{
    struct fixture *fixture = *state;
    struct db_session *session = begin(fixture->db, DB_READ);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 200; i++) {
            char sql[32];
            snprintf(sql, sizeof(sql), "SELECT %d", i);
            assert_int_equal(fixture_integer(session, sql), i);
        }
    }
    db_end(session);
}

static void a_fault_rate_of_a_half_fails_every_second_session(void **state)
{
    struct fixture *fixture = *state;
    struct error error = ERROR_NONE;
    int n_failed = 0;
    db_set_fault(fixture->db, 0, 0.5);
    for (int i = 0; i < 10; i++) {
        struct db_session *session = begin(fixture->db, DB_READ);
        enum status status = exec(session, "SELECT 1", &error);
        n_failed += status == STATUS_UNAVAILABLE ? 1 : 0;
        db_end(session);
    }
    db_set_fault(fixture->db, 0, 0.0);
    assert_int_equal(n_failed, 5);
}

/* Idle connections of the pool were made before: they must not go on reading the old file. */
static void a_replaced_file_is_seen_by_the_next_session(void **state)
{
    struct fixture *fixture = *state;
    struct db *reader = fixture_open(fixture, DB_OPEN_READ_ONLY);
    struct db_session *session = begin(reader, DB_READ);
    assert_int_equal(fixture_integer(session, "SELECT count(*) FROM t"), 0);
    db_end(session);

    struct fixture other;
    fixture_start(&other);
    fixture_run(&other, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
    fixture_run(&other, "INSERT INTO t VALUES (1), (2)");
    fixture_close(&other);
    assert_int_equal(rename(other.path, fixture->path), 0);
    session = begin(reader, DB_READ);
    assert_int_equal(fixture_integer(session, "SELECT count(*) FROM t"), 2);
    db_end(session);
    db_close(reader);
    fixture_end(&other);
}

static void a_removed_file_is_unavailable_and_named(void **state)
{
    struct fixture *fixture = *state;
    struct db *reader = fixture_open(fixture, DB_OPEN_READ_ONLY);
    db_end(begin(reader, DB_READ));
    assert_int_equal(remove(fixture->path), 0);
    struct error error = ERROR_NONE;
    struct db_session *session = NULL;
    assert_int_equal(
        db_begin(ctx_background(), reader, DB_READ, &session, &error), STATUS_UNAVAILABLE);
    assert_non_null(strstr(error.text, fixture->path));
    db_close(reader);
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
        WITH_FIXTURE(values_come_back_as_they_went_in),
        WITH_FIXTURE(a_wrong_number_of_values_is_refused),
        WITH_FIXTURE(a_broken_statement_is_quoted_in_the_error),
        WITH_FIXTURE(what_was_not_committed_is_rolled_back),
        WITH_FIXTURE(a_read_session_keeps_its_snapshot_until_it_ends),
        WITH_FIXTURE(a_read_session_cannot_write),
        WITH_FIXTURE(a_file_opened_for_reading_has_no_write_sessions),
        WITH_FIXTURE(a_committed_session_can_only_be_ended),
        WITH_FIXTURE(a_prepared_statement_runs_many_times),
        WITH_FIXTURE(the_same_row_twice_already_exists),
        WITH_FIXTURE(many_different_statements_pass_through_the_cache),
        WITH_FIXTURE(a_replaced_file_is_seen_by_the_next_session),
        WITH_FIXTURE(a_removed_file_is_unavailable_and_named),
        WITH_FIXTURE(a_fault_rate_of_a_half_fails_every_second_session),
    };
    return cmocka_run_group_tests_name("db_session", tests, NULL, NULL);
}
