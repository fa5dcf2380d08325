/* What becomes of an alert when its response is amended or processed again. With EPRO_POSTGRES over
 * PostgreSQL. */
#include "epro_fixture.h"

#include <stdio.h>
#include <string.h>

enum { ALERTS_TEXT_MAX = 512, SQL_MAX = 256 };

static struct epro_fixture *fixture;
static char json[EPRO_JSON_MAX];

static int setup(void **state)
{
    (void)state;
    fixture = epro_fixture_new();
    epro_json(json, "phq-9", "2025-02-04T09:00:00Z", "000000002", "\"id\":\"a\"");
    struct epro_request request = epro_fixture_request("01-001", json);
    epro_job_free(epro_fixture_run(fixture, &request));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    epro_fixture_free(fixture);
    return 0;
}

/* Each alert in the order in which they were raised: "item 2 superseded, item 3 open". */
static const char *alerts(void)
{
    static char text[ALERTS_TEXT_MAX];
    int64_t n_alerts = epro_fixture_integer(fixture, "SELECT count(*) FROM epro_alert");
    size_t len = 0;
    text[0] = '\0';
    for (int i = 0; i < (int)n_alerts; i++) {
        char sql[SQL_MAX];
        snprintf(sql, sizeof(sql),
            "SELECT CASE kind WHEN 'severe_score' THEN 'total ' ELSE 'item ' END ||"
            " CAST(value AS INTEGER) || ' ' || coalesce(closed_reason, 'open') FROM epro_alert"
            " ORDER BY alert_id LIMIT 1 OFFSET %d",
            i);
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i == 0 ? "" : ", ",
            epro_fixture_text(fixture, sql));
    }
    return text;
}

/* What `body` says (NULL: what is stored) writes so many responses, and changes so many alerts. */
static void assert_processed(const char *body, size_t n_stored, size_t n_raised, size_t n_closed)
{
    struct epro_request request = epro_fixture_request("01-001", body);
    struct epro_job *job = epro_fixture_run(fixture, &request);
    const struct epro_report *report = epro_job_report(job);
    assert_int_equal(report->n_stored, n_stored);
    assert_int_equal(report->n_alerts_new, n_raised);
    assert_int_equal(report->n_alerts_closed, n_closed);
    epro_job_free(job);
    assert_true(epro_fixture_chain_holds(fixture));
}

static void amend(const char *values, size_t n_raised, size_t n_closed)
{
    epro_json(json, "phq-9", "2025-02-04T09:00:00Z", values, "\"id\":\"a\",\"status\":\"amended\"");
    assert_processed(json, 1, n_raised, n_closed);
}

static void alerts_follow_what_an_amendment_says(void **state)
{
    (void)state;
    amend("000000003", 1, 1); /* worse */
    assert_string_equal(alerts(), "item 2 superseded, item 3 open");
    amend("333333330", 1, 1); /* denied; another alarms instead */
    assert_string_equal(alerts(), "item 2 superseded, item 3 cause_gone, total 24 open");
    amend("000000001", 1, 1); /* there again */
    assert_string_equal(
        alerts(), "item 2 superseded, item 3 cause_gone, total 24 cause_gone, item 1 open");
    assert_processed(json, 0, 0, 0);
    assert_processed(NULL, 0, 0, 0);
}

static void what_alarms_still_or_is_left_open_ends_no_alert(void **state)
{
    (void)state;
    amend("000000001", 0, 0); /* milder */
    amend("00000000-", 0, 0); /* no answer */
    assert_string_equal(alerts(), "item 2 open");
    amend("333333332", 1, 0);
    amend("33333---2", 0, 0); /* no total */
    assert_string_equal(alerts(), "item 2 open, total 26 open");
}

static void the_trail_says_why_an_alert_ended(void **state)
{
    (void)state;
    amend("000000000", 0, 1);
    assert_string_equal(epro_fixture_text(fixture,
                            "SELECT new_value FROM audit_trail ORDER BY audit_id DESC LIMIT 1"),
        "epro_alert/1: resp_id=2; kind=suicidal_ideation; link_id=q9; value=2; "
        "closed_reason=cause_gone");
    assert_int_equal(
        epro_fixture_integer(fixture, "SELECT closed_at FROM epro_alert"), EPRO_FIXTURE_NOW);
}

static void an_alert_that_a_person_closed_stays_so_until_it_is_worse(void **state)
{
    (void)state;
    epro_fixture_script(fixture, "UPDATE epro_alert SET closed_at = 1, closed_reason = 'reviewed'");
    assert_processed(NULL, 0, 0, 0);
    amend("100000002", 0, 0);
    amend("000000001", 0, 0);
    assert_string_equal(alerts(), "item 2 reviewed");
    amend("000000003", 1, 0);
    assert_string_equal(alerts(), "item 2 reviewed, item 3 open");
}

static void processing_ends_an_alert_whose_answer_its_source_changed(void **state)
{
    (void)state;
    epro_fixture_script(fixture, "UPDATE epro_answer SET value = '0' WHERE link_id = 'q9'");
    assert_processed(NULL, 1, 0, 1);
    assert_string_equal(alerts(), "item 2 cause_gone");
    assert_processed(NULL, 0, 0, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(alerts_follow_what_an_amendment_says),
        TEST(what_alarms_still_or_is_left_open_ends_no_alert),
        TEST(the_trail_says_why_an_alert_ended),
        TEST(an_alert_that_a_person_closed_stays_so_until_it_is_worse),
        TEST(processing_ends_an_alert_whose_answer_its_source_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
