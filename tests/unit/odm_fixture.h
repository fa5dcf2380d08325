/* ODM texts imported into databases of their own: what the tests of the ODM reader share.
 *
 *     odm_setup(state);                                    cmocka's setup and teardown
 *     assert_int_equal(odm_run(fixture, ODM_HEAD ODM_STUDY ODM_TAIL), STATUS_OK);
 *     assert_odm(fixture, "SELECT count(*) FROM subject", "1");
 */
#ifndef WALKIE_TESTS_ODM_FIXTURE_H
#define WALKIE_TESTS_ODM_FIXTURE_H

#include <stddef.h>

#include "base/error.h"
#include "ctx/ctx.h"

enum { ODM_FOLDER_MAX = 64, ODM_OUTPUT_MAX = 8192 };

struct odm_fixture {
    char folder[ODM_FOLDER_MAX];
    char xml_path[ODM_FOLDER_MAX + 32];
    char edc_uri[ODM_FOLDER_MAX + 32];
    char ctms_uri[ODM_FOLDER_MAX + 32];
    struct error error;
    char complaints[ODM_OUTPUT_MAX]; /* of the last run */
    char summary[ODM_OUTPUT_MAX];
    int is_forced;
};

int odm_setup(void **state);
int odm_teardown(void **state);

/* Write the bytes and import them. */
enum status odm_run(struct odm_fixture *fixture, const char *xml);
enum status odm_run_bytes(struct odm_fixture *fixture, const void *bytes, size_t len);
/* Import a file, under a context. */
enum status odm_run_file(struct odm_fixture *fixture, const struct ctx *ctx, const char *path);

/* The import succeeds; or fails with this among its words. */
void assert_odm_loads(struct odm_fixture *fixture, const char *xml);
void assert_odm_refuses(struct odm_fixture *fixture, const char *xml, const char *words);
/* The first column of the first row, "NULL" for null, "" without a row. */
void assert_odm(struct odm_fixture *fixture, const char *sql, const char *expected);
/* Files in the fixture's folder whose names begin so. */
size_t odm_count_files(const struct odm_fixture *fixture, const char *prefix);

#define ODM_ROOT(type)                                                                             \
    "<?xml version=\"1.0\"?>\n"                                                                    \
    "<ODM xmlns=\"http://www.cdisc.org/ns/odm/v1.3\" xmlns:v=\"urn:vendor\" FileType=\"" type      \
    "\" FileOID=\"F1\" ODMVersion=\"1.3.2\" CreationDateTime=\"2025-06-30T10:00:00Z\">\n"
#define ODM_GLOBALS                                                                                \
    "<Study OID=\"S1\"><GlobalVariables><StudyName>One</StudyName><StudyDescription/>"             \
    "<ProtocolName>P-1</ProtocolName></GlobalVariables>\n"
/* One event, one form, one repeating group with a text, a date and a number. Lines 4 to 11. */
#define ODM_METADATA                                                                               \
    "<MetaDataVersion OID=\"M1\" Name=\"1\">\n"                                                    \
    "<StudyEventDef OID=\"E1\" Name=\"Visit\" Repeating=\"Yes\" Type=\"Scheduled\">"               \
    "<FormRef FormOID=\"F1\" Mandatory=\"Yes\"/></StudyEventDef>\n"                                \
    "<FormDef OID=\"F1\" Name=\"Form\" Repeating=\"Yes\">"                                         \
    "<ItemGroupRef ItemGroupOID=\"G1\" Mandatory=\"Yes\"/></FormDef>\n"                            \
    "<ItemGroupDef OID=\"G1\" Name=\"Group\" Repeating=\"Yes\">"                                   \
    "<ItemRef ItemOID=\"I.TEXT\" Mandatory=\"Yes\"/><ItemRef ItemOID=\"I.VISDAT\" Mandatory="      \
    "\"No\"/><ItemRef ItemOID=\"I.NUM\" Mandatory=\"No\"/></ItemGroupDef>\n"                       \
    "<ItemDef OID=\"I.TEXT\" Name=\"Text\" DataType=\"text\" Length=\"20\"/>\n"                    \
    "<ItemDef OID=\"I.VISDAT\" Name=\"Day\" DataType=\"date\"/>\n"                                 \
    "<ItemDef OID=\"I.NUM\" Name=\"Number\" DataType=\"integer\" Length=\"3\"/>\n"                 \
    "</MetaDataVersion></Study>\n"
#define ODM_ADMIN                                                                                  \
    "<AdminData><User OID=\"U1\" UserType=\"Investigator\"><LoginName>lin</LoginName></User>"      \
    "<User OID=\"U2\"><LoginName>weber</LoginName></User>"                                         \
    "<Location OID=\"10\" Name=\"Ten\" LocationType=\"Site\"/></AdminData>\n"
#define ODM_STUDY ODM_GLOBALS ODM_METADATA ODM_ADMIN
#define ODM_DATA "<ClinicalData StudyOID=\"S1\" MetaDataVersionOID=\"M1\">\n"
#define ODM_END "</ClinicalData></ODM>\n"
#define ODM_SNAPSHOT ODM_ROOT("Snapshot") ODM_STUDY ODM_DATA
#define ODM_TRANSACTIONAL ODM_ROOT("Transactional") ODM_STUDY ODM_DATA

/* One subject down to a group, and back. */
#define ODM_OPEN(subject)                                                                          \
    "<SubjectData SubjectKey=\"" subject "\"><SiteRef LocationOID=\"10\"/>"                        \
    "<StudyEventData StudyEventOID=\"E1\"><FormData FormOID=\"F1\">"                               \
    "<ItemGroupData ItemGroupOID=\"G1\">\n"
#define ODM_CLOSE "</ItemGroupData></FormData></StudyEventData></SubjectData>\n"
#define ODM_AUDIT(user, stamp, reason)                                                             \
    "<AuditRecord><UserRef UserOID=\"" user "\"/><LocationRef LocationOID=\"10\"/>"                \
    "<DateTimeStamp>" stamp "</DateTimeStamp>" reason "</AuditRecord>"
#define ODM_REASON(text) "<ReasonForChange>" text "</ReasonForChange>"

#endif
