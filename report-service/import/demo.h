/* The demonstration study: a made-up phase 3 trial, the same for the same seed.
 *
 *     struct demo_options options = {.n_sites = 12, .n_subjects = 30, .seed = 1, ...};
 *     status = demo_make(ctx, &options, &error);
 *
 * No person, hospital or drug in it exists. Problems are planted in it, and listed in a manifest,
 * so that a report can be checked against what it should find. The study's "now" is DEMO_AS_OF;
 * the wall clock is not read.
 *
 * Not here: real data (clindata.h). */
#ifndef WALKIE_IMPORT_DEMO_H
#define WALKIE_IMPORT_DEMO_H

#include "import/dataset.h"

#define DEMO_AS_OF "2025-06-30"

enum {
    DEMO_SITES_MAX = 99,
    DEMO_SUBJECTS_MAX = 200,        /* per site, on average */
    DEMO_SUBJECTS_TOTAL_MAX = 3000, /* of all sites: the audit trail is sorted in memory */
};

struct demo_options {
    struct dataset_options dataset;
    const char *lab_path;      /* where the laboratory's results go (lab-stand-in); NULL: nowhere */
    const char *manifest_path; /* where the JSON list of planted problems goes */
    int n_sites;
    int n_subjects; /* per site, on average */
    uint64_t seed;
};

/* Errors: those of dataset_open and dataset_publish; UNAVAILABLE (manifest). */
MUST_USE enum status demo_make(
    const struct ctx *ctx, const struct demo_options *options, struct error *ret_error);

#endif
