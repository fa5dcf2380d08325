/* The ODM reader: what becomes of definitions, values, transactions and audit records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "import/odm_map.h"
#include "unit/odm_fixture.h"

#define VALUE(item, value) "<ItemData ItemOID=\"" item "\" Value=\"" value "\"/>\n"
#define ONE_SUBJECT ODM_OPEN("001") VALUE("I.TEXT", "a") ODM_CLOSE

static void a_snapshot_becomes_rows(void **state)
{
    struct odm_fixture *fixture = *state;
    assert_odm_loads(fixture, ODM_SNAPSHOT ODM_OPEN("001") VALUE("I.TEXT", "a &amp; b")
                                  VALUE("I.VISDAT", "2025-03-01") ODM_CLOSE ODM_END);
    assert_odm(fixture, "SELECT subject_no FROM subject", "001");
    assert_odm(fixture, "SELECT site_no FROM site", "10");
    assert_odm(fixture, "SELECT visit_on FROM subject_event", "2025-03-01");
    assert_odm(fixture, "SELECT value FROM item_data ORDER BY item_id", "a & b");
    assert_odm(fixture, "SELECT status FROM form", "complete");
    assert_odm(fixture, "SELECT value FROM meta WHERE key = 'as_of'", "2025-06-30");
    assert_odm(fixture, "SELECT value FROM meta WHERE key = 'data_version'", "1");
}

static void a_snapshot_without_audit_records_says_what_it_lacks(void **state)
{
    struct odm_fixture *fixture = *state;
    assert_odm_loads(fixture, ODM_SNAPSHOT ONE_SUBJECT ODM_END);
    static const char *const LACKING[] = {"audit_trail", "form.first_entry_at",
        "item_data.n_changes", "query", "form.missing", "form.pi_signed_at", "adverse_event"};
    for (size_t i = 0; i < LENGTH_OF(LACKING); i++) {
        char sql[128];
        snprintf(sql, sizeof(sql), "SELECT is_provided FROM provided WHERE table_name = '%s'",
            LACKING[i]);
        assert_odm(fixture, sql, "0");
    }
    assert_odm(fixture, "SELECT is_provided FROM provided WHERE table_name = 'item_data'", "1");
    assert_odm(fixture, "SELECT count(*) FROM audit_trail", "0");
}

#define CHANGE(value, transaction, stamp, reason)                                                  \
    "<ItemData ItemOID=\"I.TEXT\" Value=\"" value "\" TransactionType=\"" transaction              \
    "\">" ODM_AUDIT("U2", stamp, reason) "</ItemData>\n"

static void successive_transactions_are_changes_of_one_value(void **state)
{
    struct odm_fixture *fixture = *state;
    assert_odm_loads(fixture,
        ODM_TRANSACTIONAL ODM_OPEN("001") CHANGE("a", "Insert", "2025-01-01T10:00:00Z", "")
            ODM_CLOSE ODM_OPEN("002") CHANGE("x", "Insert", "2025-01-02T10:00:00Z", "")
                ODM_CLOSE ODM_OPEN("001") CHANGE("b", "Update", "2025-01-03T10:00:00Z",
                    ODM_REASON("typing error")) ODM_CLOSE ODM_OPEN("001")
                    CHANGE("c", "Upsert", "2025-01-04T08:00:00+08:00", "") ODM_CLOSE ODM_END);
    assert_odm(fixture, "SELECT count(*) FROM item_data", "2");
    assert_odm(fixture, "SELECT value FROM item_data ORDER BY item_id", "c");
    assert_odm(fixture, "SELECT n_changes FROM item_data ORDER BY item_id", "2");
    assert_odm(fixture, "SELECT count(*) FROM audit_trail", "4");
    assert_odm(fixture,
        "SELECT old_value || '>' || new_value || ' ' || reason FROM audit_trail"
        " WHERE action = 'update' ORDER BY audit_id",
        "a>b typing error");
    assert_odm(fixture, "SELECT at FROM audit_trail ORDER BY audit_id DESC", "1735948800000");
    assert_odm(fixture, "SELECT first_entry_at FROM form", "1735725600000");
    assert_odm(fixture, "SELECT last_change_at FROM form", "1735948800000");
}

static void the_trail_is_in_order_of_time_and_chained(void **state)
{
    struct odm_fixture *fixture = *state;
    assert_odm_loads(fixture,
        ODM_TRANSACTIONAL ODM_OPEN("001") CHANGE("a", "Insert", "2025-02-01T10:00:00Z", "")
            ODM_CLOSE ODM_OPEN("002") CHANGE("b", "Insert", "2025-01-01T10:00:00Z", "")
                ODM_CLOSE ODM_END);
    assert_odm(fixture, "SELECT new_value FROM audit_trail WHERE audit_id = 1", "b");
    assert_odm(fixture,
        "SELECT count(*) FROM audit_trail a JOIN audit_trail b ON b.audit_id = a.audit_id + 1"
        " WHERE b.prev_hash = a.hash AND b.at >= a.at",
        "1");
}

static void a_removed_value_is_null_and_its_removal_recorded(void **state)
{
    struct odm_fixture *fixture = *state;
    assert_odm_loads(fixture,
        ODM_TRANSACTIONAL ODM_OPEN("001") CHANGE("a", "Insert", "2025-01-01T10:00:00Z", "")
            ODM_CLOSE ODM_OPEN("001") CHANGE("", "Remove", "2025-01-02T10:00:00Z",
                ODM_REASON("wrong subject")) ODM_CLOSE ODM_END);
    assert_odm(fixture, "SELECT value FROM item_data", "NULL");
    assert_odm(fixture, "SELECT status FROM form", "incomplete");
    assert_odm(fixture, "SELECT old_value FROM audit_trail WHERE action = 'delete'", "a");
}

static void a_removed_container_takes_its_values_along(void **state)
{
    struct odm_fixture *fixture = *state;
    assert_odm_loads(fixture, ODM_TRANSACTIONAL ONE_SUBJECT
        "<SubjectData SubjectKey=\"001\"><StudyEventData StudyEventOID=\"E1\">"
        "<FormData FormOID=\"F1\" TransactionType=\"Remove\">" ODM_AUDIT(
            "U1", "2025-01-02T10:00:00Z", ODM_REASON("not done")) "</FormData></StudyEventData>"
                                                                  "</SubjectData>" ODM_END);
    assert_odm(fixture, "SELECT count(*) FROM item_data WHERE value IS NOT NULL", "0");
    assert_odm(fixture, "SELECT reason FROM audit_trail WHERE action = 'delete'", "not done");
}

static void a_removed_subject_is_left_out_and_told(void **state)
{
    struct odm_fixture *fixture = *state;
    assert_odm_loads(fixture, ODM_TRANSACTIONAL ONE_SUBJECT ODM_OPEN("002") ODM_CLOSE
        "<SubjectData SubjectKey=\"001\" TransactionType=\"Remove\"/>" ODM_END);
    assert_odm(fixture, "SELECT subject_no FROM subject", "002");
    assert_non_null(strstr(fixture->summary, "1 subjects left out"));
}

static void repeat_keys_that_are_no_numbers_are_counted(void **state)
{
    struct odm_fixture *fixture = *state;
    assert_odm_loads(fixture,
        ODM_SNAPSHOT "<SubjectData SubjectKey=\"001\"><SiteRef LocationOID=\"10\"/>"
                     "<StudyEventData StudyEventOID=\"E1\" StudyEventRepeatKey=\"UNS[A]\"/>"
                     "<StudyEventData StudyEventOID=\"E1\" StudyEventRepeatKey=\"UNS[B]\"/>"
                     "</SubjectData>" ODM_END);
    assert_odm(fixture, "SELECT count(*) FROM subject_event", "2");
    assert_odm(fixture, "SELECT max(repeat_no) FROM subject_event", "2");
}

static void extensions_of_vendors_are_passed_over_and_counted(void **state)
{
    struct odm_fixture *fixture = *state;
    assert_odm_loads(fixture,
        ODM_SNAPSHOT "<v:Extra><v:Deep><ItemData ItemOID=\"none\"/></v:Deep></v:Extra>" ONE_SUBJECT
                     "<v:Other/>" ODM_END);
    assert_non_null(strstr(fixture->summary, "2 elements of other namespaces"));
    assert_odm(fixture, "SELECT count(*) FROM item_data", "1");
}

static void the_same_file_again_changes_nothing(void **state)
{
    struct odm_fixture *fixture = *state;
    static const char XML[] = ODM_SNAPSHOT ONE_SUBJECT ODM_END;
    assert_odm_loads(fixture, XML);
    assert_odm_loads(fixture, XML);
    assert_non_null(strstr(fixture->summary, "nothing was changed"));
    assert_odm(fixture, "SELECT value FROM meta WHERE key = 'data_version'", "1");
}

static void another_file_needs_force_and_counts_on(void **state)
{
    struct odm_fixture *fixture = *state;
    assert_odm_loads(fixture, ODM_SNAPSHOT ONE_SUBJECT ODM_END);
    static const char OTHER[] = ODM_SNAPSHOT ODM_OPEN("777") ODM_CLOSE ODM_END;
    assert_int_equal(odm_run(fixture, OTHER), STATUS_ALREADY_EXISTS);
    assert_odm(fixture, "SELECT subject_no FROM subject", "001");
    fixture->is_forced = 1;
    assert_odm_loads(fixture, OTHER);
    assert_odm(fixture, "SELECT subject_no FROM subject", "777");
    assert_odm(fixture, "SELECT value FROM meta WHERE key = 'data_version'", "2");
}

static void names_of_cdash_and_sdtm_are_known_in_any_case(void **state)
{
    (void)state;
    assert_int_equal(odm_map_name("AETERM"), ODM_FIELD_AE_TERM);
    assert_int_equal(odm_map_name("IT.AE.aeterm"), ODM_FIELD_AE_TERM);
    assert_int_equal(odm_map_name("BRTHDAT"), ODM_FIELD_BIRTH);
    assert_int_equal(odm_map_name("AETERMX"), ODM_FIELD_NONE);
    assert_int_equal(odm_map_name(""), ODM_FIELD_NONE);
    assert_string_equal(odm_map_word(ODM_WORDS_OUTCOME, "recovered/resolved"), "recovered");
    assert_null(odm_map_word(ODM_WORDS_OUTCOME, "better"));
    assert_null(odm_map_word(ODM_WORDS_OUTCOME, NULL));
    for (int field = ODM_FIELD_NONE + 1; field < ODM_FIELD_COUNT; field++) {
        const char *name = odm_map_field_name((enum odm_field_kind)field);
        assert_int_equal(odm_map_name(name), field); /* no name stands for two fields */
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, odm_setup, odm_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_snapshot_becomes_rows),
        TEST(a_snapshot_without_audit_records_says_what_it_lacks),
        TEST(successive_transactions_are_changes_of_one_value),
        TEST(the_trail_is_in_order_of_time_and_chained),
        TEST(a_removed_value_is_null_and_its_removal_recorded),
        TEST(a_removed_container_takes_its_values_along),
        TEST(a_removed_subject_is_left_out_and_told),
        TEST(repeat_keys_that_are_no_numbers_are_counted),
        TEST(extensions_of_vendors_are_passed_over_and_counted),
        TEST(the_same_file_again_changes_nothing),
        TEST(another_file_needs_force_and_counts_on),
        cmocka_unit_test(names_of_cdash_and_sdtm_are_known_in_any_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
