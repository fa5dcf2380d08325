/* All sites of the study at a glance: their flags in strips, and where each lies in the funnel. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audit/sections/indicators.h"

enum {
    STRIP_SITES = 24, /* sites side by side: as many as numbers in their boxes can be read */
    FUNNEL_LIMIT_POINTS = 24,
};

/* --- strips --------------------------------------------------------------------------------- */

/* Numbers by value ("9" before "10"), other site numbers bytewise after them. */
static int compare_site_numbers(const char *a, const char *b)
{
    char *a_end;
    char *b_end;
    long long a_value = strtoll(a, &a_end, 10);
    long long b_value = strtoll(b, &b_end, 10);
    bool is_a_number = a_end != a && *a_end == '\0';
    bool is_b_number = b_end != b && *b_end == '\0';
    if (is_a_number != is_b_number) {
        return is_a_number ? -1 : 1;
    }
    if (is_a_number && a_value != b_value) {
        return a_value < b_value ? -1 : 1;
    }
    return strcmp(a, b);
}

static int compare_sites(const void *a, const void *b)
{
    return compare_site_numbers((*(const struct study_site *const *)a)->site_no,
        (*(const struct study_site *const *)b)->site_no);
}

/* One column of a strip: a site's flags, indicator by indicator. */
static void add_strip_site(
    const struct audit_facts *facts, struct chart *chart, const struct study_site *site)
{
    size_t index = (size_t)(site - facts->edc.study->sites);
    struct chart_series *series = chart_add_series(chart, WORD_NONE, TONE_PLAIN, KRI_COUNT);
    series->name_text = arena_copy_text(chart->report->arena, site->site_no);
    for (size_t kri = 0; kri < KRI_COUNT; kri++) {
        *chart_point_at(series, kri) = (struct chart_point){.x = (double)kri,
            .y = indicator_flag_number(&facts->kri[kri].values[index]),
            .is_highlighted = index == facts->kri_site};
    }
}

void indicators_add_strips(struct section_build *build)
{
    const struct audit_facts *facts = build->facts;
    struct arena *arena = build->section->report->arena;
    size_t n_sites = facts->n_kri_sites;
    const struct study_site **sites = arena_alloc_array(arena, n_sites + 1, sizeof(*sites));
    if (sites == NULL) {
        return; /* report_is_complete says so */
    }
    for (size_t i = 0; i < n_sites; i++) {
        sites[i] = &facts->edc.study->sites[i];
    }
    qsort(sites, n_sites, sizeof(*sites), compare_sites);
    for (size_t first = 0; first < n_sites; first += STRIP_SITES) {
        const char *id = arena_printf(arena, "indicator_flags_%zu", first / STRIP_SITES + 1);
        struct chart *chart = section_add_chart(
            build->section, id == NULL ? "" : id, CHART_HEAT_STRIP, WORD_CHART_ALL_FLAGS);
        chart_set_categories(chart, KRI_COUNT);
        for (size_t kri = 0; kri < KRI_COUNT; kri++) {
            chart_set_category(chart, kri, cell_word(KRI_DEFINITIONS[kri].name));
        }
        for (size_t i = first; i < n_sites && i < first + STRIP_SITES; i++) {
            add_strip_site(facts, chart, sites[i]);
        }
    }
}

/* --- funnels -------------------------------------------------------------------------------- */

/* A control limit from the smallest to the largest denominator, dense where it bends. */
static void add_limit(struct chart *chart, const struct kri_definition *definition,
    const struct kri_result *result, double threshold, double smallest, double largest)
{
    struct chart_series *series = chart_add_series(
        chart, WORD_NONE, fabs(threshold) > 2 ? TONE_ALARM : TONE_WARNING, FUNNEL_LIMIT_POINTS);
    series->name_text = arena_printf(
        chart->report->arena, "z = %s%.0f", threshold < 0 ? "−" : "+", fabs(threshold));
    series->is_dashed = true;
    for (size_t i = 0; i < FUNNEL_LIMIT_POINTS; i++) {
        double share = (double)i / (FUNNEL_LIMIT_POINTS - 1);
        double denominator = smallest + (largest - smallest) * share * share;
        double limit = kri_limit(definition, &result->study, denominator, threshold);
        limit = limit < 0 ? 0 : limit;
        *chart_point_at(series, i) =
            (struct chart_point){.x = denominator, .y = limit * definition->unit};
    }
}

static void add_points(const struct audit_facts *facts, struct chart *chart, enum kri kri)
{
    const struct kri_definition *definition = &KRI_DEFINITIONS[kri];
    const struct kri_result *result = &facts->kri[kri];
    struct chart_series *series =
        chart_add_series(chart, WORD_SITES, TONE_NOTICE, result->study.n_scored);
    size_t index = 0;
    double smallest = INFINITY;
    double largest = 0;
    for (size_t i = 0; i < facts->n_kri_sites; i++) {
        const struct kri_value *value = &result->values[i];
        if (value->outcome != KRI_SCORED) {
            continue;
        }
        bool is_named = i == facts->kri_site || value->flag != 0;
        *chart_point_at(series, index++) = (struct chart_point){.x = value->denominator,
            .y = value->rate * definition->unit,
            .is_highlighted = i == facts->kri_site,
            .label = is_named
                         ? arena_copy_text(chart->report->arena, facts->edc.study->sites[i].site_no)
                         : NULL};
        smallest = fmin(smallest, value->denominator);
        largest = fmax(largest, value->denominator);
    }
    for (size_t i = 0; i < definition->n_thresholds && largest > smallest; i++) {
        add_limit(chart, definition, result, definition->thresholds[i], smallest, largest);
    }
}

static void add_funnel(struct section_build *build, enum kri kri, bool is_half)
{
    const struct kri_definition *definition = &KRI_DEFINITIONS[kri];
    struct chart *chart =
        indicator_add_chart(build->section, definition->id, CHART_FUNNEL, definition);
    chart->x_title = definition->denominator;
    chart->is_half = is_half;
    add_points(build->facts, chart, kri);
}

/* Side by side: where the site lies among all sites, unless it is not scored and so has no place
 * there; and how it came there, unless it has no past. */
void indicators_add_plots(struct section_build *build)
{
    bool has_heading = false;
    for (int kri = 0; kri < KRI_COUNT; kri++) {
        const struct kri_value *value = indicator_of_site(build->facts, (enum kri)kri);
        bool has_funnel = value != NULL && value->outcome == KRI_SCORED;
        bool has_line = indicator_has_line(build->facts, (enum kri)kri);
        if ((has_funnel || has_line) && !has_heading) {
            section_add_heading(build->section, WORD_HEADING_FUNNELS);
            has_heading = true;
        }
        if (has_funnel) {
            add_funnel(build, (enum kri)kri, has_line);
        }
        if (has_line) {
            indicators_add_line(build, (enum kri)kri, has_funnel);
        }
    }
}
