/* A small study for tests of the validation: two sites, four subjects, visits, forms; each test
 * adds checks and values.
 *
 *     struct crf_fixture *fixture = crf_fixture_new(NULL);
 *     crf_fixture_check(fixture, "LOW", "VS", "SYSBP >= 80");
 *     int64_t form_id = crf_fixture_form(fixture, 1, "DAY1", "VS", 1);
 *     crf_fixture_value(fixture, form_id, "SYSBP", 1, "70");
 *     cJSON *result = crf_fixture_validate(fixture, NULL, false);
 *     assert_string_equal(crf_fixture_found(result), "LOW 101-01 DAY1.1 VS.1 SYSBP.1=70\n");
 *
 * Sites 101 (subjects 1, 2) and 102 (3, 4), numbers 101-01 …; visits SCREENING, DAY1, WEEK2 (with
 * dates), UNS (repeating, without), COMMON. Forms VS (SYSBP, DIABP, WEIGHT, VSDAT, POSITION), MH (a
 * log: TERM, GRADE), AE (AETERM, AESER). Failures end the test. */
#ifndef WALKIE_TESTS_CRF_FIXTURE_H
#define WALKIE_TESTS_CRF_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "crf/crf.h"

enum { CRF_FOUND_MAX = 4096 };

struct crf_fixture {
    char folder[40];
    char uri[200];
    struct db *db;
    int64_t n_checks;
    int64_t n_forms;
    int64_t n_items;
    char found[CRF_FOUND_MAX];
};

/* `postgres_uri`: an empty database; NULL: a SQLite file of its own. */
struct crf_fixture *crf_fixture_new(const char *postgres_uri);
void crf_fixture_free(struct crf_fixture *fixture);

void crf_fixture_run(struct crf_fixture *fixture, const char *sql);
void crf_fixture_check(
    struct crf_fixture *fixture, const char *code, const char *form, const char *expression);

/* Make the form of a subject's visit (DAY1 of subject 2, …) and return its key. */
int64_t crf_fixture_form(
    struct crf_fixture *fixture, int subject, const char *visit, const char *form, int repeat);
int64_t crf_fixture_value(
    struct crf_fixture *fixture, int64_t form_id, const char *item, int repeat, const char *value);

/* Validate a site (NULL: the study), commit, parse the JSON. The caller deletes it. */
cJSON *crf_fixture_validate(struct crf_fixture *fixture, const char *site_no, bool is_written);

/* One line a problem: "CHECK SUBJECT VISIT.REPEAT FORM.REPEAT ITEM.REPEAT=VALUE". */
const char *crf_fixture_found(struct crf_fixture *fixture, const cJSON *result);

int64_t crf_fixture_count(const cJSON *result, const char *name);

/* The only number that a statement gives. */
int64_t crf_fixture_number(struct crf_fixture *fixture, const char *sql);

/* All rows of all tables, as text: equal dumps, equal stores. The caller frees it. */
char *crf_fixture_dump(struct crf_fixture *fixture);

/* Appends a piece to a buffer: a crf_write_fn. */
enum status crf_fixture_append(void *buffer, struct bytes piece);

#endif
