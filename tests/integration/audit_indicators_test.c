/* The indicators of every site, through audit_build, against an independent computation: the
 * demonstration study, and studies with every oddity that a date or a count can have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/sources/study_cache.h"
#include "audit_demo.h"
#include "audit_fixture.h"
#include "ctx/test.h"
#include "support/kri_compare.h"

static int check_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : -1;
}

static void assert_agrees(const struct audit_sources *sources, const char *protocol_no,
    const char *const *days, size_t n_days, struct kri_tally *tally)
{
    struct oracle_rows *rows = oracle_rows_new(sources->edc, sources->ctms, protocol_no);
    assert_non_null(rows);
    for (size_t i = 0; i < n_days; i++) {
        if (!kri_compare(sources, protocol_no, rows, days[i], tally)) {
            fail_msg("%zu values differ as of %s", tally->n_wrong, days[i]);
        }
    }
    oracle_rows_free(rows);
}

/* --- the demonstration study ---------------------------------------------------------------- */

static struct db *open_database(const char *folder, const char *name)
{
    char uri[96];
    snprintf(uri, sizeof(uri), "sqlite:%s/%s.db", folder, name);
    struct db *db = NULL;
    struct error error = ERROR_NONE;
    const struct db_options options = {.name = name, .uri = uri, .mode = DB_OPEN_READ_ONLY};
    assert_int_equal(db_open(ctx_background(), &options, &db, &error), STATUS_OK);
    return db;
}

static void the_demonstration_study_agrees(void **state)
{
    (void)state;
    static const char *const DAYS[] = {AUDIT_DEMO_AS_OF, "2025-02-14", "2024-06-30", "2023-12-31"};
    char folder[] = "/tmp/walkie-indicators-XXXXXX";
    assert_non_null(mkdtemp(folder));
    assert_int_equal(audit_demo_make_sized(folder, 12, 12), STATUS_OK);
    struct audit_sources sources = {.edc = open_database(folder, "edc"),
        .ctms = open_database(folder, "ctms"),
        .study_cache = study_cache_new(0, 0)};
    struct kri_tally tally = {0};
    assert_agrees(&sources, "WLK-301", DAYS, LENGTH_OF(DAYS), &tally);
    assert_int_equal(tally.n_values, 12 * ORACLE_COUNT * LENGTH_OF(DAYS));
    assert_true(tally.n_scored > 200);
    assert_true(tally.n_flagged > 5);
    assert_true(kri_compare_trend(&sources, "WLK-301", "101"));
    study_cache_free(sources.study_cache);
    db_close(sources.edc);
    db_close(sources.ctms);
    char command[96];
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
}

/* --- oddities ------------------------------------------------------------------------------- */

/* Spread over the rows by their keys, another way for each seed (@). Dates are whole, partial or
 * not there, stamps are the first and the last millisecond of a day, on either side of the days
 * that are asked about. Sites: 11 is empty, 12 has one subject, 13 is in the EDC only; 01 is also
 * in another study. */
static const char ODD_EDC_SQL[] =
    "CREATE TABLE IF NOT EXISTS odd (i INTEGER PRIMARY KEY, d TEXT);"
    "INSERT OR REPLACE INTO odd VALUES (0, NULL), (1, '2024'), (2, '2024-05'), (3, '2025-01-01'),"
    " (4, '2024-01-01'), (5, '2024-02-29'), (6, '2024-03-31'), (7, '2024-04-01'), (8, "
    "'2024-06-30'),"
    " (9, '2024-07-01'), (10, '2024-09-30'), (11, '2024-10-31'), (12, '2024-11-01'),"
    " (13, '2024-11-02'), (14, '2023-12-31'), (15, '2024-08-15'), (16, '2024-05-31');"
    "INSERT OR IGNORE INTO study VALUES (2, 'U', 'U-2', 'Another', '3', NULL);"
    "INSERT OR IGNORE INTO site VALUES (13, 1, '13', 'Site 13', 'Japan'), (21, 2, '01', 'Other',"
    " 'Japan');"
    "UPDATE subject SET site_id = 10 WHERE site_id = 11 OR (site_id = 12 AND subject_id <> 1203);"
    "UPDATE subject SET site_id = 13 WHERE site_id = 9 AND subject_id % 100 > 5;"
    "UPDATE subject SET site_id = 21 WHERE site_id = 8 AND subject_id % 100 > 8;"
    "UPDATE subject SET status = CASE (subject_id * 7919 + @ * 13) % 9 WHEN 0 THEN 'screening'"
    " WHEN 1 THEN 'screen_failed' WHEN 2 THEN 'discontinued' WHEN 3 THEN 'completed'"
    " ELSE 'enrolled' END, treatment_status = CASE (subject_id * 6007 + @ * 17) % 6"
    " WHEN 0 THEN NULL WHEN 1 THEN 'not_started' WHEN 2 THEN 'discontinued' WHEN 3 THEN"
    " 'completed' ELSE 'ongoing' END,"
    " screened_on = (SELECT d FROM odd WHERE i = (subject_id * 31 + @ * 7) % 6),"
    " enrolled_on = (SELECT d FROM odd WHERE i = (subject_id * 37 + @ * 11) % 17),"
    " first_dose_on = (SELECT d FROM odd WHERE i = (subject_id * 41 + @ * 13) % 17),"
    " last_dose_on = (SELECT d FROM odd WHERE i = (subject_id * 43 + @ * 17) % 17),"
    " discont_on = (SELECT d FROM odd WHERE i = (subject_id * 47 + @ * 19) % 17),"
    " last_seen_on = (SELECT d FROM odd WHERE i = (subject_id * 53 + @ * 23) % 17);"
    "UPDATE subject_event SET visit_on = (SELECT d FROM odd WHERE i = (event_id * 59 + @) % 17);"
    "UPDATE form SET first_entry_at = CASE WHEN (form_id * 61 + @) % 13 = 0 THEN NULL ELSE"
    " 1704067200000 + ((form_id * 67 + @ * 29) % 330) * 86400000 + form_id % 2 * 86399999 END;"
    "UPDATE query SET status = CASE (query_id * 71 + @) % 3 WHEN 0 THEN 'open' ELSE 'closed' END,"
    " opened_at = 1704067200000 + ((query_id * 73 + @ * 31) % 330) * 86400000"
    " + query_id % 2 * 86399999;"
    "UPDATE query SET closed_at = CASE WHEN (query_id * 79 + @) % 4 = 0 THEN NULL ELSE"
    " opened_at + ((query_id * 83 + @ * 37) % 60) * 86400000 END;"
    "UPDATE adverse_event SET serious = (ae_id * 89 + @) % 4 = 0, entered_at = CASE WHEN"
    " (ae_id * 97 + @) % 7 = 0 THEN NULL ELSE 1704067200000 + ((ae_id * 101 + @ * 41) % 330)"
    " * 86400000 + ae_id % 2 * 86399999 END;"
    "UPDATE lab_result SET on_date = (SELECT d FROM odd WHERE i = (lab_id * 103 + @ * 43) % 17),"
    " tox_grade = CASE (lab_id * 107 + @) % 8 WHEN 0 THEN NULL WHEN 1 THEN 1 WHEN 2 THEN 2"
    " WHEN 3 THEN 3 WHEN 4 THEN 4 ELSE 0 END;"
    "UPDATE item_data SET n_changes = CASE (item_id * 109 + @ + form_id / 10000) % 9 WHEN 0 THEN 1"
    " WHEN 1 THEN 7 ELSE 0 END;";

static const char ODD_CTMS_SQL[] =
    "CREATE TABLE IF NOT EXISTS odd (i INTEGER PRIMARY KEY, d TEXT);"
    "INSERT OR REPLACE INTO odd VALUES (0, NULL), (1, '2024'), (2, '2024-05'), (3, '2025-01-01'),"
    " (4, '2024-01-01'), (5, '2024-06-30'), (6, '2024-07-01'), (7, '2024-11-01'),"
    " (8, '2024-11-02');"
    "INSERT OR IGNORE INTO site (site_id, study_id, site_no) VALUES (14, 1, '14');"
    "INSERT INTO deviation (site_id, category, important) SELECT site_id, 'other', (site_id + @) % "
    "3"
    " = 0 FROM site WHERE (site_id * 13 + @) % 4 > 0;"
    "UPDATE deviation SET found_on = (SELECT d FROM odd WHERE i = (deviation_id * 113 + @) % 9),"
    " occurred_on = (SELECT d FROM odd WHERE i = (deviation_id * 127 + @) % 9);";

/* What makes an indicator have no score; after the seed of the same place. */
static const char *const EXTREMES[] = {"",
    "UPDATE adverse_event SET serious = 0; UPDATE item_data SET n_changes = 1;",
    ("UPDATE lab_result SET on_date = '2024-01-01', tox_grade = CASE WHEN lab_id IN (SELECT"
     " min(lab_id) FROM lab_result GROUP BY subject_id) THEN 3 ELSE 0 END;"
     "UPDATE query SET closed_at = opened_at;"),
    ("INSERT OR REPLACE INTO provided VALUES ('query', 0, NULL), ('lab_result.tox_grade', 0, NULL);"
     "UPDATE subject SET status = 'discontinued', discont_on = NULL;"),
    "DELETE FROM provided; DELETE FROM query; DELETE FROM lab_result;"};

/* The script with the seed in it; the caller frees it. */
static char *with_seed(const char *script, int seed)
{
    size_t len = strlen(script) * 2 + 1;
    char *text = malloc(len);
    assert_non_null(text);
    size_t at = 0;
    for (; *script != '\0'; script++) {
        int n = *script == '@' ? snprintf(text + at, len - at, "%d", seed)
                               : snprintf(text + at, len - at, "%c", *script);
        at += (size_t)n;
    }
    return text;
}

static void odd_studies_agree_with_and_without_a_summary(void **state)
{
    (void)state;
    static const char *const DAYS[] = {"2024-11-01", "2024-06-30", "2024-03-15", "2024-01-02"};
    struct audit_fixture *fixture = audit_fixture_new();
    fixture->sources.study_cache = study_cache_new(0, 0);
    struct kri_tally tally = {0};
    for (int seed = 0; seed < (int)LENGTH_OF(EXTREMES); seed++) {
        char *edc = with_seed(ODD_EDC_SQL, seed);
        char *ctms = with_seed(ODD_CTMS_SQL, seed);
        audit_fixture_edc(fixture, edc);
        audit_fixture_edc(fixture, EXTREMES[seed]);
        audit_fixture_ctms(fixture, ctms);
        assert_agrees(&fixture->sources, "T-1", DAYS, LENGTH_OF(DAYS), &tally);
        assert_true(kri_compare_trend(&fixture->sources, "T-1", "10"));
        audit_fixture_refresh(fixture);
        assert_agrees(&fixture->sources, "T-1", DAYS, LENGTH_OF(DAYS), &tally);
        free(edc);
        free(ctms);
    }
    assert_int_equal(tally.n_values, 2 * LENGTH_OF(EXTREMES) * LENGTH_OF(DAYS) * 13 * ORACLE_COUNT);
    for (size_t why = 0; why < LENGTH_OF(tally.n_whys); why++) {
        assert_true(tally.n_whys[why] > 20);
    }
    assert_true(tally.n_flagged > 50);
    study_cache_free(fixture->sources.study_cache);
    audit_fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_demonstration_study_agrees, check_leaks),
        cmocka_unit_test_teardown(odd_studies_agree_with_and_without_a_summary, check_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
