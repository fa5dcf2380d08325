#include "epro/score.h"

#include <math.h>

/* What a division may be off a whole number and still be it. */
static const double ROUNDING = 1e-9;

static const char *band_of(const struct epro_instrument *instrument, double total)
{
    const char *word = NULL;
    for (size_t i = 0; i < instrument->n_bands && total >= instrument->bands[i].from; i++) {
        word = instrument->bands[i].word;
    }
    return word;
}

void epro_score_items(const struct epro_instrument *instrument, const double values[],
    const bool has_value[], struct epro_score *ret_score)
{
    struct epro_score score = {.has_score = false};
    double sum = 0;
    double answered_max = 0;
    double all_max = 0;
    for (size_t i = 0; i < instrument->n_items; i++) {
        all_max += instrument->items[i].high;
        if (has_value[i]) {
            sum += values[i];
            answered_max += instrument->items[i].high;
        } else {
            score.n_missing++;
        }
    }
    score.has_score = score.n_missing <= instrument->missing_max;
    score.is_prorated = score.has_score && score.n_missing > 0;
    score.total = sum;
    if (score.is_prorated && instrument->missing_rule == EPRO_MISSING_MEAN) {
        double n_items = (double)instrument->n_items;
        score.total = floor(sum * n_items / (n_items - score.n_missing) + 0.5);
    } else if (score.is_prorated && instrument->missing_rule == EPRO_MISSING_SHARE) {
        score.total = ceil(sum * all_max / answered_max - ROUNDING);
    }
    score.total = score.has_score ? score.total : 0;
    score.severity = score.has_score ? band_of(instrument, score.total) : NULL;
    *ret_score = score;
}

void epro_score_profile(const struct epro_instrument *instrument, const double values[],
    const bool has_value[], char ret_profile[EPRO_PROFILE_MAX])
{
    for (size_t i = 0; i < instrument->n_items; i++) {
        ret_profile[i] = has_value[i] ? (char)('0' + (int)values[i]) : '9';
    }
    ret_profile[instrument->n_items] = '\0';
}
