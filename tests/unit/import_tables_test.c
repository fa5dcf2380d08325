/* CSV tables: what is loaded, what is refused with its line, and a round trip. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "import/csv_export.h"
#include "import/csv_import.h"
#include "import/csv_schema.h"
#include "import/demo.h"
#include "import/id_set.h"

enum { PATH_MAX_HERE = 128, TEXT_MAX = 8192 };

struct folder {
    char path[32];
    char edc_uri[PATH_MAX_HERE];
    char ctms_uri[PATH_MAX_HERE];
    char complaints[TEXT_MAX];
    char summary[TEXT_MAX];
    struct error error;
};

static int setup(void **state)
{
    struct folder *folder = calloc(1, sizeof(*folder));
    assert_non_null(folder);
    snprintf(folder->path, sizeof(folder->path), "tables-test-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    snprintf(folder->edc_uri, PATH_MAX_HERE, "sqlite:%s/one.sqlite", folder->path);
    snprintf(folder->ctms_uri, PATH_MAX_HERE, "sqlite:%s/two.sqlite", folder->path);
    char path[PATH_MAX_HERE];
    snprintf(path, sizeof(path), "%s/edc", folder->path);
    assert_int_equal(mkdir(path, 0777), 0);
    *state = folder;
    return 0;
}

static int teardown(void **state)
{
    struct folder *folder = *state;
    char command[PATH_MAX_HERE];
    snprintf(command, sizeof(command), "rm -rf '%s'", folder->path);
    assert_int_equal(system(command), 0);
    free(folder);
    return 0;
}

static void put(const struct folder *folder, const char *name, const char *text)
{
    char path[PATH_MAX_HERE];
    snprintf(path, sizeof(path), "%s/edc/%s", folder->path, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void put_study(const struct folder *folder)
{
    put(folder, "study.csv", "study_id,oid,protocol_no\n1,S1,P-1\n");
    put(folder, "site.csv", "site_no,site_id,study_id,name\n101,7,1,\"One, \"\"the first\"\"\"\n");
}

static void take_text(FILE *file, char text[TEXT_MAX])
{
    rewind(file);
    text[fread(text, 1, TEXT_MAX - 1, file)] = '\0';
    fclose(file);
}

static enum status load(struct folder *folder, bool is_forced)
{
    FILE *complaints = tmpfile();
    FILE *summary = tmpfile();
    assert_non_null(complaints);
    assert_non_null(summary);
    folder->error = (struct error)ERROR_NONE;
    const struct csv_import_options options = {.dataset = {folder->edc_uri, NULL, is_forced, "csv"},
        .folder = folder->path,
        .complaints = complaints,
        .summary = summary};
    enum status status = csv_import(ctx_background(), &options, &folder->error);
    take_text(complaints, folder->complaints);
    take_text(summary, folder->summary);
    return status;
}

static void assert_loads(struct folder *folder)
{
    enum status status = load(folder, true);
    if (status != STATUS_OK) {
        print_message("%s%s\n", folder->complaints, folder->error.text);
    }
    assert_int_equal(status, STATUS_OK);
}

/* One table besides study and site; the words are among the errors, and nothing was made. */
static void assert_refuses(
    struct folder *folder, const char *name, const char *text, const char *words)
{
    put_study(folder);
    put(folder, name, text);
    enum status status = load(folder, true);
    if (strstr(folder->complaints, words) == NULL && strstr(folder->error.text, words) == NULL) {
        print_message("expected: %s\nbut: %s%s\n", words, folder->complaints, folder->error.text);
        fail();
    }
    assert_int_equal(status, STATUS_DATA_LOSS);
    assert_int_not_equal(access(folder->edc_uri + strlen("sqlite:"), F_OK), 0);
    char path[PATH_MAX_HERE];
    snprintf(path, sizeof(path), "%s/edc/%s", folder->path, name);
    unlink(path);
}

static void assert_value(const struct folder *folder, const char *sql, const char *expected)
{
    const struct db_options options = {
        .name = "edc", .uri = folder->edc_uri, .mode = DB_OPEN_READ_ONLY};
    struct db *db = NULL;
    struct db_session *session = NULL;
    struct db_rows *rows = NULL;
    struct error error = ERROR_NONE;
    bool has_row = false;
    assert_int_equal(db_open(ctx_background(), &options, &db, &error), STATUS_OK);
    assert_int_equal(db_begin(ctx_background(), db, DB_READ, &session, &error), STATUS_OK);
    assert_int_equal(db_query(ctx_background(), session, sql, NULL, 0, &rows, &error), STATUS_OK);
    assert_int_equal(db_next(ctx_background(), rows, &has_row, &error), STATUS_OK);
    assert_true(has_row);
    const char *text = db_column_text(rows, 0);
    assert_string_equal(text == NULL ? "NULL" : text, expected);
    db_rows_free(rows);
    db_end(session);
    db_close(db);
}

static void columns_may_stand_in_any_order_and_lack(void **state)
{
    struct folder *folder = *state;
    put_study(folder);
    put(folder, "meta.csv", "key,value\nas_of,2025-06-30\ndata_version,99\n");
    assert_loads(folder);
    assert_value(folder, "SELECT name FROM site WHERE site_id = 7", "One, \"the first\"");
    assert_value(folder, "SELECT is_provided FROM provided WHERE table_name = 'site.country'", "0");
    assert_value(folder, "SELECT is_provided FROM provided WHERE table_name = 'subject'", "0");
    assert_value(folder, "SELECT is_provided FROM provided WHERE table_name = 'site'", "1");
    assert_value(folder, "SELECT value FROM meta WHERE key = 'as_of'", "2025-06-30");
    assert_value(folder, "SELECT value FROM meta WHERE key = 'data_version'", "1");
}

static void nothing_is_null_and_quotes_are_empty_text(void **state)
{
    struct folder *folder = *state;
    put_study(folder);
    put(folder, "app_user.csv", "user_id,login,full_name,role\n1,a,,monitor\n2,b,\"\",monitor\n");
    assert_loads(folder);
    assert_value(folder, "SELECT full_name FROM app_user WHERE user_id = 1", "NULL");
    assert_value(folder, "SELECT full_name FROM app_user WHERE user_id = 2", "");
}

static void stamps_are_milliseconds_or_iso_8601(void **state)
{
    struct folder *folder = *state;
    put_study(folder);
    put(folder, "app_user.csv", "user_id,login,role\n1,a,monitor\n");
    put(folder, "audit_trail.csv",
        "audit_id,at,user_id,action\n1,1735725600000,1,insert\n"
        "2,2025-01-01T18:00:00.250+08:00,1,sign\n");
    assert_loads(folder);
    assert_value(folder, "SELECT at FROM audit_trail WHERE audit_id = 1", "1735725600000");
    assert_value(folder, "SELECT at FROM audit_trail WHERE audit_id = 2", "1735725600250");
}

static void processed_questionnaires_come_with_their_alerts(void **state)
{
    struct folder *folder = *state;
    put_study(folder);
    put(folder, "subject.csv", "subject_id,site_id,subject_no,status\n1,7,001,enrolled\n");
    put(folder, "epro_response.csv",
        "resp_id,subject_id,instrument,score,severity,profile,n_missing,external_id,processed_at\n"
        "1,1,PHQ-9,21,severe,,0,urn:d|7,2025-01-01T10:00:00Z\n");
    put(folder, "epro_alert.csv",
        "alert_id,resp_id,kind,link_id,value,raised_at\n1,1,severe_score,,21,1735725600000\n");
    assert_loads(folder);
    assert_value(folder, "SELECT processed_at FROM epro_response", "1735725600000");
    assert_value(folder, "SELECT severity || external_id FROM epro_response", "severeurn:d|7");
    assert_value(folder, "SELECT kind FROM epro_alert WHERE resp_id = 1", "severe_score");
    assert_value(folder, "SELECT is_provided FROM provided WHERE table_name = 'epro_alert'", "1");
}

#define SUBJECT "subject_id,site_id,subject_no,status,screened_on,birth_year\n"

static void every_kind_of_error_is_told_with_its_line(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        const char *words;
    } CASES[] = {
        {"subject.csv", SUBJECT "1,7,001,enrolled,2025-02-30,\n",
            "edc/subject.csv:2: screened_on: \"2025-02-30\" is no date"},
        {"epro_response.csv", "resp_id,subject_id,instrument,severity\n1,1,PHQ-9,dire\n",
            "edc/epro_response.csv:2: severity: \"dire\" is none of minimal mild"},
        {"subject.csv", SUBJECT "1,7,001,happy,,\n",
            "edc/subject.csv:2: status: \"happy\" is none of screening screen_failed"},
        {"subject.csv", SUBJECT "1,7,001,enrolled,,\n1,7,002,enrolled,,\n",
            "edc/subject.csv:3: subject_id: 1 is there twice"},
        {"subject.csv", SUBJECT "1,8,001,enrolled,,\n",
            "edc/subject.csv:2: site_id: site has no row 8"},
        {"subject.csv", SUBJECT "x,7,001,enrolled,,\n",
            "edc/subject.csv:2: subject_id: \"x\" is no whole number"},
        {"subject.csv", SUBJECT "1,7,,enrolled,,\n",
            "edc/subject.csv:2: subject_no: a value is required"},
        {"subject.csv", SUBJECT "1,7,001,enrolled,,1961,\n",
            "edc/subject.csv:2: 7 values, the header has 6"},
        {"subject.csv", SUBJECT "1,7,\"001,enrolled,,\n",
            "edc/subject.csv: line 3: a quoted field is not closed"},
        {"subject.csv", SUBJECT "1,7,\xFF,enrolled,,\n", "subject_no: \"…\" is no UTF-8"},
        {"subject.csv", "subject_id,site_id,subject_no,statsu\n",
            "edc/subject.csv:1: unknown column \"statsu\"; is \"status\" meant?"},
        {"subject.csv", "subject_id,site_id,subject_no\n",
            "edc/subject.csv:1: column \"status\" is missing"},
        {"subject.csv", "subject_id,subject_id,site_id,subject_no,status\n",
            "edc/subject.csv:1: column \"subject_id\" is there twice"},
        {"subject.csv", "", "edc/subject.csv:1: the file is empty"},
        {"subjct.csv", SUBJECT, "edc/subjct.csv:1: there is no such table; is subject.csv meant?"},
        {"provided.csv", "table_name,is_provided,note\nform,maybe,\n",
            "edc/provided.csv:2: is_provided: \"maybe\" is neither 0 nor 1"},
    };
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        assert_refuses(*state, CASES[i].name, CASES[i].text, CASES[i].words);
    }
}

static void a_folder_without_a_study_is_refused(void **state)
{
    struct folder *folder = *state;
    assert_int_equal(load(folder, false), STATUS_UNAVAILABLE);
    assert_string_equal(folder->error.text, "edc/study.csv is missing");
}

static void the_same_folder_again_changes_nothing(void **state)
{
    struct folder *folder = *state;
    put_study(folder);
    assert_int_equal(load(folder, false), STATUS_OK);
    assert_int_equal(load(folder, false), STATUS_OK);
    assert_non_null(strstr(folder->summary, "nothing was changed"));
    put(folder, "app_user.csv", "user_id,login,role\n1,a,monitor\n");
    assert_int_equal(load(folder, false), STATUS_ALREADY_EXISTS);
    assert_int_equal(load(folder, true), STATUS_OK);
    assert_value(folder, "SELECT value FROM meta WHERE key = 'data_version'", "2");
}

static void what_is_exported_is_imported_as_it_was(void **state)
{
    struct folder *folder = *state;
    char paths[4][PATH_MAX_HERE]; /* manifest, first and second folder, second EDC */
    char command[4 * PATH_MAX_HERE];
    static const char *const NAMES[] = {"m.json", "first", "second", "again.sqlite"};
    for (size_t i = 0; i < LENGTH_OF(NAMES); i++) {
        snprintf(paths[i], PATH_MAX_HERE, "%s/%s", folder->path, NAMES[i]);
    }
    const struct demo_options demo = {.dataset = {folder->edc_uri, folder->ctms_uri, false, "demo"},
        .manifest_path = paths[0],
        .n_sites = 2,
        .n_subjects = 5,
        .seed = 3};
    assert_int_equal(demo_make(ctx_background(), &demo, &folder->error), STATUS_OK);
    const struct csv_export_options first = {folder->edc_uri, folder->ctms_uri, paths[1]};
    assert_int_equal(csv_export(ctx_background(), &first, &folder->error), STATUS_OK);
    assert_int_equal(csv_export(ctx_background(), &first, &folder->error), STATUS_ALREADY_EXISTS);

    char edc_uri[PATH_MAX_HERE + 8];
    char ctms_uri[PATH_MAX_HERE + 16];
    snprintf(edc_uri, sizeof(edc_uri), "sqlite:%s", paths[3]);
    snprintf(ctms_uri, sizeof(ctms_uri), "sqlite:%s.ctms", paths[3]);
    const struct csv_import_options again = {
        .dataset = {edc_uri, ctms_uri, false, "demo"}, .folder = paths[1]};
    assert_int_equal(csv_import(ctx_background(), &again, &folder->error), STATUS_OK);
    const struct csv_export_options second = {edc_uri, ctms_uri, paths[2]};
    assert_int_equal(csv_export(ctx_background(), &second, &folder->error), STATUS_OK);
    snprintf(command, sizeof(command),
        "sed -i /^import_digest/d %s/*/meta.csv && diff -r %s %s >&2", paths[2], paths[1],
        paths[2]);
    assert_int_equal(system(command), 0);
}

static void a_cancelled_export_leaves_no_folder(void **state)
{
    struct folder *folder = *state;
    char path[PATH_MAX_HERE];
    put_study(folder);
    assert_loads(folder);
    snprintf(path, sizeof(path), "%s/out", folder->path);
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    const struct csv_export_options options = {folder->edc_uri, NULL, path};
    assert_int_equal(csv_export(scope->ctx, &options, &folder->error), STATUS_CANCELLED);
    assert_int_not_equal(access(path, F_OK), 0);
    strcat(path, ".partial");
    assert_int_not_equal(access(path, F_OK), 0);
}

/* The migrations are read right: kinds, references, what is required. */
static void the_schema_of_a_table_comes_from_its_migrations(void **state)
{
    (void)state;
    struct csv_table table;
    csv_schema_read(TABLE_SUBJECT, &table);
    assert_int_equal(table.columns[0].kind, CSV_KEY);
    assert_int_equal(table.columns[1].kind, CSV_REFERENCE);
    assert_int_equal(table.columns[1].reference, TABLE_SITE);
    assert_true(table.columns[2].is_required);
    assert_int_equal(table.columns[3].kind, CSV_WORD);
    assert_int_equal(table.columns[18].kind, CSV_DATE); /* last_seen_on, of an ALTER TABLE */
    assert_false(table.columns[18].is_required);
    csv_schema_read(TABLE_EPRO_ANSWER, &table);
    assert_int_equal(table.columns[0].kind, CSV_REFERENCE);
    csv_schema_read(TABLE_ITEM_DATA, &table);
    assert_string_equal(table.columns[5].value, "0");
    for (int number = 0; number < (int)TABLE_COUNT; number++) {
        csv_schema_read((enum table)number, &table); /* asserts that every column is found */
        assert_true(table.n_columns > 2);
    }
}

static void a_set_of_keys_knows_what_is_in_it(void **state)
{
    (void)state;
    struct id_set *set = id_set_new();
    bool is_new = false;
    assert_non_null(set);
    assert_false(id_set_has(set, 0));
    for (int64_t id = -5000; id < 5000; id++) {
        assert_true(id_set_add(set, id * 4096, &is_new));
        assert_true(is_new);
    }
    assert_true(id_set_add(set, INT64_MIN, &is_new));
    assert_true(is_new);
    assert_true(id_set_add(set, 4096, &is_new));
    assert_false(is_new);
    assert_true(id_set_has(set, INT64_MIN));
    assert_true(id_set_has(set, -4096));
    assert_false(id_set_has(set, 1));
    id_set_free(set);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(columns_may_stand_in_any_order_and_lack),
        TEST(nothing_is_null_and_quotes_are_empty_text),
        TEST(stamps_are_milliseconds_or_iso_8601),
        TEST(processed_questionnaires_come_with_their_alerts),
        TEST(every_kind_of_error_is_told_with_its_line),
        TEST(a_folder_without_a_study_is_refused),
        TEST(the_same_folder_again_changes_nothing),
        TEST(what_is_exported_is_imported_as_it_was),
        TEST(a_cancelled_export_leaves_no_folder),
        cmocka_unit_test(the_schema_of_a_table_comes_from_its_migrations),
        cmocka_unit_test(a_set_of_keys_knows_what_is_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
