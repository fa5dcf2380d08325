/* The audit report of one site: fetch from the sources, judge, build the model.
 *
 *     struct audit_request request = {.site_no = "10", .language = LANGUAGE_EN};
 *     status = audit_build(ctx, &sources, &request, &report, &error);
 *     status = document_write_pdf(ctx, report, ...);
 *     report_free(report);
 *
 * The sources are fetched in parallel in a context group: the first failure cancels the others; the
 * central laboratory is optional and its failure is told in the report.
 * Not here: drawing (document/), HTTP and RPC. */
#ifndef WALKIE_AUDIT_AUDIT_H
#define WALKIE_AUDIT_AUDIT_H

#include "audit/model/model.h"
#include "base/error.h"
#include "ctx/ctx.h"
#include "db/db.h"

struct lab;         /* lab/lab.h */
struct study_cache; /* sources/study_cache.h */

struct audit_sources {
    struct db *edc;
    struct db *ctms;
    struct lab *lab; /* optional: NULL, or a failure, makes a report that says so */
    /* Of these two databases, freed before they are closed; NULL: every report counts anew. */
    struct study_cache *study_cache;
};

#define AUDIT_REQUESTER_DEFAULT "anonymous"

struct audit_request {
    const char *study; /* protocol number; NULL: the only study that has the site */
    const char *site_no;
    const char *as_of;     /* ISO date; NULL: the latest system stamp in the sources */
    const char *requester; /* NULL: AUDIT_REQUESTER_DEFAULT */
    bool is_final;
    bool is_unblinded; /* print arm, kit, lot and randomisation numbers: see blinding.h */
    uint32_t sections; /* bit n: section n is wanted; 0: all */
};

/* Build the model. Errors: NOT_FOUND (no such site; the text names it), FAILED_PRECONDITION (site
 * number in several studies, names them), INVALID_ARGUMENT (as_of; no section
 * of those wanted exists), the sources' and the context's. */
MUST_USE enum status audit_build(const struct ctx *ctx, const struct audit_sources *sources,
    const struct audit_request *request, struct report **ret_report, struct error *ret_error);

/* The sections that a request's mask asks for, of those that there are: two masks that ask for the
 * same report become one. 0: none. */
uint32_t audit_sections(uint32_t mask);

/* Which data the two databases hold now: equal ones, equal data. Comparable across restarts on one
 * machine. The counters are what a report's snapshots say; the stamps, where there are some, also
 * tell of writers that do not count. */
struct audit_versions {
    int64_t edc;
    int64_t ctms;
    struct db_stamp edc_stamp; /* len 0: this database has none */
    struct db_stamp ctms_stamp;
};

/* Errors: the sources' and the context's. */
MUST_USE enum status audit_read_versions(const struct ctx *ctx, const struct audit_sources *sources,
    struct audit_versions *ret_versions, struct error *ret_error);

/* Sites with counts, for GET /v1/centers. */
struct audit_center {
    struct audit_center *next;
    const char *study;
    const char *site_no;
    const char *name;    /* NULL: not provided */
    const char *country; /* NULL: not provided */
    int64_t n_enrolled;
    int64_t n_screened;      /* enrolled, in screening and screened out */
    int64_t n_open_findings; /* previous findings not closed */
    bool is_findings_provided;
};

/* The list in order of study, then site number (numerically where both are numbers). Allocated from
 * `arena`. Errors: the sources' and the context's. */
MUST_USE enum status audit_list_centers(const struct ctx *ctx, const struct audit_sources *sources,
    struct arena *arena, struct audit_center **ret_first, struct error *ret_error);

#endif
