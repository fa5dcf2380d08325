/* The report as a bundle of CSV files in a zip: for scripts and statistics.
 *
 *     status = csv_bundle_write(ctx, report, LANGUAGE_EN, spool_write, spool, &error);
 *
 * findings.csv, facts.csv, text.csv; SECTION/TABLE.csv and SECTION/chart_CHART.csv; README.txt;
 * manifest.json, the last entry, with the content hash and each file's SHA-256. Names and heads are
 * the ids of the JSON report, values are as exact as there; words are in `language`. The bytes are
 * a function of the report and the language. Not here: how a CSV is written (csv_writer.h). */
#ifndef WALKIE_AUDIT_EXPORT_CSV_BUNDLE_H
#define WALKIE_AUDIT_EXPORT_CSV_BUNDLE_H

#include "audit/export/zip_writer.h"
#include "audit/model/model.h"
#include "ctx/ctx.h"

#define CSV_BUNDLE_SCHEMA "walkie.audit-report-csv/1"

/* Listens between rows. Borrows everything until it returns. Threads: any, several at once.
 * Errors: the context's, what `write` returned, RESOURCE_EXHAUSTED, INTERNAL. */
MUST_USE enum status csv_bundle_write(const struct ctx *ctx, const struct report *report,
    enum language language, zip_write_fn *write, void *arg, struct error *ret_error);

#endif
