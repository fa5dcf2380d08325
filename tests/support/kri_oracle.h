/* The key risk indicators once more, from the raw rows and by other means than the report's: no
 * aggregation in SQL, days counted year by year, sums from last to first in long double, and the
 * formulas in terms of counts (num - den * mu) instead of rates. Written from audit-report.md
 * alone.
 *
 *     struct oracle_rows *rows = oracle_rows_new(edc, ctms, "T-1");
 *     oracle_judge(rows, "2024-06-30", &verdict);
 *     verdict.sites[0].values[ORACLE_AE].score
 *     oracle_verdict_finish(&verdict);
 *     oracle_rows_free(rows);
 *
 * Threads: one. Not here: comparing (kri_compare.h). */
#ifndef WALKIE_TESTS_KRI_ORACLE_H
#define WALKIE_TESTS_KRI_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

#include "db/db.h"

enum oracle_kri {
    ORACLE_AE,
    ORACLE_SAE,
    ORACLE_DEVIATION,
    ORACLE_IMPORTANT_DEVIATION,
    ORACLE_LAB,
    ORACLE_LEFT_STUDY,
    ORACLE_LEFT_TREATMENT,
    ORACLE_QUERY,
    ORACLE_OLD_QUERY,
    ORACLE_LATE_ENTRY,
    ORACLE_CHANGE,
    ORACLE_SCREEN_FAILURE,
    ORACLE_COUNT,
};

/* Why a site has no score. */
enum oracle_why {
    ORACLE_SCORED,
    ORACLE_ABSENT,
    ORACLE_FEW,
    ORACLE_NONE_HAPPENED,
    ORACLE_ALL_HAPPENED,
    ORACLE_ALIKE,
};

struct oracle_value {
    bool is_there;
    long double numerator;
    long double denominator;
    long double score;
    int flag;
    enum oracle_why why;
};

struct oracle_site {
    char site_no[40];
    struct oracle_value values[ORACLE_COUNT];
};

struct oracle_verdict {
    size_t n_sites;
    struct oracle_site *sites;
    long double mu[ORACLE_COUNT]; /* NaN: no site has a denominator */
    long double phi[ORACLE_COUNT];
};

struct oracle_rows;

/* Everything of one study; NULL, with words on stderr, when it cannot be read. */
struct oracle_rows *oracle_rows_new(struct db *edc, struct db *ctms, const char *protocol_no);
void oracle_rows_free(struct oracle_rows *rows); /* accepts NULL */

void oracle_judge(
    const struct oracle_rows *rows, const char *as_of, struct oracle_verdict *ret_verdict);
void oracle_verdict_finish(struct oracle_verdict *verdict);

#endif
