/* Sections 6, 7, 12 and 13 by numbers worked out by hand; what cannot be assessed and says so; what
 * a broken chain means for the other sites; treatment data in the trail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "audit/rules/rules.h"
#include "audit_fixture.h"

static int set_up(void **state)
{
    *state = audit_fixture_new();
    return 0;
}

static int tear_down(void **state)
{
    audit_fixture_free(*state);
    return 0;
}

static const struct cell *cell_at(const struct table *table, size_t row, size_t column)
{
    const struct table_row *at = table->first;
    for (size_t i = 0; i < row && at != NULL; i++) {
        at = at->next;
    }
    assert_non_null(at);
    return &at->cells[column];
}

static const struct table *table_of(const struct report *report, const char *id)
{
    const struct block *block = block_of(report, id);
    if (block == NULL) {
        fail_msg("there is no table %s", id);
    }
    return block->table;
}

static enum cell_kind rule_state(const struct report *report, const char *code)
{
    const struct table *rules = table_of(report, "rules");
    for (const struct table_row *row = rules->first; row != NULL; row = row->next) {
        if (strcmp(row->cells[0].text, code) == 0) {
            return row->cells[4].kind;
        }
    }
    fail_msg("no rule %s", code);
    return CELL_NONE;
}

static const char *note_of(const struct report *report, const char *name)
{
    const struct table *missing = table_of(report, "not_provided");
    for (const struct table_row *row = missing->first; row != NULL; row = row->next) {
        if (strcmp(row->cells[1].text, name) == 0) {
            return row->cells[2].text;
        }
    }
    return "";
}

/* Nine consents on 01-01, one on 01-03, all first seen on 01-05: median 4. Version 2.0 of 06-01:
 * 101 is seen on 07-01 and signs that day (30 days), 102 on 07-11 and signs on 07-21 (50), 103 is
 * seen and never signs, 104 is not seen again. */
static void consent_and_reconsent_are_counted_by_day(void **state)
{
    audit_fixture_edc(*state,
        "UPDATE consent SET signed_on = '2024-01-03' WHERE subject_id = 110;"
        "INSERT INTO subject_event (subject_id, event_def_id, repeat_no, visit_on, status) VALUES"
        " (101, 1, 2, '2024-07-01', 'done'), (102, 1, 2, '2024-07-11', 'done'),"
        " (103, 1, 2, '2024-07-11', 'done'), (104, 1, 2, '2024-07-11', 'missed');"
        "INSERT INTO consent (subject_id, version, signed_on) VALUES (101, '2.0', '2024-07-01'),"
        " (102, '2.0', '2024-07-21')");
    audit_fixture_ctms(*state, "INSERT INTO ethics (site_id, kind, doc_version, approved_on)"
                               " VALUES (1, 'icf', '2.0', '2024-06-01')");
    struct report *report = audit_fixture_build(*state, NULL);
    assert_true(fact_of(report, "consent", "days_before").number == 4);
    assert_int_equal(fact_of(report, "consent", "reconsents_due").integer, 3);
    assert_int_equal(fact_of(report, "consent", "reconsents_done").integer, 2);
    assert_true(fact_of(report, "consent", "reconsent_days").number == 40);
    const struct table *reconsents = table_of(report, "reconsents");
    assert_int_equal(reconsents->n_rows, 3);
    assert_int_equal(cell_at(reconsents, 0, 5)->integer, 30);
    assert_int_equal(cell_at(reconsents, 1, 5)->integer, 50);
    assert_int_equal(cell_at(reconsents, 2, 5)->kind, CELL_NONE);
    assert_string_equal(cell_at(reconsents, 2, 7)->text, "IC-04");
    assert_int_equal(finding_of(report, "IC-05")->n_evidence, 1);
    report_free(report);
}

static void what_was_signed_later_is_not_there_yet(void **state)
{
    audit_fixture_edc(*state, "UPDATE consent SET signed_on = '2024-02-01' WHERE subject_id = 101");
    const struct audit_request request = {.site_no = "01", .as_of = "2024-01-31"};
    struct report *report = audit_fixture_build(*state, &request);
    assert_int_equal(finding_of(report, "IC-06")->n_evidence, 1);
    assert_null(finding_of(report, "IC-01"));
    report_free(report);
}

static void criteria_are_counted_by_protocol_version(void **state)
{
    audit_fixture_edc(*state,
        "UPDATE eligibility SET protocol_version = '2.0' WHERE subject_id > 107 AND"
        " subject_id < 200; UPDATE eligibility SET is_met = 0 WHERE subject_id = 108 AND"
        " code = 'E02'");
    struct report *report = audit_fixture_build(*state, NULL);
    const struct table *criteria = table_of(report, "criteria");
    assert_int_equal(criteria->n_rows, 8);
    assert_string_equal(cell_at(criteria, 7, 1)->text, "E02");
    assert_string_equal(cell_at(criteria, 7, 2)->text, "2.0");
    assert_int_equal(cell_at(criteria, 7, 3)->integer, 3);
    assert_int_equal(cell_at(criteria, 7, 5)->integer, 1);
    assert_int_equal(fact_of(report, "eligibility", "all_met").integer, 9);
    report_free(report);
}

static void without_a_time_zone_night_is_not_assessed(void **state)
{
    static const char *const ZONES[] = {"NULL", "'Mars/Olympus'"};
    static const char *const NOTES[] = {
        "the site has no time zone", "no time zone \"Mars/Olympus\""};
    for (size_t i = 0; i < LENGTH_OF(ZONES); i++) {
        char sql[128];
        snprintf(sql, sizeof(sql), "UPDATE site SET time_zone = %s WHERE site_id = 1", ZONES[i]);
        audit_fixture_ctms(*state, sql);
        struct report *report = audit_fixture_build(*state, NULL);
        assert_int_equal(rule_state(report, "AT-02"), CELL_NOT_PROVIDED);
        assert_int_equal(rule_state(report, "AT-03"), CELL_NOT_PROVIDED);
        assert_int_equal(rule_state(report, "AT-01"), CELL_WORD);
        assert_int_equal(fact_of(report, "audit_trail", "night").kind, CELL_NOT_PROVIDED);
        assert_null(block_of(report, "activity"));
        assert_string_equal(note_of(report, "site.time_zone"), NOTES[i]);
        report_free(report);
    }
}

/* Twenty first entries of 2024-01-06 00:00 UTC are Saturday, 09:00 in Tokyo. */
static void the_heat_map_is_in_the_site_s_time(void **state)
{
    struct report *report = audit_fixture_build(*state, NULL);
    const struct chart *chart = block_of(report, "activity")->chart;
    const struct chart_series *saturday = chart->first;
    for (int i = 0; i < SATURDAY; i++) {
        saturday = saturday->next;
    }
    assert_int_equal(saturday->name, WORD_SATURDAY);
    assert_true(saturday->points[9].y == 20);
    assert_true(saturday->points[0].y == 0);
    report_free(report);
}

static void without_limits_temperatures_are_not_assessed(void **state)
{
    audit_fixture_ctms(*state, "DELETE FROM meta WHERE key = 'ip_temp_max'");
    struct report *report = audit_fixture_build(*state, NULL);
    assert_int_equal(rule_state(report, "IP-05"), CELL_NOT_PROVIDED);
    assert_null(block_of(report, "storage_temperature"));
    report_free(report);
}

/* 20 received, 10 dispensed, 9 back, one of the unused destroyed: 9 left, 1 with its subject. */
static void the_balance_of_kits_adds_up(void **state)
{
    audit_fixture_ctms(*state, "DELETE FROM ip_txn WHERE txn_id = 31;"
                               "INSERT INTO ip_txn (site_id, kit_no, kind, on_date, qty)"
                               " VALUES (1, 'K-20', 'destroyed', '2024-03-01', 1)");
    struct report *report = audit_fixture_build(*state, NULL);
    assert_int_equal(fact_of(report, "drug", "received").integer, 20);
    assert_int_equal(fact_of(report, "drug", "dispensed").integer, 10);
    assert_int_equal(fact_of(report, "drug", "returned").integer, 9);
    assert_int_equal(fact_of(report, "drug", "in_stock").integer, 9);
    assert_int_equal(fact_of(report, "drug", "with_subjects").integer, 1);
    assert_int_equal(fact_of(report, "drug", "unaccounted").integer, 1);
    report_free(report);
}

/* Site 01's row 3 was changed: the chain is broken for site 01, and said to be so for site 02. */
static void a_break_is_the_finding_of_the_site_whose_row_it_is(void **state)
{
    const struct audit_request other = {.site_no = "02"};
    audit_fixture_edc(*state, "UPDATE audit_trail SET new_value = '7' WHERE audit_id = 3");
    struct report *report = audit_fixture_build(*state, NULL);
    assert_int_equal(cell_at(table_of(report, "chain_breaks"), 0, 0)->integer, 3);
    report_free(report);
    report = audit_fixture_build(*state, &other);
    assert_null(finding_of(report, "AT-07"));
    assert_int_equal(fact_of(report, "audit_trail", "chain").word, WORD_CHAIN_BROKEN_ELSEWHERE);
    report_free(report);
}

static void a_trail_without_hashes_is_not_assessed(void **state)
{
    audit_fixture_edc(*state, "UPDATE provided SET is_provided = 0 WHERE table_name ="
                              " 'audit_trail.hash'; INSERT INTO provided (table_name, is_provided)"
                              " SELECT 'audit_trail.hash', 0 WHERE NOT EXISTS (SELECT 1 FROM"
                              " provided WHERE table_name = 'audit_trail.hash')");
    struct report *report = audit_fixture_build(*state, NULL);
    assert_int_equal(rule_state(report, "AT-07"), CELL_NOT_PROVIDED);
    assert_int_equal(fact_of(report, "audit_trail", "chain").kind, CELL_NOT_PROVIDED);
    report_free(report);
}

/* An arm of one letter stands alone as a value: nothing names it as an arm, and it is one. */
static void a_short_arm_as_a_value_of_the_trail_is_blinded(void **state)
{
    audit_fixture_edc(*state,
        "UPDATE subject SET arm = CASE subject_id % 2 WHEN 0 THEN 'A' ELSE 'B' END;"
        "UPDATE form SET pi_signed_at = NULL WHERE form_id < 2000;"
        "INSERT INTO audit_trail (at, user_id, action, form_id, old_value, new_value)"
        " VALUES (1704690000000, 1, 'update', 1011, 'A', '5')");
    for (int is_unblinded = 0; is_unblinded < 2; is_unblinded++) {
        const struct audit_request request = {.site_no = "01", .is_unblinded = is_unblinded != 0};
        struct report *report = audit_fixture_build(*state, &request);
        const struct cell *old = cell_at(table_of(report, "changes_examined"), 0, 7);
        assert_int_equal(old->kind, is_unblinded != 0 ? CELL_TEXT : CELL_BLINDED);
        assert_string_equal(cell_at(table_of(report, "changes_examined"), 0, 8)->text, "5");
        report_free(report);
    }
}

#define WITH_STUDY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STUDY(consent_and_reconsent_are_counted_by_day),
        WITH_STUDY(what_was_signed_later_is_not_there_yet),
        WITH_STUDY(criteria_are_counted_by_protocol_version),
        WITH_STUDY(without_a_time_zone_night_is_not_assessed),
        WITH_STUDY(the_heat_map_is_in_the_site_s_time),
        WITH_STUDY(without_limits_temperatures_are_not_assessed),
        WITH_STUDY(the_balance_of_kits_adds_up),
        WITH_STUDY(a_break_is_the_finding_of_the_site_whose_row_it_is),
        WITH_STUDY(a_trail_without_hashes_is_not_assessed),
        WITH_STUDY(a_short_arm_as_a_value_of_the_trail_is_blinded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
