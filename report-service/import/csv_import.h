/* Import of CSV tables: one file a table, FOLDER/edc/NAME.csv and FOLDER/ctms/NAME.csv, columns as
 * in schema/README.md in the order of the header row.
 *
 *     struct csv_import_options options = {.dataset = {...}, .folder = "study", ...};
 *     status = csv_import(ctx, &options, &error);
 *
 * Nothing is no value, "" (in quotes) is empty text. Dates are ISO 8601 and may be partial, stamps
 * are epoch milliseconds or ISO 8601 with a time, yes and no are 1 and 0. Keys are the files' own;
 * references are checked, and so are types, words, required values and UTF-8: every error is told
 * with file and line, COMPLAINTS_SHOWN_MAX in full; one is enough to load nothing. A table or
 * column that is not there is marked "not provided"; FOLDER/…/provided.csv (table_name,
 * is_provided, note) may say more, FOLDER/…/meta.csv (key, value) sets as_of and the like.
 *
 * Not here: making such a folder (csv_export.h), the audit trail's hashes (loaded as they are). */
#ifndef WALKIE_IMPORT_CSV_IMPORT_H
#define WALKIE_IMPORT_CSV_IMPORT_H

#include <stdio.h>

#include "import/dataset.h"

struct csv_import_options {
    struct dataset_options dataset; /* ctms_uri NULL: only the EDC is made */
    const char *folder;
    FILE *complaints; /* where errors go, a line each; NULL: nowhere */
    FILE *progress;   /* a bar, when it is a terminal; NULL: none */
    FILE *summary;    /* what was loaded; NULL: nowhere */
};

/* Errors: those of dataset_open; UNAVAILABLE (the folder, study.csv or site.csv is missing),
 * DATA_LOSS (errors in the files; the text says how many), RESOURCE_EXHAUSTED, the context's. */
MUST_USE enum status csv_import(
    const struct ctx *ctx, const struct csv_import_options *options, struct error *ret_error);

#endif
