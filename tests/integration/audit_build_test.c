/* A report as a whole: the same bytes for the same data, what is not provided, which site and
 * day; the list of centres. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "audit_fixture.h"
#include "ctx/test.h"

static int check_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : -1;
}

static void assert_same_hash(const struct report *a, const struct report *b)
{
    assert_string_equal(a->content_hash, b->content_hash);
}

static void assert_build_fails(struct audit_fixture *fixture, const struct audit_request *request,
    enum status expected, const char *words)
{
    struct report *report = NULL;
    struct error error = ERROR_NONE;
    enum status status = audit_build(ctx_background(), &fixture->sources, request, &report, &error);
    assert_null(report);
    assert_string_equal(status_name(status), status_name(expected));
    if (strstr(error.text, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", error.text, words);
    }
}

/* --- the same data, the same report --------------------------------------------------------- */

static void the_same_data_gives_the_same_report(void **state)
{
    (void)state;
    struct audit_fixture *fixture = audit_fixture_new();
    struct report *first = audit_fixture_build(fixture, NULL);
    struct report *second = audit_fixture_build(fixture, NULL);
    assert_same_hash(first, second);
    report_free(second);
    audit_fixture_edc(fixture, "UPDATE adverse_event SET term = 'nausea' WHERE subject_id = 101");
    second = audit_fixture_build(fixture, NULL);
    assert_string_not_equal(first->content_hash, second->content_hash);
    report_free(first);
    report_free(second);
    audit_fixture_free(fixture);
}

/* Without the summary the same is counted from the rows; also as of an earlier day. */
static void the_summary_by_day_counts_what_the_rows_do(void **state)
{
    (void)state;
    static const char *const DAYS[] = {NULL, "2024-10-01", "2024-02-01", "2024-01-05"};
    struct audit_fixture *fixture = audit_fixture_new();
    audit_fixture_edc(fixture,
        "UPDATE lab_result SET on_date = NULL WHERE subject_id = 101;"
        "UPDATE lab_result SET on_date = '2024-02' WHERE subject_id = 102;"
        "UPDATE form SET first_entry_at = first_entry_at + 10 * 86400000 WHERE form_id < 1030;"
        "UPDATE form SET first_entry_at = first_entry_at + 9 * 86400000 WHERE form_id > 12000;"
        "UPDATE subject_event SET visit_on = '2024-01' WHERE event_id = 105;"
        "UPDATE subject_event SET visit_on = NULL WHERE event_id = 106;"
        "DELETE FROM meta WHERE key = 'site_total_version'");
    struct report *counted[LENGTH_OF(DAYS)];
    for (size_t i = 0; i < LENGTH_OF(DAYS); i++) {
        struct audit_request request = {.site_no = "01", .as_of = DAYS[i]};
        counted[i] = audit_fixture_build(fixture, &request);
        assert_string_not_equal(counted[0]->content_hash, i == 0 ? "" : counted[i]->content_hash);
    }
    audit_fixture_refresh(fixture);
    for (size_t i = 0; i < LENGTH_OF(DAYS); i++) {
        struct audit_request request = {.site_no = "01", .as_of = DAYS[i]};
        struct report *report = audit_fixture_build(fixture, &request);
        assert_same_hash(report, counted[i]);
        report_free(report);
        report_free(counted[i]);
    }
    audit_fixture_free(fixture);
}

static void what_came_later_is_not_counted(void **state)
{
    (void)state;
    struct audit_fixture *fixture = audit_fixture_new();
    struct audit_request request = {.site_no = "01", .as_of = "2024-06-01"};
    struct report *before = audit_fixture_build(fixture, &request);
    audit_fixture_edc(fixture,
        "UPDATE meta SET value = '1' WHERE key = 'data_version';"
        "INSERT INTO adverse_event (subject_id, seq, term, start_on, entered_at)"
        " VALUES (101, 9, 'later', '2024-05-30', 1717286400000);"
        "INSERT INTO query (form_id, origin, status, opened_at)"
        " VALUES (1011, 'system', 'open', 1717286400000)");
    struct report *after = audit_fixture_build(fixture, &request);
    after->snapshots[0].data_version = before->snapshots[0].data_version;
    assert_int_equal(fact_of(before, "safety", "adverse_events").integer,
        fact_of(after, "safety", "adverse_events").integer);
    assert_int_equal(fact_of(after, "data_quality", "open_queries").integer, 0);
    assert_string_equal(after->as_of, "2024-06-01");
    report_free(after);
    request.as_of = "2024-06-02";
    after = audit_fixture_build(fixture, &request);
    assert_int_equal(fact_of(after, "safety", "adverse_events").integer,
        fact_of(before, "safety", "adverse_events").integer + 1);
    assert_int_equal(fact_of(after, "data_quality", "open_queries").integer, 1);
    report_free(after);
    report_free(before);
    audit_fixture_free(fixture);
}

/* --- what a source does not provide --------------------------------------------------------- */

/* As in clindata: a CTMS of sites and deviations, an EDC without verification. */
static void what_is_not_provided_is_said_and_never_counted(void **state)
{
    (void)state;
    struct audit_fixture *fixture = audit_fixture_new();
    audit_fixture_ctms(fixture,
        "DELETE FROM sae_report; DELETE FROM visit; DELETE FROM action_item; DELETE FROM finding;"
        "INSERT INTO provided (table_name, is_provided) VALUES ('sae_report', 0), ('visit', 0),"
        " ('action_item', 0), ('finding', 0), ('milestone', 0), ('deviation.reported_ec_on', 0)");
    audit_fixture_edc(fixture,
        "UPDATE form SET sdv_status = 0;"
        "INSERT INTO provided (table_name, is_provided) VALUES ('form.sdv_status', 0),"
        " ('form.missing', 0), ('form.locked_at', 0), ('adverse_event.aware_at', 0), "
        "('query.text', 0)");
    struct report *report = audit_fixture_build(fixture, NULL);
    assert_int_equal(report->n_findings, 0);
    assert_int_equal(fact_of(report, "safety", "sae_reports").kind, CELL_NOT_PROVIDED);
    assert_string_equal(fact_of(report, "safety", "sae_reports").text, "ctms");
    assert_null(block_of(report, "monitoring_visits"));
    assert_null(block_of(report, "verification"));
    size_t n_said = 0;
    for (const struct section *section = report->first; section != NULL; section = section->next) {
        for (const struct block *block = section->first; block != NULL; block = block->next) {
            n_said += block->kind == BLOCK_NOT_PROVIDED;
        }
    }
    /* Findings, actions, visits, SAEs, missing pages, laboratory, verification. */
    assert_int_equal(n_said, 7);
    assert_int_equal(fact_of(report, "data_quality", "missing_pages").kind, CELL_NOT_PROVIDED);
    size_t n_not_assessed = 0;
    const struct table *rules = block_of(report, "rules")->table;
    for (const struct table_row *row = rules->first; row != NULL; row = row->next) {
        n_not_assessed += row->cells[4].kind == CELL_NOT_PROVIDED;
    }
    assert_int_equal(n_not_assessed, 20);
    assert_int_equal(block_of(report, "not_provided")->table->n_rows, 12);
    report_free(report);
    audit_fixture_free(fixture);
}

static void a_site_of_one_source_gets_its_half_of_the_report(void **state)
{
    (void)state;
    struct audit_fixture *fixture = audit_fixture_new();
    audit_fixture_ctms(fixture, "UPDATE site SET site_no = '77' WHERE site_id = 1");
    struct report *report = audit_fixture_build(fixture, NULL);
    assert_null(report->investigator);
    assert_string_equal(report->site_name, "Site 1");
    assert_int_equal(fact_of(report, "enrolment", "planned").kind, CELL_NOT_PROVIDED);
    assert_int_equal(fact_of(report, "enrolment", "enrolled").integer, 10);
    report_free(report);
    struct audit_request request = {.site_no = "77"};
    report = audit_fixture_build(fixture, &request);
    assert_string_equal(report->investigator, "Dr 1");
    assert_int_equal(fact_of(report, "safety", "adverse_events").kind, CELL_NOT_PROVIDED);
    assert_null(block_of(report, "enrolment"));
    assert_int_equal(fact_of(report, "deviations", "total").integer, 1);
    report_free(report);
    audit_fixture_free(fixture);
}

/* --- which site, which day, which sections -------------------------------------------------- */

static void an_unknown_site_is_named(void **state)
{
    (void)state;
    struct audit_fixture *fixture = audit_fixture_new();
    struct audit_request request = {.site_no = "99"};
    assert_build_fails(fixture, &request, STATUS_NOT_FOUND, "\"99\"");
    request = (struct audit_request){.site_no = "01", .study = "T-2"};
    assert_build_fails(fixture, &request, STATUS_NOT_FOUND, "\"01\" in study \"T-2\"");
    audit_fixture_free(fixture);
}

static void a_number_in_two_studies_needs_the_study(void **state)
{
    (void)state;
    struct audit_fixture *fixture = audit_fixture_new();
    audit_fixture_ctms(fixture,
        "INSERT INTO study (study_id, protocol_no) VALUES (2, 'T-2');"
        "INSERT INTO site (site_id, study_id, site_no) VALUES (50, 2, '01')");
    struct audit_request request = {.site_no = "01"};
    assert_build_fails(fixture, &request, STATUS_FAILED_PRECONDITION, "T-1, T-2");
    request.study = "T-1";
    struct report *report = audit_fixture_build(fixture, &request);
    assert_string_equal(report->study_protocol, "T-1");
    report_free(report);
    audit_fixture_free(fixture);
}

static void a_day_that_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const WRONG[] = {"2024-13-01", "2024-05", "", "yesterday", "2024-05-01T00"};
    struct audit_fixture *fixture = audit_fixture_new();
    for (size_t i = 0; i < LENGTH_OF(WRONG); i++) {
        struct audit_request request = {.site_no = "01", .as_of = WRONG[i]};
        assert_build_fails(fixture, &request, STATUS_INVALID_ARGUMENT, "as_of");
    }
    audit_fixture_free(fixture);
}

static void without_a_day_of_its_own_the_latest_stamp_is_the_day(void **state)
{
    (void)state;
    struct audit_fixture *fixture = audit_fixture_new();
    audit_fixture_edc(fixture, "DELETE FROM meta WHERE key = 'as_of'");
    audit_fixture_ctms(fixture, "DELETE FROM meta WHERE key = 'as_of'");
    struct report *report = audit_fixture_build(fixture, NULL);
    assert_string_equal(report->as_of, "2024-03-01"); /* the adverse events' entry */
    report_free(report);
    audit_fixture_free(fixture);
}

static void only_the_wanted_sections_are_built_and_judged(void **state)
{
    (void)state;
    struct audit_fixture *fixture = audit_fixture_new();
    audit_fixture_ctms(fixture, "UPDATE deviation SET occurred_on = NULL WHERE site_id = 1;"
                                "UPDATE visit SET report_done_on = NULL WHERE site_id = 1");
    struct audit_request request = {.site_no = "01", .sections = 1U << 1 | 1U << 2 | 1U << 8};
    struct report *report = audit_fixture_build(fixture, &request);
    int numbers[] = {1, 2, 8};
    size_t index = 0;
    for (const struct section *section = report->first; section != NULL; section = section->next) {
        assert_int_equal(section->number, numbers[index++]);
    }
    assert_int_equal(index, 3);
    assert_non_null(finding_of(report, "DEV-02"));
    assert_null(finding_of(report, "MV-01"));
    report_free(report);
    request.sections = 1U << 21; /* there is none of this number */
    assert_build_fails(fixture, &request, STATUS_INVALID_ARGUMENT, "sections");
    audit_fixture_free(fixture);
}

/* --- centres -------------------------------------------------------------------------------- */

static void centers_of_both_sources_are_merged_in_order(void **state)
{
    (void)state;
    struct audit_fixture *fixture = audit_fixture_new();
    audit_fixture_ctms(fixture, "UPDATE finding SET closed_on = NULL;"
                                "UPDATE site SET institution = NULL WHERE site_id = 2;"
                                "UPDATE site SET site_no = '9X' WHERE site_id = 3");
    audit_fixture_edc(fixture, "UPDATE subject SET status = CASE WHEN subject_id ="
                               " (SELECT min(subject_id) FROM subject WHERE site_id = 1)"
                               " THEN 'screen_failed' ELSE 'enrolled' END WHERE site_id = 1");
    struct arena *arena = arena_new(1024 * 1024);
    assert_non_null(arena);
    struct audit_center *first = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(
        audit_list_centers(ctx_background(), &fixture->sources, arena, &first, &error), STATUS_OK);
    assert_string_equal(first->site_no, "01");
    assert_string_equal(first->study, "T-1");
    assert_string_equal(first->name, "医院 1");
    assert_int_equal(first->n_screened, 10);
    assert_int_equal(first->n_enrolled, 9);
    assert_int_equal(first->n_open_findings, 1);
    assert_true(first->is_findings_provided);
    assert_string_equal(first->next->name, "Site 2");
    const struct audit_center *third = first->next->next;
    assert_string_equal(third->site_no, "03");
    assert_false(third->is_findings_provided);
    size_t count = 0;
    const struct audit_center *last = NULL;
    for (const struct audit_center *center = first; center != NULL; center = center->next) {
        count++;
        last = center;
    }
    assert_int_equal(count, 13);
    assert_string_equal(last->site_no, "9X");
    assert_int_equal(last->n_screened, 0);
    assert_int_equal(last->n_enrolled, 0);
    arena_free(arena);
    audit_fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_same_data_gives_the_same_report, check_leaks),
        cmocka_unit_test_teardown(the_summary_by_day_counts_what_the_rows_do, check_leaks),
        cmocka_unit_test_teardown(what_came_later_is_not_counted, check_leaks),
        cmocka_unit_test_teardown(what_is_not_provided_is_said_and_never_counted, check_leaks),
        cmocka_unit_test_teardown(a_site_of_one_source_gets_its_half_of_the_report, check_leaks),
        cmocka_unit_test_teardown(an_unknown_site_is_named, check_leaks),
        cmocka_unit_test_teardown(a_number_in_two_studies_needs_the_study, check_leaks),
        cmocka_unit_test_teardown(a_day_that_is_none_is_refused, check_leaks),
        cmocka_unit_test_teardown(
            without_a_day_of_its_own_the_latest_stamp_is_the_day, check_leaks),
        cmocka_unit_test_teardown(only_the_wanted_sections_are_built_and_judged, check_leaks),
        cmocka_unit_test_teardown(centers_of_both_sources_are_merged_in_order, check_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
