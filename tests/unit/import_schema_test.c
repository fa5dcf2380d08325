/* Versions of a database: what is too new, too old, foreign or swapped is told in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "schema/schema.h"

struct world {
    char path[64];
    struct db *db;
};

static enum status check(struct world *world, enum schema_kind kind, struct error *ret_error)
{
    struct db_session *session = NULL;
    assert_int_equal(
        db_begin(ctx_background(), world->db, DB_READ, &session, ret_error), STATUS_OK);
    enum status status = schema_check(ctx_background(), session, kind, ret_error);
    db_end(session);
    return status;
}

static void migrate(struct world *world)
{
    struct error error = ERROR_NONE;
    assert_int_equal(schema_migrate(ctx_background(), world->db, SCHEMA_EDC, &error), STATUS_OK);
}

static void write_row(struct world *world, const char *sql)
{
    struct error error = ERROR_NONE;
    struct db_session *session = NULL;
    assert_int_equal(db_begin(ctx_background(), world->db, DB_WRITE, &session, &error), STATUS_OK);
    enum status status = db_exec(ctx_background(), session, sql, NULL, 0, &error);
    status = status == STATUS_OK ? db_commit(ctx_background(), session, &error) : status;
    db_end(session);
    assert_int_equal(status, STATUS_OK);
}

static void an_empty_database_is_not_ready(void **state)
{
    struct error error = ERROR_NONE;
    assert_int_equal(check(*state, SCHEMA_EDC, &error), STATUS_FAILED_PRECONDITION);
    assert_non_null(strstr(error.text, "walkie-data"));
}

static void a_migrated_database_is_ready_and_stays_so(void **state)
{
    struct error error = ERROR_NONE;
    migrate(*state);
    migrate(*state);
    assert_int_equal(check(*state, SCHEMA_EDC, &error), STATUS_OK);
}

static void a_newer_database_is_refused_by_reader_and_migration(void **state)
{
    struct world *world = *state;
    struct error error = ERROR_NONE;
    migrate(world);
    write_row(world, "UPDATE meta SET value = '999' WHERE key = 'schema_version'");
    assert_int_equal(check(world, SCHEMA_EDC, &error), STATUS_FAILED_PRECONDITION);
    assert_non_null(strstr(error.text, "999"));
    assert_int_equal(schema_migrate(ctx_background(), world->db, SCHEMA_EDC, &error),
        STATUS_FAILED_PRECONDITION);
}

static void an_older_database_is_told_how_to_migrate(void **state)
{
    struct world *world = *state;
    struct error error = ERROR_NONE;
    migrate(world);
    write_row(world, "UPDATE meta SET value = '1' WHERE key = 'schema_version'");
    assert_int_equal(check(world, SCHEMA_EDC, &error), STATUS_FAILED_PRECONDITION);
    assert_non_null(strstr(error.text, "walkie-data migrate"));
}

static void swapped_databases_are_noticed(void **state)
{
    struct error error = ERROR_NONE;
    migrate(*state);
    assert_int_equal(check(*state, SCHEMA_CTMS, &error), STATUS_FAILED_PRECONDITION);
    assert_non_null(strstr(error.text, "swapped"));
}

static void every_write_raises_the_data_version(void **state)
{
    struct world *world = *state;
    struct error error = ERROR_NONE;
    struct db_session *session = NULL;
    int64_t versions[3] = {-1, -1, -1};
    migrate(world);
    assert_int_equal(db_begin(ctx_background(), world->db, DB_WRITE, &session, &error), STATUS_OK);
    for (size_t i = 0; i < 3; i++) {
        enum status status = schema_data_version(ctx_background(), session, &versions[i], &error);
        if (status == STATUS_OK) {
            status = schema_bump_data_version(ctx_background(), session, &error);
        }
        assert_int_equal(status, STATUS_OK);
    }
    db_end(session);
    assert_int_equal(versions[0], 0);
    assert_int_equal(versions[1], 1);
    assert_int_equal(versions[2], 2);
}

static int set_up(void **state)
{
    static struct world world;
    char uri[80];
    struct error error = ERROR_NONE;
    snprintf(world.path, sizeof(world.path), "/tmp/walkie-schema-XXXXXX");
    int descriptor = mkstemp(world.path);
    if (descriptor < 0) {
        return -1;
    }
    close(descriptor);
    snprintf(uri, sizeof(uri), "sqlite:%s", world.path);
    const struct db_options options = {"edc", uri, DB_OPEN_CREATE};
    *state = &world;
    return db_open(ctx_background(), &options, &world.db, &error) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    db_close(world->db);
    return ctx_test_no_leaks() ? unlink(world->path) : -1;
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WORLD(an_empty_database_is_not_ready),
        WITH_WORLD(a_migrated_database_is_ready_and_stays_so),
        WITH_WORLD(a_newer_database_is_refused_by_reader_and_migration),
        WITH_WORLD(an_older_database_is_told_how_to_migrate),
        WITH_WORLD(swapped_databases_are_noticed),
        WITH_WORLD(every_write_raises_the_data_version),
    };
    return cmocka_run_group_tests_name("import_schema", tests, NULL, NULL);
}
