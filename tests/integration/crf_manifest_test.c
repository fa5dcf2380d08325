/* The demonstration study's list of planted CRF problems ("crf" of problems.json): a validation
 * finds each of them, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "audit_demo.h"
#include "crf/crf.h"

enum { LIST_MAX = 1 << 20, LINE_MAX_LEN = 160, LINES_MAX = 512 };

struct lines {
    char text[LINES_MAX][LINE_MAX_LEN];
    size_t n;
};

static const char *text_of(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, key));
    return text == NULL ? "-" : text;
}

static void add_line(struct lines *lines, const cJSON *problem)
{
    assert_true(lines->n < LINES_MAX);
    snprintf(lines->text[lines->n++], LINE_MAX_LEN, "%s %s %s %s %s %s",
        text_of(problem, "site_no"), text_of(problem, "subject_no"), text_of(problem, "visit"),
        text_of(problem, "form"), text_of(problem, "item"), text_of(problem, "check"));
}

static int compare_lines(const void *left, const void *right)
{
    return strcmp(left, right);
}

static void read_list(const char *folder, struct lines *lines)
{
    char path[96];
    snprintf(path, sizeof(path), "%s/problems.json", folder);
    FILE *file = fopen(path, "r");
    char *text = calloc(1, LIST_MAX);
    assert_non_null(file);
    assert_non_null(text);
    assert_true(fread(text, 1, LIST_MAX - 1, file) > 0);
    fclose(file);
    cJSON *list = cJSON_Parse(text);
    const cJSON *problem;
    cJSON_ArrayForEach(problem, cJSON_GetObjectItem(list, "crf"))
    {
        add_line(lines, problem);
    }
    cJSON_Delete(list);
    free(text);
}

static enum status append(void *buffer, struct bytes piece)
{
    return buffer_append(buffer, piece.data, piece.len);
}

static void validate(const char *folder, struct lines *lines)
{
    char uri[96];
    struct db *db = NULL;
    struct crf_run *run = NULL;
    struct error error = ERROR_NONE;
    struct buffer text = BUFFER_EMPTY(LIST_MAX);
    const struct crf_options options = {.scope = {.study = "WLK-301"}, .folder = folder};
    snprintf(uri, sizeof(uri), "sqlite:%s/edc.db", folder);
    const struct db_options db_options = {.name = "edc", .uri = uri, .mode = DB_OPEN_READ_ONLY};
    assert_int_equal(db_open(ctx_background(), &db_options, &db, &error), STATUS_OK);
    if (crf_validate(ctx_background(), db, &options, &run, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(crf_run_counts(run).n_broken, 0);
    assert_int_equal(crf_run_counts(run).n_too_costly, 0);
    assert_int_equal(
        crf_write_json(run, ctx_background(), LANGUAGE_EN, append, &text, &error), STATUS_OK);
    crf_run_free(run);
    db_close(db);
    cJSON *result = cJSON_ParseWithLength((const char *)text.data, text.len);
    const cJSON *problem;
    const cJSON *validation = cJSON_GetObjectItem(result, "validation");
    cJSON_ArrayForEach(problem, cJSON_GetObjectItem(validation, "problems"))
    {
        add_line(lines, problem);
    }
    cJSON_Delete(result);
    buffer_finish(&text);
}

static void compare(int n_sites, int n_subjects, uint64_t seed, size_t n_planted_min)
{
    char folder[] = "/tmp/walkie-crf-list-XXXXXX";
    struct lines *planted = calloc(1, sizeof(*planted));
    struct lines *found = calloc(1, sizeof(*found));
    assert_non_null(planted);
    assert_non_null(found);
    assert_non_null(mkdtemp(folder));
    assert_int_equal(audit_demo_make_seeded(folder, n_sites, n_subjects, seed), STATUS_OK);
    read_list(folder, planted);
    validate(folder, found);
    assert_int_equal(audit_demo_remove(folder), 0);
    qsort(planted->text, planted->n, LINE_MAX_LEN, compare_lines);
    qsort(found->text, found->n, LINE_MAX_LEN, compare_lines);
    for (size_t i = 0; i < planted->n && i < found->n; i++) {
        assert_string_equal(found->text[i], planted->text[i]);
    }
    assert_int_equal(found->n, planted->n);
    assert_true(planted->n >= n_planted_min);
    free(planted);
    free(found);
}

static void all_that_was_planted_is_found_and_nothing_else(void **state)
{
    (void)state;
    compare(12, 20, 1, 20);
}

static void so_it_is_in_another_study(void **state)
{
    (void)state;
    compare(12, 12, 2, 15);
}

static void so_it_is_with_more_and_smaller_sites(void **state)
{
    (void)state;
    compare(20, 8, 3, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_was_planted_is_found_and_nothing_else),
        cmocka_unit_test(so_it_is_in_another_study),
        cmocka_unit_test(so_it_is_with_more_and_smaller_sites),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
