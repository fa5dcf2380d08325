/* The time left: a validation that cannot be done in it stops early and says so. The clock is a
 * fake one that goes on at checkpoints only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "crf_fixture.h"
#include "ctx/checkpoint.h"

enum {
    FORMS = 3200,
    FORMS_OF_CHECKPOINT = 32, /* run.h */
    STEP_MS = 10,             /* so long takes each of them */
    WHOLE_MS = FORMS / FORMS_OF_CHECKPOINT * STEP_MS,
};

static uint64_t now_ns;

static void go_on(void *arg, const char *stage, uint64_t done, uint64_t total)
{
    (void)arg;
    (void)done;
    (void)total;
    if (strcmp(stage, "check") == 0) {
        now_ns += CLOCK_MS(STEP_MS);
        clock_set_fake_ns(now_ns);
    }
}

static struct crf_fixture *fixture_with_many_forms(void)
{
    struct crf_fixture *fixture = crf_fixture_new(NULL);
    crf_fixture_check(fixture, "LOW", "VS", "SYSBP >= 80");
    crf_fixture_run(fixture,
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 319)"
        " INSERT INTO subject (subject_id, site_id, subject_no, status)"
        " SELECT 1000 + i, 1, 'X' || i, 'enrolled' FROM n;"
        "INSERT INTO subject_event SELECT subject_id * 10, subject_id, 2, 1, NULL, 'done'"
        " FROM subject WHERE subject_id >= 1000;"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)"
        " INSERT INTO form (form_id, event_id, form_def_id, repeat_no, status)"
        " SELECT s.subject_id * 10 + n.i, s.subject_id * 10, 1, n.i, 'complete'"
        " FROM subject s, n WHERE s.subject_id >= 1000;"
        "INSERT INTO item_data SELECT form_id, form_id, 1, 1, '81', 0 FROM form;"
        "UPDATE item_data SET value = '79' WHERE item_id % 100 = 1");
    return fixture;
}

static enum status validate_within(
    struct crf_fixture *fixture, uint64_t timeout_ms, struct error *ret_error)
{
    now_ns = CLOCK_SECONDS(1000);
    clock_set_fake_ns(now_ns);
    struct ctx_watch watch = {.on_progress = go_on};
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(timeout_ms)));
    CTX_SCOPE(watched, ctx_with_value(scope->ctx, &CTX_WATCH_KEY, &watch));
    const struct crf_options options = {
        .scope = {.study = "P-1"}, .is_written = true, .folder = fixture->folder};
    struct crf_run *run = NULL;
    enum status status = crf_validate(watched->ctx, fixture->db, &options, &run, ret_error);
    if (status == STATUS_OK) {
        status = crf_commit(run, watched->ctx, ret_error);
    }
    crf_run_free(run);
    return status;
}

static void too_short_a_deadline_is_refused_after_a_batch_with_what_is_needed(void **state)
{
    (void)state;
    struct crf_fixture *fixture = fixture_with_many_forms();
    char *before = crf_fixture_dump(fixture);
    struct error error = ERROR_NONE;
    assert_int_equal(validate_within(fixture, WHOLE_MS / 2, &error), STATUS_RESOURCE_EXHAUSTED);
    uint64_t used_ms = (now_ns - CLOCK_SECONDS(1000)) / CLOCK_MS(1);
    assert_true(used_ms < WHOLE_MS / 2); /* it did not burn to the deadline */
    assert_non_null(strstr(error.text, "would need about "));
    assert_non_null(strstr(error.text, " of 3200 forms checked"));
    clock_set_fake_ns(0);
    char *after = crf_fixture_dump(fixture);
    assert_string_equal(after, before);
    free(before);
    free(after);
    crf_fixture_free(fixture);
}

static void a_deadline_that_is_long_enough_is_not_refused(void **state)
{
    (void)state;
    struct crf_fixture *fixture = fixture_with_many_forms();
    struct error error = ERROR_NONE;
    enum status status = validate_within(fixture, WHOLE_MS * 3 / 2, &error);
    clock_set_fake_ns(0);
    if (status != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(crf_fixture_number(fixture, "SELECT count(*) FROM query"), 32);
    crf_fixture_free(fixture);
}

static void one_that_is_much_too_short_ends_as_a_deadline_does(void **state)
{
    (void)state;
    struct crf_fixture *fixture = fixture_with_many_forms();
    struct error error = ERROR_NONE;
    enum status status = validate_within(fixture, STEP_MS * 2, &error);
    clock_set_fake_ns(0);
    assert_string_equal(status_name(status), "DEADLINE_EXCEEDED");
    crf_fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_short_a_deadline_is_refused_after_a_batch_with_what_is_needed),
        cmocka_unit_test(a_deadline_that_is_long_enough_is_not_refused),
        cmocka_unit_test(one_that_is_much_too_short_ends_as_a_deadline_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
