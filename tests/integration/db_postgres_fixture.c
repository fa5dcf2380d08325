#include "db_postgres_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_MAX_S = 20 };

const char POSTGRES_FIXTURE_RUNNING[] =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND state = 'active' AND backend_type = 'client backend'"
    " AND query LIKE 'SELECT %'";

struct db *postgres_fixture_open(const char *uri, enum db_mode mode)
{
    const struct db_options options = {.name = "edc", .uri = uri, .mode = mode};
    struct error error = ERROR_NONE;
    struct db *db = NULL;
    enum status status = db_open(ctx_background(), &options, &db, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
    return db;
}

void postgres_fixture_start(struct postgres_fixture *fixture, const char *database)
{
    postgres_server_database(database, fixture->uri);
    fixture->db = postgres_fixture_open(fixture->uri, DB_OPEN_READ_WRITE);
    fixture->watcher = PQconnectdb(fixture->uri);
    assert_int_equal(PQstatus(fixture->watcher), CONNECTION_OK);
}

void postgres_fixture_end(struct postgres_fixture *fixture)
{
    PQfinish(fixture->watcher);
    fixture->watcher = NULL;
    db_close(fixture->db);
    fixture->db = NULL;
}

struct db_session *postgres_fixture_begin(struct db *db, enum db_access access)
{
    struct error error = ERROR_NONE;
    struct db_session *session = NULL;
    enum status status = db_begin(ctx_background(), db, access, &session, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
    return session;
}

void postgres_fixture_run(struct postgres_fixture *fixture, const char *sql)
{
    struct error error = ERROR_NONE;
    struct db_session *session = postgres_fixture_begin(fixture->db, DB_WRITE);
    enum status status = db_script(ctx_background(), session, sql, &error);
    if (status == STATUS_OK) {
        status = db_commit(ctx_background(), session, &error);
    }
    db_end(session);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
}

void postgres_fixture_watch(
    struct postgres_fixture *fixture, const char *sql, char *ret_text, size_t text_size)
{
    PGresult *result = PQexec(fixture->watcher, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        fail_msg("%s: %s", sql, PQerrorMessage(fixture->watcher));
    }
    snprintf(ret_text, text_size, "%s", PQntuples(result) == 0 ? "" : PQgetvalue(result, 0, 0));
    PQclear(result);
}

int64_t postgres_fixture_watch_integer(struct postgres_fixture *fixture, const char *sql)
{
    char text[32];
    postgres_fixture_watch(fixture, sql, text, sizeof(text));
    return strtoll(text, NULL, 10);
}

void postgres_fixture_wait_for(struct postgres_fixture *fixture, const char *sql, int64_t wanted)
{
    uint64_t limit_ns = clock_now_ns() + CTX_SECONDS(WAIT_MAX_S);
    int64_t found = postgres_fixture_watch_integer(fixture, sql);
    while (found != wanted && clock_now_ns() < limit_ns) {
        assert_int_equal(ctx_sleep(ctx_background(), CTX_MS(1)), STATUS_OK);
        found = postgres_fixture_watch_integer(fixture, sql);
    }
    assert_int_equal(found, wanted);
}

int64_t postgres_fixture_integer(struct db_session *session, const char *sql)
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
