/* A person's regrade of a finding, with the reason: the next report shows both grades.
 *
 *     struct regrade_options options = {.ctms_uri = uri, .site_no = "103", .rule_code = "DQ-01",
 *         .grade = "minor", .by = "Ingrid Solberg", .reason = "…"};
 *     status = regrade_write(ctx, &options, &error);
 *
 * A row of finding_regrade in the CTMS, never changed or removed: a second thought is a second row,
 * and the last one holds. Not here: whether the finding arises (the report says so). */
#ifndef WALKIE_IMPORT_REGRADE_H
#define WALKIE_IMPORT_REGRADE_H

#include "base/error.h"
#include "ctx/ctx.h"

enum {
    REGRADE_NAME_MAX = 200,    /* bytes of `by` */
    REGRADE_REASON_MAX = 2000, /* bytes of the reason */
};

struct regrade_options {
    const char *ctms_uri;
    const char *study; /* protocol number; NULL: the only study that has the site */
    const char *site_no;
    const char *rule_code;
    const char *grade; /* "critical", "major", "minor", "recommendation" */
    const char *by;
    const char *reason;
};

/* Write it down and raise data_version, in one transaction.
 * Errors: INVALID_ARGUMENT (something lacks, no such rule or grade, nothing but spaces as name or
 * reason, too long), NOT_FOUND (no such site), FAILED_PRECONDITION (several studies have the site;
 * the grade is the one in force; another schema), those of the database and the context. */
MUST_USE enum status regrade_write(
    const struct ctx *ctx, const struct regrade_options *options, struct error *ret_error);

#endif
