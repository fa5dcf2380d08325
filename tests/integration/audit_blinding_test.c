/* A blinded report says no arm, kit, lot or randomisation number: not as JSON, not as a PDF, not in
 * what people wrote into free text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/blinding.h"
#include "audit/document/document.h"
#include "audit/model/json.h"
#include "audit_fixture.h"

/* Every subject has an arm and a randomisation number, and people talk about them. */
static const char EDC_SQL[] =
    "UPDATE subject SET arm = CASE WHEN subject_id % 2 = 0 THEN 'ACTIVE-9' ELSE 'SHAM-7' END,"
    " rand_no = 'RN' || (70000 + subject_id);"
    "UPDATE query SET status = 'open', closed_at = NULL,"
    " text = 'Is rand no rn' || (70000 + form_id / 10) || ' right? arm sham-7, kit KT4711.'"
    " WHERE form_id < 2000;"
    "UPDATE adverse_event SET term = 'rash after SHAM-7, kit KT4712 (lot LX-88)'"
    " WHERE subject_id < 200;"
    "UPDATE subject SET discont_reason = 'unblinded: ACTIVE-9', discont_on = '2024-05-01',"
    " status = 'discontinued' WHERE subject_id = 103;";

static const char CTMS_SQL[] =
    "INSERT INTO ip_txn (site_id, kit_no, lot, expires_on, kind, subject_no, on_date, qty)"
    " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)"
    " SELECT 1, 'KT' || (4710 + i), 'LX-88', '2026-01-01', 'received', NULL, '2024-01-02', 1"
    " FROM n;"
    "INSERT INTO ip_txn (site_id, kit_no, lot, expires_on, kind, subject_no, on_date, qty)"
    " SELECT 1, 'KT4711', 'LX-88', '2026-01-01', 'dispensed', '01-001', '2024-01-05', 1;"
    "UPDATE deviation SET important = 1, description = '药盒KT4713发错，应为 KT4714',"
    " capa = 'KT4713' WHERE site_id = 1;"
    "UPDATE action_item SET text = 'find kit kt4715/KT4716', owner = 'LX-88', closed_on = NULL"
    " WHERE site_id = 1;"
    "UPDATE finding SET statement = 'subject 01-002 (RN70102) had ACTIVE-9', closed_on = NULL;";

struct made {
    struct audit_fixture *fixture;
    char path[40];
    char *text; /* of the last file, without spaces, lower case */
};

static int set_up(void **state)
{
    static struct made made;
    made = (struct made){.fixture = audit_fixture_new()};
    audit_fixture_edc(made.fixture, EDC_SQL);
    audit_fixture_ctms(made.fixture, CTMS_SQL);
    memcpy(made.path, "/tmp/walkie-blinded-XXXXXX", sizeof("/tmp/walkie-blinded-XXXXXX"));
    int file = mkstemp(made.path);
    *state = &made;
    return file < 0 ? -1 : close(file);
}

static int tear_down(void **state)
{
    struct made *made = *state;
    audit_fixture_free(made->fixture);
    free(made->text);
    return unlink(made->path);
}

static enum status write_file(void *arg, struct bytes piece)
{
    return fwrite(piece.data, 1, piece.len, arg) == piece.len ? STATUS_OK : STATUS_UNAVAILABLE;
}

/* Lines break where a cell ends: what is looked for must not hide behind a break. */
static void keep_text(struct made *made, FILE *file)
{
    enum { TEXT_MAX = 8 * 1024 * 1024 };
    free(made->text);
    made->text = malloc(TEXT_MAX);
    assert_non_null(made->text);
    size_t len = 0;
    for (int c = fgetc(file); c != EOF && len < TEXT_MAX - 1; c = fgetc(file)) {
        if (isspace(c) == 0) {
            made->text[len++] = (char)tolower(c);
        }
    }
    made->text[len] = '\0';
}

static struct report *build(const struct made *made, bool is_unblinded)
{
    const struct audit_request request = {.site_no = "01", .is_unblinded = is_unblinded};
    return audit_fixture_build(made->fixture, &request);
}

static void write_json(struct made *made, bool is_unblinded)
{
    struct report *report = build(made, is_unblinded);
    FILE *file = fopen(made->path, "w+b");
    assert_non_null(file);
    assert_int_equal(
        model_write_json(ctx_background(), report, LANGUAGE_EN, write_file, file), STATUS_OK);
    rewind(file);
    keep_text(made, file);
    fclose(file);
    report_free(report);
}

static void write_pdf(struct made *made, enum language language, bool is_unblinded)
{
    struct report *report = build(made, is_unblinded);
    FILE *file = fopen(made->path, "wb");
    assert_non_null(file);
    struct error error = ERROR_NONE;
    const struct document_options options = {.language = language};
    enum status status =
        document_write_pdf(ctx_background(), report, &options, write_file, file, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
    fclose(file);
    report_free(report);
    char command[96];
    snprintf(command, sizeof(command), "pdftotext -layout %s -", made->path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    keep_text(made, pipe);
    assert_int_equal(pclose(pipe), 0);
}

/* Everything that the two databases hold of it. */
static void assert_says_nothing(const struct made *made, const char *what)
{
    static const char *const FIXED[] = {"active-9", "sham-7", "lx-88", "lot-1", "k-01", "k-20"};
    assert_true(strlen(made->text) > 5000);
    for (size_t i = 0; i < LENGTH_OF(FIXED); i++) {
        if (strstr(made->text, FIXED[i]) != NULL) {
            fail_msg("%s says %s", what, FIXED[i]);
        }
    }
    for (int i = 0; i < 1400; i++) {
        char number[16];
        snprintf(number, sizeof(number), i < 1300 ? "rn%d" : "kt%d",
            i < 1300 ? 70000 + i : 4710 + i - 1300);
        if (strstr(made->text, number) != NULL) {
            fail_msg("%s says %s", what, number);
        }
    }
}

static void a_blinded_report_says_no_treatment_data(void **state)
{
    struct made *made = *state;
    write_json(made, false);
    assert_says_nothing(made, "the JSON");
    assert_non_null(strstr(made->text, "\"is_unblinded\":false"));
    assert_non_null(strstr(made->text, "{\"blinded\":true}"));
    assert_non_null(strstr(made->text, "israndno" BLINDING_MASK "right?arm" BLINDING_MASK));
    assert_non_null(strstr(made->text, "药盒" BLINDING_MASK "发错，应为" BLINDING_MASK));
    assert_non_null(strstr(made->text, "findkit" BLINDING_MASK "/" BLINDING_MASK));
    if (system("command -v pdftotext >/dev/null") != 0) {
        print_message("pdftotext is not installed\n");
        return;
    }
    write_pdf(made, LANGUAGE_EN, false);
    assert_says_nothing(made, "the PDF");
    assert_non_null(strstr(made->text, "treatmentdatablinded"));
    write_pdf(made, LANGUAGE_ZH_CN, false);
    assert_says_nothing(made, "the Chinese PDF");
    assert_non_null(strstr(made->text, "盲态"));
}

static void an_unblinded_report_says_what_was_written(void **state)
{
    struct made *made = *state;
    write_json(made, true);
    assert_non_null(strstr(made->text, "\"is_unblinded\":true"));
    assert_non_null(strstr(made->text, "israndnorn70101right?armsham-7,kitkt4711."));
    assert_non_null(strstr(made->text, "findkitkt4715/kt4716"));
    assert_non_null(strstr(made->text, "{\"kit\":\"kt4729\",\"lot\":\"lx-88\""));
    assert_non_null(strstr(made->text, "\"rand_no\":\"rn70110\",\"arm\":\"active-9\""));
    assert_null(strstr(made->text, "{\"blinded\":true}"));
    assert_null(strstr(made->text, BLINDING_MASK));
}

static const char *capa_of(struct made *made, const char *edc_sql, const char *ctms_sql)
{
    static char text[128];
    audit_fixture_edc(made->fixture, edc_sql);
    audit_fixture_ctms(made->fixture, ctms_sql);
    struct report *report = build(made, false);
    const struct cell *cell = &block_of(report, "important_deviations")->table->first->cells[6];
    snprintf(text, sizeof(text), "%s", cell->kind == CELL_BLINDED ? "(blinded)" : cell->text);
    report_free(report);
    return text;
}

#define CAPA(text) "UPDATE deviation SET capa = '" text "' WHERE site_id = 1"

static void a_short_arm_is_masked_where_it_is_named_as_one(void **state)
{
    struct made *made = *state;
    static const char ARMS[] = "UPDATE subject SET arm = CASE subject_id % 2 WHEN 0 THEN 'A'"
                               " ELSE 'B' END";
    assert_string_equal(capa_of(made, ARMS, CAPA("A dose of arm b: hepatitis B")),
        "A dose of arm " BLINDING_MASK ": hepatitis B");
    assert_string_equal(
        capa_of(made, ARMS, CAPA("B 组, group A")), BLINDING_MASK " 组, group " BLINDING_MASK);
    assert_string_equal(capa_of(made, ARMS, CAPA("Vitamin A")), "Vitamin A");
}

static void whole_words_are_masked_and_numbers_that_are_public_are_not(void **state)
{
    struct made *made = *state;
    static const char NUMBERS[] = "UPDATE subject SET rand_no = '01-002' WHERE subject_id = 101;"
                                  "UPDATE subject SET rand_no = '5501' WHERE subject_id = 102;";
    assert_string_equal(capa_of(made, NUMBERS, CAPA("seen with 01-002")), "seen with 01-002");
    assert_string_equal(
        capa_of(made, NUMBERS, CAPA("15501, 5501x, 5501.")), "15501, 5501x, " BLINDING_MASK ".");
    assert_string_equal(capa_of(made, NUMBERS, CAPA("5501")), "(blinded)");
}

#define WITH_DATA(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DATA(a_blinded_report_says_no_treatment_data),
        WITH_DATA(an_unblinded_report_says_what_was_written),
        WITH_DATA(a_short_arm_is_masked_where_it_is_named_as_one),
        WITH_DATA(whole_words_are_masked_and_numbers_that_are_public_are_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
