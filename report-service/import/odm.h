/* Import of CDISC ODM-XML 1.3 (1.3.0 to 1.3.2): a study's definitions, users, sites, clinical data
 * and audit records, from one file of any size.
 *
 *     struct odm_options options = {.dataset = {...}, .path = "study.xml", ...};
 *     status = odm_import(ctx, &options, &error);
 *
 * What an ODM file has no standard place for (consent, adverse events, laboratory …) is found by
 * the items' CDASH and SDTM names, by the one table in odm_map.c; the summary says which were
 * recognised. What the file lacks is marked in `provided`. Elements of other namespaces (vendor
 * extensions) are passed over and counted. Anything wrong (a dangling OID, a duplicate key, a date
 * that is none, a missing attribute) is told with file and line, COMPLAINTS_SHOWN_MAX in full; one
 * is enough to load nothing. Memory does not grow with the file: clinical data are sorted by
 * subject in a temporary file, and one subject at a time is in memory.
 *
 * Not here: ODM 2.0, compressed files, several studies in one file, writing ODM. */
#ifndef WALKIE_IMPORT_ODM_H
#define WALKIE_IMPORT_ODM_H

#include <stdio.h>

#include "import/dataset.h"

enum {
    ODM_SUBJECTS_MAX = 1000000,
    ODM_AUDITS_MAX = 4000000,              /* audit records that are referred to by ID */
    ODM_DEFINITION_MEMORY_MAX = 256 << 20, /* bytes of definitions, users, sites, subject keys */
    ODM_SUBJECT_MEMORY_MAX = 256 << 20,    /* bytes of one subject's data and their history */
    ODM_SORT_MEMORY = 32 << 20,            /* bytes before sorting goes to a file; two sorts */
    ODM_OID_LEN_MAX = 255,
};

struct odm_options {
    struct dataset_options dataset; /* ctms_uri NULL: only the EDC is made */
    const char *path;               /* "-": standard input */
    FILE *complaints;               /* where errors go, a line each; NULL: nowhere */
    FILE *progress;                 /* a bar, when it is a terminal; NULL: none */
    FILE *summary;                  /* what was loaded and recognised; NULL: nowhere */
};

/* Errors: those of dataset_open; UNAVAILABLE (the file), DATA_LOSS (not ODM, or errors in it; the
 * text names file and line, or how many), RESOURCE_EXHAUSTED (above a limit), the context's. */
MUST_USE enum status odm_import(
    const struct ctx *ctx, const struct odm_options *options, struct error *ret_error);

#endif
