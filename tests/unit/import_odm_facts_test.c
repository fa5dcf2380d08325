/* What the items of an ODM file mean: the example study by hand, and the corners of the mapping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/odm_fixture.h"

struct expectation {
    const char *sql;
    const char *expected;
};

static void assert_all(
    struct odm_fixture *fixture, const struct expectation *expectations, size_t n_expectations)
{
    for (size_t i = 0; i < n_expectations; i++) {
        assert_odm(fixture, expectations[i].sql, expectations[i].expected);
    }
}

/* Read against the text of tests/data/study.odm.xml by a person. */
static void the_example_study_means_what_it_says(void **state)
{
    static const struct expectation EXPECTED[] = {
        {"SELECT count(*) FROM subject", "3"},
        {"SELECT status || sex || birth_year || enrolled_on || first_dose_on || last_seen_on"
         " FROM subject WHERE subject_no = '101-001'",
            "enrolledF19612025-02-202025-02-202025-03-20"},
        {"SELECT status || discont_on || discont_reason FROM subject WHERE subject_no = '101-002'",
            "screen_failed2025-03-04eligibility"},
        {"SELECT status || discont_on || discont_reason FROM subject WHERE subject_no = '102-001'",
            "discontinued2025-06-01lost_to_follow_up"},
        {"SELECT version || signed_on FROM consent WHERE subject_id = 1", "2.02025-02-09"},
        {"SELECT code || is_met FROM eligibility WHERE kind = 'inclusion'", "INCL011"},
        {"SELECT code || is_met FROM eligibility WHERE kind = 'exclusion'", "EXCL030"},
        {"SELECT seq || term || severity || grade || serious || related || outcome || start_on"
         " FROM adverse_event",
            "1Pneumoniasevere31not_relatedrecovered2025-03"},
        {"SELECT entered_at FROM adverse_event", "1742439600000"},
        {"SELECT test || value || flag || on_date FROM lab_result ORDER BY lab_id",
            "ALT62.0H2025-02-09"},
        {"SELECT flag FROM lab_result WHERE test = 'HGB'", "N"},
        {"SELECT lo || '-' || hi || unit || required FROM item_def WHERE oid = 'I.SYSBP'",
            "80.0-260.0mmHg1"},
        {"SELECT codelist FROM item_def WHERE oid = 'I.SEX'", "F,M"},
        {"SELECT code || '|' || expr || '|' || message || '|' || severity FROM edit_check"
         " WHERE code LIKE 'I.SYSBP%' ORDER BY check_id",
            "I.SYSBP.RC1|[I.SYSBP] >= 80|Below 80 mmHg: please check|soft"},
        {"SELECT expr || '|' || message || '|' || severity FROM edit_check"
         " WHERE code = 'I.SYSBP.REQ'",
            "[I.SYSBP] is required|Systolic blood pressure: a value is required|hard"},
        {"SELECT expr FROM edit_check WHERE code = 'I.LBTESTCD.REQ'",
            "any([I.LBTESTCD] is not missing) and (if [I.LBORRES] is not missing or [I.LBORNRLO] is"
            " not missing or [I.LBORNRHI] is not missing then [I.LBTESTCD] is required)"},
        {"SELECT expr FROM edit_check WHERE code = 'I.IECAT.REQ'",
            "if [I.IETESTCD] is not missing or [I.IEORRES] is not missing then [I.IECAT] is"
            " required"},
        {"SELECT expr || severity FROM edit_check WHERE code = 'I.PULSE.RC1'",
            "[I.PULSE] not in (0, 999)soft"},
        {"SELECT expr FROM edit_check WHERE code = 'I.PULSE.RC2'", ". < 300"},
        {"SELECT value || n_changes FROM item_data WHERE item_def_id = (SELECT item_def_id FROM"
         " item_def WHERE oid = 'I.SYSBP') ORDER BY item_id",
            "1152"},
        {"SELECT count(*) FROM audit_trail WHERE action = 'update' AND reason IS NULL", "1"},
        {"SELECT f.pi_signed_at FROM form f JOIN form_def d ON d.form_def_id = f.form_def_id"
         " WHERE d.oid = 'F.DM' ORDER BY f.form_id",
            "1739350800000"},
        {"SELECT full_name || role FROM app_user WHERE login = 'weber'", "Anna Webercoordinator"},
        {"SELECT name FROM event_def WHERE ordinal = 2", "Week 4"},
        {"SELECT name FROM site WHERE site_no = '102'", "Charité Berlin"},
        {"SELECT is_provided FROM provided WHERE table_name = 'item_data.n_changes'", ""},
        {"SELECT is_provided FROM provided WHERE table_name = 'lab_result.tox_grade'", "0"},
    };
    struct odm_fixture *fixture = *state;
    assert_int_equal(odm_run_file(fixture, ctx_background(), ODM_EXAMPLE), STATUS_OK);
    assert_all(fixture, EXPECTED, LENGTH_OF(EXPECTED));
    assert_non_null(strstr(fixture->summary,
        "  1 edit checks do not compile and will not be run:\n"
        "    I.PULSE.RC2 of F.VS, column 1: a value is expected, but here is .\n"));
}

/* One group with the items named; a subject with their values. */
#define REF(item) "<ItemRef ItemOID=\"" item "\" Mandatory=\"No\"/>"
#define DEF(item) "<ItemDef OID=\"" item "\" Name=\"" item "\" DataType=\"text\"/>"
#define VALUE(item, value) "<ItemData ItemOID=\"" item "\" Value=\"" value "\"/>"
#define STUDY_OF(references, definitions)                                                          \
    ODM_ROOT("Snapshot")                                                                           \
    ODM_GLOBALS "<MetaDataVersion OID=\"M1\" Name=\"1\">"                                          \
                "<StudyEventDef OID=\"E1\" Name=\"E\" Repeating=\"Yes\"><FormRef FormOID=\"F1\" "  \
                "Mandatory=\"No\"/></StudyEventDef><FormDef OID=\"F1\" Name=\"F\"><ItemGroupRef "  \
                "ItemGroupOID=\"G1\" Mandatory=\"No\"/></FormDef><ItemGroupDef OID=\"G1\" "        \
                "Name=\"G\">" references "</ItemGroupDef>" definitions                             \
                "</MetaDataVersion></Study>" ODM_ADMIN ODM_DATA
#define NEXT_GROUP(key)                                                                            \
    "</ItemGroupData><ItemGroupData ItemGroupOID=\"G1\" ItemGroupRepeatKey=\"" key "\">"

static void numbers_of_adverse_events_are_the_sponsors_when_they_are_free(void **state)
{
    struct odm_fixture *fixture = *state;
    assert_odm_loads(fixture,
        STUDY_OF(
            REF("AETERM") REF("AESEQ") REF("AETOXGR"), DEF("AETERM") DEF("AESEQ") DEF("AETOXGR"))
            ODM_OPEN("1") VALUE("AETERM", "a") VALUE("AESEQ", "7") VALUE("AETOXGR", "GRADE 4")
                NEXT_GROUP("2") VALUE("AETERM", "b") VALUE("AESEQ", "7") NEXT_GROUP("3")
                    VALUE("AETERM", "c") NEXT_GROUP("4") VALUE("AESEQ", "9") ODM_CLOSE ODM_END);
    static const struct expectation EXPECTED[] = {
        {"SELECT count(*) FROM adverse_event", "3"}, /* a number alone is no event */
        {"SELECT seq FROM adverse_event WHERE term = 'a'", "7"},
        {"SELECT seq FROM adverse_event WHERE term = 'b'", "1"},
        {"SELECT seq FROM adverse_event WHERE term = 'c'", "2"},
        {"SELECT severity || grade FROM adverse_event WHERE term = 'a'", "life_threatening4"},
        {"SELECT grade FROM adverse_event WHERE term = 'b'", "NULL"},
        {"SELECT is_provided FROM provided WHERE table_name = 'adverse_event.serious'", "0"},
    };
    assert_all(fixture, EXPECTED, LENGTH_OF(EXPECTED));
}

static void signatures_of_consent_are_kept_each_once(void **state)
{
    struct odm_fixture *fixture = *state;
    assert_odm_loads(fixture,
        STUDY_OF(REF("RFICDTC") REF("ICVER"), DEF("RFICDTC") DEF("ICVER")) ODM_OPEN("1")
            VALUE("RFICDTC", "2025-03-01") VALUE("ICVER", "2.0") NEXT_GROUP("2")
                VALUE("RFICDTC", "2025-01-01") NEXT_GROUP("3") VALUE("RFICDTC", "2025-01-01")
                    VALUE("ICVER", "1.0") ODM_CLOSE ODM_END);
    static const struct expectation EXPECTED[] = {
        {"SELECT count(*) FROM consent", "2"},
        {"SELECT consent_on || consent_version FROM subject", "2025-01-011.0"},
        {"SELECT version FROM consent ORDER BY signed_on DESC", "2.0"},
        {"SELECT screened_on FROM subject", "2025-01-01"},
    };
    assert_all(fixture, EXPECTED, LENGTH_OF(EXPECTED));
}

static void the_end_of_treatment_is_not_the_end_of_the_study(void **state)
{
    struct odm_fixture *fixture = *state;
    assert_odm_loads(fixture,
        STUDY_OF(REF("DSDECOD") REF("DSSTDAT") REF("DSSCAT") REF("EXSTDAT"),
            DEF("DSDECOD") DEF("DSSTDAT") DEF("DSSCAT") DEF("EXSTDAT")) ODM_OPEN("1")
            VALUE("EXSTDAT", "2025-02-01") NEXT_GROUP("2") VALUE("EXSTDAT", "2025-03-01")
                NEXT_GROUP("3") VALUE("DSDECOD", "ADVERSE EVENT") VALUE("DSSCAT", "TREATMENT")
                    VALUE("DSSTDAT", "2025-03-05") NEXT_GROUP("4") VALUE("DSDECOD", "COMPLETED")
                        VALUE("DSSTDAT", "2025-06-01") ODM_CLOSE ODM_OPEN("2")
                            VALUE("DSDECOD", "abducted") ODM_CLOSE ODM_END);
    static const struct expectation EXPECTED[] = {
        {"SELECT status || treatment_status || treatment_reason FROM subject"
         " WHERE subject_no = '1'",
            "completeddiscontinuedadverse_event"},
        {"SELECT first_dose_on || last_dose_on || last_seen_on FROM subject"
         " WHERE subject_no = '1'",
            "2025-02-012025-03-012025-06-01"},
        {"SELECT status || discont_reason FROM subject WHERE subject_no = '2'",
            "discontinuedother"},
    };
    assert_all(fixture, EXPECTED, LENGTH_OF(EXPECTED));
    assert_non_null(strstr(fixture->summary, "1 values of recognised items without a known word"));
}

static void a_study_that_says_nothing_of_enrolment_has_its_subjects_enrolled(void **state)
{
    struct odm_fixture *fixture = *state;
    assert_odm_loads(
        fixture, STUDY_OF(REF("X"), DEF("X")) ODM_OPEN("1") VALUE("X", "1") ODM_CLOSE ODM_END);
    assert_odm(fixture, "SELECT status FROM subject", "enrolled");
    assert_odm(
        fixture, "SELECT is_provided FROM provided WHERE table_name = 'subject.enrolled_on'", "0");
    assert_non_null(strstr(fixture->summary, "recognised by CDASH or SDTM name: nothing"));
}

#define TYPED(item, type, checks)                                                                  \
    "<ItemDef OID=\"" item "\" Name=\"" item "\" DataType=\"" type "\">" checks "</ItemDef>"
#define CHECK(comparator, values)                                                                  \
    "<RangeCheck Comparator=\"" comparator "\" SoftHard=\"Hard\">" values "</RangeCheck>"
#define CHECK_VALUE(value) "<CheckValue>" value "</CheckValue>"

/* Names and values are whatever the sponsor likes; the expression is read as it was meant. */
static void range_checks_become_expressions_whatever_is_in_them(void **state)
{
    struct odm_fixture *fixture = *state;
    assert_odm_loads(fixture,
        STUDY_OF(REF("NUM") REF("D A]Y") REF("in") REF("LIKE") REF("OK"),
            TYPED("NUM", "float",
                CHECK("LT", CHECK_VALUE("+.5e1")) CHECK("EQ", CHECK_VALUE("1") CHECK_VALUE("2"))
                    CHECK("NE", CHECK_VALUE(" 3 ")) CHECK("GE", CHECK_VALUE("low")))
                TYPED("D A]Y", "date", CHECK("GT", CHECK_VALUE("2024-03")))
                    TYPED("in", "text", CHECK("IN", CHECK_VALUE("a, \"b\"") CHECK_VALUE("1")))
                        TYPED("LIKE", "text", CHECK("LE", CHECK_VALUE("x") CHECK_VALUE("y")))
                            TYPED("OK", "boolean", CHECK("EQ", CHECK_VALUE("1")))) ODM_OPEN("1")
            VALUE("NUM", "1") ODM_CLOSE ODM_END);
    static const struct expectation EXPECTED[] = {
        {"SELECT expr FROM edit_check WHERE code = 'NUM.RC1'", "NUM < 5"},
        {"SELECT expr FROM edit_check WHERE code = 'NUM.RC2'", "NUM in (1, 2)"},
        {"SELECT expr FROM edit_check WHERE code = 'NUM.RC3'", "NUM != 3"},
        {"SELECT expr FROM edit_check WHERE code = 'NUM.RC4'", "NUM >= \"low\""},
        {"SELECT expr FROM edit_check WHERE code = 'D A]Y.RC1'", "[D A]]Y] > \"2024-03\""},
        {"SELECT expr FROM edit_check WHERE code = 'in.RC1'", "[in] in (\"a, \"\"b\"\"\", \"1\")"},
        {"SELECT expr FROM edit_check WHERE code = 'LIKE.RC1'", "LIKE <= \"x\" and LIKE <= \"y\""},
        {"SELECT expr FROM edit_check WHERE code = 'OK.RC1'", "OK = true"},
    };
    assert_all(fixture, EXPECTED, LENGTH_OF(EXPECTED));
    assert_non_null(strstr(fixture->summary,
        "  1 edit checks do not compile and will not be run:\n    NUM.RC4 of F1, column 8: "));
}

/* A search among all that came before, for each, would take minutes. */
static void a_subject_of_many_adverse_events_costs_what_its_records_cost(void **state)
{
    enum { N_EVENTS = 20000, EVENT_LEN_MAX = 160 };
    struct odm_fixture *fixture = *state;
    char *xml = malloc((size_t)N_EVENTS * EVENT_LEN_MAX + 8192);
    assert_non_null(xml);
    size_t used = (size_t)sprintf(
        xml, "%s", STUDY_OF(REF("AETERM"), DEF("AETERM")) ODM_OPEN("1") VALUE("AETERM", "t"));
    for (int i = 1; i < N_EVENTS; i++) {
        used += (size_t)snprintf(xml + used, EVENT_LEN_MAX,
            "</ItemGroupData><ItemGroupData ItemGroupOID=\"G1\" ItemGroupRepeatKey=\"K%d\">" VALUE(
                "AETERM", "t"),
            i);
    }
    snprintf(xml + used, 8192, "%s", ODM_CLOSE ODM_END);
    assert_odm_loads(fixture, xml);
    free(xml);
    assert_odm(fixture, "SELECT max(seq) FROM adverse_event", "20000");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, odm_setup, odm_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_example_study_means_what_it_says),
        TEST(numbers_of_adverse_events_are_the_sponsors_when_they_are_free),
        TEST(signatures_of_consent_are_kept_each_once),
        TEST(the_end_of_treatment_is_not_the_end_of_the_study),
        TEST(range_checks_become_expressions_whatever_is_in_them),
        TEST(a_subject_of_many_adverse_events_costs_what_its_records_cost),
        TEST(a_study_that_says_nothing_of_enrolment_has_its_subjects_enrolled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
