/* The stamp of a database's data: another one after each commit, the same one otherwise. */
#include "db_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctx/test.h"

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture_start(&fixture);
    fixture_run(&fixture, "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)");
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    fixture_end(*state);
    return ctx_test_no_leaks() ? 0 : 1;
}

static struct db_stamp stamp_of(struct db *db)
{
    struct db_stamp stamp = {.len = 0};
    assert_int_equal(db_data_stamp(db, &stamp), STATUS_OK);
    assert_true(stamp.len > 0);
    return stamp;
}

static bool are_equal(const struct db_stamp *one, const struct db_stamp *two)
{
    return one->len == two->len && memcmp(one->bytes, two->bytes, one->len) == 0;
}

static void reading_changes_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct db *reader = fixture_open(fixture, DB_OPEN_READ_ONLY);
    struct db_stamp before = stamp_of(reader);
    struct db_session *session = NULL;
    assert_int_equal(db_begin(ctx_background(), reader, DB_READ, &session, NULL), STATUS_OK);
    assert_int_equal(fixture_integer(session, "SELECT a FROM t"), 1);
    struct db_stamp during = stamp_of(reader);
    db_end(session);
    struct db_stamp after = stamp_of(reader);
    assert_true(are_equal(&before, &during));
    assert_true(are_equal(&before, &after));
    db_close(reader);
}

/* Many in one tick of the kernel's clock, and none makes the file longer. */
static void each_commit_changes_it(void **state)
{
    enum { N_COMMITS = 50 };
    struct fixture *fixture = *state;
    struct db *reader = fixture_open(fixture, DB_OPEN_READ_ONLY);
    struct db_stamp stamps[N_COMMITS];
    for (size_t i = 0; i < N_COMMITS; i++) {
        fixture_run(fixture, "UPDATE t SET a = a + 1");
        stamps[i] = stamp_of(reader);
        for (size_t other = 0; other < i; other++) {
            assert_false(are_equal(&stamps[i], &stamps[other]));
        }
    }
    db_close(reader);
}

static void a_transaction_that_is_undone_changes_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct db_stamp before = stamp_of(fixture->db);
    struct db_session *session = NULL;
    assert_int_equal(db_begin(ctx_background(), fixture->db, DB_WRITE, &session, NULL), STATUS_OK);
    assert_int_equal(
        db_exec(ctx_background(), session, "UPDATE t SET a = 7", NULL, 0, NULL), STATUS_OK);
    db_end(session);
    struct db_stamp after = stamp_of(fixture->db);
    assert_true(are_equal(&before, &after));
}

/* The trap of POSIX locks: a descriptor that is closed takes all locks of the process along. */
static void taking_it_does_not_let_a_writer_in(void **state)
{
    struct fixture *fixture = *state;
    struct db *reader = fixture_open(fixture, DB_OPEN_READ_ONLY);
    struct db_session *reading = NULL;
    assert_int_equal(db_begin(ctx_background(), reader, DB_READ, &reading, NULL), STATUS_OK);
    struct db *stamped = fixture_open(fixture, DB_OPEN_READ_ONLY);
    (void)stamp_of(stamped);
    db_close(stamped); /* closes the stamp's connection, too */
    char command[256];
    snprintf(command, sizeof(command),
        "sqlite3 -cmd '.timeout 0' %s 'UPDATE t SET a = 9' 2>/dev/null", fixture->path);
    /* Another process can write only when the reader's lock is gone. */
    assert_int_not_equal(system(command), 0);
    db_end(reading);
    db_close(reader);
}

static void a_file_put_in_its_place_has_another(void **state)
{
    struct fixture *fixture = *state;
    struct db *reader = fixture_open(fixture, DB_OPEN_READ_ONLY);
    struct db_stamp before = stamp_of(reader);
    char copy[128];
    char command[400];
    snprintf(copy, sizeof(copy), "%s.copy", fixture->path);
    snprintf(command, sizeof(command), "cp -p '%s' '%s'", fixture->path, copy);
    assert_int_equal(system(command), 0);
    assert_int_equal(rename(copy, fixture->path), 0);
    struct db_stamp after = stamp_of(reader);
    struct db_stamp again = stamp_of(reader);
    assert_false(are_equal(&before, &after));
    assert_true(are_equal(&after, &again));
    db_close(reader);
}

static void without_the_file_there_is_none(void **state)
{
    struct fixture *fixture = *state;
    struct db *reader = fixture_open(fixture, DB_OPEN_READ_ONLY);
    (void)stamp_of(reader);
    fixture_close(fixture);
    assert_int_equal(remove(fixture->path), 0);
    struct db_stamp stamp;
    assert_int_equal(db_data_stamp(reader, &stamp), STATUS_UNAVAILABLE);
    db_close(reader);
}

static void a_write_ahead_log_does_not_tell(void **state)
{
    struct fixture *fixture = *state;
    fixture_close(fixture);
    char command[256];
    snprintf(command, sizeof(command), "sqlite3 %s 'PRAGMA journal_mode = WAL' >/dev/null",
        fixture->path);
    assert_int_equal(system(command), 0);
    struct db *db = fixture_open(fixture, DB_OPEN_READ_WRITE);
    struct db_stamp stamp;
    assert_int_equal(db_data_stamp(db, &stamp), STATUS_UNIMPLEMENTED);
    db_close(db);
}

#define STAMP_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAMP_TEST(reading_changes_nothing),
        STAMP_TEST(each_commit_changes_it),
        STAMP_TEST(a_transaction_that_is_undone_changes_nothing),
        STAMP_TEST(taking_it_does_not_let_a_writer_in),
        STAMP_TEST(a_file_put_in_its_place_has_another),
        STAMP_TEST(without_the_file_there_is_none),
        STAMP_TEST(a_write_ahead_log_does_not_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
