/* ODM files that must not be loaded: each error with its line, each attack with its words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "import/complaints.h"
#include "import/xml_stream.h"
#include "unit/odm_fixture.h"

#define VALUE(item, value) "<ItemData ItemOID=\"" item "\" Value=\"" value "\"/>\n"
#define ONE_SUBJECT ODM_OPEN("001") VALUE("I.TEXT", "a") ODM_CLOSE

/* A billion laughs; the same through an attribute; a file and an address as external entities. */
static void document_types_are_refused_before_their_entities_are_read(void **state)
{
    struct odm_fixture *fixture = *state;
    static const char LAUGHS[] =
        "<?xml version=\"1.0\"?>\n<!DOCTYPE ODM [<!ENTITY a \"ha\"><!ENTITY b "
        "\"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d "
        "\"&c;&c;&c;&c;&c;&c;&c;&c;\"><!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;\"><!ENTITY f "
        "\"&e;&e;&e;&e;&e;&e;&e;&e;\"><!ENTITY g \"&f;&f;&f;&f;&f;&f;&f;&f;\">]>\n"
        "<ODM FileOID=\"&g;&g;&g;&g;\">&g;&g;&g;&g;&g;&g;</ODM>";
    static const char FILE_ENTITY[] =
        "<!DOCTYPE ODM [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><ODM>&x;</ODM>";
    static const char NETWORK[] =
        "<!DOCTYPE ODM SYSTEM \"http://127.0.0.1:9/odm.dtd\"><ODM>&x;</ODM>";
    assert_odm_refuses(fixture, LAUGHS, "in.xml: 2: a document type (<!DOCTYPE");
    assert_odm_refuses(fixture, FILE_ENTITY, "a document type");
    assert_odm_refuses(fixture, NETWORK, "a document type");
}

static void an_entity_that_is_not_defined_is_an_error(void **state)
{
    assert_odm_refuses(*state, ODM_SNAPSHOT "&nbsp;" ODM_END, "Entity 'nbsp' not defined");
}

static void what_is_no_odm_is_told_so(void **state)
{
    struct odm_fixture *fixture = *state;
    assert_odm_refuses(fixture, "", "in.xml: 1: not well-formed XML: there is nothing in it");
    assert_odm_refuses(fixture, "\x1f\x8b\x08 and more", "it is compressed (gzip)");
    assert_odm_refuses(fixture, "subject,site\n1,2\n", "in.xml: 1: not well-formed");
    assert_odm_refuses(fixture, "<html><body/></html>", "not an ODM file: it begins with <html>");
    assert_odm_refuses(
        fixture, "<ODM xmlns=\"http://www.cdisc.org/ns/odm/v1.2\"/>", "ODM v1.2 is not read");
    assert_odm_refuses(
        fixture, "<Study xmlns=\"http://www.cdisc.org/ns/odm/v1.3\"/>", "it begins with <Study>");
}

static void a_file_cut_off_anywhere_is_refused(void **state)
{
    struct odm_fixture *fixture = *state;
    static const char XML[] = ODM_SNAPSHOT ONE_SUBJECT ODM_END;
    size_t len = strlen(XML) - 2; /* without its last '>' */
    for (size_t cut = 0; cut <= len; cut += cut + 61 < len ? 61 : 1) {
        assert_int_equal(odm_run_bytes(fixture, XML, cut), STATUS_DATA_LOSS);
        assert_int_equal(odm_count_files(fixture, "edc"), 0);
    }
}

static void bytes_of_another_encoding_than_declared_are_refused(void **state)
{
    struct odm_fixture *fixture = *state;
    assert_odm_refuses(
        fixture, ODM_SNAPSHOT ODM_OPEN("0\xE4") ODM_CLOSE ODM_END, "not well-formed");
    assert_odm_refuses(fixture, "<?xml version=\"1.0\" encoding=\"UTF-16\"?><ODM>\xC3\x28</ODM>",
        "not well-formed");
    assert_odm_refuses(fixture, "<?xml version=\"1.0\" encoding=\"KLINGON\"?><ODM/>", "KLINGON");
}

static void a_declared_encoding_is_read(void **state)
{
    struct odm_fixture *fixture = *state;
    static const char *const TAIL = &ODM_ROOT("Snapshot")[sizeof("<?xml version=\"1.0\"?>")];
    char xml[8192];
    snprintf(xml, sizeof(xml), "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>%s%s", TAIL,
        ODM_STUDY ODM_DATA ODM_OPEN("J\xFCrgen") ODM_CLOSE ODM_END);
    assert_odm_loads(fixture, xml);
    assert_odm(fixture, "SELECT subject_no FROM subject", "Jürgen");
}

static void references_that_lead_nowhere_are_told_with_their_line(void **state)
{
    struct odm_fixture *fixture = *state;
#define IN_SUBJECT(text)                                                                           \
    ODM_SNAPSHOT "<SubjectData SubjectKey=\"001\"><SiteRef LocationOID=\"10\"/>\n" text            \
                 "</SubjectData>" ODM_END
    static const struct {
        const char *xml;
        const char *words;
    } CASES[] = {
        {IN_SUBJECT("<StudyEventData StudyEventOID=\"E9\"/>"),
            "in.xml:15: StudyEventDef \"E9\" is not defined"},
        {IN_SUBJECT("<StudyEventData StudyEventOID=\"E1\"><FormData FormOID=\"F9\"/>"
                    "</StudyEventData>"),
            "FormDef \"F9\" is not defined"},
        {ODM_SNAPSHOT ODM_OPEN("001") VALUE("I.NONE", "1") ODM_CLOSE ODM_END,
            "in.xml:15: ItemDef \"I.NONE\" is not defined"},
        {ODM_SNAPSHOT
            "<SubjectData SubjectKey=\"001\"><SiteRef LocationOID=\"99\"/></SubjectData>" ODM_END,
            "Location \"99\" is not defined"},
        {ODM_SNAPSHOT ODM_OPEN("001") "<ItemData ItemOID=\"I.TEXT\" Value=\"a\">" ODM_AUDIT(
             "U9", "2025-01-01T10:00:00Z", "") "</ItemData>" ODM_CLOSE ODM_END,
            "User \"U9\" is not defined"},
        {ODM_SNAPSHOT ODM_OPEN("001") "<ItemDataString ItemOID=\"I.TEXT\" "
                                      "AuditRecordID=\"A9\">a</ItemDataString>" ODM_CLOSE ODM_END,
            "in.xml:15: the AuditRecord that is referred to is not there"},
        {ODM_ROOT("Snapshot") ODM_STUDY
            "<ClinicalData StudyOID=\"S9\" MetaDataVersionOID=\"M1\"/></ODM>",
            "StudyOID \"S9\" is not the study"},
        {ODM_ROOT("Snapshot") ODM_GLOBALS
            "<MetaDataVersion OID=\"M1\" Name=\"1\"><FormDef OID=\"F1\" Name=\"F\" "
            "Repeating=\"No\"><ItemGroupRef ItemGroupOID=\"G9\" Mandatory=\"No\"/></FormDef>"
            "</MetaDataVersion></Study></ODM>",
            "in.xml:4: ItemGroupDef \"G9\" is not defined"},
    };
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        assert_odm_refuses(fixture, CASES[i].xml, CASES[i].words);
    }
}

static void what_is_there_twice_is_told(void **state)
{
    struct odm_fixture *fixture = *state;
    assert_odm_refuses(fixture, ODM_SNAPSHOT ONE_SUBJECT ONE_SUBJECT ODM_END,
        "subject \"001\" comes twice, first on line 14");
    assert_odm_refuses(fixture,
        ODM_SNAPSHOT ODM_OPEN("001") VALUE("I.TEXT", "a") VALUE("I.TEXT", "b") ODM_CLOSE ODM_END,
        "in.xml:16: item \"I.TEXT\" comes twice in one group of subject \"001\"");
    assert_odm_refuses(fixture,
        ODM_ROOT("Snapshot") ODM_GLOBALS
        "<MetaDataVersion OID=\"M1\" Name=\"1\"><ItemDef OID=\"I\" Name=\"I\" DataType=\"text\"/>\n"
        "<ItemDef OID=\"I\" Name=\"I\" DataType=\"text\"/></MetaDataVersion></Study></ODM>",
        "in.xml:5: ItemDef \"I\" is defined twice, first on line 4");
}

static void wrong_dates_words_and_missing_attributes_are_told(void **state)
{
    struct odm_fixture *fixture = *state;
    static const struct {
        const char *xml;
        const char *words;
    } CASES[] = {
        {ODM_SNAPSHOT ODM_OPEN("001") VALUE("I.VISDAT", "2025-02-30") ODM_CLOSE ODM_END,
            "in.xml:15: item \"I.VISDAT\": \"2025-02-30\" is no date"},
        {ODM_SNAPSHOT ODM_OPEN("001") VALUE("I.VISDAT", "2025-02") ODM_CLOSE ODM_END, "is no date"},
        {ODM_SNAPSHOT ODM_OPEN("001") "<ItemData ItemOID=\"I.TEXT\" Value=\"a\">" ODM_AUDIT(
             "U1", "yesterday", "") "</ItemData>" ODM_CLOSE ODM_END,
            "DateTimeStamp \"yesterday\" is no date and time"},
        {ODM_SNAPSHOT "<SubjectData><SiteRef LocationOID=\"10\"/></SubjectData>" ODM_END,
            "in.xml:14: <SubjectData> has no SubjectKey"},
        {ODM_SNAPSHOT "<SubjectData SubjectKey=\"001\"/>" ODM_END, "has no SiteRef"},
        {ODM_SNAPSHOT "<SubjectData SubjectKey=\"001\" TransactionType=\"Delete\">"
                      "<SiteRef LocationOID=\"10\"/></SubjectData>" ODM_END,
            "TransactionType=\"Delete\" is none of ODM 1.3"},
        {ODM_ROOT("Extract") ODM_STUDY "</ODM>", "FileType=\"Extract\""},
        {ODM_SNAPSHOT "<Itemdata/>" ODM_END, "unknown element <Itemdata>; is <ItemData> meant?"},
        {ODM_SNAPSHOT "<FormDef OID=\"F\"/>" ODM_END,
            "<FormDef> does not belong into <ClinicalData>"},
    };
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        assert_odm_refuses(fixture, CASES[i].xml, CASES[i].words);
    }
}

static void twenty_errors_are_listed_and_the_others_counted(void **state)
{
    struct odm_fixture *fixture = *state;
    char xml[16384] = ODM_SNAPSHOT ODM_OPEN("001");
    for (int i = 0; i < 50; i++) {
        strcat(xml, VALUE("I.NONE", "1"));
    }
    strcat(xml, ODM_CLOSE ODM_END);
    assert_odm_refuses(fixture, xml, "in.xml: 50 errors; nothing was loaded");
    assert_non_null(strstr(fixture->complaints, "in.xml:34: "));
    assert_null(strstr(fixture->complaints, "in.xml:35: "));
    assert_non_null(strstr(fixture->complaints, "and 30 more"));
}

/* `prefix`, then `unit` repeated to `len` bytes, then `suffix`. */
static enum status run_long(struct odm_fixture *fixture, const char *prefix, const char *unit,
    size_t len, const char *suffix)
{
    size_t size = strlen(prefix) + len + strlen(unit) + strlen(suffix) + 1;
    char *xml = malloc(size);
    assert_non_null(xml);
    size_t used = (size_t)snprintf(xml, size, "%s", prefix);
    for (size_t end = used + len; used < end; used += strlen(unit)) {
        memcpy(xml + used, unit, strlen(unit) + 1);
    }
    snprintf(xml + used, size - used, "%s", suffix);
    enum status status = odm_run(fixture, xml);
    free(xml);
    return status;
}

static void limits_of_depth_and_length_are_named(void **state)
{
    struct odm_fixture *fixture = *state;
    assert_int_equal(
        run_long(fixture, ODM_SNAPSHOT, "<v:a>", 5 * XML_DEPTH_MAX, ""), STATUS_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(fixture->error.text, "more than 64 elements within each other"));
    assert_int_equal(run_long(fixture,
                         ODM_SNAPSHOT ODM_OPEN("001") "<ItemData ItemOID=\"I.TEXT\" "
                                                      "Value=\"",
                         "x", XML_ATTRIBUTE_LEN_MAX + 1, "\"/>" ODM_CLOSE ODM_END),
        STATUS_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(fixture->error.text, "more than 65536 bytes in an attribute"));
    assert_int_equal(
        run_long(fixture, ODM_SNAPSHOT "<v:a>", "text ", XML_TEXT_LEN_MAX + 1, "</v:a>" ODM_END),
        STATUS_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(fixture->error.text, "bytes of text between two tags"));
    assert_int_equal(run_long(fixture,
                         ODM_SNAPSHOT ODM_OPEN("001") "<ItemData ItemOID=\"I.TEXT\" "
                                                      "Value=\"",
                         "x", XML_ATTRIBUTE_LEN_MAX, "\"/>" ODM_CLOSE ODM_END),
        STATUS_OK);
}

static void a_folder_or_nothing_at_all_is_told_so(void **state)
{
    struct odm_fixture *fixture = *state;
    assert_int_equal(odm_run_file(fixture, ctx_background(), fixture->folder), STATUS_UNAVAILABLE);
    assert_non_null(strstr(fixture->error.text, "is a folder"));
    assert_int_equal(odm_run_file(fixture, ctx_background(), "no-such.xml"), STATUS_UNAVAILABLE);
    assert_non_null(strstr(fixture->error.text, "no-such.xml: No such file"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, odm_setup, odm_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(document_types_are_refused_before_their_entities_are_read),
        TEST(an_entity_that_is_not_defined_is_an_error),
        TEST(what_is_no_odm_is_told_so),
        TEST(a_file_cut_off_anywhere_is_refused),
        TEST(bytes_of_another_encoding_than_declared_are_refused),
        TEST(a_declared_encoding_is_read),
        TEST(references_that_lead_nowhere_are_told_with_their_line),
        TEST(what_is_there_twice_is_told),
        TEST(wrong_dates_words_and_missing_attributes_are_told),
        TEST(twenty_errors_are_listed_and_the_others_counted),
        TEST(limits_of_depth_and_length_are_named),
        TEST(a_folder_or_nothing_at_all_is_told_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
