/* Databases as CSV tables: what csv_import.h reads, so that a data set can be looked at, changed
 * and loaded again.
 *
 *     status = csv_export(ctx, &(struct csv_export_options){edc_uri, ctms_uri, "study"}, &error);
 *
 * FOLDER/edc/NAME.csv and FOLDER/ctms/NAME.csv, a header row, rows by key, every column; meta.csv
 * and provided.csv beside them. The folder appears whole or not at all. Not here: a report's tables
 * (audit/export). */
#ifndef WALKIE_IMPORT_CSV_EXPORT_H
#define WALKIE_IMPORT_CSV_EXPORT_H

#include "base/error.h"
#include "ctx/ctx.h"

struct csv_export_options {
    const char *edc_uri;
    const char *ctms_uri; /* NULL: only the EDC */
    const char *folder;   /* must not exist */
};

/* Each database at one snapshot. Errors: ALREADY_EXISTS (the folder), UNAVAILABLE (it cannot be
 * written), those of db_open and schema_check, the context's. */
MUST_USE enum status csv_export(
    const struct ctx *ctx, const struct csv_export_options *options, struct error *ret_error);

#endif
