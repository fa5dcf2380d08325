/* PostgreSQL and SQLite: the same problems, byte by byte, the same queries, and nothing of a run
 * that was stopped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit_demo.h"
#include "crf_fixture.h"
#include "ctx/checkpoint.h"
#include "support/database_copy.h"
#include "support/postgres_server.h"

enum { N_SITES = 12, N_SUBJECTS = 5, RESULT_MAX = 4 << 20, PLACES = 3 };

struct world {
    char folder[32];
    struct db *places[PLACES]; /* SQLite, PostgreSQL, PostgreSQL that orders text as a language */
};

static struct db *open_place(const char *uri)
{
    struct db *db = NULL;
    struct error error = ERROR_NONE;
    const struct db_options options = {.name = "edc", .uri = uri, .mode = DB_OPEN_READ_WRITE};
    if (db_open(ctx_background(), &options, &db, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return db;
}

static struct buffer validate(const struct world *world, int place, const char *site_no,
    bool is_csv, bool is_written, struct crf_counts *ret_counts)
{
    struct buffer text = BUFFER_EMPTY(RESULT_MAX);
    struct crf_run *run = NULL;
    struct error error = ERROR_NONE;
    const struct ctx *ctx = ctx_background();
    const struct crf_options options = {.scope = {.study = "WLK-301", .site_no = site_no},
        .is_written = is_written,
        .folder = world->folder};
    enum status status = crf_validate(ctx, world->places[place], &options, &run, &error);
    if (status == STATUS_OK) {
        status = is_csv ? crf_write_csv(run, ctx, LANGUAGE_ZH_CN, crf_fixture_append, &text, &error)
                        : crf_write_json(run, ctx, LANGUAGE_EN, crf_fixture_append, &text, &error);
    }
    if (status == STATUS_OK) {
        status = crf_commit(run, ctx, &error);
        *ret_counts = crf_run_counts(run);
    }
    crf_run_free(run);
    if (status != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return text;
}

static void compare(const struct world *world, const char *site_no, bool is_csv)
{
    struct crf_counts counts;
    struct buffer expected = validate(world, 0, site_no, is_csv, false, &counts);
    for (int place = 1; place < PLACES; place++) {
        struct buffer found = validate(world, place, site_no, is_csv, false, &counts);
        assert_int_equal(found.len, expected.len);
        assert_memory_equal(found.data, expected.data, expected.len);
        buffer_finish(&found);
    }
    buffer_finish(&expected);
}

static void both_databases_give_equal_results(void **state)
{
    const struct world *world = *state;
    compare(world, NULL, false);
    compare(world, NULL, true);
    compare(world, "104", false);
    compare(world, "111", true);
}

static struct crf_fixture as_fixture(const struct world *world, int place)
{
    return (struct crf_fixture){.db = world->places[place]};
}

struct sweep {
    const struct ctx_scope *scope;
    const char *stage;
};

static void stop_in_stage(void *arg, const char *stage, uint64_t done, uint64_t total)
{
    const struct sweep *sweep = arg;
    (void)done;
    (void)total;
    if (strcmp(stage, sweep->stage) == 0) {
        ctx_cancel(sweep->scope, CTX_CAUSE_USER_CANCELLED);
    }
}

static void what_is_stopped_leaves_postgresql_as_it_was(void **state)
{
    const struct world *world = *state;
    struct crf_fixture fixture = as_fixture(world, 1);
    static const char *const STAGES[] = {"load", "check"};
    char *before = crf_fixture_dump(&fixture);
    for (size_t i = 0; i < LENGTH_OF(STAGES); i++) {
        CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
        struct sweep sweep = {scope, STAGES[i]};
        struct ctx_watch watch = {.on_progress = stop_in_stage, .arg = &sweep};
        CTX_SCOPE(watched, ctx_with_value(scope->ctx, &CTX_WATCH_KEY, &watch));
        const struct crf_options options = {
            .scope = {.study = "WLK-301"}, .is_written = true, .folder = world->folder};
        struct crf_run *run = NULL;
        assert_int_equal(
            crf_validate(watched->ctx, fixture.db, &options, &run, NULL), STATUS_CANCELLED);
    }
    /* Written, and never committed. */
    const struct crf_options options = {
        .scope = {.study = "WLK-301"}, .is_written = true, .folder = world->folder};
    struct crf_run *run = NULL;
    assert_int_equal(crf_validate(ctx_background(), fixture.db, &options, &run, NULL), STATUS_OK);
    assert_true(crf_run_counts(run).n_opened > 0);
    crf_run_free(run);
    char *after = crf_fixture_dump(&fixture);
    assert_string_equal(after, before);
    free(before);
    free(after);
}

static void both_databases_get_the_same_queries_once(void **state)
{
    const struct world *world = *state;
    static const char QUERIES_SQL[] =
        "SELECT sum(form_id * 7 + coalesce(item_id, 0) * 3 + check_id)"
        " FROM query WHERE origin = 'system' AND item_id IS NOT NULL";
    static const char VALID_SQL[] =
        "SELECT count(*) FROM meta v JOIN meta d ON d.value = v.value"
        " WHERE v.key = 'site_total_version' AND d.key = 'data_version'";
    struct crf_counts counts[PLACES];
    int64_t sums[PLACES];
    for (int place = 0; place < PLACES; place++) {
        struct crf_fixture fixture = as_fixture(world, place);
        struct buffer text = validate(world, place, NULL, false, true, &counts[place]);
        buffer_finish(&text);
        sums[place] = crf_fixture_number(&fixture, QUERIES_SQL);
        assert_true(counts[place].n_opened >= 10);
        assert_int_equal(counts[place].n_opened, counts[0].n_opened);
        assert_int_equal(sums[place], sums[0]);
        struct crf_counts again;
        text = validate(world, place, NULL, false, true, &again);
        buffer_finish(&text);
        assert_int_equal(again.n_opened, 0);
        assert_int_equal(again.n_known, again.n_problems);
        assert_int_equal(crf_fixture_number(&fixture, VALID_SQL), 1);
    }
}

/* Codes and expressions are cut to fit; a server takes whole characters only. */
static void long_chinese_checks_are_told_in_whole_characters(void **state)
{
    (void)state;
    enum { CHARACTERS = 60, BYTES_OF_ONE = 3 };
    char many[CHARACTERS * BYTES_OF_ONE + 1] = "";
    for (size_t i = 0; i < CHARACTERS; i++) {
        memcpy(many + i * BYTES_OF_ONE, "\xE6\x9F\xA5", BYTES_OF_ONE + 1);
    }
    char uri[POSTGRES_URI_MAX];
    char code[sizeof(many) + 2];
    char expression[sizeof(many) + 32];
    postgres_server_database("crf_words", uri);
    struct crf_fixture *fixture = crf_fixture_new(uri);
    snprintf(code, sizeof(code), "xx%s", many);
    snprintf(expression, sizeof(expression), "POSITION  matches \"%s\"", many);
    crf_fixture_check(fixture, code, "VS", expression);
    crf_fixture_run(fixture, "UPDATE edit_check SET message = NULL");
    int64_t form = crf_fixture_form(fixture, 1, "DAY1", "VS", 1);
    crf_fixture_value(fixture, form, "POSITION", 1, "SITTING");
    cJSON *result = crf_fixture_validate(fixture, NULL, true);
    assert_int_equal(crf_fixture_count(result, "queries_opened"), 1);
    cJSON_Delete(result);
    assert_int_equal(
        crf_fixture_number(fixture, "SELECT count(*) FROM query q JOIN audit_trail a"
                                    " ON a.new_value LIKE 'query/' || q.query_id || ': xx%'"
                                    " AND a.new_value LIKE '%\xE6\x9F\xA5'"
                                    " AND q.text LIKE '%\xE6\x9F\xA5'"),
        1);
    crf_fixture_free(fixture);
}

static int start(void **state)
{
    static struct world world;
    char uri[64];
    char postgres[PLACES][POSTGRES_URI_MAX];
    struct error error = ERROR_NONE;
    memcpy(world.folder, "/tmp/walkie-crfpg-XXXXXX", sizeof("/tmp/walkie-crfpg-XXXXXX"));
    if (mkdtemp(world.folder) == NULL ||
        audit_demo_make_sized(world.folder, N_SITES, N_SUBJECTS) != STATUS_OK) {
        return -1;
    }
    snprintf(uri, sizeof(uri), "sqlite:%s/edc.db", world.folder);
    postgres_server_database("crf_equal", postgres[1]);
    postgres_server_database_icu("crf_equal_icu", postgres[2]);
    world.places[0] = open_place(uri);
    for (int place = 1; place < PLACES; place++) {
        if (database_copy(uri, SCHEMA_EDC, postgres[place], &error) != STATUS_OK) {
            fail_msg("%s", error.text);
        }
        world.places[place] = open_place(postgres[place]);
    }
    *state = &world;
    return 0;
}

static int end(void **state)
{
    const struct world *world = *state;
    for (int place = 0; place < PLACES; place++) {
        db_close(world->places[place]);
    }
    return audit_demo_remove(world->folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_databases_give_equal_results),
        cmocka_unit_test(what_is_stopped_leaves_postgresql_as_it_was),
        cmocka_unit_test(both_databases_get_the_same_queries_once),
        cmocka_unit_test(long_chinese_checks_are_told_in_whole_characters),
    };
    return cmocka_run_group_tests(tests, start, end);
}
