/* walkie-data checks: try one expression of the check language in a study, or see which of the
 * study's edit checks compile.
 *
 *     struct checks_options options = {.edc_uri = uri, .expression = "SYSBP between 80 and 200"};
 *     status = checks_test(ctx, &options, stdout, stderr, &outcome, &error);
 *
 * Nothing is written. Not here: the command line. */
#ifndef WALKIE_IMPORT_CHECKS_H
#define WALKIE_IMPORT_CHECKS_H

#include <stdio.h>

#include "base/error.h"
#include "ctx/ctx.h"

enum { CHECKS_EXAMPLES_MAX = 1000 }; /* problems that are printed */

struct checks_options {
    const char *edc_uri;
    const char *study;      /* protocol number; NULL: the only one */
    const char *form;       /* OID; NULL: the only form in which it compiles */
    const char *site_no;    /* NULL: all sites */
    const char *subject_no; /* NULL: all subjects */
    const char *expression;
    const char *const *assignments; /* "SYSBP=300"; when there are any the forms are not read */
    size_t n_assignments;
    uint64_t n_examples;
};

enum checks_outcome {
    CHECKS_GOOD,   /* it does not fail; all compile */
    CHECKS_FAIL,   /* it fails somewhere; one does not compile */
    CHECKS_REFUSED /* the expression does not compile: said on `complaints`, with its column */
};

/* What the expression comes to: with the values given, or over the forms of the database with
 * counts and the first problems.
 * Errors: INVALID_ARGUMENT (an assignment that fits nothing), NOT_FOUND (no such form, site, study,
 * subject), FAILED_PRECONDITION (several studies), the context's and the database's. */
MUST_USE enum status checks_test(const struct ctx *ctx, const struct checks_options *options,
    FILE *output, FILE *complaints, enum checks_outcome *ret_outcome, struct error *ret_error);

/* Every active check of the study, and where those that do not compile go wrong. Errors: as above.
 */
MUST_USE enum status checks_list(const struct ctx *ctx, const struct checks_options *options,
    FILE *output, enum checks_outcome *ret_outcome, struct error *ret_error);

#endif
