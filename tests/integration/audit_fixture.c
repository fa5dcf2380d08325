#include "audit_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/model/json.h"
#include "audit_fixture_sitefile.h"
#include "audit_fixture_subject.h"
#include "schema/audit_chain.h"
#include "schema/schema.h"
#include "schema/site_total.h"

/* Sites 08 to 12 have more of everything, so that every indicator is scored and site 01 is near the
 * middle. Stamps: 1704499200000 is 2024-01-06. */
static const char EDC_SQL[] =
    "INSERT INTO study VALUES (1, 'T', 'T-1', 'A trial', '3', NULL);"
    "INSERT INTO site WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12)"
    " SELECT i, 1, printf('%02d', i), 'Site ' || i, 'Japan' FROM n;"
    "INSERT INTO subject (subject_id, site_id, subject_no, status, screened_on, consent_on,"
    " enrolled_on, first_dose_on, discont_on, discont_reason, treatment_status, last_seen_on)"
    " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)"
    " SELECT site_id * 100 + i, site_id, printf('%02d-%03d', site_id, i),"
    " CASE WHEN site_id > 7 AND i = 1 THEN 'discontinued' ELSE 'enrolled' END, '2024-01-01',"
    " '2024-01-01', '2024-01-05', '2024-01-05',"
    " CASE WHEN site_id > 7 AND i = 1 THEN '2024-09-01' END,"
    " CASE WHEN site_id > 7 AND i = 1 THEN 'other' END, 'ongoing', '2024-10-30' FROM site, n;"
    "INSERT INTO consent (subject_id, version, signed_on)"
    " SELECT subject_id, '1.0', consent_on FROM subject;"
    "INSERT INTO eligibility (subject_id, kind, code, is_met, protocol_version)"
    " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4)"
    " SELECT subject_id, CASE WHEN i < 3 THEN 'inclusion' ELSE 'exclusion' END,"
    " CASE WHEN i < 3 THEN printf('I%02d', i) ELSE printf('E%02d', i - 2) END, 1, '1.0'"
    " FROM subject, n;"
    "INSERT INTO event_def VALUES (1, 1, 'DAY1', 'Day 1', 1, 1, 0, 3, 0);"
    "INSERT INTO form_def VALUES (1, 1, 'DM', 'Demographics', '1', 1),"
    " (2, 1, 'VS', 'Vital signs', '1', 0);"
    "INSERT INTO item_def (item_def_id, form_def_id, oid) VALUES (1, 1, 'A');"
    "INSERT INTO subject_event SELECT subject_id, subject_id, 1, 1, '2024-01-05', 'done'"
    " FROM subject;"
    "INSERT INTO form (form_id, event_id, form_def_id, status, first_entry_at, sdv_status,"
    " pi_signed_at) SELECT event_id * 10 + form_def_id, event_id, form_def_id, 'complete',"
    " 1704499200000, 2, 1704585600000 FROM subject_event, form_def;"
    "INSERT INTO item_data (form_id, item_def_id, repeat_no, value, n_changes)"
    " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)"
    " SELECT form_id, 1, i, 'x', form_id > 80000 AND i = 1 FROM form, n;"
    "INSERT INTO query (form_id, origin, status, opened_at, closed_at, text)"
    " SELECT form_id, 'system', 'closed', 1704499200000, 1704585600000, 'why?' FROM form"
    " WHERE form_def_id = 1 OR form_id > 80000;"
    "INSERT INTO adverse_event (subject_id, seq, term, severity, grade, serious, related, start_on,"
    " aware_at, entered_at)"
    " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4)"
    " SELECT subject_id, i, 'headache', 'mild', 1, subject_id % 100 = 1 AND i = 1, 'not_related',"
    " '2024-03-01', 1709280000000, 1709283600000 FROM subject, n"
    " WHERE i < 3 OR site_id > 7;"
    "INSERT INTO lab_result (subject_id, test, on_date, value, tox_grade)"
    " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5)"
    " SELECT subject_id, 'ALT', '2024-02-01', 1.5, CASE WHEN subject_id > 800 AND i = 1 THEN 3"
    " ELSE 0 END FROM subject, n;";

static const char CTMS_SQL[] =
    "INSERT INTO study VALUES (1, 'T-1', 'A trial', '3', 'Sponsor', 'active', 12, 120,"
    " '2024-01-01', '2025-01-01');"
    "INSERT INTO site WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12)"
    " SELECT i, 1, printf('%02d', i), '医院 ' || i, 'Dr ' || i, 'city', 'Japan', 'active', NULL,"
    " NULL, '2024-01-01', NULL, 10, 'Asia/Tokyo' FROM n;"
    "INSERT INTO milestone (site_id, kind, planned_on)"
    " SELECT site_id, 'enrolment_complete', '2024-06-30' FROM site;"
    "INSERT INTO ethics (site_id, kind, doc_version, submitted_on, approved_on)"
    " SELECT site_id, 'icf', '1.0', '2023-11-01', '2023-12-01' FROM site UNION ALL"
    " SELECT site_id, 'protocol', '1.0', '2023-11-01', '2023-12-01' FROM site;"
    "INSERT INTO deviation (site_id, subject_no, category, important, occurred_on, found_on,"
    " reported_ec_on, description, capa, status)"
    " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4)"
    " SELECT site_id, printf('%02d-001', site_id), 'schedule', i = 4, '2024-03-01', '2024-03-02',"
    " '2024-03-05', 'visit out of window', 'trained', 'closed' FROM site, n"
    " WHERE i < 2 OR site_id > 7;"
    "INSERT INTO sae_report (site_id, subject_no, edc_ae_seq, aware_at, reported_sponsor_at,"
    " reported_ec_at, reported_ra_at, susar)"
    " SELECT site_id, printf('%02d-001', site_id), 1, 1709280000000, 1709287200000, NULL, NULL, 0"
    " FROM site;"
    "INSERT INTO visit (site_id, kind, planned_on, start_on, end_on, monitor, report_due_on,"
    " report_done_on) SELECT site_id, 'routine', '2024-04-01', '2024-04-01', '2024-04-02', 'M',"
    " '2024-04-20', '2024-04-15' FROM site;"
    "INSERT INTO action_item (site_id, category, severity, text, owner, opened_on, due_on,"
    " closed_on) SELECT site_id, 'data', 'minor', 'file it', 'CRC', '2024-04-02', '2024-05-01',"
    " '2024-04-20' FROM site;"
    "INSERT INTO audit VALUES (1, 1, 'routine', '2024-05-01', '2024-05-02', 'A');"
    "INSERT INTO finding (site_id, audit_no, rule_code, grade, area, statement, capa_due_on,"
    " closed_on) VALUES (1, 1, 'SDV-01', 'minor', 'data', 'pages not verified', '2024-07-01',"
    " '2024-06-20');";

/* Chain the rows of the audit trail that have no hash yet: what a script adds is written as an EDC
 * would, what it changes of older rows is tampering. */
static enum status seal_trail(
    const struct ctx *ctx, struct db_session *session, struct error *ret_error)
{
    enum { ROWS_MAX = 256 };
    static struct sealed {
        int64_t audit_id;
        char before[SHA256_HEX_MAX];
        char hash[SHA256_HEX_MAX];
    } sealed[ROWS_MAX];
    size_t n_sealed = 0;
    struct db_rows *rows;
    bool has_row = true;
    struct sha256 *digest = sha256_new();
    assert_non_null(digest);
    char before[SHA256_HEX_MAX];
    memcpy(before, AUDIT_CHAIN_START, sizeof(before));
    enum status status = db_query(ctx, session,
        "SELECT audit_id, at, user_id, action, form_id, item_id, old_value, new_value, reason, hash"
        " FROM audit_trail ORDER BY audit_id",
        NULL, 0, &rows, ret_error);
    assert_int_equal(status, STATUS_OK);
    while (db_next(ctx, rows, &has_row, ret_error) == STATUS_OK && has_row) {
        struct sealed *row = &sealed[n_sealed];
        const char *hash = db_column_text(rows, 9);
        if (hash != NULL) {
            memcpy(before, hash, sizeof(before));
            continue;
        }
        assert_true(n_sealed++ < ROWS_MAX);
        row->audit_id = db_column_integer(rows, 0);
        memcpy(row->before, before, sizeof(before));
        const struct audit_row content = {row->audit_id, db_column_integer(rows, 1),
            db_column_integer(rows, 2), db_column_text(rows, 3), db_column_integer(rows, 4),
            db_column_integer(rows, 5), db_column_text(rows, 6), db_column_text(rows, 7),
            db_column_text(rows, 8)};
        audit_chain_hash(digest, before, &content, row->hash);
        memcpy(before, row->hash, sizeof(before));
    }
    db_rows_free(rows);
    sha256_free(digest);
    for (size_t i = 0; i < n_sealed && status == STATUS_OK; i++) {
        const struct db_value values[] = {
            db_text(sealed[i].before), db_text(sealed[i].hash), db_integer(sealed[i].audit_id)};
        status = db_exec(ctx, session,
            "UPDATE audit_trail SET prev_hash = $1, hash = $2 WHERE audit_id = $3", values, 3,
            ret_error);
    }
    return status;
}

static void write_database(struct db *db, const char *sql, bool is_edc, bool is_first)
{
    struct error error = ERROR_NONE;
    struct db_session *session;
    const struct ctx *ctx = ctx_background();
    enum status status = db_begin(ctx, db, DB_WRITE, &session, &error);
    if (status == STATUS_OK) {
        status = db_script(ctx, session, sql, &error);
    }
    if (status == STATUS_OK && is_edc) {
        status = seal_trail(ctx, session, &error);
    }
    if (status == STATUS_OK && is_first) {
        status = schema_set_meta(ctx, session, "as_of", "2024-11-01", &error);
    }
    if (status == STATUS_OK) {
        status = schema_bump_data_version(ctx, session, &error);
    }
    if (status == STATUS_OK && is_edc && is_first) {
        status = site_total_refresh(ctx, session, &error);
    }
    if (status == STATUS_OK) {
        status = db_commit(ctx, session, &error);
    }
    if (status != STATUS_OK) {
        fail_msg("%s: %s", status_name(status), error.text);
    }
    db_end(session);
}

static struct db *open_file(
    const char *path, const char *name, enum db_mode mode, enum schema_kind kind)
{
    char uri[80];
    snprintf(uri, sizeof(uri), "sqlite:%s", path);
    struct error error = ERROR_NONE;
    struct db *db = NULL;
    struct db_options options = {.name = name, .uri = uri, .mode = mode};
    enum status status = db_open(ctx_background(), &options, &db, &error);
    if (status == STATUS_OK && mode == DB_OPEN_CREATE) {
        status = schema_migrate(ctx_background(), db, kind, &error);
    }
    if (status != STATUS_OK) {
        fail_msg("%s: %s", status_name(status), error.text);
    }
    return db;
}

static void fill(struct db *db, enum schema_kind kind)
{
    bool is_edc = kind == SCHEMA_EDC;
    write_database(db, is_edc ? EDC_SQL : CTMS_SQL, is_edc, true);
    write_database(db, is_edc ? SITEFILE_EDC_SQL : SITEFILE_CTMS_SQL, is_edc, false);
    if (!is_edc) {
        write_database(db, SUBJECT_CTMS_SQL, false, false);
    }
}

/* The fault-free study's files as they were written the first time: tests make some hundred of
 * them, and a copy costs no transaction. Kept to the end of the process. */
static struct image {
    uint8_t *bytes;
    size_t len;
} images[2];

static void keep_image(struct image *image, const char *path)
{
    enum { IMAGE_MAX = 16 << 20 };
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    image->bytes = malloc(IMAGE_MAX);
    assert_non_null(image->bytes);
    image->len = fread(image->bytes, 1, IMAGE_MAX, file);
    assert_true(image->len > 0 && image->len < IMAGE_MAX);
    fclose(file);
}

static struct db *new_database(char path[64], const char *name, enum schema_kind kind)
{
    struct image *image = &images[kind];
    snprintf(path, 64, "/tmp/walkie-audit-%s-XXXXXX", name);
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    if (image->bytes == NULL) {
        close(descriptor);
        struct db *db = open_file(path, name, DB_OPEN_CREATE, kind);
        fill(db, kind);
        db_close(db);
        keep_image(image, path);
    } else {
        ssize_t len = write(descriptor, image->bytes, image->len);
        assert_int_equal(len, image->len);
        close(descriptor);
    }
    return open_file(path, name, DB_OPEN_READ_WRITE, kind);
}

struct audit_fixture *audit_fixture_new(void)
{
    struct audit_fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    fixture->sources.edc = new_database(fixture->edc_path, "edc", SCHEMA_EDC);
    fixture->sources.ctms = new_database(fixture->ctms_path, "ctms", SCHEMA_CTMS);
    return fixture;
}

static void remove_database(const char *path)
{
    static const char *const SUFFIXES[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < LENGTH_OF(SUFFIXES); i++) {
        char file[80];
        snprintf(file, sizeof(file), "%s%s", path, SUFFIXES[i]);
        unlink(file);
    }
}

void audit_fixture_free(struct audit_fixture *fixture)
{
    if (fixture == NULL) {
        return;
    }
    db_close(fixture->sources.edc);
    db_close(fixture->sources.ctms);
    remove_database(fixture->edc_path);
    remove_database(fixture->ctms_path);
    free(fixture);
}

void audit_fixture_edc(struct audit_fixture *fixture, const char *sql)
{
    write_database(fixture->sources.edc, sql, true, false);
}

void audit_fixture_ctms(struct audit_fixture *fixture, const char *sql)
{
    write_database(fixture->sources.ctms, sql, false, false);
}

void audit_fixture_refresh(struct audit_fixture *fixture)
{
    struct error error = ERROR_NONE;
    struct db_session *session;
    const struct ctx *ctx = ctx_background();
    enum status status = db_begin(ctx, fixture->sources.edc, DB_WRITE, &session, &error);
    if (status == STATUS_OK) {
        status = site_total_refresh(ctx, session, &error);
    }
    if (status == STATUS_OK) {
        status = db_commit(ctx, session, &error);
    }
    if (status != STATUS_OK) {
        fail_msg("%s: %s", status_name(status), error.text);
    }
    db_end(session);
}

struct report *audit_fixture_build(
    struct audit_fixture *fixture, const struct audit_request *request)
{
    static const struct audit_request SITE_01 = {.site_no = "01"};
    struct report *report = NULL;
    struct error error = ERROR_NONE;
    enum status status = audit_build(
        ctx_background(), &fixture->sources, request == NULL ? &SITE_01 : request, &report, &error);
    if (status != STATUS_OK) {
        fail_msg("%s: %s", status_name(status), error.text);
    }
    assert_int_equal(model_hash(ctx_background(), report), STATUS_OK);
    return report;
}

const struct finding *finding_of(const struct report *report, const char *rule_code)
{
    const struct finding *finding = report->first_finding;
    while (finding != NULL && strcmp(finding->rule_code, rule_code) != 0) {
        finding = finding->next;
    }
    return finding;
}

const struct block *block_of(const struct report *report, const char *id)
{
    for (const struct section *section = report->first; section != NULL; section = section->next) {
        for (const struct block *block = section->first; block != NULL; block = block->next) {
            if (block->id != NULL && strcmp(block->id, id) == 0) {
                return block;
            }
        }
    }
    return NULL;
}

struct cell fact_of(const struct report *report, const char *block_id, const char *fact_id)
{
    const struct block *block = block_of(report, block_id);
    for (const struct fact *fact = block == NULL ? NULL : block->first_fact; fact != NULL;
         fact = fact->next) {
        if (strcmp(fact->id, fact_id) == 0) {
            return fact->value;
        }
    }
    return cell_none();
}

static bool is_text(const char *text, const char *wanted)
{
    return text != NULL && strcmp(text, wanted) == 0;
}

bool has_anchor(const struct report *report, const char *anchor)
{
    for (const struct section *section = report->first; section != NULL; section = section->next) {
        if (is_text(section->anchor, anchor)) {
            return true;
        }
        for (const struct block *block = section->first; block != NULL; block = block->next) {
            const struct table_row *row = block->table == NULL ? NULL : block->table->first;
            for (; row != NULL; row = row->next) {
                if (is_text(row->anchor, anchor)) {
                    return true;
                }
            }
        }
    }
    return false;
}
