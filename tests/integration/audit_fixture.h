/* A small study without a fault, in two SQLite files: what tests plant is all that there is.
 *
 *     struct audit_fixture *fixture = audit_fixture_new();
 *     audit_fixture_edc(fixture, "UPDATE query SET …");
 *     struct report *report = audit_fixture_build(fixture, NULL);
 *     audit_fixture_free(fixture);
 *
 * Study T-1, twelve sites 01 … 12 of ten subjects each, data of 2024-11-01; site 01 has nothing
 * that a rule minds. Failures fail the test. Not here: threads. */
#ifndef WALKIE_TESTS_AUDIT_FIXTURE_H
#define WALKIE_TESTS_AUDIT_FIXTURE_H

#include "audit/audit.h"

struct audit_fixture {
    char edc_path[64];
    char ctms_path[64];
    struct audit_sources sources;
};

struct audit_fixture *audit_fixture_new(void);
void audit_fixture_free(struct audit_fixture *fixture); /* accepts NULL */

/* Run a script in one of the databases. */
void audit_fixture_edc(struct audit_fixture *fixture, const char *sql);
void audit_fixture_ctms(struct audit_fixture *fixture, const char *sql);

/* Make the EDC's summary by day anew: scripts leave it behind. */
void audit_fixture_refresh(struct audit_fixture *fixture);

/* The report of site 01, or of the request; with its hash. The caller frees it. */
struct report *audit_fixture_build(
    struct audit_fixture *fixture, const struct audit_request *request);

/* NULL when the rule did not fire. */
const struct finding *finding_of(const struct report *report, const char *rule_code);

/* The block of this id, NULL when there is none. */
const struct block *block_of(const struct report *report, const char *id);

/* The value of a fact, CELL_NONE when there is none. */
struct cell fact_of(const struct report *report, const char *block_id, const char *fact_id);

/* Whether the model has a row or section that a link to `anchor` leads to. */
bool has_anchor(const struct report *report, const char *anchor);

#endif
