/* Bulk loads, into both kinds of database: what goes in comes out, in the order that references
 * need, seen by whatever runs next. */
#include "db_fixture.h"

#include <stdio.h>
#include <string.h>

#include "ctx/test.h"
#include "support/postgres_server.h"

struct target {
    const char *name;
    struct fixture sqlite;
    struct db *db;
};

static const char SCHEMA[] =
    "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT);"
    "CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL REFERENCES parent,"
    " at BIGINT, weight DOUBLE PRECISION, note TEXT)";

enum { N_PARENTS = 20000, N_CHILDREN = 40000 };

static void open_targets(struct target targets[2])
{
    targets[0].name = "sqlite";
    fixture_start(&targets[0].sqlite);
    targets[0].db = targets[0].sqlite.db;
    targets[1].name = "postgres";
    char uri[POSTGRES_URI_MAX];
    postgres_server_database("db_bulk", uri);
    const struct db_options options = {.name = "edc", .uri = uri, .mode = DB_OPEN_READ_WRITE};
    struct error error = ERROR_NONE;
    assert_int_equal(db_open(ctx_background(), &options, &targets[1].db, &error), STATUS_OK);
}

static void close_targets(struct target targets[2])
{
    db_close(targets[1].db);
    fixture_end(&targets[0].sqlite);
}

static struct db_session *begin(struct db *db)
{
    struct error error = ERROR_NONE;
    struct db_session *session = NULL;
    enum status status = db_begin(ctx_background(), db, DB_WRITE, &session, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
    return session;
}

static struct db_bulk *open_bulk(struct db_session *session, const char *table, const char *columns)
{
    struct error error = ERROR_NONE;
    struct db_bulk *bulk = NULL;
    enum status status = db_bulk_open(ctx_background(), session, table, columns, &bulk, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
    return bulk;
}

static void add(struct db_bulk *bulk, const struct db_value *values, size_t n_values)
{
    struct error error = ERROR_NONE;
    enum status status = db_bulk_add(ctx_background(), bulk, values, n_values, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
}

/* Children that refer to parents of the same moment, so that the buffers fill in turn. */
static void load(struct db_bulk *parents, struct db_bulk *children)
{
    for (int row = 0; row < N_CHILDREN; row++) {
        if (row % 2 == 0) {
            add(parents, (struct db_value[]){db_integer(row / 2), db_text("a parent")}, 2);
        }
        add(children,
            (struct db_value[]){db_integer(row), db_integer(row / 2), db_integer(INT64_MAX - row),
                db_real(row / 3.0),
                row % 7 == 0 ? db_null() : db_text("a longer text, of some 40 bytes")},
            5);
    }
}

static void rows_go_in_with_what_they_refer_to(void **state)
{
    struct target *targets = *state;
    int64_t sums[2];
    for (size_t i = 0; i < 2; i++) {
        struct error error = ERROR_NONE;
        struct db_session *session = begin(targets[i].db);
        assert_int_equal(db_script(ctx_background(), session, SCHEMA, &error), STATUS_OK);
        struct db_bulk *parents = open_bulk(session, "parent", "id,name");
        struct db_bulk *children = open_bulk(session, "child", "id,parent_id,at,weight,note");
        uint64_t started_at_ns = clock_now_ns();
        load(parents, children);
        /* Not flushed: a query sees them all the same. */
        assert_int_equal(
            fixture_integer(session, "SELECT count(*) FROM child WHERE note IS NULL"), 5715);
        print_message("%s: %d rows in %.0f ms\n", targets[i].name, N_CHILDREN * 3 / 2,
            (double)(clock_now_ns() - started_at_ns) / 1e6);
        sums[i] = fixture_integer(session, "SELECT CAST(sum(id * 7 % 13 + parent_id) AS BIGINT) "
                                           "FROM child WHERE weight * 3 > 100.5"
                                           " AND at > 9223372036854760000");
        db_bulk_free(children);
        db_bulk_free(parents);
        db_end(session);
    }
    assert_int_equal(sums[0], sums[1]);
}

static void text_comes_back_byte_by_byte(void **state)
{
    struct target *targets = *state;
    static const char *const TEXTS[] = {
        "", "\\N", "tab\there", "two\nlines\r\n", "back\\slash\\", "北京 é '\"", "\\.", " blanks "};
    for (size_t i = 0; i < 2; i++) {
        struct error error = ERROR_NONE;
        struct db_session *session = begin(targets[i].db);
        assert_int_equal(db_script(ctx_background(), session, SCHEMA, &error), STATUS_OK);
        struct db_bulk *bulk = open_bulk(session, "parent", "id,name");
        for (size_t k = 0; k < LENGTH_OF(TEXTS); k++) {
            add(bulk, (struct db_value[]){db_integer((int64_t)k), db_text(TEXTS[k])}, 2);
        }
        assert_int_equal(db_bulk_flush(ctx_background(), session, &error), STATUS_OK);
        db_bulk_free(bulk);
        struct db_rows *rows = NULL;
        bool has_row = true;
        assert_int_equal(db_query(ctx_background(), session, "SELECT name FROM parent ORDER BY id",
                             NULL, 0, &rows, &error),
            STATUS_OK);
        for (size_t k = 0; k < LENGTH_OF(TEXTS); k++) {
            assert_int_equal(db_next(ctx_background(), rows, &has_row, &error), STATUS_OK);
            assert_string_equal(db_column_text(rows, 0), TEXTS[k]);
        }
        db_rows_free(rows);
        db_end(session);
    }
}

static void a_row_that_does_not_fit_fails_with_its_reason(void **state)
{
    struct target *targets = *state;
    for (size_t i = 0; i < 2; i++) {
        struct error error = ERROR_NONE;
        struct db_session *session = begin(targets[i].db);
        assert_int_equal(db_script(ctx_background(), session, SCHEMA, &error), STATUS_OK);
        struct db_bulk *bulk = open_bulk(session, "parent", "id,name");
        add(bulk, (struct db_value[]){db_integer(1), db_text("first")}, 2);
        enum status status = db_bulk_add(ctx_background(), bulk,
            (struct db_value[]){db_integer(1), db_text("twice")}, 2, &error);
        if (status == STATUS_OK) {
            status = db_bulk_flush(ctx_background(), session, &error);
        }
        assert_int_equal(status, STATUS_ALREADY_EXISTS);
        assert_non_null(strstr(error.text, "parent"));
        db_bulk_free(bulk);
        db_end(session);
        /* And whoever comes next has a clean connection. */
        session = begin(targets[i].db);
        assert_int_equal(fixture_integer(session, "SELECT 42"), 42);
        db_end(session);
    }
}

static void a_stopped_load_leaves_nothing(void **state)
{
    struct target *targets = *state;
    for (size_t i = 0; i < 2; i++) {
        struct error error = ERROR_NONE;
        CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
        struct db_session *session = begin(targets[i].db);
        assert_int_equal(db_script(ctx_background(), session, SCHEMA, &error), STATUS_OK);
        struct db_bulk *bulk = open_bulk(session, "parent", "id,name");
        enum status status = STATUS_OK;
        for (int row = 0; status == STATUS_OK; row++) {
            if (row == N_PARENTS) {
                ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
            }
            status = db_bulk_add(scope->ctx, bulk,
                (struct db_value[]){db_integer(row), db_text("a row of a load that is stopped")}, 2,
                &error);
        }
        assert_int_equal(status, STATUS_CANCELLED);
        db_bulk_free(bulk);
        db_end(session);
        session = begin(targets[i].db);
        assert_int_equal(db_script(ctx_background(), session, SCHEMA, &error), STATUS_OK);
        db_end(session);
    }
}

static int start(void **state)
{
    static struct target targets[2];
    open_targets(targets);
    *state = targets;
    return 0;
}

static int end(void **state)
{
    close_targets(*state);
    return ctx_test_no_leaks() ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_go_in_with_what_they_refer_to),
        cmocka_unit_test(text_comes_back_byte_by_byte),
        cmocka_unit_test(a_row_that_does_not_fit_fails_with_its_reason),
        cmocka_unit_test(a_stopped_load_leaves_nothing),
    };
    return cmocka_run_group_tests_name("db_bulk", tests, start, end);
}
