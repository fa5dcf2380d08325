/* What the key risk indicators of the sites come to, from what was put into them: the report's
 * findings on indicators are consequences of everything else, and the list of problems must name
 * them. The formulas are those of the report's appendix C, written down a second time on purpose.
 */
#include <math.h>
#include <stdlib.h>

#include "import/demo_internal.h"

struct demo_tally {
    int site_number; /* 0: not made yet */
    double days;     /* on study */
    int n_enrolled;
    struct demo_counts counts;
};

enum { INDICATORS = 11, THRESHOLDS_MAX = 4 };

/* The indicator of laboratory abnormality is not here: no result of the study is of grade 3. */
struct indicator {
    bool is_proportion;
    double denominator_min;
    double thresholds[THRESHOLDS_MAX]; /* low ones below 0; 0: no more */
};

static const struct indicator INDICATOR[INDICATORS] = {
    {false, 30, {-2, -1, 2, 3}}, /* adverse events / days on study */
    {false, 30, {2, 3}},         /* serious ones */
    {false, 30, {-3, -2, 2, 3}}, /* other deviations */
    {false, 30, {-3, -2, 2, 3}}, /* important deviations */
    {true, 3, {2, 3}},           /* left the study / enrolled */
    {true, 3, {2, 3}},           /* stopped the drug / treated */
    {false, 30, {2, 3}},         /* queries / data points */
    {true, 30, {2, 3}},          /* old queries / queries */
    {true, 30, {2, 3}},          /* late pages / dated pages */
    {true, 30, {2, 3}},          /* changed data points / data points */
    {true, 3, {2, 3}},           /* screen failures / screened */
};

struct ratio {
    double numerator;
    double denominator;
};

static void fill_ratios(const struct demo_tally *tally, struct ratio ret_ratios[INDICATORS])
{
    const struct demo_counts *counts = &tally->counts;
    const struct ratio ratios[INDICATORS] = {
        {counts->n_events, tally->days},
        {counts->n_serious, tally->days},
        {counts->n_other, tally->days},
        {counts->n_important, tally->days},
        {counts->n_left, tally->n_enrolled},
        {counts->n_stopped, counts->n_treated},
        {counts->n_queries, counts->n_items},
        {counts->n_old_queries, counts->n_queries},
        {counts->n_late_pages, counts->n_dated_pages},
        {counts->n_changed_items, counts->n_items},
        {counts->n_failed, counts->n_screened},
    };
    for (int i = 0; i < INDICATORS; i++) {
        ret_ratios[i] = ratios[i];
    }
}

static double variance_of(const struct indicator *indicator, double mean)
{
    return indicator->is_proportion ? mean * (1 - mean) : mean;
}

struct study {
    double mean;
    double dispersion;
};

static struct study measure(const struct demo *demo, int index)
{
    struct study study = {0, 0};
    double numerators = 0;
    double denominators = 0;
    double squares = 0;
    int n_sites = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (int site = 0; site < demo->options->n_sites; site++) {
            struct ratio ratios[INDICATORS];
            fill_ratios(&demo->tallies[site], ratios);
            if (!(ratios[index].denominator > 0)) {
                continue;
            }
            if (pass == 0) {
                numerators += ratios[index].numerator;
                denominators += ratios[index].denominator;
                n_sites++;
            } else {
                double rate = ratios[index].numerator / ratios[index].denominator;
                squares += (rate - study.mean) * (rate - study.mean) * ratios[index].denominator;
            }
        }
        study.mean = denominators > 0 ? numerators / denominators : 0;
    }
    double variance = variance_of(&INDICATOR[index], study.mean);
    study.dispersion = variance > 0 ? squares / variance / n_sites : 0;
    return study;
}

/* How many thresholds the site's score has passed: below 0 low ones, above 0 high ones. */
static int flag_of(const struct indicator *indicator, const struct study *study, struct ratio ratio)
{
    double spread = study->dispersion * variance_of(indicator, study->mean);
    if (ratio.denominator < indicator->denominator_min || !(spread > 0)) {
        return 0;
    }
    double score =
        (ratio.numerator / ratio.denominator - study->mean) / sqrt(spread / ratio.denominator);
    int flag = 0;
    for (int i = 0; i < THRESHOLDS_MAX; i++) {
        double threshold = indicator->thresholds[i];
        flag -= threshold < 0 && score < threshold;
        flag += threshold > 0 && score >= threshold;
    }
    return flag;
}

struct demo_tally *demo_tally_new(int n_sites)
{
    return calloc((size_t)n_sites, sizeof(struct demo_tally));
}

void demo_tally_free(struct demo_tally *tallies)
{
    free(tallies);
}

void demo_tally_keep(struct demo *demo, const struct demo_site *site)
{
    demo->tallies[site->number - 1] = (struct demo_tally){
        .site_number = site->number,
        .days = site->days_on_study,
        .n_enrolled = site->n_enrolled,
        .counts = site->counts,
    };
}

static void plant_flag(struct demo *demo, const struct demo_tally *tally, int index, int flag)
{
    bool is_silence = index == 0 && flag == -2;
    int distance = flag < 0 ? -flag : flag;
    if (is_silence) {
        demo_plant_at(demo, tally->site_number, PROBLEM_AE_UNDER_REPORTING, 1);
    } else if (distance > 0) {
        demo_plant_at(demo, tally->site_number,
            distance == 2 ? PROBLEM_INDICATOR_FAR : PROBLEM_INDICATOR_RAISED, 1);
    }
}

void demo_plant_indicators(struct demo *demo)
{
    for (int index = 0; index < INDICATORS; index++) {
        struct study study = measure(demo, index);
        for (int site = 0; site < demo->options->n_sites; site++) {
            const struct demo_tally *tally = &demo->tallies[site];
            struct ratio ratios[INDICATORS];
            fill_ratios(tally, ratios);
            plant_flag(demo, tally, index, flag_of(&INDICATOR[index], &study, ratios[index]));
        }
    }
}
