/* Import of the clindata export: one phase 3 study's EDC and CTMS data as xz-compressed CSV.
 *
 *     struct clindata_options options = {.folder = "../shared/data/clindata", ...};
 *     status = clindata_import(ctx, &options, &error);
 *
 * Policy for rows, told at the end with counts:
 * - malformed (a date that is none, an unknown word, an unknown subject): bad. Each is reported
 * with file and line, CLINDATA_BAD_SHOWN_MAX of them in full; one is enough to load nothing.
 * - a deviation of a subject that is not in the EDC (173): left out, since it has no site.
 * - a screened-out subject at a site that the CTMS does not list (29 at 14 sites): kept; the EDC
 *   gets the site, without a name.
 * - a word that the export itself marks "out of bound:": the word after the mark if it is known,
 *   else `other`.
 * - a visit without a date (19): kept, as missed.
 * Not loaded: dosing records (first and last dose come with the subject).
 *
 * Not here: other formats. */
#ifndef WALKIE_IMPORT_CLINDATA_H
#define WALKIE_IMPORT_CLINDATA_H

#include <stdio.h>

#include "import/dataset.h"

enum {
    CLINDATA_BAD_SHOWN_MAX = 20,
    CLINDATA_PATH_MAX = 1024,
    CLINDATA_SUBJECTS_MAX = 100000,
};

struct clindata_options {
    struct dataset_options dataset;
    const char *folder;
    FILE *progress; /* a bar, when it is a terminal; NULL: none */
};

/* Errors: those of dataset_open; UNAVAILABLE (a file is missing), DATA_LOSS (a file is corrupt, has
 * not the columns, or bad rows), the context's. */
MUST_USE enum status clindata_import(
    const struct ctx *ctx, const struct clindata_options *options, struct error *ret_error);

#endif
