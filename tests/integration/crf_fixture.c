#include "crf_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/schema.h"

static const char STUDY_SQL[] =
    "INSERT INTO study VALUES (1, 'S1', 'P-1', 'Study', 'III', NULL);"
    "INSERT INTO meta VALUES ('as_of', '2024-06-30');"
    "INSERT INTO site VALUES (1, 1, '101', 'One', 'China'), (2, 1, '102', 'Two', 'US');"
    "INSERT INTO event_def VALUES (1, 1, 'SCREENING', NULL, 1, -7, 0, 0, 0),"
    " (2, 1, 'DAY1', NULL, 2, 1, 0, 0, 0), (3, 1, 'WEEK2', NULL, 3, 15, 0, 0, 0),"
    " (4, 1, 'UNS', NULL, 4, NULL, 0, 0, 1), (5, 1, 'COMMON', NULL, 5, NULL, 0, 0, 0);"
    "INSERT INTO form_def VALUES (1, 1, 'VS', NULL, '1', 0), (2, 1, 'MH', NULL, '1', 0),"
    " (3, 1, 'AE', NULL, '1', 0);"
    "INSERT INTO item_def (item_def_id, form_def_id, oid, data_type, codelist) VALUES"
    " (1, 1, 'SYSBP', 'integer', NULL), (2, 1, 'DIABP', 'integer', NULL),"
    " (3, 1, 'WEIGHT', 'float', NULL), (4, 1, 'VSDAT', 'date', NULL),"
    " (5, 1, 'POSITION', 'code', 'SITTING,SUPINE'), (6, 2, 'TERM', 'text', NULL),"
    " (7, 2, 'GRADE', 'integer', NULL), (8, 3, 'AETERM', 'text', NULL),"
    " (9, 3, 'AESER', 'code', 'Y,N');";

static const char *const VISITS[] = {"SCREENING", "DAY1", "WEEK2", "UNS", "COMMON"};
static const char *const FORMS[] = {"VS", "MH", "AE"};
static const char *const ITEMS[] = {
    "SYSBP", "DIABP", "WEIGHT", "VSDAT", "POSITION", "TERM", "GRADE", "AETERM", "AESER"};

enum { VISITS_OF_SUBJECT = 10, SQL_MAX = 1024 };

static int number_of(const char *const *names, size_t n_names, const char *name)
{
    for (size_t i = 0; i < n_names; i++) {
        if (strcmp(names[i], name) == 0) {
            return (int)i + 1;
        }
    }
    fail_msg("%s is not there", name);
    return 0;
}

static void add_subject(struct buffer *sql, int id)
{
    static const char *const DATES[] = {"'2024-03-01'", "'2024-03-08'", "'2024-03-22'"};
    int site = id <= 2 ? 1 : 2;
    assert_int_equal(buffer_printf(sql,
                         "INSERT INTO subject (subject_id, site_id, subject_no, status, sex,"
                         " birth_year, screened_on)"
                         " VALUES (%d, %d, '10%d-0%d', 'enrolled', 'F', 1970, '2024-03-01');",
                         id, site, site, id),
        STATUS_OK);
    for (int visit = 1; visit <= 5; visit++) {
        assert_int_equal(
            buffer_printf(sql, "INSERT INTO subject_event VALUES (%d, %d, %d, 1, %s, 'done');",
                id * VISITS_OF_SUBJECT + visit, id, visit, visit <= 3 ? DATES[visit - 1] : "NULL"),
            STATUS_OK);
    }
}

struct crf_fixture *crf_fixture_new(const char *postgres_uri)
{
    struct crf_fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    memcpy(fixture->folder, "/tmp/walkie-crf-XXXXXX", sizeof("/tmp/walkie-crf-XXXXXX"));
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->uri, sizeof(fixture->uri), "%s%s%s", postgres_uri == NULL ? "sqlite:" : "",
        postgres_uri == NULL ? fixture->folder : postgres_uri,
        postgres_uri == NULL ? "/edc.db" : "");
    struct error error = ERROR_NONE;
    const struct db_options options = {.name = "edc", .uri = fixture->uri, .mode = DB_OPEN_CREATE};
    if (db_open(ctx_background(), &options, &fixture->db, &error) != STATUS_OK ||
        schema_migrate(ctx_background(), fixture->db, SCHEMA_EDC, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    struct buffer sql = BUFFER_EMPTY(64 << 10); /* one transaction: each is a write to the disk */
    assert_int_equal(buffer_append_text(&sql, STUDY_SQL), STATUS_OK);
    for (int subject = 1; subject <= 4; subject++) {
        add_subject(&sql, subject);
    }
    assert_int_equal(buffer_append(&sql, "", 1), STATUS_OK);
    crf_fixture_run(fixture, (const char *)sql.data);
    buffer_finish(&sql);
    return fixture;
}

void crf_fixture_free(struct crf_fixture *fixture)
{
    char path[64];
    db_close(fixture->db);
    snprintf(path, sizeof(path), "%s/edc.db", fixture->folder);
    unlink(path);
    assert_int_equal(rmdir(fixture->folder), 0); /* nothing else was left there */
    free(fixture);
}

void crf_fixture_run(struct crf_fixture *fixture, const char *sql)
{
    struct db_session *session = NULL;
    struct error error = ERROR_NONE;
    enum status status = db_begin(ctx_background(), fixture->db, DB_WRITE, &session, &error);
    if (status == STATUS_OK) {
        status = db_script(ctx_background(), session, sql, &error);
    }
    if (status == STATUS_OK) {
        status = db_commit(ctx_background(), session, &error);
    }
    db_end(session);
    if (status != STATUS_OK) {
        fail_msg("%s", error.text);
    }
}

void crf_fixture_check(
    struct crf_fixture *fixture, const char *code, const char *form, const char *expression)
{
    char number[16] = "NULL";
    char sql[SQL_MAX];
    if (form != NULL) {
        snprintf(number, sizeof(number), "%d", number_of(FORMS, LENGTH_OF(FORMS), form));
    }
    snprintf(sql, sizeof(sql),
        "INSERT INTO edit_check VALUES (%" PRId64
        ", 1, '%s', %s, '%s', 'message of %s', 'hard', 1)",
        ++fixture->n_checks, code, number, expression, code);
    crf_fixture_run(fixture, sql);
}

int64_t crf_fixture_form(
    struct crf_fixture *fixture, int subject, const char *visit, const char *form, int repeat)
{
    char sql[SQL_MAX];
    snprintf(sql, sizeof(sql),
        "INSERT INTO form (form_id, event_id, form_def_id, repeat_no, status, first_entry_at)"
        " VALUES (%" PRId64 ", %d, %d, %d, 'complete', 1709900000000)",
        ++fixture->n_forms,
        subject * VISITS_OF_SUBJECT + number_of(VISITS, LENGTH_OF(VISITS), visit),
        number_of(FORMS, LENGTH_OF(FORMS), form), repeat);
    crf_fixture_run(fixture, sql);
    return fixture->n_forms;
}

int64_t crf_fixture_value(
    struct crf_fixture *fixture, int64_t form_id, const char *item, int repeat, const char *value)
{
    char sql[SQL_MAX];
    snprintf(sql, sizeof(sql),
        "INSERT INTO item_data VALUES (%" PRId64 ", %" PRId64 ", %d, %d, '%s', 0)",
        ++fixture->n_items, form_id, number_of(ITEMS, LENGTH_OF(ITEMS), item), repeat, value);
    crf_fixture_run(fixture, sql);
    return fixture->n_items;
}

enum status crf_fixture_append(void *buffer, struct bytes piece)
{
    return buffer_append(buffer, piece.data, piece.len);
}

cJSON *crf_fixture_validate(struct crf_fixture *fixture, const char *site_no, bool is_written)
{
    enum { RESULT_MAX = 8 << 20 };
    const struct crf_options options = {.scope = {.study = "P-1", .site_no = site_no},
        .is_written = is_written,
        .folder = fixture->folder};
    struct buffer text = BUFFER_EMPTY(RESULT_MAX);
    struct crf_run *run = NULL;
    struct error error = ERROR_NONE;
    const struct ctx *ctx = ctx_background();
    enum status status = crf_validate(ctx, fixture->db, &options, &run, &error);
    if (status == STATUS_OK) {
        status = crf_write_json(run, ctx, LANGUAGE_EN, crf_fixture_append, &text, &error);
    }
    if (status == STATUS_OK) {
        status = crf_commit(run, ctx, &error);
    }
    crf_run_free(run);
    if (status != STATUS_OK) {
        fail_msg("%s: %s", status_name(status), error.text);
    }
    cJSON *result = cJSON_ParseWithLength((const char *)text.data, text.len);
    buffer_finish(&text);
    assert_non_null(result);
    return result;
}

static const cJSON *validation_of(const cJSON *result)
{
    return cJSON_GetObjectItem(result, "validation");
}

static const char *text_of(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, key));
    return text == NULL ? "-" : text;
}

static int integer_of(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItem(object, key);
    return cJSON_IsNumber(item) ? item->valueint : 0;
}

const char *crf_fixture_found(struct crf_fixture *fixture, const cJSON *result)
{
    size_t len = 0;
    const cJSON *problem;
    fixture->found[0] = '\0';
    cJSON_ArrayForEach(problem, cJSON_GetObjectItem(validation_of(result), "problems"))
    {
        len += (size_t)snprintf(fixture->found + len, sizeof(fixture->found) - len,
            "%s %s %s.%d %s.%d %s.%d=%s\n", text_of(problem, "check"),
            text_of(problem, "subject_no"), text_of(problem, "visit"),
            integer_of(problem, "visit_repeat"), text_of(problem, "form"),
            integer_of(problem, "form_repeat"), text_of(problem, "item"),
            integer_of(problem, "item_repeat"), text_of(problem, "value"));
        assert_true(len < sizeof(fixture->found));
    }
    return fixture->found;
}

int64_t crf_fixture_count(const cJSON *result, const char *name)
{
    const cJSON *count =
        cJSON_GetObjectItem(cJSON_GetObjectItem(validation_of(result), "counts"), name);
    assert_true(cJSON_IsNumber(count));
    return count->valueint;
}
