/* The clindata import over a made-up export of two subjects: what is loaded, and that one bad row
 * loads nothing. */
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
#include <lzma.h>

#include "ctx/test.h"
#include "import/clindata.h"

struct world {
    char folder[64];
    char uri[2][96];
};

struct export_file {
    const char *name;
    const char *text;
};

static const struct export_file EXPORT[] = {
    {"ctms_study.csv.xz",
        "protocol_number,protocol_title,phase,act_fpfv,act_lplv,num_plan_site,num_plan_subj\n"
        "P-1,\"A title, with a comma\",P3,2003-01-01,2021-06-01,2,10\n"},
    {"ctms_site.csv.xz",
        "site_num,pi_last_name,pi_first_name,site_status,account,site_active_dt,city,country\n"
        "10,Torres,Ariel,Active,Center,2004-01-31,City,US\n"},
    {"rawplus_dm.csv.xz",
        "siteid,subjid,subject_nsv,sex,brthdat,firstdosedate,lastdosedate,lastparticipantdate,"
        "firstparticipantdate,country\n"
        "10,0001,0001-XXX,M,1970-2-3,2010-01-05,2010-06-01,2010-06-30,2010-01-01,US\n"},
    {"rawplus_enroll.csv.xz", "siteid,subjid,subjectid,enroll_dt,enrollyn,sfreas,country\n"
                              "10,0001,X1,2010-01-04,Y,,US\n"
                              "99,,X2,2010-02-01,N,Medical Issue,US\n"},
    {"rawplus_consent.csv.xz", "subjid,consdt\n0001,2010-01-01\n"},
    {"rawplus_ixrsrand.csv.xz", "subjid,randnum,trtgrpc\n0001,77,1\n"},
    {"rawplus_sdrgcomp.csv.xz", "subjid,sdrgyn,sdrgreas\n0001,N,out of bound:Withdrew Consent*\n"},
    {"rawplus_studcomp.csv.xz", "subjid,compyn,compreas\n0001,N,LOST TO FOLLOW-UP\n"},
    {"rawplus_ie.csv.xz", "subjid,iecat,ieorres,tiver\n0001,INCL,1,A1\n0001,EXCL,1,A1\n"},
    {"rawplus_visdt.csv.xz",
        "subjid,foldername,instancename,visit_dt\n0001,Day 1,Day 1 (1),2010-01-05\n"
        "0001,Unscheduled,Unscheduled (1),2010-02-02\n0001,Week 4,Week 4 (1),\n"},
    {"edc_data_pages.csv.xz", "subjectname,visit,formoid,visit_date,min_entereddate\n"
                              "0001-XXX,Day 1,Vital Signs,2010-01-05,2010-01-09\n"
                              "0001-XXX,Unscheduled 3.1,Vital Signs,2010-02-02,2010-02-02\n"},
    {"edc_data_points.cols/subjectname.xz", "subjectname\n0001-XXX\n0001-XXX\n"},
    {"edc_data_points.cols/visit.xz", "visit\nDay 1\nUnscheduled 3.1\n"},
    {"edc_data_points.cols/formoid.xz", "formoid\nVital Signs\nVital Signs\n"},
    {"edc_data_points.cols/fieldoid.xz", "fieldoid\nSYSBP\nSYSBP\n"},
    {"edc_data_points.cols/datapointid.xz", "datapointid\n1\n2\n"},
    {"edc_data_points.cols/n_changes.xz", "n_changes\n0\n3\n"},
    {"edc_data_points.cols/isrequired.xz", "isrequired\n1\n1\n"},
    {"edc_queries.csv.xz",
        "subjectname,visit,formoid,datapointid,querystatus,created,answered,resolved,"
        "markinggroup\n"
        "0001-XXX,Day 1,Vital Signs,1,Closed,2010-01-10,,2010-01-12,System Query\n"},
    {"rawplus_ae.csv.xz",
        "subjid,recordposition,aeterm,mdrpt_nsv,mdrsoc_nsv,aeser,aest_dt,aestdat_yy_nsv,"
        "aestdat_mm_nsv,aeen_dt,aeendat_yy_nsv,aeendat_mm_nsv,aerel,aetoxgr,aeout,"
        "mincreated_dts,aesdth\n"
        "0001,1,XXX,Cough,Respiratory,N,,2010,3,,,,NOT RELATED,MILD,,2010-03-20T06:54:58,\n"},
    {"rawplus_lb.cols/subjid.xz", "subjid\n0001\n"},
    {"rawplus_lb.cols/visnam.xz", "visnam\nBaseline/Day 1\n"},
    {"rawplus_lb.cols/lb_dt.xz", "lb_dt\n2010-01-05\n"},
    {"rawplus_lb.cols/lbtstnam.xz", "lbtstnam\nALT, serum\n"},
    {"rawplus_lb.cols/siresn.xz", "siresn\n232\n"},
    {"rawplus_lb.cols/sinrlo.xz", "sinrlo\n6\n"},
    {"rawplus_lb.cols/sinrhi.xz", "sinrhi\n43\n"},
    {"rawplus_lb.cols/toxgrg_nsv.xz", "toxgrg_nsv\n\n"},
    {"rawplus_lb.cols/alrtfl.xz", "alrtfl\nHP\n"},
    {"ctms_protdev.csv.xz",
        "subjectenrollmentnumber,deviationdate,companycategory,deemedimportant\n"
        "0001,,INFORMED CONSENT,Yes\n0777,2010-01-01,OTHER,No\n"},
};

static void write_xz(const struct world *world, const char *name, const char *text)
{
    char path[160];
    uint8_t packed[4096];
    size_t packed_len = 0;
    snprintf(path, sizeof(path), "%s/%s", world->folder, name);
    assert_int_equal(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, NULL, (const uint8_t *)text,
                         strlen(text), packed, &packed_len, sizeof(packed)),
        LZMA_OK);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(packed, 1, packed_len, file), packed_len);
    assert_int_equal(fclose(file), 0);
}

static enum status import(const struct world *world, struct error *ret_error)
{
    const struct clindata_options options = {
        .dataset = {world->uri[0], world->uri[1], false, "clindata"}, .folder = world->folder};
    return clindata_import(ctx_background(), &options, ret_error);
}

static bool is_made(const struct world *world)
{
    return access(world->uri[0] + strlen("sqlite:"), F_OK) == 0 ||
           access(world->uri[1] + strlen("sqlite:"), F_OK) == 0;
}

/* The first column of a query's only row, as text; "" for NULL. */
static void answer(const struct world *world, size_t which, const char *sql, char text[64])
{
    struct error error = ERROR_NONE;
    const struct ctx *ctx = ctx_background();
    const struct db_options options = {"data", world->uri[which], DB_OPEN_READ_ONLY};
    struct db *db = NULL;
    struct db_session *session = NULL;
    struct db_rows *rows = NULL;
    bool has_row = false;
    assert_int_equal(db_open(ctx, &options, &db, &error), STATUS_OK);
    assert_int_equal(db_begin(ctx, db, DB_READ, &session, &error), STATUS_OK);
    enum status status = db_query(ctx, session, sql, NULL, 0, &rows, &error);
    if (status == STATUS_OK) {
        status = db_next(ctx, rows, &has_row, &error);
    }
    snprintf(text, 64, "%s",
        !has_row                     ? "(no row)"
        : db_column_is_null(rows, 0) ? ""
                                     : db_column_text(rows, 0));
    db_rows_free(rows);
    db_end(session);
    db_close(db);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
}

struct expectation {
    size_t which; /* 0 edc, 1 ctms */
    const char *sql;
    const char *expected;
};

static void every_table_arrives_in_our_words(void **state)
{
    static const struct expectation EXPECTED[] = {
        {0, "SELECT title FROM study", "A title, with a comma"},
        {1, "SELECT pi_name FROM site", "Ariel Torres"},
        {0, "SELECT status || discont_reason || discont_on FROM subject WHERE subject_no = '0001'",
            "discontinuedlost_to_follow_up2010-06-30"},
        {0, "SELECT treatment_status || treatment_reason FROM subject WHERE subject_no = '0001'",
            "discontinuedwithdrew_consent"},
        {0, "SELECT birth_year || rand_no || arm FROM subject WHERE subject_no = '0001'",
            "1970771"},
        {0, "SELECT status || discont_reason FROM subject WHERE subject_no = 'S-X2'",
            "screen_failedmedical_issue"},
        {0, "SELECT count(*) FROM site WHERE site_no = '99' AND name IS NULL", "1"},
        {0, "SELECT sum(is_met) || '/' || count(*) FROM eligibility", "1/2"},
        {0, "SELECT group_concat(status) FROM (SELECT status FROM subject_event ORDER BY event_id)",
            "done,done,missed"},
        {0,
            "SELECT count(*) FROM form f JOIN subject_event e ON e.event_id = f.event_id "
            "WHERE f.first_entry_at / 86400000 - julianday(e.visit_on) + 2440587.5 IN (4, 0)",
            "2"},
        {0, "SELECT sum(n_changes) FROM item_data", "3"},
        {0, "SELECT status || origin || item_id FROM query", "closedsystem1"},
        {0, "SELECT start_on || severity || grade || related FROM adverse_event",
            "2010-03mild1not_related"},
        {0, "SELECT flag || test FROM lab_result WHERE event_id IS NOT NULL", "HHALT, serum"},
        {1, "SELECT category || important || subject_no FROM deviation", "consent10001"},
        {1, "SELECT count(*) FROM deviation", "1"},
        {0, "SELECT value FROM meta WHERE key = 'as_of'", "2010-03-20"},
        {1, "SELECT is_provided FROM provided WHERE table_name = 'visit'", "0"},
        {0, "SELECT is_provided FROM provided WHERE table_name = 'form'", "1"},
    };
    const struct world *world = *state;
    struct error error = ERROR_NONE;
    enum status status = import(world, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
    for (size_t i = 0; i < LENGTH_OF(EXPECTED); i++) {
        char text[64];
        answer(world, EXPECTED[i].which, EXPECTED[i].sql, text);
        assert_string_equal(text, EXPECTED[i].expected);
    }
}

/* Replace one file, import, and expect a refusal that leaves nothing. */
static void assert_refused(
    const struct world *world, const char *name, const char *text, const char *words)
{
    struct error error = ERROR_NONE;
    write_xz(world, name, text);
    assert_int_equal(import(world, &error), STATUS_DATA_LOSS);
    if (strstr(error.text, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", error.text, words);
    }
    assert_false(is_made(world));
}

static void one_bad_date_loads_nothing(void **state)
{
    assert_refused(*state, "rawplus_consent.csv.xz", "subjid,consdt\n0001,2010-02-30\n", "1 bad");
}

static void every_bad_row_is_counted(void **state)
{
    assert_refused(*state, "rawplus_consent.csv.xz",
        "subjid,consdt\n0001,x\n0404,2010-01-01\n0001,2010-1-1\n", "3 bad");
}

static void an_unknown_word_loads_nothing(void **state)
{
    assert_refused(*state, "rawplus_studcomp.csv.xz",
        "subjid,compyn,compreas\n0001,N,ABDUCTED BY ALIENS\n", "1 bad");
}

static void a_missing_column_is_named(void **state)
{
    assert_refused(*state, "rawplus_consent.csv.xz", "subjid,date\n0001,2010-01-01\n", "consdt");
}

static void a_row_with_a_field_too_few_is_told_by_line(void **state)
{
    assert_refused(*state, "rawplus_consent.csv.xz", "subjid,consdt\n0001,2010-01-01\n0001\n",
        "rawplus_consent.csv.xz:3");
}

static void columns_of_different_lengths_are_refused(void **state)
{
    assert_refused(*state, "rawplus_lb.cols/alrtfl.xz", "alrtfl\nHP\nN\n", "different lengths");
}

static void a_file_that_is_cut_off_is_refused(void **state)
{
    const struct world *world = *state;
    struct error error = ERROR_NONE;
    char path[160];
    struct stat file;
    snprintf(path, sizeof(path), "%s/rawplus_ie.csv.xz", world->folder);
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(truncate(path, file.st_size - 20), 0);
    assert_int_equal(import(world, &error), STATUS_DATA_LOSS);
    assert_non_null(strstr(error.text, "rawplus_ie.csv.xz"));
    assert_false(is_made(world));
}

static void a_missing_file_is_unavailable(void **state)
{
    const struct world *world = *state;
    struct error error = ERROR_NONE;
    char path[160];
    snprintf(path, sizeof(path), "%s/rawplus_ie.csv.xz", world->folder);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(import(world, &error), STATUS_UNAVAILABLE);
    assert_false(is_made(world));
}

static int set_up(void **state)
{
    static struct world world;
    static const char *const FOLDERS[] = {"edc_data_points.cols", "rawplus_lb.cols"};
    static const char *const NAMES[] = {"edc", "ctms"};
    snprintf(world.folder, sizeof(world.folder), "/tmp/walkie-clin-XXXXXX");
    if (mkdtemp(world.folder) == NULL) {
        return -1;
    }
    for (size_t i = 0; i < 2; i++) {
        char path[160];
        snprintf(path, sizeof(path), "%s/%s", world.folder, FOLDERS[i]);
        snprintf(world.uri[i], sizeof(world.uri[i]), "sqlite:%s/%s", world.folder, NAMES[i]);
        if (mkdir(path, 0700) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < LENGTH_OF(EXPORT); i++) {
        write_xz(&world, EXPORT[i].name, EXPORT[i].text);
    }
    *state = &world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    char path[160];
    for (size_t i = 0; i < LENGTH_OF(EXPORT); i++) {
        snprintf(path, sizeof(path), "%s/%s", world->folder, EXPORT[i].name);
        unlink(path);
    }
    for (size_t i = 0; i < 2; i++) {
        unlink(world->uri[i] + strlen("sqlite:"));
    }
    snprintf(path, sizeof(path), "%s/edc_data_points.cols", world->folder);
    rmdir(path);
    snprintf(path, sizeof(path), "%s/rawplus_lb.cols", world->folder);
    rmdir(path);
    /* The folder is empty now, or something half-written was left in it. */
    return rmdir(world->folder) == 0 && ctx_test_no_leaks() ? 0 : -1;
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WORLD(every_table_arrives_in_our_words),
        WITH_WORLD(one_bad_date_loads_nothing),
        WITH_WORLD(every_bad_row_is_counted),
        WITH_WORLD(an_unknown_word_loads_nothing),
        WITH_WORLD(a_missing_column_is_named),
        WITH_WORLD(a_row_with_a_field_too_few_is_told_by_line),
        WITH_WORLD(columns_of_different_lengths_are_refused),
        WITH_WORLD(a_file_that_is_cut_off_is_refused),
        WITH_WORLD(a_missing_file_is_unavailable),
    };
    return cmocka_run_group_tests_name("import_clindata", tests, NULL, NULL);
}
