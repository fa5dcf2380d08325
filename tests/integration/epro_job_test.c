/* The five steps over a database: what is stored, what is not, and what a second time changes. With
 * EPRO_POSTGRES over PostgreSQL. */
#include "epro_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct epro_fixture *fixture;
static char json[EPRO_JSON_MAX];

static int setup(void **state)
{
    (void)state;
    fixture = epro_fixture_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    epro_fixture_free(fixture);
    return 0;
}

static struct epro_job *run(const char *subject_no, const char *body)
{
    static struct epro_request request;
    request = epro_fixture_request(subject_no, body);
    return epro_fixture_run(fixture, &request);
}

static const struct epro_report *report_of(const struct epro_job *job)
{
    return epro_job_report(job);
}

static void a_submission_fills_the_row_that_waits_for_it(void **state)
{
    (void)state;
    epro_json(json, "phq-9", "2025-02-04T09:00:00+08:00", "210110002", "\"id\":\"a\"");
    struct epro_job *job = run("01-001", json);
    const struct epro_result *result = report_of(job)->results;
    assert_int_equal(report_of(job)->n_stored, 1);
    assert_int_equal(result->outcome, EPRO_STORED);
    assert_int_equal(result->response_id, 2);
    assert_string_equal(result->due_on, "2025-02-03");
    assert_false(result->is_late);
    assert_true(result->has_score && result->score == 7);
    assert_string_equal(result->severity, "mild");
    assert_int_equal(result->n_issues, 0);
    assert_string_equal(result->alerts->kind, "suicidal_ideation");
    assert_null(result->alerts->next);
    assert_string_equal(report_of(job)->patient->site_no, "01");
    assert_int_equal(report_of(job)->n_outstanding, 3);
    epro_job_free(job);
    assert_string_equal(
        epro_fixture_text(fixture, "SELECT status || '|' || CAST(score AS INTEGER) || '|' || "
                                   "severity || '|' || external_id"
                                   " || '|' || submitted_at || '|' || n_missing FROM epro_response"
                                   " WHERE resp_id = 2"),
        "submitted|7|mild|a|1738630800000|0");
    assert_int_equal(
        epro_fixture_integer(fixture, "SELECT count(*) FROM epro_answer WHERE resp_id = 2"), 9);
    assert_string_equal(
        epro_fixture_text(fixture, "SELECT kind || link_id FROM epro_alert WHERE resp_id = 2"),
        "suicidal_ideationq9");
}

static void every_write_is_in_the_audit_trail_and_counts_one_data_version(void **state)
{
    (void)state;
    int64_t before =
        epro_fixture_integer(fixture, "SELECT value FROM meta WHERE key = 'data_version'");
    epro_json(json, "phq-9", "2025-02-04T09:00:00Z", "333333333", "\"id\":\"a\"");
    struct epro_job *job = run("01-001", json);
    assert_int_equal(report_of(job)->data_version, before + 1);
    assert_int_equal(report_of(job)->n_alerts_new, 2);
    epro_job_free(job);
    assert_true(epro_fixture_chain_holds(fixture));
    assert_int_equal(epro_fixture_integer(fixture, "SELECT count(*) FROM audit_trail"), 3);
    assert_string_equal(
        epro_fixture_text(fixture, "SELECT new_value FROM audit_trail WHERE action = 'update'"),
        "epro_response/2: instrument=PHQ-9; due_on=2025-02-03; submitted_at=2025-02-04T09:00:00Z;"
        " status=submitted; score=27; severity=severe; profile=; n_missing=0; answers=q1:3 q2:3"
        " q3:3 q4:3 q5:3 q6:3 q7:3 q8:3 q9:3");
    assert_string_equal(
        epro_fixture_text(fixture, "SELECT reason FROM audit_trail WHERE action = 'update'"),
        "ePRO response received, for anonymous");
    assert_int_equal(epro_fixture_integer(fixture,
                         "SELECT count(*) FROM meta a JOIN meta b ON a.value = b.value"
                         " WHERE a.key = 'data_version' AND b.key = 'site_total_version'"),
        1);
    assert_string_equal(
        epro_fixture_text(fixture, "SELECT login || role FROM app_user"), "walkiesystem");
}

static void the_same_batch_again_stores_nothing_new(void **state)
{
    (void)state;
    char first[EPRO_FINGERPRINT_MAX];
    char second[EPRO_FINGERPRINT_MAX];
    static char batch[3 * EPRO_JSON_MAX];
    epro_json(json, "phq-9", "2025-02-04T09:00:00Z", "333333333", "\"id\":\"a\"");
    int len = snprintf(batch, sizeof(batch), "[%s,", json);
    epro_json(json, "gad-7", "2025-02-04T09:05:00Z", "0011001", "");
    (void)snprintf(batch + len, sizeof(batch) - (size_t)len, "%s]", json);
    struct epro_job *job = run("01-001", batch);
    assert_int_equal(report_of(job)->n_stored, 2);
    epro_job_free(job);
    epro_fixture_fingerprint(fixture, first);
    job = run("01-001", batch);
    assert_int_equal(report_of(job)->n_stored, 0);
    assert_int_equal(report_of(job)->n_unchanged, 2);
    assert_int_equal(report_of(job)->n_alerts_new, 0);
    assert_int_equal(report_of(job)->n_alerts, 2);
    assert_int_equal(report_of(job)->results[0].response_id, 2);
    assert_int_equal(report_of(job)->results[0].outcome, EPRO_UNCHANGED);
    epro_job_free(job);
    epro_fixture_fingerprint(fixture, second);
    assert_string_equal(first, second);
}

static void an_amendment_replaces_the_answers(void **state)
{
    (void)state;
    epro_json(json, "phq-9", "2025-02-04T09:00:00Z", "100000002", "\"id\":\"a\"");
    epro_job_free(run("01-001", json));
    epro_json(json, "phq-9", "2025-02-04T09:00:00Z", "2-0000000", "\"id\":\"a\"");
    struct epro_job *job = run("01-001", json);
    assert_int_equal(report_of(job)->n_rejected, 1);
    assert_non_null(issue_of(report_of(job)->results, EPRO_ISSUE_DUPLICATE_RESPONSE));
    epro_job_free(job);
    epro_json(
        json, "phq-9", "2025-02-04T09:00:00Z", "2-0000000", "\"id\":\"a\",\"status\":\"amended\"");
    job = run("01-001", json);
    assert_int_equal(report_of(job)->n_stored, 1);
    assert_true(report_of(job)->results->is_prorated && report_of(job)->results->score == 2);
    epro_job_free(job);
    assert_int_equal(
        epro_fixture_integer(fixture, "SELECT count(*) FROM epro_answer WHERE resp_id = 2"), 8);
    assert_int_equal(epro_fixture_integer(fixture, "SELECT count(*) FROM epro_alert"), 1);
    assert_non_null(strstr(
        epro_fixture_text(fixture, "SELECT old_value FROM audit_trail WHERE action = 'update'"
                                   " AND new_value LIKE 'epro_response%' ORDER BY audit_id DESC"
                                   " LIMIT 1"),
        "q1:1 q2:0"));
    assert_true(epro_fixture_chain_holds(fixture));
}

static void where_no_row_waits_the_plan_says_what_was_due(void **state)
{
    (void)state;
    static const struct {
        const char *authored;
        const char *due_on; /* NULL: nothing was due */
        enum epro_issue_kind kind;
        bool is_late;
    } CASES[] = {
        {"2025-03-31T10:00:00Z", "2025-03-31", EPRO_ISSUE_KINDS, false},
        {"2025-01-03T10:00:00Z", "2025-01-06", EPRO_ISSUE_EARLY, false},
        {"2025-02-10T10:00:00Z", "2025-02-03", EPRO_ISSUE_LATE, true},
        {"2024-06-01T10:00:00Z", NULL, EPRO_ISSUE_UNSCHEDULED, false},
    };
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        epro_json(json, "gad-7", CASES[i].authored, "0000000", "");
        struct epro_job *job = run("01-001", json);
        const struct epro_result *result = report_of(job)->results;
        assert_int_equal(result->outcome, EPRO_STORED);
        assert_int_equal(result->is_late, CASES[i].is_late);
        assert_true(result->due_on == NULL ? CASES[i].due_on == NULL
                                           : strcmp(result->due_on, CASES[i].due_on) == 0);
        assert_int_equal(result->n_issues, CASES[i].kind != EPRO_ISSUE_KINDS);
        if (CASES[i].kind != EPRO_ISSUE_KINDS) {
            assert_non_null(issue_of(result, CASES[i].kind));
        }
        epro_job_free(job);
    }
    assert_int_equal(epro_fixture_integer(fixture,
                         "SELECT count(*) FROM epro_response WHERE instrument = 'GAD-7'"
                         " AND status = 'late'"),
        1);
    assert_int_equal(epro_fixture_integer(fixture,
                         "SELECT event_def_id FROM epro_response WHERE due_on = '2025-03-31'"),
        3);
}

static void of_two_windows_the_one_that_waits_gets_the_response(void **state)
{
    (void)state;
    epro_fixture_script(fixture,
        "INSERT INTO epro_response (resp_id, subject_id, instrument, due_on, submitted_at, status)"
        " VALUES (10, 1, 'SWLS', '2025-02-03', 1738540800000, 'submitted'),"
        " (11, 1, 'SWLS', '2025-02-05', NULL, 'pending')");
    epro_json(json, "swls", "2025-02-03T10:00:00Z", "44444", "\"id\":\"a\"");
    struct epro_job *job = run("01-001", json);
    assert_int_equal(report_of(job)->n_stored, 1);
    assert_int_equal(report_of(job)->results->response_id, 11);
    epro_job_free(job);
}

/* Rows as a source brings them: answers, and a score of its own. */
static const char STORED_SQL[] =
    "UPDATE epro_response SET status = 'submitted', submitted_at = 1736154000000, score = 13"
    " WHERE resp_id = 3;"
    "INSERT INTO epro_answer (resp_id, link_id, value) VALUES (3, 'q1', '1'), (3, 'q2', '2'),"
    " (3, 'q3', '3'), (3, 'q4', '4'), (3, 'q5', '3');"
    "UPDATE epro_response SET status = 'late', submitted_at = 1738900000000, score = 21"
    " WHERE resp_id = 2;"
    "INSERT INTO epro_answer (resp_id, link_id, value) VALUES (2, 'q1', '3'), (2, 'q2', '3'),"
    " (2, 'q3', '3'), (2, 'q4', '3'), (2, 'q5', '3'), (2, 'q6', '3'), (2, 'q7', '1'),"
    " (2, 'q8', '1'), (2, 'q9', '0');";

static void what_the_database_holds_is_processed_once(void **state)
{
    (void)state;
    epro_fixture_script(fixture, STORED_SQL);
    struct epro_job *job = run("01-001", NULL);
    const struct epro_report *report = report_of(job);
    assert_int_equal(report->n_results, 2);
    assert_int_equal(report->n_stored, 2);
    assert_int_equal(report->n_outstanding, 1);
    assert_int_equal(report->results[0].response_id, 2);
    assert_true(report->results[0].score == 20);
    assert_string_equal(report->results[0].severity, "severe");
    assert_non_null(issue_of(&report->results[0], EPRO_ISSUE_TOTAL_DIFFERS));
    assert_string_equal(report->results[0].alerts->kind, "severe_score");
    assert_string_equal(report->results[1].profile, "12343");
    assert_true(report->results[1].score == 13);
    assert_null(report->results[1].severity);
    epro_job_free(job);
    assert_string_equal(
        epro_fixture_text(fixture, "SELECT status FROM epro_response WHERE resp_id = 2"), "late");
    char first[EPRO_FINGERPRINT_MAX];
    char second[EPRO_FINGERPRINT_MAX];
    epro_fixture_fingerprint(fixture, first);
    job = run("01-001", NULL);
    assert_int_equal(report_of(job)->n_unchanged, 2);
    epro_job_free(job);
    epro_fixture_fingerprint(fixture, second);
    assert_string_equal(first, second);
    assert_true(epro_fixture_chain_holds(fixture));
}

static void a_patient_without_responses_has_an_empty_report(void **state)
{
    (void)state;
    struct epro_job *job = run("01-006", NULL);
    assert_int_equal(report_of(job)->n_results, 0);
    assert_int_equal(report_of(job)->n_stored, 0);
    epro_job_free(job);
}

/* Among those whose site it may see. */
static bool may_see_site(void *arg, const char *study, const char *site_no)
{
    (void)study;
    return strcmp(arg, site_no) == 0;
}

static enum status load_status(struct epro_request *request, struct error *error)
{
    struct epro_job *job = epro_job_new(fixture->db, request);
    *error = (struct error)ERROR_NONE;
    assert_non_null(job);
    enum status status = epro_load(ctx_background(), job, error);
    epro_job_free(job);
    return status;
}

static void one_number_is_one_patient_or_the_answer_says_what_to_add(void **state)
{
    (void)state;
    struct error error;
    char visible[3] = "02";
    struct epro_request request = epro_fixture_request("nobody", NULL);
    assert_int_equal(load_status(&request, &error), STATUS_NOT_FOUND);
    assert_non_null(strstr(error.text, "nobody"));
    request.subject_no = "EVERYWHERE";
    assert_int_equal(load_status(&request, &error), STATUS_FAILED_PRECONDITION);
    assert_non_null(strstr(error.text, "P-1 site 01, P-2 site 01"));
    assert_non_null(strstr(error.text, "study="));
    request.study = "P-2";
    assert_int_equal(load_status(&request, &error), STATUS_OK);
    request.study = NULL;
    request.subject_no = "TWICE";
    assert_int_equal(load_status(&request, &error), STATUS_FAILED_PRECONDITION);
    assert_non_null(strstr(error.text, "site="));
    request.site_no = "02";
    assert_int_equal(load_status(&request, &error), STATUS_OK);
    request.site_no = NULL;
    request.may = may_see_site;
    request.may_arg = visible;
    assert_int_equal(load_status(&request, &error), STATUS_OK);
    visible[0] = '9';
    assert_int_equal(load_status(&request, &error), STATUS_PERMISSION_DENIED);
    assert_null(strstr(error.text, "01"));
}

static void what_changed_meanwhile_aborts_and_writes_nothing(void **state)
{
    (void)state;
    static const char *const CHANGES[] = {
        "UPDATE epro_response SET device = 'x' WHERE resp_id = 2",
        "UPDATE subject SET status = 'discontinued' WHERE subject_id = 1",
        "INSERT INTO epro_answer (resp_id, link_id, value) VALUES (1, 'q1', '1')",
        "UPDATE event_def SET win_after = 9 WHERE event_def_id = 2",
    };
    epro_json(json, "phq-9", "2025-02-04T09:00:00Z", "000000000", "\"id\":\"a\"");
    for (size_t i = 0; i < LENGTH_OF(CHANGES); i++) {
        char before[EPRO_FINGERPRINT_MAX];
        char after[EPRO_FINGERPRINT_MAX];
        struct error error = ERROR_NONE;
        struct epro_request request = epro_fixture_request("01-001", json);
        struct epro_job *job = epro_job_new(fixture->db, &request);
        assert_non_null(job);
        assert_int_equal(epro_load(ctx_background(), job, &error), STATUS_OK);
        epro_fixture_script(fixture, CHANGES[i]);
        epro_fixture_fingerprint(fixture, before);
        assert_int_equal(epro_validate(ctx_background(), job, &error), STATUS_OK);
        assert_int_equal(epro_score(ctx_background(), job, &error), STATUS_OK);
        assert_int_equal(epro_alert(ctx_background(), job, &error), STATUS_OK);
        assert_int_equal(epro_store(ctx_background(), job, &error), STATUS_ABORTED);
        assert_non_null(strstr(error.text, "try again"));
        epro_job_free(job);
        epro_fixture_fingerprint(fixture, after);
        assert_string_equal(before, after);
    }
    /* Another patient's data do not matter. */
    struct error error = ERROR_NONE;
    struct epro_request request = epro_fixture_request("01-001", json);
    struct epro_job *job = epro_job_new(fixture->db, &request);
    assert_int_equal(epro_load(ctx_background(), job, &error), STATUS_OK);
    epro_fixture_script(fixture, "UPDATE subject SET status = 'completed' WHERE subject_id = 6");
    assert_int_equal(epro_validate(ctx_background(), job, &error), STATUS_OK);
    assert_int_equal(epro_score(ctx_background(), job, &error), STATUS_OK);
    assert_int_equal(epro_alert(ctx_background(), job, &error), STATUS_OK);
    assert_int_equal(epro_store(ctx_background(), job, &error), STATUS_OK);
    epro_job_free(job);
}

static void a_thousand_responses_are_one_transaction(void **state)
{
    (void)state;
    enum { N_RESPONSES = 1000 };
    struct buffer batch = BUFFER_EMPTY(EPRO_JSON_LEN_MAX);
    for (int i = 0; i < N_RESPONSES; i++) {
        char authored[40];
        char more[40];
        snprintf(authored, sizeof(authored), "2023-%02d-%02dT10:%02d:%02dZ", i / 28 % 12 + 1,
            i % 28 + 1, i / 336 % 60, i % 60);
        snprintf(more, sizeof(more), "\"id\":\"r%d\"", i);
        epro_json(json, "phq-9", authored, i % 2 == 0 ? "012301230" : "111111111", more);
        assert_int_equal(buffer_printf(&batch, "%s%s", i == 0 ? "[" : ",", json), STATUS_OK);
    }
    assert_int_equal(buffer_append(&batch, "]", 2), STATUS_OK);
    uint64_t started_at_ns = clock_now_ns();
    struct epro_job *job = run("01-001", (const char *)batch.data);
    print_message(
        "1,000 responses of PHQ-9 took %.0f ms\n", (double)(clock_now_ns() - started_at_ns) / 1e6);
    buffer_finish(&batch);
    assert_int_equal(report_of(job)->n_stored, N_RESPONSES);
    assert_int_equal(report_of(job)->n_alerts_new, N_RESPONSES / 2);
    epro_job_free(job);
    assert_int_equal(epro_fixture_integer(fixture, "SELECT count(*) FROM epro_answer"), 9000);
    assert_true(epro_fixture_chain_holds(fixture));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_submission_fills_the_row_that_waits_for_it, setup, teardown),
        cmocka_unit_test_setup_teardown(
            every_write_is_in_the_audit_trail_and_counts_one_data_version, setup, teardown),
        cmocka_unit_test_setup_teardown(the_same_batch_again_stores_nothing_new, setup, teardown),
        cmocka_unit_test_setup_teardown(an_amendment_replaces_the_answers, setup, teardown),
        cmocka_unit_test_setup_teardown(
            where_no_row_waits_the_plan_says_what_was_due, setup, teardown),
        cmocka_unit_test_setup_teardown(
            of_two_windows_the_one_that_waits_gets_the_response, setup, teardown),
        cmocka_unit_test_setup_teardown(what_the_database_holds_is_processed_once, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_patient_without_responses_has_an_empty_report, setup, teardown),
        cmocka_unit_test_setup_teardown(
            one_number_is_one_patient_or_the_answer_says_what_to_add, setup, teardown),
        cmocka_unit_test_setup_teardown(
            what_changed_meanwhile_aborts_and_writes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_thousand_responses_are_one_transaction, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
