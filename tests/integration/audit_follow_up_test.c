/* Section 3, the appendices, and what the report says of its sources' times; a person's regrade,
 * from the command to the page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "audit/rules/rules.h"
#include "audit_fixture.h"
#include "import/regrade.h"

static enum status regrade(struct audit_fixture *fixture, const char *rule_code, const char *grade,
    const char *reason, struct error *ret_error)
{
    char uri[80];
    snprintf(uri, sizeof(uri), "sqlite:%s", fixture->ctms_path);
    const struct regrade_options options = {.ctms_uri = uri,
        .site_no = "01",
        .rule_code = rule_code,
        .grade = grade,
        .by = "Ingrid Solberg",
        .reason = reason};
    *ret_error = (struct error)ERROR_NONE;
    return regrade_write(ctx_background(), &options, ret_error);
}

static int64_t data_version_of(const struct report *report)
{
    return report->snapshots[1].data_version;
}

static void a_regrade_shows_both_grades_and_counts_as_a_write(void **state)
{
    (void)state;
    struct error error;
    struct audit_fixture *fixture = audit_fixture_new();
    audit_fixture_ctms(fixture, "UPDATE deviation SET occurred_on = NULL WHERE site_id = 1");
    struct report *before = audit_fixture_build(fixture, NULL);
    assert_int_equal(finding_of(before, "DEV-02")->grade, GRADE_MINOR);
    assert_int_equal(regrade(fixture, "DEV-02", "major", "all of one visit", &error), STATUS_OK);
    assert_int_equal(regrade(fixture, "DEV-02", "critical", "again", &error), STATUS_OK);
    struct report *after = audit_fixture_build(fixture, NULL);
    assert_int_equal(finding_of(after, "DEV-02")->grade, GRADE_CRITICAL);
    assert_int_equal(data_version_of(after), data_version_of(before) + 2);

    const struct table_row *row = block_of(after, "regrade_history")->table->first;
    assert_int_equal(row->cells[1].word, WORD_GRADE_MINOR);
    assert_int_equal(row->cells[2].word, WORD_GRADE_MAJOR);
    assert_string_equal(row->cells[3].text, "Ingrid Solberg");
    assert_true(row->cells[4].integer > 0);
    assert_string_equal(row->cells[5].text, "all of one visit");
    assert_int_equal(row->cells[6].word, WORD_REGRADE_SUPERSEDED);
    row = row->next;
    assert_int_equal(row->cells[1].word, WORD_GRADE_MAJOR);
    assert_int_equal(row->cells[2].word, WORD_GRADE_CRITICAL);
    assert_int_equal(row->cells[6].word, WORD_REGRADE_IN_FORCE);
    assert_int_equal(block_of(after, "regrades")->table->n_rows, 2);
    report_free(before);
    report_free(after);
    audit_fixture_free(fixture);
}

static void a_regrade_that_lacks_something_is_refused_and_writes_nothing(void **state)
{
    (void)state;
    struct error error;
    struct audit_fixture *fixture = audit_fixture_new();
    assert_int_equal(regrade(fixture, "DEV-02", "major", NULL, &error), STATUS_INVALID_ARGUMENT);
    assert_non_null(strstr(error.text, "reason"));
    assert_int_equal(regrade(fixture, "DEV-02", "major", " \n", &error), STATUS_INVALID_ARGUMENT);
    assert_int_equal(regrade(fixture, "DEV-99", "major", "why", &error), STATUS_INVALID_ARGUMENT);
    assert_non_null(strstr(error.text, "did you mean"));
    assert_int_equal(regrade(fixture, "DEV-02", "grave", "why", &error), STATUS_INVALID_ARGUMENT);
    assert_int_equal(regrade(fixture, "DEV-02", "major", "why", &error), STATUS_OK);
    assert_int_equal(
        regrade(fixture, "DEV-02", "major", "why", &error), STATUS_FAILED_PRECONDITION);
    struct report *report = audit_fixture_build(fixture, NULL);
    const struct table *history = block_of(report, "regrade_history")->table;
    assert_int_equal(history->n_rows, 1);
    assert_int_equal(history->first->cells[1].word, WORD_GRADE_BY_RULE);
    assert_int_equal(history->first->cells[6].word, WORD_REGRADE_NO_FINDING);
    assert_null(block_of(report, "regrades"));
    report_free(report);
    audit_fixture_free(fixture);
}

static enum word effect_after(const char *edc_sql, const char *ctms_sql)
{
    struct audit_fixture *fixture = audit_fixture_new();
    if (edc_sql != NULL) {
        audit_fixture_edc(fixture, edc_sql);
    }
    if (ctms_sql != NULL) {
        audit_fixture_ctms(fixture, ctms_sql);
    }
    struct report *report = audit_fixture_build(fixture, NULL);
    enum word effect = block_of(report, "capa_effectiveness")->table->first->cells[5].word;
    report_free(report);
    audit_fixture_free(fixture);
    return effect;
}

static void the_effect_of_a_capa_is_judged_by_its_rule(void **state)
{
    (void)state;
    assert_int_equal(effect_after(NULL, NULL), WORD_EFFECT_HELD);
    assert_int_equal(effect_after("UPDATE form SET sdv_status = 0 WHERE form_id = 1011", NULL),
        WORD_EFFECT_REPEATED);
    assert_int_equal(effect_after(NULL, "UPDATE finding SET closed_on = NULL"), WORD_EFFECT_OPEN);
    assert_int_equal(
        effect_after(NULL, "UPDATE finding SET rule_code = 'OTHER-1'"), WORD_EFFECT_NO_RULE);
}

static bool has_paragraph(const struct report *report, enum word word, struct cell *ret_last)
{
    for (const struct section *section = report->first; section != NULL; section = section->next) {
        for (const struct block *block = section->first; block != NULL; block = block->next) {
            if (block->kind == BLOCK_PARAGRAPH && block->word == word) {
                *ret_last =
                    block->n_arguments > 0 ? block->arguments[block->n_arguments - 1] : cell_none();
                return true;
            }
        }
    }
    return false;
}

static void sources_of_different_days_are_named(void **state)
{
    (void)state;
    struct cell last;
    struct audit_fixture *fixture = audit_fixture_new();
    struct report *report = audit_fixture_build(fixture, NULL);
    assert_true(has_paragraph(report, WORD_SNAPSHOTS_AGREE, &last));
    assert_string_equal(report->snapshots[0].extract_on, "2024-11-01");
    report_free(report);
    audit_fixture_ctms(fixture, "UPDATE meta SET value = '2024-10-30' WHERE key = 'as_of'");
    report = audit_fixture_build(fixture, NULL);
    assert_true(has_paragraph(report, WORD_SNAPSHOTS_DIFFER, &last));
    assert_int_equal(last.integer, 2);
    report_free(report);
    audit_fixture_free(fixture);
}

static void data_that_end_before_the_day_of_the_report_say_so(void **state)
{
    (void)state;
    struct cell last;
    struct audit_fixture *fixture = audit_fixture_new();
    struct report *report = audit_fixture_build(
        fixture, &(struct audit_request){.site_no = "01", .as_of = "2024-11-01"});
    assert_false(has_paragraph(report, WORD_DATA_END_EARLIER, &last));
    report_free(report);
    report = audit_fixture_build(
        fixture, &(struct audit_request){.site_no = "01", .as_of = "2024-12-01"});
    assert_true(has_paragraph(report, WORD_DATA_END_EARLIER, &last));
    assert_int_equal(last.integer, 30);
    report_free(report);
    audit_fixture_free(fixture);
}

static void audits_of_the_site_are_listed_from_their_first_day_on(void **state)
{
    (void)state;
    struct audit_fixture *fixture = audit_fixture_new();
    struct audit_request request = {.site_no = "01", .as_of = "2024-04-30"};
    struct report *report = audit_fixture_build(fixture, &request);
    assert_int_equal(block_of(report, "audits")->table->n_rows, 0);
    report_free(report);
    request.as_of = "2024-05-01";
    report = audit_fixture_build(fixture, &request);
    const struct table *audits = block_of(report, "audits")->table;
    assert_int_equal(audits->n_rows, 1);
    assert_int_equal(audits->first->cells[1].word, WORD_AUDIT_ROUTINE);
    assert_string_equal(audits->first->cells[2].text, "2024-05-01");
    assert_int_equal(audits->first->cells[3].kind, CELL_NONE); /* ends the day after */
    assert_string_equal(audits->first->cells[4].text, "A");
    report_free(report);
    audit_fixture_free(fixture);
}

/* Whether the row of this anchor names the finding, and leads to one: the grave ones come first. */
static bool leads_back(
    const struct report *report, const char *anchor, const struct finding *finding)
{
    for (const struct section *section = report->first; section != NULL; section = section->next) {
        for (const struct block *block = section->first; block != NULL; block = block->next) {
            const struct table_row *row = block->table == NULL ? NULL : block->table->first;
            for (; row != NULL; row = row->next) {
                const struct cell *last = &row->cells[block->table->n_columns - 1];
                if (row->anchor != NULL && strcmp(row->anchor, anchor) == 0) {
                    return last->kind == CELL_TEXT &&
                           strstr(last->text, finding->rule_code) != NULL &&
                           has_anchor(report, last->anchor);
                }
            }
        }
    }
    return false;
}

/* Every finding of a faulty site: its rows in appendix B lead to rows that are there, whose last
 * cell leads back to the finding. */
static void evidence_is_linked_both_ways(void **state)
{
    (void)state;
    struct audit_fixture *fixture = audit_fixture_new();
    audit_fixture_edc(fixture,
        "UPDATE form SET sdv_status = 0; UPDATE form SET locked_at = 1704585600000,"
        " pi_signed_at = NULL WHERE form_id = 1012");
    audit_fixture_ctms(fixture,
        "UPDATE deviation SET occurred_on = NULL; DELETE FROM training; DELETE FROM sae_report");
    struct report *report = audit_fixture_build(fixture, NULL);
    assert_true(report->n_findings > 5);
    for (const struct finding *finding = report->first_finding; finding != NULL;
         finding = finding->next) {
        char id[64];
        snprintf(id, sizeof(id), "rows_%s", finding->rule_code);
        const struct table *table = block_of(report, id)->table;
        assert_true(table->n_rows > 0);
        assert_true(has_anchor(report, finding->anchor));
        for (const struct table_row *row = table->first; row != NULL; row = row->next) {
            assert_true(leads_back(report, row->cells[1].anchor, finding));
        }
    }
    report_free(report);
    audit_fixture_free(fixture);
}

static const struct table *subject_listing(struct report *report)
{
    return block_of(report, "subject_listing")->table;
}

static void arms_are_listed_for_unblinded_persons_only(void **state)
{
    (void)state;
    struct audit_fixture *fixture = audit_fixture_new();
    audit_fixture_edc(fixture, "UPDATE subject SET arm = 'Verum', rand_no = 'R0815'");
    struct audit_request request = {.site_no = "01", .sections = UINT32_C(1) << 17};
    struct report *report = audit_fixture_build(fixture, &request);
    assert_int_equal(subject_listing(report)->n_columns, 8);
    assert_int_equal(subject_listing(report)->n_rows, 10);
    report_free(report);
    request.is_unblinded = true;
    report = audit_fixture_build(fixture, &request);
    assert_int_equal(subject_listing(report)->n_columns, 10);
    assert_string_equal(subject_listing(report)->first->cells[8].text, "Verum");
    assert_string_equal(subject_listing(report)->first->cells[9].text, "R0815");
    report_free(report);
    audit_fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_regrade_shows_both_grades_and_counts_as_a_write),
        cmocka_unit_test(a_regrade_that_lacks_something_is_refused_and_writes_nothing),
        cmocka_unit_test(the_effect_of_a_capa_is_judged_by_its_rule),
        cmocka_unit_test(sources_of_different_days_are_named),
        cmocka_unit_test(data_that_end_before_the_day_of_the_report_say_so),
        cmocka_unit_test(audits_of_the_site_are_listed_from_their_first_day_on),
        cmocka_unit_test(evidence_is_linked_both_ways),
        cmocka_unit_test(arms_are_listed_for_unblinded_persons_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
