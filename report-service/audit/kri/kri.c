#include "audit/kri/kri.h"

#include <math.h>

/* X(KRI, id, kind, minimum, unit, n, thresholds…). The words are WORD_KRI_<KRI>, …_NUMERATOR and
 * …_DENOMINATOR. */
#define KRI_TABLE(X)                                                                               \
    X(AE_RATE, "ae_rate", RATE, 30, 100, 4, -2, -1, 2, 3)                                          \
    X(SAE_RATE, "sae_rate", RATE, 30, 100, 2, 2, 3, 0, 0)                                          \
    X(DEVIATION_RATE, "deviation_rate", RATE, 30, 100, 4, -3, -2, 2, 3)                            \
    X(IMPORTANT_DEVIATION_RATE, "important_deviation_rate", RATE, 30, 100, 4, -3, -2, 2, 3)        \
    X(LAB_ABNORMALITY_RATE, "lab_abnormality_rate", PROPORTION, 30, 1, 2, 2, 3, 0, 0)              \
    X(STUDY_DISCONTINUATION, "study_discontinuation", PROPORTION, 3, 1, 2, 2, 3, 0, 0)             \
    X(TREATMENT_DISCONTINUATION, "treatment_discontinuation", PROPORTION, 3, 1, 2, 2, 3, 0, 0)     \
    X(QUERY_RATE, "query_rate", RATE, 30, 100, 2, 2, 3, 0, 0)                                      \
    X(OUTSTANDING_QUERY_RATE, "outstanding_query_rate", PROPORTION, 30, 1, 2, 2, 3, 0, 0)          \
    X(OUTSTANDING_ENTRY_RATE, "outstanding_entry_rate", PROPORTION, 30, 1, 2, 2, 3, 0, 0)          \
    X(DATA_CHANGE_RATE, "data_change_rate", PROPORTION, 30, 1, 2, 2, 3, 0, 0)                      \
    X(SCREEN_FAILURE_RATE, "screen_failure_rate", PROPORTION, 3, 1, 2, 2, 3, 0, 0)

const struct kri_definition KRI_DEFINITIONS[KRI_COUNT] = {
#define KRI_ROW(kri, id_, kind_, minimum, unit_, n, t0, t1, t2, t3)                                \
    [KRI_##kri] = {                                                                                \
        .id = id_,                                                                                 \
        .kind = KRI_KIND_##kind_,                                                                  \
        .name = WORD_KRI_##kri,                                                                    \
        .numerator = WORD_KRI_##kri##_NUMERATOR,                                                   \
        .denominator = WORD_KRI_##kri##_DENOMINATOR,                                               \
        .denominator_min = minimum,                                                                \
        .unit = unit_,                                                                             \
        .thresholds = {t0, t1, t2, t3},                                                            \
        .n_thresholds = n,                                                                         \
    },
    KRI_TABLE(KRI_ROW)
#undef KRI_ROW
};

int kri_flag(const struct kri_definition *definition, double score)
{
    int flag = 0;
    for (size_t i = 0; i < definition->n_thresholds; i++) {
        double threshold = definition->thresholds[i];
        if (threshold < 0 && score < threshold) {
            flag--;
        }
        if (threshold > 0 && score >= threshold) {
            flag++;
        }
    }
    return flag;
}

/* The variance of one unit when phi = 1. */
static double unit_variance(const struct kri_definition *definition, double mean)
{
    switch (definition->kind) {
    case KRI_KIND_RATE:
        return mean;
    case KRI_KIND_PROPORTION:
        return mean * (1 - mean);
    }
    return NAN;
}

double kri_limit(const struct kri_definition *definition, const struct kri_study *study,
    double denominator, double score)
{
    double variance = study->dispersion * unit_variance(definition, study->mean);
    return study->mean + score * sqrt(variance / denominator);
}

static bool has_rate(const struct kri_value *site)
{
    return site->is_provided && site->denominator > 0;
}

/* mu and phi over the sites that have a denominator. */
static void measure_study(const struct kri_definition *definition, const struct kri_value *sites,
    size_t n_sites, struct kri_study *ret_study)
{
    double numerators = 0;
    double denominators = 0;
    *ret_study = (struct kri_study){.mean = NAN, .dispersion = NAN};
    for (size_t i = 0; i < n_sites; i++) {
        if (has_rate(&sites[i])) {
            numerators += sites[i].numerator;
            denominators += sites[i].denominator;
            ret_study->n_sites++;
        }
    }
    if (ret_study->n_sites == 0) {
        return;
    }
    double mean = numerators / denominators;
    ret_study->mean = mean;
    double variance = unit_variance(definition, mean);
    if (!(variance > 0)) {
        return;
    }
    double squares = 0;
    for (size_t i = 0; i < n_sites; i++) {
        if (has_rate(&sites[i])) {
            double distance = sites[i].numerator / sites[i].denominator - mean;
            squares += distance * distance * sites[i].denominator / variance;
        }
    }
    ret_study->dispersion = squares / (double)ret_study->n_sites;
}

static enum kri_outcome judge(const struct kri_definition *definition,
    const struct kri_study *study, const struct kri_value *site)
{
    if (!site->is_provided) {
        return KRI_NOT_PROVIDED;
    }
    if (site->denominator < definition->denominator_min || !(site->denominator > 0)) {
        return KRI_TOO_FEW;
    }
    if (!(study->mean > 0)) {
        return KRI_NO_EVENTS;
    }
    if (!(unit_variance(definition, study->mean) > 0)) {
        return KRI_ALL_EVENTS;
    }
    return study->dispersion > 0 ? KRI_SCORED : KRI_NO_SPREAD;
}

void kri_score(const struct kri_definition *definition, struct kri_value *sites, size_t n_sites,
    struct kri_study *ret_study)
{
    measure_study(definition, sites, n_sites, ret_study);
    for (size_t i = 0; i < n_sites; i++) {
        struct kri_value *site = &sites[i];
        site->outcome = judge(definition, ret_study, site);
        site->rate = has_rate(site) ? site->numerator / site->denominator : NAN;
        site->score = NAN;
        site->flag = 0;
        if (site->outcome == KRI_SCORED) {
            double variance = ret_study->dispersion * unit_variance(definition, ret_study->mean);
            site->score = (site->rate - ret_study->mean) / sqrt(variance / site->denominator);
            site->flag = kri_flag(definition, site->score);
            ret_study->n_scored++;
        }
    }
}
