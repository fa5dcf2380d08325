/* Every site's section 5 against the oracle's verdict, through audit_build.
 *
 *     struct kri_tally tally = {0};
 *     if (!kri_compare(&sources, "T-1", rows, "2024-06-30", &tally)) { … what differs is on stderr
 * }
 *
 * Compared for every site and indicator: numerator, denominator, rate, the study's rate and
 * dispersion, score, flag or why there is none; to 1e-9. Not here: the data. */
#ifndef WALKIE_TESTS_KRI_COMPARE_H
#define WALKIE_TESTS_KRI_COMPARE_H

#include "audit/audit.h"
#include "support/kri_oracle.h"

struct kri_tally {
    size_t n_values; /* compared: sites times indicators */
    size_t n_scored;
    size_t n_flagged;
    size_t n_whys[ORACLE_ALIKE + 1]; /* by why there is a score, or none */
    size_t n_wrong;
};

/* Adds to the tally; false when anything differs or a report fails. */
bool kri_compare(const struct audit_sources *sources, const char *protocol_no,
    const struct oracle_rows *rows, const char *as_of, struct kri_tally *tally);

/* The trend of one site's report against the reports of its days; false when they differ. */
bool kri_compare_trend(
    const struct audit_sources *sources, const char *protocol_no, const char *site_no);

#endif
