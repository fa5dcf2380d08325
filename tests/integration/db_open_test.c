/* Opening: what is not a whole database says so at once, in words that name the file. */
#include "db_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctx/test.h"

static enum status open_uri(const char *uri, enum db_mode mode, struct error *ret_error)
{
    const struct db_options options = {.name = "edc", .uri = uri, .mode = mode};
    struct db *db = NULL;
    enum status status = db_open(ctx_background(), &options, &db, ret_error);
    db_close(db);
    return status;
}

static void assert_says(const struct error *error, const char *words)
{
    if (strstr(error->text, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", error->text, words);
    }
}

static void an_unknown_scheme_is_told_which_ones_there_are(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    assert_int_equal(open_uri("oracle:x", DB_OPEN_READ_ONLY, &error), STATUS_INVALID_ARGUMENT);
    assert_says(&error, "sqlite:");
}

static void a_refused_uri_does_not_give_its_password_away(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    assert_int_equal(open_uri("mystery://user:hunter2@host/db", DB_OPEN_READ_ONLY, &error),
        STATUS_INVALID_ARGUMENT);
    assert_null(strstr(error.text, "hunter2"));
}

static void a_database_in_memory_is_refused(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    assert_int_equal(open_uri("sqlite::memory:", DB_OPEN_CREATE, &error), STATUS_INVALID_ARGUMENT);
    assert_int_equal(open_uri("sqlite:", DB_OPEN_CREATE, &error), STATUS_INVALID_ARGUMENT);
}

static void a_missing_file_is_unavailable_and_named(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    assert_int_equal(
        open_uri("sqlite:/tmp/walkie-no-such-file", DB_OPEN_READ_ONLY, &error), STATUS_UNAVAILABLE);
    assert_says(&error, "/tmp/walkie-no-such-file");
    assert_says(&error, "no such file");
    assert_int_equal(access("/tmp/walkie-no-such-file", F_OK), -1);
}

static void a_folder_is_not_a_database(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    assert_int_equal(open_uri("sqlite:/tmp", DB_OPEN_READ_ONLY, &error), STATUS_UNAVAILABLE);
    assert_says(&error, "directory");
}

static void write_file(const char *path, const void *data, size_t len)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, data, len), len);
    close(descriptor);
}

static void a_text_file_is_not_a_database(void **state)
{
    struct fixture *fixture = *state;
    struct error error = ERROR_NONE;
    fixture_close(fixture);
    char text[4096];
    memset(text, 'x', sizeof(text));
    write_file(fixture->path, text, sizeof(text));
    assert_int_equal(open_uri(fixture->uri, DB_OPEN_READ_ONLY, &error), STATUS_DATA_LOSS);
    assert_says(&error, "not a SQLite database");
    assert_says(&error, fixture->path);
}

static void an_empty_file_is_not_readable(void **state)
{
    struct fixture *fixture = *state;
    struct error error = ERROR_NONE;
    fixture_close(fixture);
    write_file(fixture->path, "", 0);
    assert_int_equal(open_uri(fixture->uri, DB_OPEN_READ_ONLY, &error), STATUS_DATA_LOSS);
    assert_says(&error, "empty");
}

static const char FILL[] =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, words TEXT);"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
    "INSERT INTO t SELECT i, printf('%0200d', i) FROM n;";

static void a_truncated_file_is_data_loss_when_opened(void **state)
{
    struct fixture *fixture = *state;
    struct error error = ERROR_NONE;
    fixture_run(fixture, FILL);
    fixture_close(fixture);
    struct stat file;
    assert_int_equal(stat(fixture->path, &file), 0);
    assert_int_equal(truncate(fixture->path, file.st_size / 2), 0);
    assert_int_equal(open_uri(fixture->uri, DB_OPEN_READ_ONLY, &error), STATUS_DATA_LOSS);
    assert_says(&error, "truncated");
    assert_says(&error, fixture->path);
}

static void a_page_overwritten_in_the_middle_is_data_loss_when_read(void **state)
{
    struct fixture *fixture = *state;
    struct error error = ERROR_NONE;
    fixture_run(fixture, FILL);
    fixture_close(fixture);
    char garbage[16 * 4096];
    memset(garbage, 0xA5, sizeof(garbage));
    int descriptor = open(fixture->path, O_WRONLY);
    assert_int_equal(pwrite(descriptor, garbage, sizeof(garbage), 50 * 4096), sizeof(garbage));
    close(descriptor);

    struct db *db = fixture_open(fixture, DB_OPEN_READ_ONLY);
    struct db_session *session = NULL;
    struct db_rows *rows = NULL;
    bool has_row = true;
    assert_int_equal(db_begin(ctx_background(), db, DB_READ, &session, &error), STATUS_OK);
    enum status status = db_query(
        ctx_background(), session, "SELECT words FROM t ORDER BY id", NULL, 0, &rows, &error);
    while (status == STATUS_OK && has_row) {
        status = db_next(ctx_background(), rows, &has_row, &error);
    }
    db_rows_free(rows);
    db_end(session);
    db_close(db);
    assert_int_equal(status, STATUS_DATA_LOSS);
    assert_says(&error, fixture->path);
}

static void a_path_that_looks_like_a_uri_is_a_path(void **state)
{
    struct fixture *fixture = *state;
    struct error error = ERROR_NONE;
    char uri[160];
    snprintf(uri, sizeof(uri), "sqlite:file:%s?mode=memory", fixture->path);
    assert_int_equal(open_uri(uri, DB_OPEN_READ_ONLY, &error), STATUS_UNAVAILABLE);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture_start(&fixture);
    fixture_run(&fixture, "CREATE TABLE made (id INTEGER)");
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    fixture_end(*state);
    return ctx_test_no_leaks() ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unknown_scheme_is_told_which_ones_there_are),
        cmocka_unit_test(a_refused_uri_does_not_give_its_password_away),
        cmocka_unit_test(a_database_in_memory_is_refused),
        cmocka_unit_test(a_missing_file_is_unavailable_and_named),
        cmocka_unit_test(a_folder_is_not_a_database),
        cmocka_unit_test_setup_teardown(a_text_file_is_not_a_database, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_empty_file_is_not_readable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_truncated_file_is_data_loss_when_opened, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_page_overwritten_in_the_middle_is_data_loss_when_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_path_that_looks_like_a_uri_is_a_path, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("db_open", tests, NULL, NULL);
}
