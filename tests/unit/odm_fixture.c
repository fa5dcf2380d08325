#include "unit/odm_fixture.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "db/db.h"
#include "import/odm.h"

int odm_setup(void **state)
{
    struct odm_fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    snprintf(fixture->folder, sizeof(fixture->folder), "odm-test-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->xml_path, sizeof(fixture->xml_path), "%s/in.xml", fixture->folder);
    snprintf(fixture->edc_uri, sizeof(fixture->edc_uri), "sqlite:%s/edc.sqlite", fixture->folder);
    snprintf(
        fixture->ctms_uri, sizeof(fixture->ctms_uri), "sqlite:%s/ctms.sqlite", fixture->folder);
    *state = fixture;
    return 0;
}

/* Calls `visit` (NULL: removes) for every file; returns how many begin with the prefix. */
static size_t each_file(const struct odm_fixture *fixture, const char *prefix, int is_removed)
{
    DIR *folder = opendir(fixture->folder);
    assert_non_null(folder);
    size_t n_files = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char path[ODM_FOLDER_MAX + 300];
        if (entry->d_name[0] == '.' || strncmp(entry->d_name, prefix, strlen(prefix)) != 0) {
            continue;
        }
        n_files++;
        snprintf(path, sizeof(path), "%s/%s", fixture->folder, entry->d_name);
        if (is_removed) {
            unlink(path);
        }
    }
    closedir(folder);
    return n_files;
}

int odm_teardown(void **state)
{
    struct odm_fixture *fixture = *state;
    (void)each_file(fixture, "", 1);
    rmdir(fixture->folder);
    free(fixture);
    return 0;
}

size_t odm_count_files(const struct odm_fixture *fixture, const char *prefix)
{
    return each_file(fixture, prefix, 0);
}

static void take_text(FILE *file, char text[ODM_OUTPUT_MAX])
{
    rewind(file);
    size_t len = fread(text, 1, ODM_OUTPUT_MAX - 1, file);
    text[len] = '\0';
    fclose(file);
}

enum status odm_run_file(struct odm_fixture *fixture, const struct ctx *ctx, const char *path)
{
    FILE *complaints = tmpfile();
    FILE *summary = tmpfile();
    assert_non_null(complaints);
    assert_non_null(summary);
    fixture->error = (struct error)ERROR_NONE;
    const struct odm_options options = {
        .dataset = {fixture->edc_uri, fixture->ctms_uri, fixture->is_forced != 0, "odm"},
        .path = path,
        .complaints = complaints,
        .progress = summary, /* no terminal: nothing may be written there but the summary */
        .summary = summary};
    enum status status = odm_import(ctx, &options, &fixture->error);
    take_text(complaints, fixture->complaints);
    take_text(summary, fixture->summary);
    return status;
}

enum status odm_run_bytes(struct odm_fixture *fixture, const void *bytes, size_t len)
{
    FILE *file = fopen(fixture->xml_path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    fclose(file);
    return odm_run_file(fixture, ctx_background(), fixture->xml_path);
}

enum status odm_run(struct odm_fixture *fixture, const char *xml)
{
    return odm_run_bytes(fixture, xml, strlen(xml));
}

void assert_odm_loads(struct odm_fixture *fixture, const char *xml)
{
    enum status status = odm_run(fixture, xml);
    if (status != STATUS_OK) {
        print_message("%s%s\n", fixture->complaints, fixture->error.text);
    }
    assert_int_equal(status, STATUS_OK);
}

void assert_odm_refuses(struct odm_fixture *fixture, const char *xml, const char *words)
{
    enum status status = odm_run(fixture, xml);
    if (strstr(fixture->complaints, words) == NULL && strstr(fixture->error.text, words) == NULL) {
        print_message("expected: %s\nbut: %s%s\n", words, fixture->complaints, fixture->error.text);
        fail();
    }
    assert_int_equal(status, STATUS_DATA_LOSS);
    assert_int_equal(odm_count_files(fixture, "edc"), 0);
    assert_int_equal(odm_count_files(fixture, "ctms"), 0);
}

void assert_odm(struct odm_fixture *fixture, const char *sql, const char *expected)
{
    const struct db_options options = {
        .name = "edc", .uri = fixture->edc_uri, .mode = DB_OPEN_READ_ONLY};
    struct db *db = NULL;
    struct db_session *session = NULL;
    struct db_rows *rows = NULL;
    bool has_row = false;
    char found[256] = "";
    struct error error = ERROR_NONE;
    const struct ctx *ctx = ctx_background();
    assert_int_equal(db_open(ctx, &options, &db, &error), STATUS_OK);
    assert_int_equal(db_begin(ctx, db, DB_READ, &session, &error), STATUS_OK);
    assert_int_equal(db_query(ctx, session, sql, NULL, 0, &rows, &error), STATUS_OK);
    assert_int_equal(db_next(ctx, rows, &has_row, &error), STATUS_OK);
    if (has_row) {
        const char *text = db_column_text(rows, 0);
        snprintf(found, sizeof(found), "%s", text == NULL ? "NULL" : text);
    }
    db_rows_free(rows);
    db_end(session);
    db_close(db);
    assert_string_equal(found, expected);
}
