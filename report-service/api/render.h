/* A report in one of its formats, into the spool: what single reports and whole studies share.
 *
 *     status = render_check_format(request->format, &error);
 *     status = render_report(ctx, service, report, format, language, spool, &error);
 *     render_filename(report, format, language, filename);
 *
 * Not here: making the report (audit/), sending it. */
#ifndef WALKIE_SERVICE_RENDER_H
#define WALKIE_SERVICE_RENDER_H

#include "api/service.h"
#include "api/spool.h"
#include "walkie/report/v1/report.pb-c.h"

typedef Walkie__Report__V1__Format report_format;

enum { RENDER_FILENAME_MAX = 160 }; /* bytes, with the NUL */

/* Errors: INVALID_ARGUMENT names the formats. */
MUST_USE enum status render_check_format(report_format format, struct error *ret_error);

/* render_word takes any format; the next ones want one that was checked. Static storage. */
const char *render_word(report_format format);      /* "csv": the word of the interface */
const char *render_extension(report_format format); /* "zip" */
const char *render_content_type(report_format format);

/* "audit-report-AA-AA-000-0000-10-en.pdf": what is not a letter, digit, dot or dash becomes a dash.
 */
void render_filename(const struct report *report, report_format format, enum language language,
    char ret_filename[RENDER_FILENAME_MAX]);

/* The same with letters of any script: only what no file system takes becomes a dash. */
void render_filename_utf8(const struct report *report, report_format format, enum language language,
    char ret_filename[RENDER_FILENAME_MAX]);

/* "audit-reports-AA-AA-000-0000-en.zip", both ways. */
void render_study_filename(const char *study, enum language language,
    char ret_filename[RENDER_FILENAME_MAX], char ret_filename_utf8[RENDER_FILENAME_MAX]);

/* Errors: the context's, the spool's in its words, those of the format. */
MUST_USE enum status render_report(const struct ctx *ctx, const struct service *service,
    const struct report *report, report_format format, enum language language, struct spool *spool,
    struct error *ret_error);

#endif
