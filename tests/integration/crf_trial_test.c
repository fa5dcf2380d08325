/* An expression is tried in the form that it fits, and on the forms of whom it is asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crf/trial.h"
#include "crf_fixture.h"
#include "support/postgres_server.h"

static struct crf_trial *new_trial(struct crf_fixture *fixture)
{
    struct crf_trial *trial = NULL;
    struct error error = ERROR_NONE;
    const struct crf_scope scope = {NULL, NULL, NULL};
    if (crf_trial_new(ctx_background(), fixture->db, &scope, &trial, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return trial;
}

static void assert_form(struct crf_trial *trial, const char *expression, const char *form)
{
    struct check_error error;
    if (crf_trial_compile(trial, NULL, expression, &error) != STATUS_OK) {
        fail_msg("%s: %s", expression, error.text);
    }
    const char *found = crf_trial_form(trial);
    assert_string_equal(found == NULL ? "none" : found, form);
}

static void assert_refused(
    struct crf_trial *trial, const char *form, const char *expression, const char *words)
{
    struct check_error error;
    assert_int_not_equal(crf_trial_compile(trial, form, expression, &error), STATUS_OK);
    assert_string_equal(error.text, words);
}

static void an_expression_finds_the_only_form_that_it_fits(void **state)
{
    (void)state;
    struct crf_fixture *fixture = crf_fixture_new(NULL);
    struct crf_trial *trial = new_trial(fixture);
    assert_form(trial, "SYSBP > 80", "VS");
    assert_form(trial, "AESER = \"Y\" and VS.SYSBP > 80", "AE");
    assert_form(trial, "VS.SYSBP > 80", "none");
    assert_refused(trial, NULL, "SYSBP > 80 and DIABPP > 3",
        "form VS has no item DIABPP; did you mean DIABP?");
    assert_refused(trial, NULL, "SYSBP in codelist", "item SYSBP has no codelist");
    assert_refused(trial, "V", "SYSBP > 80", "--form V: no such form; did you mean VS?");
    assert_refused(
        trial, "AE", "SYSBP > 80", "form AE has no item SYSBP; form VS has one: VS.SYSBP");
    crf_trial_free(trial);
    crf_fixture_run(fixture,
        "INSERT INTO item_def (item_def_id, form_def_id, oid, data_type) SELECT 9001, form_def_id,"
        " 'SYSBP', 'integer' FROM form_def WHERE oid = 'AE'");
    trial = new_trial(fixture);
    struct check_error error;
    assert_int_equal(crf_trial_compile(trial, NULL, "SYSBP > 80", &error), STATUS_INVALID_ARGUMENT);
    assert_non_null(strstr(error.text, "it compiles in several forms ("));
    crf_trial_free(trial);
    crf_fixture_free(fixture);
}

static void several_studies_need_a_name(void **state)
{
    (void)state;
    struct crf_fixture *fixture = crf_fixture_new(NULL);
    struct crf_trial *trial = NULL;
    struct error error = ERROR_NONE;
    const struct crf_scope scope = {NULL, NULL, NULL};
    crf_fixture_run(
        fixture, "INSERT INTO study (study_id, oid, protocol_no) VALUES (77, 'S77', 'ZZ-77')");
    assert_int_equal(crf_trial_new(ctx_background(), fixture->db, &scope, &trial, &error),
        STATUS_FAILED_PRECONDITION);
    assert_non_null(strstr(error.text, "ZZ-77): say which with --study"));
    assert_null(trial);
    crf_fixture_free(fixture);
}

struct seen {
    char text[512];
};

static void add_example(void *arg, const struct crf_example *example)
{
    struct seen *seen = arg;
    size_t len = strlen(seen->text);
    snprintf(seen->text + len, sizeof(seen->text) - len, "%s %s %s %s=%s\n", example->subject_no,
        example->visit, example->form, example->item == NULL ? "-" : example->item,
        example->value == NULL ? "-" : example->value);
}

/* The study's own checks are not run beside it. */
static void try_over(struct crf_fixture *fixture, const char *subject_no, uint64_t n_max,
    const char *expected, uint64_t n_problems)
{
    const struct crf_single single = {"VS", "SYSBP >= 80"};
    const struct crf_options options = {
        .scope = {NULL, "101", subject_no}, .single = &single, .folder = fixture->folder};
    struct crf_run *run = NULL;
    struct error error = ERROR_NONE;
    struct seen seen = {""};
    if (crf_validate(ctx_background(), fixture->db, &options, &run, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(crf_run_counts(run).n_problems, n_problems);
    assert_int_equal(crf_run_counts(run).n_checks, 1);
    assert_int_equal(
        crf_each_example(run, ctx_background(), n_max, add_example, &seen, &error), STATUS_OK);
    assert_string_equal(seen.text, expected);
    crf_run_free(run);
}

static void try_all(const char *postgres_uri)
{
    struct crf_fixture *fixture = crf_fixture_new(postgres_uri);
    crf_fixture_check(fixture, "OWN", "VS", "DIABP > 1000");
    for (int subject = 1; subject <= 3; subject++) {
        int64_t form = crf_fixture_form(fixture, subject, "DAY1", "VS", 1);
        crf_fixture_value(fixture, form, "SYSBP", 1, subject == 1 ? "70" : "71");
        crf_fixture_value(fixture, form, "DIABP", 1, "60");
    }
    try_over(fixture, NULL, 5, "101-01 DAY1 VS SYSBP=70\n101-02 DAY1 VS SYSBP=71\n", 2);
    try_over(fixture, NULL, 1, "101-01 DAY1 VS SYSBP=70\n", 2);
    try_over(fixture, "101-02", 5, "101-02 DAY1 VS SYSBP=71\n", 1);
    try_over(fixture, "102-03", 5, "", 0); /* another site's */
    crf_fixture_free(fixture);
}

static void a_single_expression_is_run_instead_of_the_studys_checks(void **state)
{
    (void)state;
    try_all(NULL);
}

static void postgres_does_the_same(void **state)
{
    (void)state;
    char uri[POSTGRES_URI_MAX];
    postgres_server_database("crf_trial", uri);
    try_all(uri);
}

static void count_check(void *arg, const struct crf_trial_check *check)
{
    struct seen *seen = arg;
    size_t len = strlen(seen->text);
    snprintf(seen->text + len, sizeof(seen->text) - len, "%s %s %u\n", check->code,
        check->form_oid == NULL ? "-" : check->form_oid,
        check->error == NULL ? 0 : check->error->column);
}

static void the_studys_checks_are_listed_with_their_errors(void **state)
{
    (void)state;
    struct crf_fixture *fixture = crf_fixture_new(NULL);
    struct error error = ERROR_NONE;
    struct seen seen = {""};
    crf_fixture_check(fixture, "B", "VS", "SYSBP GE 80");
    crf_fixture_check(fixture, "A", "VS", "SYSBP >= 80");
    struct crf_trial *trial = new_trial(fixture);
    assert_int_equal(
        crf_trial_each_check(ctx_background(), fixture->db, trial, count_check, &seen, &error),
        STATUS_OK);
    assert_string_equal(seen.text, "A VS 0\nB VS 7\n");
    crf_trial_free(trial);
    crf_fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_expression_finds_the_only_form_that_it_fits),
        cmocka_unit_test(several_studies_need_a_name),
        cmocka_unit_test(a_single_expression_is_run_instead_of_the_studys_checks),
        cmocka_unit_test(postgres_does_the_same),
        cmocka_unit_test(the_studys_checks_are_listed_with_their_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
