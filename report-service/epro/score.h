/* Totals of answered items by the instrument's published rules: arithmetic alone.
 *
 *     epro_score_items(instrument, values, has_value, &score);
 *     if (score.has_score) { score.total, score.severity … }
 *
 * Not here: whether the values are in range (validate.c looked). */
#ifndef WALKIE_EPRO_SCORE_H
#define WALKIE_EPRO_SCORE_H

#include "epro/instrument.h"

struct epro_score {
    bool has_score;
    double total;
    const char *severity; /* NULL: the instrument has no bands, or there is no score */
    int n_missing;
    bool is_prorated;
};

/* `values[i]` counts where `has_value[i]`; both have the instrument's n_items. */
void epro_score_items(const struct epro_instrument *instrument, const double values[],
    const bool has_value[], struct epro_score *ret_score);

enum { EPRO_PROFILE_MAX = EPRO_ITEMS_MAX + 1 };

/* One digit an item, 9 for a missing one: EQ-5D-5L's health state. */
void epro_score_profile(const struct epro_instrument *instrument, const double values[],
    const bool has_value[], char ret_profile[EPRO_PROFILE_MAX]);

#endif
