/* `walkie-data check`: what a pair of databases lacks for which section of the report.
 *
 *     status = check_run(ctx, &options, stdout, &is_complete, &error);
 *
 * Nothing is listed twice: a report of one site is built, and what its sections say is not provided
 * is collected; the rules' own table says what each of them needs, the report's section 2 what is
 * not there. So a new section or rule is checked without a line here. Tables that a rule
 * needs and that have no row are named, too. Not here: the data's quality, which is the report's
 * business. */
#ifndef WALKIE_IMPORT_CHECK_H
#define WALKIE_IMPORT_CHECK_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "ctx/ctx.h"

struct check_options {
    const char *edc_uri;
    const char *ctms_uri;
    const char *study;   /* NULL: whichever has the site */
    const char *site_no; /* NULL: the first centre (of the study) that has subjects */
    bool is_json;
};

/* `ret_is_complete`: nothing lacks in the two databases; what the laboratory would add is told and
 * does not count. Errors: those of db_open, schema_check and audit_build. */
MUST_USE enum status check_run(const struct ctx *ctx, const struct check_options *options,
    FILE *output, bool *ret_is_complete, struct error *ret_error);

#endif
