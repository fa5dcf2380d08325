#include "db_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void fixture_start(struct fixture *fixture)
{
    snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/walkie-db-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->path, sizeof(fixture->path), "%s/test.sqlite", fixture->folder);
    snprintf(fixture->uri, sizeof(fixture->uri), "sqlite:%s", fixture->path);
    fixture->db = fixture_open(fixture, DB_OPEN_CREATE);
}

void fixture_close(struct fixture *fixture)
{
    db_close(fixture->db);
    fixture->db = NULL;
}

void fixture_end(struct fixture *fixture)
{
    fixture_close(fixture);
    unlink(fixture->path);
    rmdir(fixture->folder);
}

struct db *fixture_open(struct fixture *fixture, enum db_mode mode)
{
    const struct db_options options = {.name = "edc", .uri = fixture->uri, .mode = mode};
    struct error error = ERROR_NONE;
    struct db *db = NULL;
    enum status status = db_open(ctx_background(), &options, &db, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
    return db;
}

void fixture_run(struct fixture *fixture, const char *sql)
{
    struct error error = ERROR_NONE;
    struct db_session *session = NULL;
    assert_int_equal(
        db_begin(ctx_background(), fixture->db, DB_WRITE, &session, &error), STATUS_OK);
    enum status status = db_script(ctx_background(), session, sql, &error);
    if (status == STATUS_OK) {
        status = db_commit(ctx_background(), session, &error);
    }
    db_end(session);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
}

int64_t fixture_integer(struct db_session *session, const char *sql)
{
    struct error error = ERROR_NONE;
    struct db_rows *rows = NULL;
    bool has_row = false;
    int64_t value = 0;
    enum status status = db_query(ctx_background(), session, sql, NULL, 0, &rows, &error);
    if (status == STATUS_OK) {
        status = db_next(ctx_background(), rows, &has_row, &error);
    }
    if (status == STATUS_OK && has_row) {
        value = db_column_integer(rows, 0);
    }
    db_rows_free(rows);
    assert_string_equal(error.text, "");
    assert_true(has_row);
    return value;
}
