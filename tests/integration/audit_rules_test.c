/* Each rule: silent on a clean site, speaking on a planted fault, with rows to show for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "audit/rules/rules.h"
#include "audit_fixture.h"
#include "audit_lab.h"
#include "audit_near_misses_study.h"
#include "audit_plants.h"
#include "audit_plants_sitefile.h"
#include "audit_plants_study.h"
#include "audit_plants_subject.h"

/* The rows of all areas, one after the other. */
static const struct {
    const struct plant *rows;
    size_t n_rows;
} PLANT_TABLES[] = {
    {STUDY_PLANTS, LENGTH_OF(STUDY_PLANTS)},
    {SITEFILE_PLANTS, LENGTH_OF(SITEFILE_PLANTS)},
    {SUBJECT_PLANTS, LENGTH_OF(SUBJECT_PLANTS)},
};

static const struct {
    const struct near_miss *rows;
    size_t n_rows;
} NEAR_MISS_TABLES[] = {
    {STUDY_NEAR_MISSES, LENGTH_OF(STUDY_NEAR_MISSES)},
    {SITEFILE_NEAR_MISSES, LENGTH_OF(SITEFILE_NEAR_MISSES)},
    {SUBJECT_NEAR_MISSES, LENGTH_OF(SUBJECT_NEAR_MISSES)},
};

static const struct plant *plant_at(size_t index)
{
    for (size_t i = 0; i < LENGTH_OF(PLANT_TABLES); i++) {
        if (index < PLANT_TABLES[i].n_rows) {
            return &PLANT_TABLES[i].rows[index];
        }
        index -= PLANT_TABLES[i].n_rows;
    }
    return NULL;
}

static struct report *build_with(
    struct audit_fixture *fixture, const char *edc_sql, const char *ctms_sql)
{
    if (edc_sql != NULL) {
        audit_fixture_edc(fixture, edc_sql);
    }
    if (ctms_sql != NULL) {
        audit_fixture_ctms(fixture, ctms_sql);
    }
    return audit_fixture_build(fixture, NULL);
}

static void assert_only(const struct report *report, const struct plant *plant)
{
    for (const struct finding *finding = report->first_finding; finding != NULL;
         finding = finding->next) {
        if (strcmp(finding->rule_code, plant->code) != 0 &&
            strstr(plant->also, finding->rule_code) == NULL) {
            fail_msg("%s was planted, %s fired too", plant->code, finding->rule_code);
        }
    }
}

static struct audit_lab *lab;

/* The small study, with a laboratory that agrees with it. */
static struct audit_fixture *new_fixture(void)
{
    struct audit_fixture *fixture = audit_fixture_new();
    fixture->sources.lab = lab->client;
    return fixture;
}

static void a_clean_site_has_no_finding_and_every_rule_was_assessed(void **state)
{
    (void)state;
    struct audit_fixture *fixture = new_fixture();
    struct report *report = audit_fixture_build(fixture, NULL);
    if (report->first_finding != NULL) {
        fail_msg("%s fired", report->first_finding->rule_code);
    }
    const struct table *rules = block_of(report, "rules")->table;
    assert_int_equal(rules->n_rows, N_RULES);
    for (const struct table_row *row = rules->first; row != NULL; row = row->next) {
        assert_int_equal(row->cells[4].kind, CELL_WORD);
        assert_int_equal(row->cells[4].word, WORD_RULE_STATE_PASSED);
    }
    assert_int_equal(block_of(report, "not_provided")->table->n_rows, 0);
    report_free(report);
    audit_fixture_free(fixture);
}

static void a_planted_fault_leads_to_its_finding_and_no_other(void **state)
{
    (void)state;
    const struct plant *plant;
    for (size_t i = 0; (plant = plant_at(i)) != NULL; i++) {
        struct audit_fixture *fixture = new_fixture();
        struct report *report = build_with(fixture, plant->edc_sql, plant->ctms_sql);
        const struct finding *finding = finding_of(report, plant->code);
        if (finding == NULL) {
            fail_msg("plant %zu: %s did not fire", i, plant->code);
        }
        assert_only(report, plant);
        if (finding->grade != plant->grade || finding->n_evidence != plant->n_evidence) {
            fail_msg("plant %zu: %s has grade %d and %d rows", i, plant->code, (int)finding->grade,
                (int)finding->n_evidence);
        }
        report_free(report);
        audit_fixture_free(fixture);
    }
}

static bool has_near_miss(const char *code)
{
    for (size_t table = 0; table < LENGTH_OF(NEAR_MISS_TABLES); table++) {
        for (size_t i = 0; i < NEAR_MISS_TABLES[table].n_rows; i++) {
            if (strcmp(NEAR_MISS_TABLES[table].rows[i].code, code) == 0) {
                return true;
            }
        }
    }
    return false;
}

static void every_rule_has_a_plant_and_a_near_miss(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_RULES; i++) {
        size_t n_plants = 0;
        const struct plant *plant;
        for (size_t at = 0; (plant = plant_at(at)) != NULL; at++) {
            n_plants += strcmp(plant->code, RULES[i].code) == 0;
        }
        if (n_plants == 0) {
            fail_msg("nothing is planted for %s", RULES[i].code);
        }
        if (!has_near_miss(RULES[i].code)) {
            fail_msg("nothing comes close to %s", RULES[i].code);
        }
    }
}

/* A rule's threshold is where its words say it is: what lies on the allowed side is no finding. */
static void what_comes_close_to_a_fault_is_none(void **state)
{
    (void)state;
    size_t n_fired = 0;
    for (size_t table = 0; table < LENGTH_OF(NEAR_MISS_TABLES); table++) {
        for (size_t i = 0; i < NEAR_MISS_TABLES[table].n_rows; i++) {
            const struct near_miss *near = &NEAR_MISS_TABLES[table].rows[i];
            struct audit_fixture *fixture = new_fixture();
            struct report *report = build_with(fixture, near->edc_sql, near->ctms_sql);
            if (finding_of(report, near->code) != NULL) {
                print_error("near miss %zu of table %zu: %s fired\n", i, table, near->code);
                n_fired++;
            }
            report_free(report);
            audit_fixture_free(fixture);
        }
    }
    assert_int_equal(n_fired, 0);
}

/* The rows of all tables that point to this finding. */
static int64_t count_rows_of(const struct report *report, const struct finding *finding)
{
    int64_t count = 0;
    for (const struct section *section = report->first; section != NULL; section = section->next) {
        for (const struct block *block = section->first; block != NULL; block = block->next) {
            const struct table *table = block->table;
            for (const struct table_row *row = table == NULL ? NULL : table->first; row != NULL;
                 row = row->next) {
                const struct cell *cell = &row->cells[table->n_columns - 1];
                count += section->number > 2 && cell->kind == CELL_TEXT &&
                         strstr(cell->text, finding->rule_code) != NULL;
            }
        }
    }
    return count;
}

/* EN-01 counts subjects who are not there: its evidence is a section, not rows. DQ-04 counts data
 * points, its rows are forms. */
static void findings_and_evidence_point_at_each_other(void **state)
{
    (void)state;
    const struct plant *plant;
    for (size_t i = 0; (plant = plant_at(i)) != NULL; i++) {
        struct audit_fixture *fixture = new_fixture();
        struct report *report = build_with(fixture, plant->edc_sql, plant->ctms_sql);
        const struct finding *finding = finding_of(report, plant->code);
        assert_non_null(finding);
        assert_true(has_anchor(report, finding->anchor));
        assert_true(has_anchor(report, finding->evidence_anchor));
        bool is_section = strncmp(finding->evidence_anchor, "section-", 8) == 0;
        if (is_section != (strcmp(plant->code, "EN-01") == 0)) {
            fail_msg("%s: evidence at %s", plant->code, finding->evidence_anchor);
        }
        bool is_sum = is_section || strcmp(plant->code, "DQ-04") == 0;
        if (!is_sum && count_rows_of(report, finding) < finding->n_evidence) {
            fail_msg("%s: %d rows shown", plant->code, (int)count_rows_of(report, finding));
        }
        report_free(report);
        audit_fixture_free(fixture);
    }
}

static void a_regrade_holds_and_both_grades_are_shown(void **state)
{
    (void)state;
    struct audit_fixture *fixture = new_fixture();
    audit_fixture_ctms(fixture,
        "UPDATE deviation SET occurred_on = NULL WHERE site_id = 1;"
        "INSERT INTO finding_regrade (site_id, finding_key, old_grade, new_grade, regraded_by,"
        " regraded_at, reason) VALUES (1, 'DEV-02', 'minor', 'major', 'QA', 1704499200000, 'why')");
    struct report *report = audit_fixture_build(fixture, NULL);
    assert_int_equal(finding_of(report, "DEV-02")->grade, GRADE_MAJOR);
    const struct table_row *row = block_of(report, "regrades")->table->first;
    assert_int_equal(row->cells[1].word, WORD_GRADE_MINOR);
    assert_int_equal(row->cells[2].word, WORD_GRADE_MAJOR);
    assert_string_equal(row->cells[5].text, "why");
    report_free(report);
    audit_fixture_free(fixture);
}

static int start_lab(void **state)
{
    (void)state;
    lab = audit_lab_start(NULL);
    return 0;
}

static int stop_lab(void **state)
{
    (void)state;
    audit_lab_stop(lab);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clean_site_has_no_finding_and_every_rule_was_assessed),
        cmocka_unit_test(every_rule_has_a_plant_and_a_near_miss),
        cmocka_unit_test(a_planted_fault_leads_to_its_finding_and_no_other),
        cmocka_unit_test(what_comes_close_to_a_fault_is_none),
        cmocka_unit_test(findings_and_evidence_point_at_each_other),
        cmocka_unit_test(a_regrade_holds_and_both_grades_are_shown),
    };
    return cmocka_run_group_tests(tests, start_lab, stop_lab);
}
