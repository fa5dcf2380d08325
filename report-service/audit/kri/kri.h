/* Key risk indicators as arithmetic: a site's rate against its study's, in standard errors.
 *
 *     struct kri_value sites[] = {{.numerator = 12, .denominator = 3400}, …};
 *     struct kri_study study;
 *     kri_score(&KRI_DEFINITIONS[KRI_AE_RATE], sites, n_sites, &study);
 *     sites[0].flag                      -2 … 2, when sites[0].outcome == KRI_SCORED
 *
 * With m the site's rate, mu the study's (sum of numerators / sum of denominators) and n the site's
 * denominator: a rate's score is (m - mu) / sqrt(phi * mu / n), a proportion's
 * (m - mu) / sqrt(phi * mu * (1 - mu) / n). phi, the overdispersion, is the mean of the squared
 * scores that phi = 1 would give, over all sites with a denominator. Definitions and thresholds
 * follow Gilead's gsm.kri (Apache-2.0).
 *
 * Pure functions; sums run in the order of the array, so equal input gives equal bits. Not here:
 * where the counts come from (sources/), words and drawing (sections/). */
#ifndef WALKIE_AUDIT_KRI_KRI_H
#define WALKIE_AUDIT_KRI_KRI_H

#include <stdbool.h>
#include <stddef.h>

#include "audit/words/words.h"

enum kri {
    KRI_AE_RATE,
    KRI_SAE_RATE,
    KRI_DEVIATION_RATE,
    KRI_IMPORTANT_DEVIATION_RATE,
    KRI_LAB_ABNORMALITY_RATE,
    KRI_STUDY_DISCONTINUATION,
    KRI_TREATMENT_DISCONTINUATION,
    KRI_QUERY_RATE,
    KRI_OUTSTANDING_QUERY_RATE,
    KRI_OUTSTANDING_ENTRY_RATE,
    KRI_DATA_CHANGE_RATE,
    KRI_SCREEN_FAILURE_RATE,
};
enum { KRI_COUNT = 12, KRI_THRESHOLDS_MAX = 4 };

enum kri_kind {
    KRI_KIND_RATE,       /* events per unit: may exceed 1 */
    KRI_KIND_PROPORTION, /* units with the property: 0 … 1 */
};

enum kri_outcome {
    KRI_NOT_PROVIDED, /* the source does not hold what the indicator needs */
    KRI_TOO_FEW,      /* denominator under the indicator's minimum */
    KRI_NO_EVENTS,    /* mu = 0: no site has an event */
    KRI_ALL_EVENTS,   /* mu = 1 in a proportion: every unit has the property */
    KRI_NO_SPREAD,    /* phi = 0: all sites are alike (or there is one) */
    KRI_SCORED,
};

struct kri_definition {
    const char *id; /* "ae_rate" */
    enum kri_kind kind;
    enum word name;
    enum word numerator;
    enum word denominator;
    double denominator_min;
    double unit; /* the rate is shown per so many units of the denominator: 100 days; else 1 */
    /* Scores at which flags change: below [0] … at or above the last one. Low ones are negative. */
    double thresholds[KRI_THRESHOLDS_MAX];
    size_t n_thresholds;
};
extern const struct kri_definition KRI_DEFINITIONS[KRI_COUNT];

struct kri_value {
    double numerator;
    double denominator;
    bool is_provided; /* false: both are meaningless */
    /* Filled in by kri_score: */
    enum kri_outcome outcome;
    double rate;  /* NaN without a denominator */
    double score; /* NaN unless KRI_SCORED */
    int flag;     /* 0 unless KRI_SCORED */
};

struct kri_study {
    double mean;       /* mu; NaN when no site has a denominator */
    double dispersion; /* phi; NaN where mu leaves no variance */
    size_t n_sites;    /* with a denominator: those that mu and phi are made of */
    size_t n_scored;
};

/* Score every site against all of them. Threads: any; writes `sites` and `ret_study` only. */
void kri_score(const struct kri_definition *definition, struct kri_value *sites, size_t n_sites,
    struct kri_study *ret_study);

/* -2, -1 below the low thresholds, 1, 2 at or above the high ones, 0 between. */
int kri_flag(const struct kri_definition *definition, double score);

/* The rate at which a site with this denominator would have this score: the funnel's limits.
 * NaN where there is no score. May be negative; a rate cannot. */
double kri_limit(const struct kri_definition *definition, const struct kri_study *study,
    double denominator, double score);

#endif
