#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* mkdtemp */
#endif
#include "epro_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/audit_chain.h"
#include "schema/schema.h"
#include "schema/site_total.h"
#ifdef EPRO_POSTGRES
#include "support/postgres_server.h"
#endif

static const char STUDY_SQL[] =
    "INSERT INTO study (study_id, oid, protocol_no) VALUES (1, 'S1', 'P-1'), (2, 'S2', 'P-2');"
    "INSERT INTO site (site_id, study_id, site_no) VALUES (1, 1, '01'), (2, 1, '02'), (3, 2, '01');"
    "INSERT INTO subject (subject_id, site_id, subject_no, status, first_dose_on) VALUES"
    " (1, 1, '01-001', 'enrolled', '2025-01-06'), (2, 1, 'TWICE', 'enrolled', NULL),"
    " (3, 2, 'TWICE', 'enrolled', NULL), (4, 1, 'EVERYWHERE', 'enrolled', NULL),"
    " (5, 3, 'EVERYWHERE', 'enrolled', NULL), (6, 1, '01-006', 'enrolled', NULL);"
    "INSERT INTO event_def (event_def_id, study_id, oid, name, ordinal, target_day, win_before,"
    " win_after) VALUES (1, 1, 'DAY1', 'Day 1', 1, 1, 0, 2), (2, 1, 'WEEK4', 'Week 4', 2, 29, 3, "
    "3),"
    " (3, 1, 'WEEK12', 'Week 12', 3, 85, 5, 5), (4, 1, 'COMMON', NULL, 4, NULL, NULL, NULL);"
    "INSERT INTO epro_response (resp_id, subject_id, instrument, event_def_id, due_on, status)"
    " VALUES (1, 1, 'PHQ-9', 1, '2025-01-06', 'pending'), (2, 1, 'PHQ-9', 2, '2025-02-03', "
    "'missed'),"
    " (3, 1, 'EQ-5D', 1, '2025-01-06', 'pending');";

static struct db_session *begin(struct db *db, enum db_access access)
{
    struct error error = ERROR_NONE;
    struct db_session *session = NULL;
    if (db_begin(ctx_background(), db, access, &session, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return session;
}

static void open_database(struct epro_fixture *fixture)
{
    struct error error = ERROR_NONE;
    enum db_mode mode = DB_OPEN_CREATE;
#ifdef EPRO_POSTGRES
    static char uri[POSTGRES_URI_MAX]; /* making a database takes long: its tables go instead */
    bool is_first = uri[0] == '\0';
    if (is_first) {
        postgres_server_database(EPRO_POSTGRES, uri);
    }
    snprintf(fixture->uri, sizeof(fixture->uri), "%s", uri);
    mode = DB_OPEN_READ_WRITE;
#else
    snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/walkie-epro-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->path, sizeof(fixture->path), "%s/edc.sqlite", fixture->folder);
    snprintf(fixture->uri, sizeof(fixture->uri), "sqlite:%s", fixture->path);
#endif
    const struct db_options options = {.name = "edc", .uri = fixture->uri, .mode = mode};
    if (db_open(ctx_background(), &options, &fixture->db, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
#ifdef EPRO_POSTGRES
    if (!is_first) {
        epro_fixture_script(fixture, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    }
#endif
    if (schema_migrate(ctx_background(), fixture->db, SCHEMA_EDC, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
}

struct epro_fixture *epro_fixture_new(void)
{
    struct error error = ERROR_NONE;
    struct epro_fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    open_database(fixture);
    epro_fixture_script(fixture, STUDY_SQL);
    struct db_session *session = begin(fixture->db, DB_WRITE);
    assert_int_equal(schema_bump_data_version(ctx_background(), session, &error), STATUS_OK);
    assert_int_equal(site_total_refresh(ctx_background(), session, &error), STATUS_OK);
    assert_int_equal(db_commit(ctx_background(), session, &error), STATUS_OK);
    db_end(session);
    return fixture;
}

void epro_fixture_free(struct epro_fixture *fixture)
{
    db_close(fixture->db);
    if (fixture->folder[0] != '\0') {
        char command[128];
        snprintf(command, sizeof(command), "rm -rf '%s'", fixture->folder);
        assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): the test's own folder
    }
    free(fixture);
}

void epro_fixture_script(struct epro_fixture *fixture, const char *sql)
{
    struct error error = ERROR_NONE;
    struct db_session *session = begin(fixture->db, DB_WRITE);
    if (db_script(ctx_background(), session, sql, &error) != STATUS_OK ||
        db_commit(ctx_background(), session, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    db_end(session);
}

static char text_found[EPRO_JSON_MAX];

const char *epro_fixture_text(struct epro_fixture *fixture, const char *sql)
{
    struct error error = ERROR_NONE;
    struct db_rows *rows = NULL;
    bool has_row = false;
    struct db_session *session = begin(fixture->db, DB_READ);
    if (db_query(ctx_background(), session, sql, NULL, 0, &rows, &error) != STATUS_OK ||
        db_next(ctx_background(), rows, &has_row, &error) != STATUS_OK || !has_row) {
        fail_msg("%s: %s", sql, error.text);
    }
    const char *text = db_column_text(rows, 0);
    snprintf(text_found, sizeof(text_found), "%s", text == NULL ? "" : text);
    db_rows_free(rows);
    db_end(session);
    return text_found;
}

int64_t epro_fixture_integer(struct epro_fixture *fixture, const char *sql)
{
    return strtoll(epro_fixture_text(fixture, sql), NULL, 10);
}

struct epro_request epro_fixture_request(const char *subject_no, const char *json)
{
    return (struct epro_request){.subject_no = subject_no,
        .fhir = json == NULL ? (struct bytes){NULL, 0} : bytes_of(json),
        .now_ms = EPRO_FIXTURE_NOW};
}

enum status epro_fixture_steps(const struct ctx *ctx, struct epro_job *job, struct error *ret_error)
{
    typedef enum status step_fn(const struct ctx *, struct epro_job *, struct error *);
    static step_fn *const STEPS[EPRO_STEPS] = {
        epro_load, epro_validate, epro_score, epro_alert, epro_store};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < EPRO_STEPS && status == STATUS_OK; i++) {
        status = STEPS[i](ctx, job, ret_error);
    }
    return status;
}

struct epro_job *epro_fixture_run(struct epro_fixture *fixture, const struct epro_request *request)
{
    struct error error = ERROR_NONE;
    struct epro_job *job = epro_job_new(fixture->db, request);
    assert_non_null(job);
    if (epro_fixture_steps(ctx_background(), job, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return job;
}

static void digest_query(struct sha256 *digest, struct db_session *session, const char *sql)
{
    struct error error = ERROR_NONE;
    struct db_rows *rows = NULL;
    bool has_row = true;
    assert_int_equal(db_query(ctx_background(), session, sql, NULL, 0, &rows, &error), STATUS_OK);
    while (db_next(ctx_background(), rows, &has_row, &error) == STATUS_OK && has_row) {
        const char *text = db_column_text(rows, 0);
        sha256_update(digest, text == NULL ? "" : text, text == NULL ? 0 : strlen(text));
        sha256_update(digest, ";", 1);
    }
    db_rows_free(rows);
}

static void digest_file(struct sha256 *digest, const char *path)
{
    static char bytes[1 << 16];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    for (size_t len = fread(bytes, 1, sizeof(bytes), file); len > 0;
         len = fread(bytes, 1, sizeof(bytes), file)) {
        sha256_update(digest, bytes, len);
    }
    fclose(file);
}

void epro_fixture_fingerprint(
    struct epro_fixture *fixture, char ret_fingerprint[EPRO_FINGERPRINT_MAX])
{
    static const char RESPONSES_SQL[] =
        "SELECT resp_id || '|' || coalesce(submitted_at, 0) || '|' || coalesce(score, -1) || '|' ||"
        " coalesce(status, '') || coalesce(external_id, '') || coalesce(severity, '') ||"
        " coalesce(profile, '') FROM epro_response ORDER BY resp_id";
    static const char *const QUERIES[] = {
        RESPONSES_SQL,
        "SELECT resp_id || link_id || value FROM epro_answer ORDER BY resp_id, link_id",
        "SELECT alert_id || kind FROM epro_alert ORDER BY alert_id",
        "SELECT audit_id || hash FROM audit_trail ORDER BY audit_id",
        "SELECT key || value FROM meta ORDER BY key",
        "SELECT login FROM app_user ORDER BY user_id",
    };
    struct sha256 *digest = sha256_new();
    assert_non_null(digest);
    struct db_session *session = begin(fixture->db, DB_READ);
    for (size_t i = 0; i < LENGTH_OF(QUERIES); i++) {
        digest_query(digest, session, QUERIES[i]);
    }
    db_end(session);
    if (fixture->path[0] != '\0') {
        digest_file(digest, fixture->path);
    }
    sha256_finish_hex(digest, ret_fingerprint);
    sha256_free(digest);
}

bool epro_fixture_chain_holds(struct epro_fixture *fixture)
{
    struct error error = ERROR_NONE;
    struct db_rows *rows = NULL;
    bool has_row = true;
    bool is_intact = true;
    char before[SHA256_HEX_MAX];
    char hash[SHA256_HEX_MAX];
    struct sha256 *digest = sha256_new();
    struct db_session *session = begin(fixture->db, DB_READ);
    memcpy(before, AUDIT_CHAIN_START, sizeof(before));
    assert_int_equal(db_query(ctx_background(), session,
                         "SELECT audit_id, at, user_id, action, form_id, item_id, old_value,"
                         " new_value, reason, prev_hash, hash FROM audit_trail ORDER BY audit_id",
                         NULL, 0, &rows, &error),
        STATUS_OK);
    while (db_next(ctx_background(), rows, &has_row, &error) == STATUS_OK && has_row) {
        const struct audit_row row = {db_column_integer(rows, 0), db_column_integer(rows, 1),
            db_column_integer(rows, 2), db_column_text(rows, 3), db_column_integer(rows, 4),
            db_column_integer(rows, 5), db_column_text(rows, 6), db_column_text(rows, 7),
            db_column_text(rows, 8)};
        audit_chain_hash(digest, before, &row, hash);
        is_intact = is_intact && strcmp(before, db_column_text(rows, 9)) == 0 &&
                    strcmp(hash, db_column_text(rows, 10)) == 0;
        memcpy(before, hash, sizeof(before));
    }
    db_rows_free(rows);
    db_end(session);
    sha256_free(digest);
    return is_intact;
}

void epro_json(
    char *json, const char *instrument, const char *authored, const char *values, const char *more)
{
    int len = snprintf(json, EPRO_JSON_MAX,
        "{\"resourceType\":\"QuestionnaireResponse\",\"questionnaire\":\"http://x/%s\",%s%s"
        "%s\"authored\":\"%s\"",
        instrument, strstr(more, "\"status\"") == NULL ? "\"status\":\"completed\"," : "", more,
        more[0] == '\0' ? "" : ",", authored);
    if (strstr(more, "\"item\"") != NULL) {
        snprintf(json + len, EPRO_JSON_MAX - (size_t)len, "}");
        return;
    }
    len += snprintf(json + len, EPRO_JSON_MAX - (size_t)len, ",\"item\":[");
    bool is_first = true;
    for (size_t i = 0; values[i] != '\0'; i++) {
        if (values[i] != '-') {
            len += snprintf(json + len, EPRO_JSON_MAX - (size_t)len,
                "%s{\"linkId\":\"q%zu\",\"answer\":[{\"valueInteger\":%c}]}", is_first ? "" : ",",
                i + 1, values[i]);
            is_first = false;
        }
    }
    snprintf(json + len, EPRO_JSON_MAX - (size_t)len, "]}");
}

const struct epro_issue *issue_of(const struct epro_result *result, enum epro_issue_kind kind)
{
    for (size_t i = 0; i < result->n_issues; i++) {
        if (result->issues[i].kind == kind) {
            return &result->issues[i];
        }
    }
    return NULL;
}
