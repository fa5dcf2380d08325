/* A database that serves many readers and, where it may be written, its writers: one after the
 * other, in nobody's way. */
#include "db_fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctx/test.h"

enum { N_WRITERS = 24, WAIT_S = 20, SOON_MS = 300, NOBODY = 65534 };

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture_start(&fixture);
    fixture_run(&fixture, "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)");
    fixture_close(&fixture);
    *state = &fixture;
    return 0;
}

/* Root may all: look at the file as somebody who may not. */
static void be_nobody(void)
{
    assert_true(geteuid() != 0 || seteuid(NOBODY) == 0);
}

static void be_oneself(void)
{
    assert_true(getuid() != 0 || seteuid(0) == 0);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    be_oneself();
    (void)chmod(fixture->folder, 0700);
    fixture_end(fixture);
    return ctx_test_no_leaks() ? 0 : 1;
}

static enum status begin(struct db *db, enum db_access access, struct error *ret_error)
{
    struct db_session *session = NULL;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(WAIT_S)));
    enum status status = db_begin(scope->ctx, db, access, &session, ret_error);
    db_end(session);
    return status;
}

static void assert_says(const char *text, const char *words)
{
    if (strstr(text, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", text, words);
    }
}

/* --- whether ---------------------------------------------------------------------------------- */

static void what_may_be_written_is_and_its_stamp_tells(void **state)
{
    struct fixture *fixture = *state;
    fixture->db = fixture_open(fixture, DB_OPEN_WRITE_IF_POSSIBLE);
    assert_null(db_why_read_only(fixture->db));
    struct db_stamp before;
    struct db_stamp after;
    assert_int_equal(db_data_stamp(fixture->db, &before), STATUS_OK);
    fixture_run(fixture, "INSERT INTO t VALUES (2)");
    assert_int_equal(db_data_stamp(fixture->db, &after), STATUS_OK);
    assert_memory_not_equal(before.bytes, after.bytes, before.len);
    struct db_session *session = NULL;
    assert_int_equal(db_begin(ctx_background(), fixture->db, DB_READ, &session, NULL), STATUS_OK);
    assert_int_equal(fixture_integer(session, "SELECT count(*) FROM t"), 2);
    db_end(session);
}

/* Reading goes on; writing is refused, each time, in words that say what to do. */
static void expect_read_only(struct fixture *fixture, const char *words)
{
    fixture->db = fixture_open(fixture, DB_OPEN_WRITE_IF_POSSIBLE);
    assert_non_null(db_why_read_only(fixture->db));
    assert_says(db_why_read_only(fixture->db), words);
    for (size_t i = 0; i < 2; i++) {
        struct error error = ERROR_NONE;
        assert_int_equal(begin(fixture->db, DB_WRITE, &error), STATUS_FAILED_PRECONDITION);
        assert_says(error.text, fixture->path);
        assert_says(error.text, words);
        assert_says(error.text, "let the user of this program write the file and its folder");
    }
    struct db_session *session = NULL;
    assert_int_equal(db_begin(ctx_background(), fixture->db, DB_READ, &session, NULL), STATUS_OK);
    assert_int_equal(fixture_integer(session, "SELECT count(*) FROM t"), 1);
    db_end(session);
}

static void a_file_that_may_only_be_read_is_read(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(chmod(fixture->path, 0444), 0);
    assert_int_equal(chmod(fixture->folder, 0777), 0);
    be_nobody();
    expect_read_only(fixture, "the file cannot be written (Permission denied)");
}

static void a_folder_without_room_for_the_journal_counts_as_well(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(chmod(fixture->path, 0666), 0);
    assert_int_equal(chmod(fixture->folder, 0555), 0);
    be_nobody();
    expect_read_only(fixture, "the file's folder cannot be written (Permission denied)");
}

static void a_file_must_be_there_and_a_database(void **state)
{
    struct fixture *fixture = *state;
    struct error error = ERROR_NONE;
    struct db *db = NULL;
    const struct db_options options = {
        .name = "edc", .uri = fixture->uri, .mode = DB_OPEN_WRITE_IF_POSSIBLE};
    assert_int_equal(truncate(fixture->path, 0), 0);
    assert_int_equal(db_open(ctx_background(), &options, &db, &error), STATUS_DATA_LOSS);
    assert_int_equal(unlink(fixture->path), 0);
    assert_int_equal(db_open(ctx_background(), &options, &db, &error), STATUS_UNAVAILABLE);
    assert_int_equal(access(fixture->path, F_OK), -1);
}

static void who_opens_for_reading_only_writes_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct error error = ERROR_NONE;
    fixture->db = fixture_open(fixture, DB_OPEN_READ_ONLY);
    assert_string_equal(db_why_read_only(fixture->db), "is open for reading only");
    assert_int_equal(begin(fixture->db, DB_WRITE, &error), STATUS_FAILED_PRECONDITION);
}

/* --- one after the other -----------------------------------------------------------------------
 */

static struct {
    struct db *db;
    _Atomic unsigned int n_come;
    _Atomic unsigned int n_written;
} writers;

static void *write_one(void *arg)
{
    (void)arg;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(WAIT_S)));
    struct db_session *session = NULL;
    atomic_fetch_add(&writers.n_come, 1);
    enum status status = db_begin(scope->ctx, writers.db, DB_WRITE, &session, NULL);
    if (status == STATUS_OK) {
        status = db_exec(scope->ctx, session, "UPDATE t SET a = a + 1", NULL, 0, NULL);
    }
    if (status == STATUS_OK) {
        status = db_commit(scope->ctx, session, NULL);
    }
    db_end(session);
    atomic_fetch_add(&writers.n_written, status == STATUS_OK ? 1 : 0);
    return NULL;
}

/* More writers than there are connections wait for one that takes long: readers still find all the
 * connections that it has not. */
static void writers_that_wait_keep_no_reader_from_a_connection(void **state)
{
    struct fixture *fixture = *state;
    fixture->db = fixture_open(fixture, DB_OPEN_WRITE_IF_POSSIBLE);
    writers.db = fixture->db;
    atomic_store(&writers.n_come, 0);
    atomic_store(&writers.n_written, 0);
    struct db_session *slow = NULL;
    assert_int_equal(db_begin(ctx_background(), fixture->db, DB_WRITE, &slow, NULL), STATUS_OK);
    pthread_t threads[N_WRITERS];
    for (size_t i = 0; i < N_WRITERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, write_one, NULL), 0);
    }
    while (atomic_load(&writers.n_come) < N_WRITERS) {
        sched_yield();
    }
    struct db_session *readers[DB_CONNECTIONS_MAX - 1] = {NULL};
    enum status status = STATUS_OK;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(WAIT_S)));
    for (size_t i = 0; i < LENGTH_OF(readers) && status == STATUS_OK; i++) {
        status = db_begin(scope->ctx, fixture->db, DB_READ, &readers[i], NULL);
    }
    unsigned int n_written = atomic_load(&writers.n_written);
    for (size_t i = 0; i < LENGTH_OF(readers); i++) {
        db_end(readers[i]);
    }
    db_end(slow);
    for (size_t i = 0; i < N_WRITERS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(n_written, 0);
    assert_int_equal(atomic_load(&writers.n_written), N_WRITERS);
    struct db_session *session = NULL;
    assert_int_equal(db_begin(ctx_background(), fixture->db, DB_READ, &session, NULL), STATUS_OK);
    assert_int_equal(fixture_integer(session, "SELECT a FROM t"), 1 + N_WRITERS);
    db_end(session);
}

static void a_writer_that_waits_hears_its_deadline_and_leaves_the_place(void **state)
{
    struct fixture *fixture = *state;
    fixture->db = fixture_open(fixture, DB_OPEN_WRITE_IF_POSSIBLE);
    struct db_session *slow = NULL;
    struct db_session *session = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(db_begin(ctx_background(), fixture->db, DB_WRITE, &slow, NULL), STATUS_OK);
    CTX_SCOPE(soon, ctx_with_timeout(ctx_background(), CTX_MS(SOON_MS)));
    assert_int_equal(
        db_begin(soon->ctx, fixture->db, DB_WRITE, &session, &error), STATUS_DEADLINE_EXCEEDED);
    assert_says(error.text, "waiting for another writer");
    db_end(slow);
    assert_int_equal(begin(fixture->db, DB_WRITE, NULL), STATUS_OK);
    /* One that is stopped in BEGIN, which another process's writer holds up, leaves it, too. */
    struct db *other = fixture_open(fixture, DB_OPEN_READ_WRITE);
    assert_int_equal(db_begin(ctx_background(), other, DB_WRITE, &slow, NULL), STATUS_OK);
    CTX_SCOPE(later, ctx_with_timeout(ctx_background(), CTX_MS(30)));
    assert_int_equal(
        db_begin(later->ctx, fixture->db, DB_WRITE, &session, NULL), STATUS_DEADLINE_EXCEEDED);
    db_end(slow);
    db_close(other);
    assert_int_equal(begin(fixture->db, DB_WRITE, NULL), STATUS_OK);
}

#define WRITERS_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WRITERS_TEST(what_may_be_written_is_and_its_stamp_tells),
        WRITERS_TEST(a_file_that_may_only_be_read_is_read),
        WRITERS_TEST(a_folder_without_room_for_the_journal_counts_as_well),
        WRITERS_TEST(a_file_must_be_there_and_a_database),
        WRITERS_TEST(who_opens_for_reading_only_writes_nothing),
        WRITERS_TEST(writers_that_wait_keep_no_reader_from_a_connection),
        WRITERS_TEST(a_writer_that_waits_hears_its_deadline_and_leaves_the_place),
    };
    return cmocka_run_group_tests_name("db_writers", tests, NULL, NULL);
}
