/* The demonstration study and its list of planted problems (problems.json): each is found by the
 * rule that the list names, with as many rows as were planted, and nothing else is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "audit/audit.h"
#include "audit/rules/rules.h"
#include "audit_demo.h"
#include "audit_lab.h"

enum { SITES_MAX = 32, FOLDER_MAX = 40 };

/* What the list says of one site: how many rows each rule must show. */
struct expectation {
    char site_no[16];
    int64_t counts[RULES_MAX];
};

struct manifest {
    char folder[FOLDER_MAX];
    struct audit_lab *lab;
    struct audit_sources sources;
    struct expectation sites[SITES_MAX];
    size_t n_sites;
    size_t n_wrong;
};

static struct db *open_database(const struct manifest *manifest, const char *name)
{
    char uri[96];
    snprintf(uri, sizeof(uri), "sqlite:%s/%s.db", manifest->folder, name);
    struct db *db = NULL;
    struct error error = ERROR_NONE;
    struct db_options options = {.name = name, .uri = uri, .mode = DB_OPEN_READ_ONLY};
    if (db_open(ctx_background(), &options, &db, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return db;
}

static char *read_list(const struct manifest *manifest)
{
    enum { LIST_MAX = 1 << 20 };
    char path[96];
    snprintf(path, sizeof(path), "%s/problems.json", manifest->folder);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *text = calloc(1, LIST_MAX);
    assert_non_null(text);
    size_t len = fread(text, 1, LIST_MAX - 1, file);
    assert_true(len > 0 && len < LIST_MAX - 1);
    fclose(file);
    return text;
}

static struct expectation *expectation_of(struct manifest *manifest, const char *site_no)
{
    for (size_t i = 0; i < manifest->n_sites; i++) {
        if (strcmp(manifest->sites[i].site_no, site_no) == 0) {
            return &manifest->sites[i];
        }
    }
    assert_true(manifest->n_sites < SITES_MAX);
    struct expectation *expectation = &manifest->sites[manifest->n_sites++];
    snprintf(expectation->site_no, sizeof(expectation->site_no), "%s", site_no);
    return expectation;
}

static void take_list(struct manifest *manifest)
{
    char *text = read_list(manifest);
    cJSON *list = cJSON_Parse(text);
    assert_non_null(list);
    const cJSON *problem;
    cJSON_ArrayForEach(problem, cJSON_GetObjectItem(list, "problems"))
    {
        const char *site_no = cJSON_GetStringValue(cJSON_GetObjectItem(problem, "site_no"));
        const char *rule = cJSON_GetStringValue(cJSON_GetObjectItem(problem, "rule"));
        assert_non_null(site_no);
        size_t index = rule_index(rule);
        if (index == N_RULES) {
            print_error("site %s: %s is for no rule that there is\n", site_no,
                cJSON_GetStringValue(cJSON_GetObjectItem(problem, "kind")));
            manifest->n_wrong++;
            continue;
        }
        expectation_of(manifest, site_no)->counts[index] +=
            (int64_t)cJSON_GetNumberValue(cJSON_GetObjectItem(problem, "count"));
    }
    cJSON_Delete(list);
    free(text);
}

static int64_t found_by(const struct report *report, const char *code)
{
    for (const struct finding *finding = report->first_finding; finding != NULL;
         finding = finding->next) {
        if (strcmp(finding->rule_code, code) == 0) {
            return finding->n_evidence;
        }
    }
    return -1;
}

static void compare_site(struct manifest *manifest, const char *site_no)
{
    const struct expectation *expectation = expectation_of(manifest, site_no);
    struct audit_request request = {.site_no = site_no};
    struct report *report = NULL;
    struct error error = ERROR_NONE;
    if (audit_build(ctx_background(), &manifest->sources, &request, &report, &error) != STATUS_OK) {
        fail_msg("site %s: %s", site_no, error.text);
    }
    for (size_t i = 0; i < N_RULES; i++) {
        int64_t planted = expectation->counts[i];
        int64_t found = found_by(report, RULES[i].code);
        if (planted > 0 ? found != planted : found >= 0) {
            print_error("site %s: %s: planted %d, found %d\n", site_no, RULES[i].code, (int)planted,
                (int)found);
            manifest->n_wrong++;
        }
    }
    report_free(report);
}

static void compare_sites(struct manifest *manifest)
{
    struct arena *arena = arena_new(1024 * 1024);
    assert_non_null(arena);
    struct audit_center *first = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(
        audit_list_centers(ctx_background(), &manifest->sources, arena, &first, &error), STATUS_OK);
    for (const struct audit_center *center = first; center != NULL; center = center->next) {
        compare_site(manifest, center->site_no);
    }
    arena_free(arena);
}

static void remove_files(struct manifest *manifest)
{
    audit_lab_stop(manifest->lab);
    db_close(manifest->sources.edc);
    db_close(manifest->sources.ctms);
    assert_int_equal(audit_demo_remove(manifest->folder), 0);
}

static void compare(int n_sites, int n_subjects, uint64_t seed)
{
    struct manifest *manifest = calloc(1, sizeof(*manifest));
    assert_non_null(manifest);
    memcpy(manifest->folder, "/tmp/walkie-list-XXXXXX", sizeof("/tmp/walkie-list-XXXXXX"));
    assert_non_null(mkdtemp(manifest->folder));
    assert_int_equal(
        audit_demo_make_seeded(manifest->folder, n_sites, n_subjects, seed), STATUS_OK);
    manifest->sources.edc = open_database(manifest, "edc");
    manifest->sources.ctms = open_database(manifest, "ctms");
    char lab_path[64];
    snprintf(lab_path, sizeof(lab_path), "%s/lab.jsonl", manifest->folder);
    manifest->lab = audit_lab_start(lab_path);
    manifest->sources.lab = manifest->lab->client;
    take_list(manifest);
    compare_sites(manifest);
    size_t n_wrong = manifest->n_wrong;
    remove_files(manifest);
    free(manifest);
    if (n_wrong > 0) {
        fail_msg("%d sites of %d subjects, seed %d: %zu differences", n_sites, n_subjects,
            (int)seed, n_wrong);
    }
}

static void all_that_was_planted_is_found_and_nothing_else(void **state)
{
    (void)state;
    compare(12, 30, 1);
}

static void so_it_is_in_another_study(void **state)
{
    (void)state;
    compare(12, 12, 2);
}

static void so_it_is_in_a_third(void **state)
{
    (void)state;
    compare(12, 12, 3);
}

static void so_it_is_with_more_and_smaller_sites(void **state)
{
    (void)state;
    compare(20, 10, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_was_planted_is_found_and_nothing_else),
        cmocka_unit_test(so_it_is_in_another_study),
        cmocka_unit_test(so_it_is_in_a_third),
        cmocka_unit_test(so_it_is_with_more_and_smaller_sites),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
