/* The demonstration study: what its maker planted is what the report finds, site by site. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit_demo.h"

struct demo {
    char folder[32];
    struct audit_sources sources;
};

static const char *const FILES[] = {"edc.db", "ctms.db", "problems.json"};

static struct db *open_database(const struct demo *demo, const char *name)
{
    char uri[96];
    snprintf(uri, sizeof(uri), "sqlite:%s/%s.db", demo->folder, name);
    struct db *db = NULL;
    struct error error = ERROR_NONE;
    struct db_options options = {.name = name, .uri = uri, .mode = DB_OPEN_READ_ONLY};
    if (db_open(ctx_background(), &options, &db, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return db;
}

static int make_demo(void **state)
{
    static struct demo demo;
    memcpy(demo.folder, "/tmp/walkie-demo-XXXXXX", sizeof("/tmp/walkie-demo-XXXXXX"));
    if (mkdtemp(demo.folder) == NULL) {
        return -1;
    }
    if (audit_demo_make(demo.folder) != STATUS_OK) {
        return -1;
    }
    demo.sources.edc = open_database(&demo, "edc");
    demo.sources.ctms = open_database(&demo, "ctms");
    *state = &demo;
    return 0;
}

static int remove_demo(void **state)
{
    struct demo *demo = *state;
    db_close(demo->sources.edc);
    db_close(demo->sources.ctms);
    for (size_t i = 0; i < LENGTH_OF(FILES); i++) {
        char path[96];
        snprintf(path, sizeof(path), "%s/%s", demo->folder, FILES[i]);
        unlink(path);
    }
    return rmdir(demo->folder);
}

static const struct finding *find(const struct report *report, const char *rule_code)
{
    const struct finding *finding = report->first_finding;
    while (finding != NULL && strcmp(finding->rule_code, rule_code) != 0) {
        finding = finding->next;
    }
    return finding;
}

static struct report *build(const struct demo *demo, const char *site_no)
{
    struct audit_request request = {.site_no = site_no};
    struct report *report = NULL;
    struct error error = ERROR_NONE;
    if (audit_build(ctx_background(), &demo->sources, &request, &report, &error) != STATUS_OK) {
        fail_msg("site %s: %s", site_no, error.text);
    }
    return report;
}

static void what_was_planted_is_found(void **state)
{
    static const struct {
        const char *site_no;
        const char *rule_code;
        enum grade grade;
        int64_t n_evidence_min;
    } PLANTED[] = {
        {"102", "SAE-01", GRADE_MAJOR, 2},
        {"102", "SAE-02", GRADE_MAJOR, 1},
        {"103", "DQ-01", GRADE_MAJOR, 500},
        {"103", "DQ-03", GRADE_MAJOR, 97},
        {"104", "KRI-01", GRADE_MAJOR, 1},
        {"105", "DEV-01", GRADE_MAJOR, 12},
        {"105", "KRI-02", GRADE_MINOR, 1},
        {"106", "AC-01", GRADE_MAJOR, 14},
        {"109", "EN-01", GRADE_MINOR, 2},
        {"110", "SDV-01", GRADE_MAJOR, 100},
        {"110", "DQ-02", GRADE_MAJOR, 60},
        {"111", "PF-01", GRADE_MAJOR, 2},
        {"112", "EN-01", GRADE_MINOR, 1},
    };
    for (size_t i = 0; i < LENGTH_OF(PLANTED); i++) {
        struct report *report = build(*state, PLANTED[i].site_no);
        const struct finding *finding = find(report, PLANTED[i].rule_code);
        if (finding == NULL || finding->grade != PLANTED[i].grade ||
            finding->n_evidence < PLANTED[i].n_evidence_min) {
            fail_msg("site %s: %s is %s", PLANTED[i].site_no, PLANTED[i].rule_code,
                finding == NULL ? "not found" : "not as planted");
        }
        report_free(report);
    }
}

static void what_was_planted_elsewhere_is_not_found_here(void **state)
{
    static const struct {
        const char *site_no;
        const char *rule_code;
    } ABSENT[] = {{"101", "KRI-01"}, {"101", "EN-01"}, {"103", "SAE-01"}, {"104", "DQ-01"},
        {"105", "PF-01"}, {"107", "DEV-01"}, {"108", "SAE-02"}, {"110", "KRI-01"}};
    for (size_t i = 0; i < LENGTH_OF(ABSENT); i++) {
        struct report *report = build(*state, ABSENT[i].site_no);
        if (find(report, ABSENT[i].rule_code) != NULL) {
            fail_msg("site %s: %s", ABSENT[i].site_no, ABSENT[i].rule_code);
        }
        report_free(report);
    }
}

static void every_site_listed_has_a_report(void **state)
{
    const struct demo *demo = *state;
    struct arena *arena = arena_new(1024 * 1024);
    assert_non_null(arena);
    struct audit_center *first = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(
        audit_list_centers(ctx_background(), &demo->sources, arena, &first, &error), STATUS_OK);
    size_t count = 0;
    for (const struct audit_center *center = first; center != NULL; center = center->next) {
        assert_true(center->n_enrolled > 0 && center->n_screened >= center->n_enrolled &&
                    center->is_findings_provided);
        struct report *report = build(demo, center->site_no);
        assert_string_equal(report->site_name, center->name);
        assert_string_equal(report->as_of, AUDIT_DEMO_AS_OF);
        assert_int_equal(report->first->number, 1);
        report_free(report);
        count++;
    }
    assert_int_equal(count, 12);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_planted_is_found),
        cmocka_unit_test(what_was_planted_elsewhere_is_not_found_here),
        cmocka_unit_test(every_site_listed_has_a_report),
    };
    return cmocka_run_group_tests(tests, make_demo, remove_demo);
}
