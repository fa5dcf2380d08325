/* Where a response belongs when several could be meant: duplicates, late ones, second ones of a
 * day. PHQ-9 is due 2025-01-06 (to the 8th) and 2025-02-03 (3 days before and after). */
#include "epro_fixture.h"

#include <stdio.h>
#include <string.h>

enum { SQL_MAX = 512 };

static struct epro_fixture *fixture;
static struct epro_request request;

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

#define UNPLANNED "2024-01-04"
#define UNHURT "000000000"
#define HURT "000000001"

struct sent {
    const char *authored;
    const char *values;
    const char *more;
};

/* All steps over an array of these; the caller frees the job. */
static struct epro_job *submit(const struct sent *sent, size_t n_sent)
{
    static char batch[EPRO_JSON_MAX];
    static char json[EPRO_JSON_MAX];
    size_t len = 0;
    for (size_t i = 0; i < n_sent; i++) {
        epro_json(json, "phq-9", sent[i].authored, sent[i].values, sent[i].more);
        len += (size_t)snprintf(batch + len, sizeof(batch) - len, "%s%s", i == 0 ? "[" : ",", json);
    }
    (void)snprintf(batch + len, sizeof(batch) - len, "]");
    request = epro_fixture_request("01-001", batch);
    return epro_fixture_run(fixture, &request);
}

/* The words of the only response's duplicate, which is not stored. */
static void assert_duplicate(const struct epro_result *result, const char *words)
{
    const struct epro_issue *issue = issue_of(result, EPRO_ISSUE_DUPLICATE_RESPONSE);
    assert_int_equal(result->outcome, EPRO_REJECTED);
    assert_non_null(issue);
    assert_string_equal(issue->text, words);
}

static void is_duplicate(const struct sent *sent, const char *words)
{
    struct epro_job *job = submit(sent, 1);
    assert_duplicate(epro_job_report(job)->results, words);
    epro_job_free(job);
}

static void is_stored(const struct sent *sent)
{
    struct epro_job *job = submit(sent, 1);
    assert_int_equal(epro_job_report(job)->results->outcome, EPRO_STORED);
    epro_job_free(job);
}

static void two_of_a_day_when_nothing_is_due_need_their_times(void **state)
{
    (void)state;
    static const struct sent BOTH[] = {
        {UNPLANNED, UNHURT, "\"id\":\"a\""}, {UNPLANNED, HURT, "\"id\":\"b\""}};
    struct epro_job *job = submit(BOTH, 2);
    const struct epro_result *second = &epro_job_report(job)->results[1];
    assert_int_equal(second->outcome, EPRO_REJECTED);
    assert_string_equal(issue_of(second, EPRO_ISSUE_DUPLICATE_RESPONSE)->text,
        "there is a response already: nothing was due, and two of one day need their times in "
        "authored; the same instrument and time as response 0");
    epro_job_free(job);
    is_duplicate(&BOTH[1], "there is a response already: submitted 2024-01-04T00:00:00Z, when "
                           "nothing was due; two of one day need their times in authored");
    is_stored(&(struct sent){UNPLANNED "T18:00:00Z", HURT, "\"id\":\"b\""});
    assert_int_equal(epro_fixture_integer(fixture,
                         "SELECT count(*) FROM epro_response WHERE external_id IN ('a', 'b')"),
        2);
}

static void an_amendment_under_another_identifier_says_what_it_needs(void **state)
{
    (void)state;
    is_stored(&(struct sent){"2025-01-06", UNHURT, "\"id\":\"a\""});
    is_duplicate(&(struct sent){"2025-01-06", HURT, "\"id\":\"new\",\"status\":\"amended\""},
        "there is a response already: due 2025-01-06, submitted 2025-01-06T00:00:00Z; an amendment "
        "needs the identifier of what it amends");
    is_stored(&(struct sent){"2025-01-06", HURT, "\"id\":\"a\",\"status\":\"amended\""});
}

static void an_alarming_answer_of_a_duplicate_is_told_and_not_stored(void **state)
{
    (void)state;
    is_stored(&(struct sent){"2025-01-06", UNHURT, "\"id\":\"a\""});
    static const struct sent AGAIN[] = {
        {"2025-01-07", HURT, "\"id\":\"b\""}, {"2025-01-06", HURT, "\"id\":\"a\""}};
    struct epro_job *job = submit(AGAIN, 2);
    const struct epro_report *report = epro_job_report(job);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(report->results[i].outcome, EPRO_REJECTED);
        assert_non_null(report->results[i].alerts);
        assert_string_equal(report->results[i].alerts->kind, "suicidal_ideation");
    }
    assert_int_equal(report->n_alerts, 0);
    epro_job_free(job);
    assert_int_equal(epro_fixture_integer(fixture, "SELECT count(*) FROM epro_alert"), 0);
}

/* The due date that was answered is not meant again: nobody loses a response between two visits. */
static void between_two_due_dates_of_which_the_nearest_is_answered_it_is_unscheduled(void **state)
{
    (void)state;
    is_stored(&(struct sent){"2025-01-06", UNHURT, "\"id\":\"a\""});
    is_stored(&(struct sent){"2025-01-13", UNHURT, "\"id\":\"between\""});
    assert_int_equal(epro_fixture_integer(fixture,
                         "SELECT count(*) FROM epro_response WHERE external_id = 'between' AND "
                         "due_on IS NULL AND event_def_id IS NULL AND status = 'submitted'"),
        1);
    is_stored(&(struct sent){"2025-02-03", UNHURT, "\"id\":\"week 4\""});
}

static void in_a_batch_the_one_inside_the_window_has_the_due_date(void **state)
{
    (void)state;
    static const struct sent OUTSIDE_FIRST[] = {{"2025-01-13", UNHURT, "\"id\":\"between\""},
        {"2025-01-14", UNHURT, "\"id\":\"later\""}, {"2025-01-06", UNHURT, "\"id\":\"a\""}};
    struct epro_job *job = submit(OUTSIDE_FIRST, 3);
    const struct epro_result *results = epro_job_report(job)->results;
    assert_int_equal(epro_job_report(job)->n_stored, 3);
    assert_null(results[0].due_on);
    assert_non_null(issue_of(&results[0], EPRO_ISSUE_UNSCHEDULED));
    assert_null(issue_of(&results[0], EPRO_ISSUE_LATE));
    assert_null(results[1].due_on);
    assert_string_equal(results[2].due_on, "2025-01-06");
    epro_job_free(job);
    job = submit(OUTSIDE_FIRST, 3);
    assert_int_equal(epro_job_report(job)->n_unchanged, 3);
    epro_job_free(job);
    assert_int_equal(epro_fixture_integer(fixture,
                         "SELECT count(*) FROM epro_response WHERE submitted_at IS NOT NULL"),
        3);
}

/* In the database the moment 0 is that of a response which is waited for. */
static void a_date_before_there_were_devices_is_none(void **state)
{
    (void)state;
    static const char *const DATES[] = {"1970-01-01", "1969-12-31", "0001-01-01"};
    for (size_t i = 0; i < sizeof(DATES) / sizeof(DATES[0]); i++) {
        struct epro_job *job = submit(&(struct sent){DATES[i], UNHURT, ""}, 1);
        assert_non_null(issue_of(epro_job_report(job)->results, EPRO_ISSUE_BAD_DATE));
        assert_int_equal(epro_job_report(job)->n_stored, 0);
        epro_job_free(job);
    }
}

/* However many items are unknown, what rejects a response is among its issues. */
static void a_rejected_response_always_says_why(void **state)
{
    (void)state;
    static char json[EPRO_JSON_MAX];
    size_t len = (size_t)snprintf(json, sizeof(json),
        "{\"resourceType\":\"QuestionnaireResponse\",\"questionnaire\":\"phq-9\","
        "\"status\":\"completed\",\"item\":[");
    for (int i = 0; i < 200; i++) {
        len += (size_t)snprintf(json + len, sizeof(json) - len,
            "{\"linkId\":\"other %d\",\"answer\":[{\"valueInteger\":1}]},", i);
    }
    (void)snprintf(
        json + len, sizeof(json) - len, "{\"linkId\":\"q1\",\"answer\":[{\"valueInteger\":4}]}]}");
    request = epro_fixture_request("01-001", json);
    struct epro_job *job = epro_fixture_run(fixture, &request);
    const struct epro_result *result = epro_job_report(job)->results;
    assert_int_equal(result->outcome, EPRO_REJECTED);
    assert_non_null(issue_of(result, EPRO_ISSUE_OUT_OF_RANGE));
    epro_job_free(job);
}

/* Rows of one instrument, a minute from each to the next, with one answer each. */
static void put_stored(int first, int count)
{
    char sql[SQL_MAX];
    snprintf(sql, sizeof(sql),
        "INSERT INTO epro_response (resp_id, subject_id, instrument, submitted_at, status)"
        " WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
        " SELECT 100 + i, 1, 'PHQ-9', 1700000000000 + i * 60000, 'submitted' FROM n;"
        "INSERT INTO epro_answer (resp_id, link_id, value) SELECT resp_id, 'q1', '1' FROM"
        " epro_response WHERE resp_id >= %d",
        first, first + count - 1, 100 + first);
    epro_fixture_script(fixture, sql);
}

static void more_stored_responses_than_one_submission_may_have_are_processed(void **state)
{
    (void)state;
    put_stored(0, EPRO_RESPONSES_MAX + 1);
    epro_fixture_script(
        fixture, "UPDATE epro_response SET submitted_at = 1700000000000 WHERE resp_id = 2100");
    request = epro_fixture_request("01-001", NULL);
    struct epro_job *job = epro_fixture_run(fixture, &request);
    const struct epro_report *report = epro_job_report(job);
    assert_int_equal(report->n_stored, EPRO_RESPONSES_MAX);
    assert_int_equal(report->n_rejected, 1);
    assert_duplicate(&report->results[EPRO_RESPONSES_MAX],
        "there is a response already: nothing was due, and two of one day need their"
        " times in authored; the same instrument and time as response 0");
    epro_job_free(job);
}

static void a_patient_of_too_many_responses_is_refused_with_what_to_do(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    put_stored(0, EPRO_PROCESSED_MAX + 1);
    request = epro_fixture_request("01-001", NULL);
    struct epro_job *job = epro_job_new(fixture->db, &request);
    assert_non_null(job);
    assert_int_equal(epro_fixture_steps(ctx_background(), job, &error), STATUS_FAILED_PRECONDITION);
    assert_non_null(strstr(error.text, "10001 responses, more than the 10000"));
    assert_non_null(strstr(error.text, "up to 2000 in a batch"));
    epro_job_free(job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            two_of_a_day_when_nothing_is_due_need_their_times, setup, teardown),
        cmocka_unit_test_setup_teardown(
            an_amendment_under_another_identifier_says_what_it_needs, setup, teardown),
        cmocka_unit_test_setup_teardown(
            an_alarming_answer_of_a_duplicate_is_told_and_not_stored, setup, teardown),
        cmocka_unit_test_setup_teardown(
            between_two_due_dates_of_which_the_nearest_is_answered_it_is_unscheduled, setup,
            teardown),
        cmocka_unit_test_setup_teardown(
            in_a_batch_the_one_inside_the_window_has_the_due_date, setup, teardown),
        cmocka_unit_test_setup_teardown(a_date_before_there_were_devices_is_none, setup, teardown),
        cmocka_unit_test_setup_teardown(a_rejected_response_always_says_why, setup, teardown),
        cmocka_unit_test_setup_teardown(
            more_stored_responses_than_one_submission_may_have_are_processed, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_patient_of_too_many_responses_is_refused_with_what_to_do, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
