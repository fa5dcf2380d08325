/* write=1: queries with their audit rows, all or none, and once only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crf_fixture.h"
#include "ctx/checkpoint.h"
#include "ctx/test.h"
#include "schema/audit_chain.h"
#include "schema/schema.h"
#include "schema/site_total.h"

static int check_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : -1;
}

/* Three problems of two checks at both sites. */
static struct crf_fixture *fixture_with_problems(void)
{
    struct crf_fixture *fixture = crf_fixture_new(NULL);
    crf_fixture_check(fixture, "LOW", "VS", "SYSBP >= 80");
    crf_fixture_check(fixture, "SITS", "VS", "POSITION is required");
    static const int SUBJECTS[] = {1, 3};
    for (size_t i = 0; i < LENGTH_OF(SUBJECTS); i++) {
        int64_t form = crf_fixture_form(fixture, SUBJECTS[i], "DAY1", "VS", 1);
        crf_fixture_value(fixture, form, "SYSBP", 1, "70");
        crf_fixture_value(fixture, form, "POSITION", 1, i == 0 ? "" : "SITTING");
    }
    return fixture;
}

static void refresh(struct crf_fixture *fixture)
{
    struct db_session *session = NULL;
    struct error error = ERROR_NONE;
    const struct ctx *ctx = ctx_background();
    enum status status = db_begin(ctx, fixture->db, DB_WRITE, &session, &error);
    if (status == STATUS_OK) {
        status = site_total_refresh(ctx, session, &error);
    }
    if (status == STATUS_OK) {
        status = db_commit(ctx, session, &error);
    }
    db_end(session);
    if (status != STATUS_OK) {
        fail_msg("%s", error.text);
    }
}

static void problems_become_queries_and_audit_rows(void **state)
{
    (void)state;
    struct crf_fixture *fixture = fixture_with_problems();
    refresh(fixture);
    cJSON *result = crf_fixture_validate(fixture, NULL, true);
    assert_int_equal(crf_fixture_count(result, "queries_opened"), 3);
    assert_int_equal(crf_fixture_count(result, "queries_known"), 0);
    const cJSON *validation = cJSON_GetObjectItem(result, "validation");
    assert_int_equal(cJSON_GetObjectItem(validation, "data_version")->valueint, 1);
    const cJSON *problem = cJSON_GetArrayItem(cJSON_GetObjectItem(validation, "problems"), 0);
    assert_string_equal(cJSON_GetObjectItem(problem, "query")->valuestring, "opened");
    cJSON_Delete(result);
    assert_int_equal(crf_fixture_number(fixture, "SELECT count(*) FROM query"), 3);
    assert_int_equal(
        crf_fixture_number(fixture,
            "SELECT count(*) FROM query q JOIN item_data d ON d.item_id = q.item_id"
            " JOIN edit_check c ON c.check_id = q.check_id WHERE q.form_id = d.form_id AND"
            " q.origin = 'system' AND q.status = 'open' AND q.text = c.message"),
        3);
    assert_int_equal(
        crf_fixture_number(fixture,
            "SELECT count(*) FROM audit_trail a JOIN app_user u ON u.user_id = a.user_id"
            " JOIN query q ON a.form_id = q.form_id AND a.item_id = q.item_id"
            " WHERE a.action = 'query' AND u.role = 'system' AND a.at = q.opened_at"),
        3);
    assert_int_equal(crf_fixture_number(fixture, "SELECT count(*) FROM meta WHERE key ="
                                                 " 'site_total_version' AND value = '1'"),
        1);
    crf_fixture_free(fixture);
}

/* Every hash covers its row and the one before. */
static void the_hash_chain_goes_on(void **state)
{
    (void)state;
    struct crf_fixture *fixture = fixture_with_problems();
    cJSON_Delete(crf_fixture_validate(fixture, "101", true));
    cJSON_Delete(crf_fixture_validate(fixture, "102", true));
    struct sha256 *digest = sha256_new();
    struct db_session *session = NULL;
    struct db_rows *rows = NULL;
    char hash[SHA256_HEX_MAX];
    int n_rows = 0;
    memcpy(hash, AUDIT_CHAIN_START, sizeof(hash));
    const struct ctx *ctx = ctx_background();
    assert_int_equal(db_begin(ctx, fixture->db, DB_READ, &session, NULL), STATUS_OK);
    assert_int_equal(db_query(ctx, session,
                         "SELECT audit_id, at, user_id, action, form_id, item_id, new_value,"
                         " prev_hash, hash FROM audit_trail ORDER BY audit_id",
                         NULL, 0, &rows, NULL),
        STATUS_OK);
    for (bool has_row = true; has_row;) {
        assert_int_equal(db_next(ctx, rows, &has_row, NULL), STATUS_OK);
        if (has_row) {
            const struct audit_row row = {.audit_id = db_column_integer(rows, 0),
                .at = db_column_integer(rows, 1),
                .user_id = db_column_integer(rows, 2),
                .action = db_column_text(rows, 3),
                .form_id = db_column_integer(rows, 4),
                .item_id = db_column_integer(rows, 5),
                .new_value = db_column_text(rows, 6)};
            assert_string_equal(db_column_text(rows, 7), hash);
            audit_chain_hash(digest, hash, &row, hash);
            assert_string_equal(db_column_text(rows, 8), hash);
            n_rows++;
        }
    }
    assert_int_equal(n_rows, 3);
    db_rows_free(rows);
    db_end(session);
    sha256_free(digest);
    crf_fixture_free(fixture);
}

static void a_second_run_opens_nothing_and_changes_nothing(void **state)
{
    (void)state;
    struct crf_fixture *fixture = fixture_with_problems();
    cJSON_Delete(crf_fixture_validate(fixture, NULL, true));
    crf_fixture_run(fixture, "UPDATE query SET status = 'answered' WHERE query_id = 1");
    char *before = crf_fixture_dump(fixture);
    cJSON *result = crf_fixture_validate(fixture, NULL, true);
    assert_int_equal(crf_fixture_count(result, "queries_opened"), 0);
    assert_int_equal(crf_fixture_count(result, "queries_known"), 3);
    cJSON_Delete(result);
    char *after = crf_fixture_dump(fixture);
    assert_string_equal(after, before);
    free(before);
    free(after);
    /* One that was closed although nothing was corrected is asked again. */
    crf_fixture_run(
        fixture, "UPDATE query SET status = 'closed', closed_at = 1 WHERE query_id = 1");
    result = crf_fixture_validate(fixture, NULL, true);
    assert_int_equal(crf_fixture_count(result, "queries_opened"), 1);
    cJSON_Delete(result);
    crf_fixture_free(fixture);
}

static void the_summaries_are_what_counting_anew_gives(void **state)
{
    (void)state;
    struct crf_fixture *fixture = fixture_with_problems();
    refresh(fixture);
    cJSON_Delete(crf_fixture_validate(fixture, "101", true));
    cJSON_Delete(crf_fixture_validate(fixture, NULL, true));
    char *kept = crf_fixture_dump(fixture);
    refresh(fixture);
    char *anew = crf_fixture_dump(fixture);
    assert_string_equal(kept, anew);
    assert_int_equal(crf_fixture_number(fixture, "SELECT max(n_queries) FROM site_total"), 2);
    free(kept);
    free(anew);
    crf_fixture_free(fixture);
}

struct at_once {
    struct crf_fixture *fixture;
    pthread_barrier_t *barrier;
    enum status status;
    struct crf_counts counts;
};

static enum status drop(void *arg, struct bytes piece)
{
    (void)arg;
    (void)piece;
    return STATUS_OK;
}

static void *validate_at_once(void *arg)
{
    struct at_once *at_once = arg;
    const struct crf_options options = {
        .scope = {.study = "P-1"}, .is_written = true, .folder = at_once->fixture->folder};
    struct crf_run *run = NULL;
    const struct ctx *ctx = ctx_background();
    pthread_barrier_wait(at_once->barrier);
    at_once->status = crf_validate(ctx, at_once->fixture->db, &options, &run, NULL);
    if (at_once->status == STATUS_OK) {
        at_once->status = crf_write_csv(run, ctx, LANGUAGE_EN, drop, NULL, NULL);
    }
    if (at_once->status == STATUS_OK) {
        at_once->status = crf_commit(run, ctx, NULL);
        at_once->counts = crf_run_counts(run);
    }
    crf_run_free(run);
    return NULL;
}

static void runs_at_once_write_once(void **state)
{
    (void)state;
    enum { RUNS = 4 };
    struct crf_fixture *fixture = fixture_with_problems();
    pthread_barrier_t barrier;
    pthread_t threads[RUNS];
    struct at_once runs[RUNS];
    uint64_t n_opened = 0;
    assert_int_equal(pthread_barrier_init(&barrier, NULL, RUNS), 0);
    for (int i = 0; i < RUNS; i++) {
        runs[i] = (struct at_once){.fixture = fixture, .barrier = &barrier};
        assert_int_equal(pthread_create(&threads[i], NULL, validate_at_once, &runs[i]), 0);
    }
    for (int i = 0; i < RUNS; i++) {
        pthread_join(threads[i], NULL);
        assert_string_equal(status_name(runs[i].status), "OK");
        assert_int_equal(runs[i].counts.n_opened + runs[i].counts.n_known, 3);
        n_opened += runs[i].counts.n_opened;
    }
    pthread_barrier_destroy(&barrier);
    assert_int_equal(n_opened, 3);
    assert_int_equal(crf_fixture_number(fixture, "SELECT count(*) FROM query"), 3);
    assert_int_equal(crf_fixture_number(fixture, "SELECT count(*) FROM audit_trail"), 3);
    crf_fixture_free(fixture);
}

struct sweep {
    const struct ctx_scope *scope;
    int n_polls;
    int stop_at;
};

static void stop_at_poll(void *arg, const char *stage, uint64_t done, uint64_t total)
{
    struct sweep *sweep = arg;
    (void)stage;
    (void)done;
    (void)total;
    if (++sweep->n_polls == sweep->stop_at) {
        ctx_cancel(sweep->scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    }
}

static enum status write_until(struct crf_fixture *fixture, int stop_at)
{
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct sweep sweep = {.scope = scope, .stop_at = stop_at};
    struct ctx_watch watch = {.on_progress = stop_at_poll, .arg = &sweep};
    CTX_SCOPE(watched, ctx_with_value(scope->ctx, &CTX_WATCH_KEY, &watch));
    const struct crf_options options = {
        .scope = {.study = "P-1"}, .is_written = true, .folder = fixture->folder};
    struct crf_run *run = NULL;
    enum status status = crf_validate(watched->ctx, fixture->db, &options, &run, NULL);
    if (status == STATUS_OK) {
        status = crf_write_json(run, watched->ctx, LANGUAGE_ZH_CN, drop, NULL, NULL);
    }
    if (status == STATUS_OK) {
        status = crf_commit(run, watched->ctx, NULL);
    }
    crf_run_free(run);
    return status;
}

/* 600 more problems: the phases of writing and rendering have checkpoints of their own. */
static void add_many(struct crf_fixture *fixture)
{
    crf_fixture_run(fixture,
        "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 699)"
        " INSERT INTO form (form_id, event_id, form_def_id, repeat_no, status)"
        " SELECT i, 22, 1, i, 'complete' FROM n;"
        "INSERT INTO item_data SELECT form_id, form_id, 1, 1, '60', 0 FROM form"
        " WHERE form_id >= 100");
}

static void a_cancel_at_any_checkpoint_leaves_the_store_as_it_was(void **state)
{
    (void)state;
    enum { CHECKPOINTS_MAX = 500 };
    struct crf_fixture *fixture = fixture_with_problems();
    add_many(fixture);
    refresh(fixture);
    char *before = crf_fixture_dump(fixture);
    int stop_at = 1;
    enum status status = STATUS_CANCELLED;
    while (stop_at < CHECKPOINTS_MAX) {
        status = write_until(fixture, stop_at++);
        if (status == STATUS_OK) {
            break;
        }
        assert_string_equal(status_name(status), "CANCELLED");
        char *after = crf_fixture_dump(fixture);
        assert_string_equal(after, before);
        free(after);
    }
    free(before);
    assert_string_equal(status_name(status), "OK");
    assert_true(stop_at > 20); /* load, check, write, render: all were reached */
    assert_int_equal(crf_fixture_number(fixture, "SELECT count(*) FROM query"), 1203);
    crf_fixture_free(fixture);
}

static enum status fail_at(void *arg, struct bytes piece)
{
    (void)piece;
    int *n_left = arg;
    return (*n_left)-- > 0 ? STATUS_OK : STATUS_UNAVAILABLE;
}

static void a_result_that_cannot_be_stored_leaves_the_store_as_it_was(void **state)
{
    (void)state;
    struct crf_fixture *fixture = fixture_with_problems();
    add_many(fixture);
    char *before = crf_fixture_dump(fixture);
    for (int n_pieces = 0; n_pieces < 3; n_pieces++) {
        const struct crf_options options = {
            .scope = {.study = "P-1"}, .is_written = true, .folder = fixture->folder};
        struct crf_run *run = NULL;
        int n_left = n_pieces;
        assert_int_equal(
            crf_validate(ctx_background(), fixture->db, &options, &run, NULL), STATUS_OK);
        assert_int_equal(crf_write_json(run, ctx_background(), LANGUAGE_EN, fail_at, &n_left, NULL),
            STATUS_UNAVAILABLE);
        crf_run_free(run); /* not committed */
    }
    char *after = crf_fixture_dump(fixture);
    assert_string_equal(after, before);
    free(before);
    free(after);
    crf_fixture_free(fixture);
}

static void a_read_only_store_is_refused_in_words(void **state)
{
    (void)state;
    struct crf_fixture *fixture = fixture_with_problems();
    struct error error = ERROR_NONE;
    db_close(fixture->db);
    const struct db_options read_only = {
        .name = "edc", .uri = fixture->uri, .mode = DB_OPEN_READ_ONLY};
    assert_int_equal(db_open(ctx_background(), &read_only, &fixture->db, &error), STATUS_OK);
    const struct crf_options options = {
        .scope = {.study = "P-1"}, .is_written = true, .folder = fixture->folder};
    struct crf_run *run = NULL;
    assert_int_equal(crf_validate(ctx_background(), fixture->db, &options, &run, &error),
        STATUS_FAILED_PRECONDITION);
    assert_non_null(strstr(error.text, "reading only"));
    cJSON *result = crf_fixture_validate(fixture, NULL, false); /* reading goes on */
    assert_int_equal(crf_fixture_count(result, "problems"), 3);
    cJSON_Delete(result);
    crf_fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(problems_become_queries_and_audit_rows, check_leaks),
        cmocka_unit_test_teardown(the_hash_chain_goes_on, check_leaks),
        cmocka_unit_test_teardown(a_second_run_opens_nothing_and_changes_nothing, check_leaks),
        cmocka_unit_test_teardown(the_summaries_are_what_counting_anew_gives, check_leaks),
        cmocka_unit_test_teardown(runs_at_once_write_once, check_leaks),
        cmocka_unit_test_teardown(
            a_cancel_at_any_checkpoint_leaves_the_store_as_it_was, check_leaks),
        cmocka_unit_test_teardown(
            a_result_that_cannot_be_stored_leaves_the_store_as_it_was, check_leaks),
        cmocka_unit_test_teardown(a_read_only_store_is_refused_in_words, check_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
