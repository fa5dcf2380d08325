/* A small study with patients who fill in questionnaires, in SQLite or PostgreSQL
 * (EPRO_POSTGRES: the name of the database), and jobs over it.
 *
 *     struct epro_fixture *fixture = epro_fixture_new();
 *     struct epro_job *job = epro_fixture_run(fixture, "01-001", json);
 *     assert_int_equal(epro_job_report(job)->n_stored, 1);
 *     epro_job_free(job);
 *     epro_fixture_free(fixture);
 *
 * Study P-1: sites 01 and 02, patient 01-001 (first dose 2025-01-06) with a PHQ-9 due 2025-01-06
 * (row 1, pending), one due 2025-02-03 (row 2, missed) and an EQ-5D due 2025-01-06 (row 3); plan
 * DAY1 (0 to 2 days), WEEK4 (3 days), WEEK12 (5 days). It is 2025-04-10. "TWICE" is a patient of
 * both sites, "EVERYWHERE" one of both studies. Failures are the test's. */
#ifndef WALKIE_TESTS_EPRO_FIXTURE_H
#define WALKIE_TESTS_EPRO_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "epro/epro.h"

#define EPRO_FIXTURE_NOW INT64_C(1744243200000) /* 2025-04-10T00:00:00Z */

enum { EPRO_JSON_MAX = 64 << 10, EPRO_FINGERPRINT_MAX = 65 };

struct epro_fixture {
    char folder[64];
    char path[96]; /* "": PostgreSQL */
    char uri[160];
    struct db *db;
};

struct epro_fixture *epro_fixture_new(void);
void epro_fixture_free(struct epro_fixture *fixture);

/* A script, committed; the only integer of a query. */
void epro_fixture_script(struct epro_fixture *fixture, const char *sql);
int64_t epro_fixture_integer(struct epro_fixture *fixture, const char *sql);
/* The only text of a query, "" for NULL; valid until the next call. */
const char *epro_fixture_text(struct epro_fixture *fixture, const char *sql);

/* What a request is without its own wishes. `json` NULL: what the database holds. */
struct epro_request epro_fixture_request(const char *subject_no, const char *json);

/* All five steps; the first failure's status. */
enum status epro_fixture_steps(
    const struct ctx *ctx, struct epro_job *job, struct error *ret_error);

/* The same, which must go well; the caller frees the job. */
struct epro_job *epro_fixture_run(struct epro_fixture *fixture, const struct epro_request *request);

/* Of every row of the tables that ePRO writes; of SQLite of the file's bytes, too. */
void epro_fixture_fingerprint(
    struct epro_fixture *fixture, char ret_fingerprint[EPRO_FINGERPRINT_MAX]);

/* Whether every row of the audit trail is what its hash says, and continues the one before. */
bool epro_fixture_chain_holds(struct epro_fixture *fixture);

/* A response as JSON, into `json` (EPRO_JSON_MAX bytes). `values` has a digit an item, '-' for none
 * ("012-10000"); `more` is further members ("\"id\":\"a\""), or "". */
void epro_json(
    char *json, const char *instrument, const char *authored, const char *values, const char *more);

/* The first issue of this kind; NULL: there is none. */
const struct epro_issue *issue_of(const struct epro_result *result, enum epro_issue_kind kind);

#endif
