/* What the checks are run on: visits, forms, repeats, and what is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crf_fixture.h"

static void assert_found(struct crf_fixture *fixture, const char *expected)
{
    cJSON *result = crf_fixture_validate(fixture, NULL, false);
    assert_string_equal(crf_fixture_found(fixture, result), expected);
    cJSON_Delete(result);
}

static void a_value_that_does_not_hold_is_a_problem_and_says_where(void **state)
{
    (void)state;
    struct crf_fixture *fixture = crf_fixture_new(NULL);
    crf_fixture_check(fixture, "LOW", "VS", "SYSBP >= 80");
    int64_t first = crf_fixture_form(fixture, 1, "DAY1", "VS", 1);
    int64_t second = crf_fixture_form(fixture, 3, "SCREENING", "VS", 1);
    crf_fixture_form(fixture, 2, "DAY1", "VS", 1); /* nothing entered: not applicable */
    crf_fixture_value(fixture, first, "SYSBP", 1, "70");
    crf_fixture_value(fixture, second, "SYSBP", 1, "80");
    cJSON *result = crf_fixture_validate(fixture, NULL, false);
    assert_string_equal(crf_fixture_found(fixture, result), "LOW 101-01 DAY1.1 VS.1 SYSBP.1=70\n");
    assert_int_equal(crf_fixture_count(result, "evaluated"), 2);
    assert_int_equal(crf_fixture_count(result, "not_applicable"), 1);
    assert_int_equal(crf_fixture_count(result, "problems"), 1);
    assert_int_equal(crf_fixture_count(result, "forms"), 3);
    assert_int_equal(crf_fixture_count(result, "items"), 2);
    assert_int_equal(crf_fixture_count(result, "subjects"), 4);
    cJSON_Delete(result);
    crf_fixture_free(fixture);
}

static void a_site_is_checked_alone_and_problems_are_sorted_by_site_and_subject(void **state)
{
    (void)state;
    struct crf_fixture *fixture = crf_fixture_new(NULL);
    crf_fixture_check(fixture, "LOW", "VS", "SYSBP >= 80");
    /* The keys of the subjects run against their numbers. */
    crf_fixture_run(fixture, "UPDATE subject SET subject_no = '101-09' WHERE subject_id = 1");
    static const int ORDER[] = {4, 1, 2};
    for (size_t i = 0; i < LENGTH_OF(ORDER); i++) {
        int64_t form = crf_fixture_form(fixture, ORDER[i], "DAY1", "VS", 1);
        crf_fixture_value(fixture, form, "SYSBP", 1, "70");
    }
    assert_found(fixture, "LOW 101-02 DAY1.1 VS.1 SYSBP.1=70\n"
                          "LOW 101-09 DAY1.1 VS.1 SYSBP.1=70\n"
                          "LOW 102-04 DAY1.1 VS.1 SYSBP.1=70\n");
    cJSON *result = crf_fixture_validate(fixture, "102", false);
    assert_string_equal(crf_fixture_found(fixture, result), "LOW 102-04 DAY1.1 VS.1 SYSBP.1=70\n");
    assert_int_equal(crf_fixture_count(result, "forms"), 1);
    cJSON_Delete(result);
    crf_fixture_free(fixture);
}

static void the_previous_visit_is_the_nearest_earlier_one_with_the_form(void **state)
{
    (void)state;
    struct crf_fixture *fixture = crf_fixture_new(NULL);
    crf_fixture_check(fixture, "JUMP", "VS", "abs(WEIGHT - PREVIOUS/VS.WEIGHT) <= 10");
    static const struct {
        const char *visit;
        const char *weight;
    } ROWS[] = {{"SCREENING", "70"}, {"WEEK2", "85"}};
    for (size_t i = 0; i < LENGTH_OF(ROWS); i++) { /* DAY1 has no such form */
        int64_t form = crf_fixture_form(fixture, 1, ROWS[i].visit, "VS", 1);
        crf_fixture_value(fixture, form, "WEIGHT", 1, ROWS[i].weight);
    }
    assert_found(fixture, "JUMP 101-01 WEEK2.1 VS.1 WEIGHT.1=85\n");
    /* A page that nobody entered is none. */
    int64_t day1 = crf_fixture_form(fixture, 1, "DAY1", "VS", 1);
    crf_fixture_value(fixture, day1, "WEIGHT", 1, "84");
    crf_fixture_run(fixture, "UPDATE form SET status = 'missing' WHERE form_id = 3");
    assert_found(fixture, "JUMP 101-01 WEEK2.1 VS.1 WEIGHT.1=85\n");
    crf_fixture_run(fixture, "UPDATE form SET status = 'complete' WHERE form_id = 3");
    assert_found(fixture, "JUMP 101-01 DAY1.1 VS.1 WEIGHT.1=84\n");
    crf_fixture_free(fixture);
}

static void an_unscheduled_visit_stands_where_its_date_says(void **state)
{
    (void)state;
    struct crf_fixture *fixture = crf_fixture_new(NULL);
    crf_fixture_check(fixture, "JUMP", "VS", "abs(WEIGHT - PREVIOUS/VS.WEIGHT) <= 10");
    crf_fixture_run(fixture,
        "UPDATE subject_event SET visit_on = '2024-03-04' WHERE event_id = 14;"
        "INSERT INTO subject_event VALUES (19, 1, 4, 2, '2024-03-15', 'done')");
    int64_t first = crf_fixture_form(fixture, 1, "DAY1", "VS", 1);
    crf_fixture_value(fixture, first, "WEIGHT", 1, "70");
    int64_t before = crf_fixture_form(fixture, 1, "UNS", "VS", 1);
    crf_fixture_value(fixture, before, "WEIGHT", 1, "75");
    crf_fixture_run(fixture, "INSERT INTO form (form_id, event_id, form_def_id, repeat_no, status)"
                             " VALUES (50, 19, 1, 1, 'complete')");
    crf_fixture_value(fixture, 50, "WEIGHT", 1, "90");
    /* 2024-03-04: 75, 2024-03-08: 70, 2024-03-15: 90. */
    assert_found(fixture, "JUMP 101-01 UNS.2 VS.1 WEIGHT.1=90\n");
    crf_fixture_free(fixture);
}

static void a_named_visit_and_the_forms_of_the_same_visit_are_found(void **state)
{
    (void)state;
    struct crf_fixture *fixture = crf_fixture_new(NULL);
    crf_fixture_check(fixture, "RISE", "VS", "SYSBP <= SCREENING/VS.SYSBP + 40");
    crf_fixture_check(
        fixture, "TERM", "VS", "if SYSBP > 180 then any(COMMON/AE.AETERM is not missing)");
    int64_t screening = crf_fixture_form(fixture, 1, "SCREENING", "VS", 1);
    crf_fixture_value(fixture, screening, "SYSBP", 1, "120");
    int64_t week2 = crf_fixture_form(fixture, 1, "WEEK2", "VS", 1);
    crf_fixture_value(fixture, week2, "SYSBP", 1, "190");
    assert_found(fixture, "RISE 101-01 WEEK2.1 VS.1 SYSBP.1=190\n"
                          "TERM 101-01 WEEK2.1 VS.1 SYSBP.1=190\n");
    int64_t event = crf_fixture_form(fixture, 1, "COMMON", "AE", 2);
    crf_fixture_value(fixture, event, "AETERM", 1, "hypertension");
    assert_found(fixture, "RISE 101-01 WEEK2.1 VS.1 SYSBP.1=190\n");
    crf_fixture_free(fixture);
}

static void a_check_runs_once_for_each_repeat_of_an_item_group(void **state)
{
    (void)state;
    struct crf_fixture *fixture = crf_fixture_new(NULL);
    crf_fixture_check(fixture, "GRADED", "MH", "if TERM is not missing then GRADE is required");
    crf_fixture_check(fixture, "FEW", "MH", "count(TERM is not missing) <= 2");
    int64_t form = crf_fixture_form(fixture, 1, "SCREENING", "MH", 1);
    crf_fixture_value(fixture, form, "TERM", 7, "asthma");
    crf_fixture_value(fixture, form, "TERM", 2, "gout");
    crf_fixture_value(fixture, form, "GRADE", 2, "1");
    crf_fixture_value(fixture, form, "TERM", 30, "fever");
    cJSON *result = crf_fixture_validate(fixture, NULL, false);
    assert_string_equal(crf_fixture_found(fixture, result),
        "FEW 101-01 SCREENING.1 MH.1 TERM.2=gout\n"
        "GRADED 101-01 SCREENING.1 MH.1 GRADE.0=-\n"
        "GRADED 101-01 SCREENING.1 MH.1 GRADE.0=-\n");
    assert_int_equal(crf_fixture_count(result, "evaluated"), 4);
    cJSON_Delete(result);
    crf_fixture_free(fixture);
}

static void several_values_where_one_is_meant_are_not_applicable(void **state)
{
    (void)state;
    struct crf_fixture *fixture = crf_fixture_new(NULL);
    crf_fixture_check(fixture, "ONE", "VS", "SYSBP > AE.AETERM or SYSBP > 1000");
    crf_fixture_run(fixture, "UPDATE edit_check SET expr = 'COMMON/AE.AETERM != \"x\"'");
    crf_fixture_form(fixture, 1, "DAY1", "VS", 1);
    for (int repeat = 1; repeat <= 2; repeat++) {
        int64_t event = crf_fixture_form(fixture, 1, "COMMON", "AE", repeat);
        crf_fixture_value(fixture, event, "AETERM", 1, "x");
        cJSON *result = crf_fixture_validate(fixture, NULL, false);
        assert_int_equal(crf_fixture_count(result, "problems"), repeat == 1 ? 1 : 0);
        assert_int_equal(crf_fixture_count(result, "not_applicable"), repeat == 1 ? 0 : 1);
        cJSON_Delete(result);
    }
    crf_fixture_free(fixture);
}

static void a_check_of_no_form_runs_once_a_visit(void **state)
{
    (void)state;
    struct crf_fixture *fixture = crf_fixture_new(NULL);
    crf_fixture_check(fixture, "SERIOUS", NULL, "count(AE.AESER = \"Y\") <= 1");
    for (int repeat = 1; repeat <= 3; repeat++) {
        int64_t event = crf_fixture_form(fixture, 2, "COMMON", "AE", repeat);
        crf_fixture_value(fixture, event, "AESER", 1, repeat == 2 ? "N" : "Y");
    }
    assert_found(fixture, "SERIOUS 101-02 COMMON.1 AE.1 AESER.1=Y\n");
    crf_fixture_free(fixture);
}

static void what_does_not_compile_is_told_with_its_column_and_the_rest_is_checked(void **state)
{
    (void)state;
    struct crf_fixture *fixture = crf_fixture_new(NULL);
    crf_fixture_check(fixture, "BAD", "VS", "SYSBP >= 80 or SYSBPP < 3");
    crf_fixture_check(fixture, "NOWHERE", NULL, "subject.birth_year > 1900");
    crf_fixture_check(fixture, "LOW", "VS", "SYSBP >= 80");
    crf_fixture_check(fixture, "OFF", "VS", "SYSBP >= 1000");
    crf_fixture_check(fixture, "STRANGE", "VS", "SYSBP >= 1000");
    crf_fixture_run(fixture, "UPDATE edit_check SET form_def_id = 99 WHERE code = 'STRANGE'");
    crf_fixture_run(fixture, "UPDATE edit_check SET active = 0 WHERE code = 'OFF'");
    int64_t form = crf_fixture_form(fixture, 1, "DAY1", "VS", 1);
    crf_fixture_value(fixture, form, "SYSBP", 1, "70");
    cJSON *result = crf_fixture_validate(fixture, NULL, false);
    assert_string_equal(crf_fixture_found(fixture, result), "LOW 101-01 DAY1.1 VS.1 SYSBP.1=70\n");
    assert_int_equal(crf_fixture_count(result, "checks"), 1);
    assert_int_equal(crf_fixture_count(result, "broken_checks"), 3);
    const cJSON *checks = cJSON_GetObjectItem(cJSON_GetObjectItem(result, "validation"), "checks");
    const cJSON *bad = cJSON_GetObjectItem(cJSON_GetArrayItem(checks, 0), "error");
    assert_int_equal(cJSON_GetObjectItem(bad, "column")->valueint, 16);
    assert_non_null(strstr(cJSON_GetObjectItem(bad, "text")->valuestring, "SYSBPP"));
    const cJSON *nowhere = cJSON_GetObjectItem(cJSON_GetArrayItem(checks, 2), "error");
    assert_non_null(strstr(cJSON_GetObjectItem(nowhere, "text")->valuestring, "no form"));
    const cJSON *strange = cJSON_GetObjectItem(cJSON_GetArrayItem(checks, 3), "error");
    assert_non_null(strstr(cJSON_GetObjectItem(strange, "text")->valuestring, "form_def_id"));
    cJSON_Delete(result);
    crf_fixture_free(fixture);
}

static void values_that_the_source_does_not_provide_are_not_missing(void **state)
{
    (void)state;
    struct crf_fixture *fixture = crf_fixture_new(NULL);
    crf_fixture_check(fixture, "NEEDED", "VS", "SYSBP is required");
    crf_fixture_check(fixture, "KNOWN", "VS", "visit.date is missing");
    int64_t form = crf_fixture_form(fixture, 1, "DAY1", "VS", 1);
    crf_fixture_value(fixture, form, "SYSBP", 1, "");
    crf_fixture_run(fixture, "INSERT INTO provided VALUES ('item_data.value', 0, 'none')");
    cJSON *result = crf_fixture_validate(fixture, NULL, false);
    assert_string_equal(crf_fixture_found(fixture, result), "KNOWN 101-01 DAY1.1 VS.1 -.0=-\n");
    assert_int_equal(crf_fixture_count(result, "not_applicable"), 1);
    const cJSON *lacks =
        cJSON_GetObjectItem(cJSON_GetObjectItem(result, "validation"), "not_provided");
    assert_string_equal(cJSON_GetArrayItem(lacks, 0)->valuestring, "crf_no_values");
    assert_non_null(cJSON_GetObjectItem(cJSON_GetObjectItem(result, "words"), "crf_no_values"));
    cJSON_Delete(result);
    crf_fixture_run(fixture, "UPDATE provided SET is_provided = 1");
    assert_found(fixture, "KNOWN 101-01 DAY1.1 VS.1 -.0=-\nNEEDED 101-01 DAY1.1 VS.1 SYSBP.1=-\n");
    crf_fixture_free(fixture);
}

static enum status validate(
    struct crf_fixture *fixture, const char *study, const char *site_no, struct error *ret_error)
{
    const struct crf_options options = {
        .scope = {.study = study, .site_no = site_no}, .folder = fixture->folder};
    struct crf_run *run = NULL;
    enum status status = crf_validate(ctx_background(), fixture->db, &options, &run, ret_error);
    crf_run_free(run);
    return status;
}

static void unknown_and_ambiguous_sites_are_named(void **state)
{
    (void)state;
    struct crf_fixture *fixture = crf_fixture_new(NULL);
    struct error error = ERROR_NONE;
    assert_int_equal(validate(fixture, NULL, "900", &error), STATUS_NOT_FOUND);
    assert_non_null(strstr(error.text, "no site \"900\" in any study"));
    assert_int_equal(validate(fixture, "P-2", "101", &error), STATUS_NOT_FOUND);
    assert_int_equal(validate(fixture, "P-2", NULL, &error), STATUS_NOT_FOUND);
    assert_non_null(strstr(error.text, "no study \"P-2\""));
    crf_fixture_run(fixture, "INSERT INTO study VALUES (2, 'S2', 'P-2', NULL, NULL, NULL);"
                             "INSERT INTO site VALUES (9, 2, '101', 'Other', 'US')");
    assert_int_equal(validate(fixture, NULL, "101", &error), STATUS_FAILED_PRECONDITION);
    assert_non_null(strstr(error.text, "P-1, P-2"));
    assert_int_equal(validate(fixture, "P-2", "101", &error), STATUS_OK);
    crf_fixture_free(fixture);
}

/* More forms than one batch holds, and subjects whose forms lie far apart: by ranges and without.
 */
static void many_subjects_are_read_in_batches_whose_forms_may_lie_anywhere(void **state)
{
    (void)state;
    enum { SUBJECTS = 300, FORMS_OF_SUBJECT = 8, PROBLEMS = SUBJECTS };
    struct crf_fixture *fixture = crf_fixture_new(NULL);
    crf_fixture_check(fixture, "LOW", "VS", "SYSBP >= 80");
    crf_fixture_run(fixture,
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 299)"
        " INSERT INTO subject (subject_id, site_id, subject_no, status)"
        " SELECT 1000 + i, 1 + i % 2, 'X' || i, 'enrolled' FROM n;"
        "INSERT INTO subject_event SELECT subject_id * 10, subject_id, 2, 1, NULL, 'done'"
        " FROM subject WHERE subject_id >= 1000;"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8)"
        " INSERT INTO form (form_id, event_id, form_def_id, repeat_no, status)"
        " SELECT s.subject_id + (n.i - 1) * 100000, s.subject_id * 10, 1, n.i, 'complete'"
        " FROM subject s, n WHERE s.subject_id >= 1000;"
        "INSERT INTO item_data SELECT form_id, form_id, 1, 1,"
        " CASE WHEN repeat_no = 5 THEN '79' ELSE '81' END, 0 FROM form");
    cJSON *result = crf_fixture_validate(fixture, NULL, false);
    assert_int_equal(crf_fixture_count(result, "forms"), SUBJECTS * FORMS_OF_SUBJECT);
    assert_int_equal(crf_fixture_count(result, "evaluated"), SUBJECTS * FORMS_OF_SUBJECT);
    assert_int_equal(crf_fixture_count(result, "problems"), PROBLEMS);
    cJSON_Delete(result);
    /* The same forms side by side. */
    crf_fixture_run(fixture,
        "UPDATE item_data SET form_id = NULL WHERE 0 = 1; DELETE FROM item_data;"
        "UPDATE form SET form_id = 2000000 + (event_id - 10000) * 8 + repeat_no;"
        "INSERT INTO item_data SELECT form_id, form_id, 1, 1,"
        " CASE WHEN repeat_no = 5 THEN '79' ELSE '81' END, 0 FROM form");
    result = crf_fixture_validate(fixture, NULL, false);
    assert_int_equal(crf_fixture_count(result, "evaluated"), SUBJECTS * FORMS_OF_SUBJECT);
    assert_int_equal(crf_fixture_count(result, "problems"), PROBLEMS);
    cJSON_Delete(result);
    result = crf_fixture_validate(fixture, "101", false);
    assert_int_equal(crf_fixture_count(result, "problems"), PROBLEMS / 2);
    cJSON_Delete(result);
    crf_fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_that_does_not_hold_is_a_problem_and_says_where),
        cmocka_unit_test(a_site_is_checked_alone_and_problems_are_sorted_by_site_and_subject),
        cmocka_unit_test(the_previous_visit_is_the_nearest_earlier_one_with_the_form),
        cmocka_unit_test(an_unscheduled_visit_stands_where_its_date_says),
        cmocka_unit_test(a_named_visit_and_the_forms_of_the_same_visit_are_found),
        cmocka_unit_test(a_check_runs_once_for_each_repeat_of_an_item_group),
        cmocka_unit_test(several_values_where_one_is_meant_are_not_applicable),
        cmocka_unit_test(a_check_of_no_form_runs_once_a_visit),
        cmocka_unit_test(what_does_not_compile_is_told_with_its_column_and_the_rest_is_checked),
        cmocka_unit_test(values_that_the_source_does_not_provide_are_not_missing),
        cmocka_unit_test(unknown_and_ambiguous_sites_are_named),
        cmocka_unit_test(many_subjects_are_read_in_batches_whose_forms_may_lie_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
