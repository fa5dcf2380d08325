/* Section 5: the site's indicators against all sites of the study. */
#include <math.h>

#include "audit/sections/sections.h"

static const struct column INDICATOR_COLUMNS[] = {
    {"indicator", WORD_HEAD_INDICATOR, ALIGN_START, 6},
    {"numerator", WORD_HEAD_NUMERATOR, ALIGN_END, 2},
    {"denominator", WORD_HEAD_DENOMINATOR, ALIGN_END, 2},
    {"site_rate", WORD_HEAD_SITE_RATE, ALIGN_END, 2},
    {"study_rate", WORD_HEAD_STUDY_RATE, ALIGN_END, 2},
    {"score", WORD_HEAD_SCORE, ALIGN_END, 2},
    {"flag", WORD_HEAD_FLAG, ALIGN_START, 4},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static const struct column DEFINITION_COLUMNS[] = {
    {"indicator", WORD_HEAD_INDICATOR, ALIGN_START, 4},
    {"numerator", WORD_HEAD_NUMERATOR, ALIGN_START, 4},
    {"denominator", WORD_HEAD_DENOMINATOR, ALIGN_START, 4},
    {"denominator_min", WORD_HEAD_MINIMUM, ALIGN_END, 2},
    {"low_high", WORD_HEAD_LOW_HIGH, ALIGN_END, 2},
    {"low", WORD_HEAD_LOW, ALIGN_END, 2},
    {"high", WORD_HEAD_HIGH, ALIGN_END, 2},
    {"high_high", WORD_HEAD_HIGH_HIGH, ALIGN_END, 2},
};

enum { FUNNEL_LIMIT_POINTS = 32 };

static const struct kri_value *value_of(const struct audit_facts *facts, enum kri kri)
{
    return facts->kri_site < facts->n_kri_sites ? &facts->kri[kri].values[facts->kri_site] : NULL;
}

static struct cell rate_cell(const struct kri_definition *definition, double rate)
{
    switch (definition->kind) {
    case KRI_KIND_RATE:
        return cell_number(rate * definition->unit, 2);
    case KRI_KIND_PROPORTION:
        return cell_percent(rate, 1);
    }
    return cell_none();
}

static struct cell flag_cell(int flag)
{
    static const struct {
        enum word word;
        enum tone tone;
    } FLAGS[] = {{WORD_FLAG_LOW_LOW, TONE_ALARM}, {WORD_FLAG_LOW, TONE_WARNING},
        {WORD_FLAG_NONE, TONE_GOOD}, {WORD_FLAG_HIGH, TONE_WARNING},
        {WORD_FLAG_HIGH_HIGH, TONE_ALARM}};
    return cell_tone(cell_word(FLAGS[flag + 2].word), FLAGS[flag + 2].tone);
}

/* The flag, or why there is none. */
static struct cell outcome_cell(const struct kri_result *result, const struct kri_value *value)
{
    switch (value->outcome) {
    case KRI_NOT_PROVIDED:
        return cell_not_provided(result->source != NULL ? result->source : "ctms");
    case KRI_TOO_FEW:
        return cell_tone(cell_word(WORD_KRI_TOO_FEW), TONE_MUTED);
    case KRI_NO_EVENTS:
        return cell_tone(cell_word(WORD_KRI_NO_EVENTS), TONE_MUTED);
    case KRI_ALL_EVENTS:
        return cell_tone(cell_word(WORD_KRI_ALL_EVENTS), TONE_MUTED);
    case KRI_NO_SPREAD:
        return cell_tone(cell_word(WORD_KRI_NO_SPREAD), TONE_MUTED);
    case KRI_SCORED:
        return flag_cell(value->flag);
    }
    return cell_none();
}

/* The rule that an indicator's flag supports. */
static rule_mask marks_of(enum kri kri, const struct kri_value *value)
{
    rule_mask marks = 0;
    int distance = value->flag < 0 ? -value->flag : value->flag;
    for (size_t i = 0; i < N_RULES; i++) {
        bool is_under_reporting = kri == KRI_AE_RATE && value->flag == -2;
        bool is_mine =
            (RULES[i].function == rule_kri_under_reporting && is_under_reporting) ||
            (RULES[i].function == rule_kri_high && distance == 2 && !is_under_reporting) ||
            (RULES[i].function == rule_kri_raised && distance == 1);
        marks |= is_mine ? rule_mask_of(i) : 0;
    }
    return value->outcome == KRI_SCORED ? marks : 0;
}

static void add_table(struct section_build *build)
{
    struct table *table = section_add_table(build->section, "indicators", WORD_TABLE_INDICATORS,
        INDICATOR_COLUMNS, LENGTH_OF(INDICATOR_COLUMNS));
    for (int kri = 0; kri < KRI_COUNT; kri++) {
        const struct kri_definition *definition = &KRI_DEFINITIONS[kri];
        const struct kri_result *result = &build->facts->kri[kri];
        const struct kri_value *value = value_of(build->facts, (enum kri)kri);
        if (value == NULL) {
            continue;
        }
        struct cell *cells = section_add_evidence_row(build, table, marks_of((enum kri)kri, value));
        cells[0] = cell_word(definition->name);
        if (value->is_provided) {
            cells[1] = cell_integer((int64_t)value->numerator);
            cells[2] = cell_integer((int64_t)value->denominator);
        }
        cells[3] = rate_cell(definition, value->rate);
        cells[4] = rate_cell(definition, result->study.mean);
        cells[5] = cell_number(value->score, 2);
        cells[6] = outcome_cell(result, value);
    }
}

static void add_strip(struct section_build *build)
{
    struct chart *chart =
        section_add_chart(build->section, "indicator_flags", CHART_HEAT_STRIP, WORD_CHART_FLAGS);
    chart_set_categories(chart, KRI_COUNT);
    struct chart_series *series = chart_add_series(chart, WORD_THIS_SITE, TONE_PLAIN, KRI_COUNT);
    for (int kri = 0; kri < KRI_COUNT; kri++) {
        const struct kri_value *value = value_of(build->facts, (enum kri)kri);
        bool is_scored = value != NULL && value->outcome == KRI_SCORED;
        chart_set_category(chart, (size_t)kri, cell_word(KRI_DEFINITIONS[kri].name));
        *chart_point_at(series, (size_t)kri) =
            (struct chart_point){.x = kri, .y = is_scored ? value->flag : NAN};
    }
}

/* A control limit from the smallest to the largest denominator, dense where it bends. */
static void add_limit(struct chart *chart, const struct kri_definition *definition,
    const struct kri_result *result, double threshold, double smallest, double largest)
{
    struct chart_series *series =
        chart_add_series(chart, threshold < 0 ? WORD_LIMIT_LOW : WORD_LIMIT_HIGH,
            fabs(threshold) > 2 ? TONE_ALARM : TONE_WARNING, FUNNEL_LIMIT_POINTS);
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
        *chart_point_at(series, index++) = (struct chart_point){.x = value->denominator,
            .y = value->rate * definition->unit,
            .is_highlighted = i == facts->kri_site,
            .label = i == facts->kri_site || value->flag != 0
                         ? arena_copy_text(chart->report->arena, facts->kri_sites[i]->site_no)
                         : NULL};
        smallest = fmin(smallest, value->denominator);
        largest = fmax(largest, value->denominator);
    }
    for (size_t i = 0; i < definition->n_thresholds && largest > smallest; i++) {
        add_limit(chart, definition, result, definition->thresholds[i], smallest, largest);
    }
}

/* A funnel plot for adverse events and for every indicator on which the site stands out. */
static void add_funnels(struct section_build *build)
{
    for (int kri = 0; kri < KRI_COUNT; kri++) {
        const struct kri_definition *definition = &KRI_DEFINITIONS[kri];
        const struct kri_value *value = value_of(build->facts, (enum kri)kri);
        if (value == NULL || value->outcome != KRI_SCORED ||
            (value->flag == 0 && kri != KRI_AE_RATE)) {
            continue;
        }
        struct chart *chart =
            section_add_chart(build->section, definition->id, CHART_FUNNEL, definition->name);
        chart->x_title = definition->denominator;
        chart->y_title = definition->kind == KRI_KIND_RATE ? WORD_RATE_PER_100 : WORD_SHARE;
        chart->y_is_percent = definition->kind == KRI_KIND_PROPORTION;
        add_points(build->facts, chart, (enum kri)kri);
    }
}

static void add_definitions(struct section_build *build)
{
    struct table *table = section_add_table(build->section, "indicator_definitions",
        WORD_TABLE_DEFINITIONS, DEFINITION_COLUMNS, LENGTH_OF(DEFINITION_COLUMNS));
    for (int kri = 0; kri < KRI_COUNT; kri++) {
        const struct kri_definition *definition = &KRI_DEFINITIONS[kri];
        struct cell *cells = table_add_row(table);
        cells[0] = cell_word(definition->name);
        cells[1] = cell_word(definition->numerator);
        cells[2] = cell_word(definition->denominator);
        cells[3] = cell_integer((int64_t)definition->denominator_min);
        /* Thresholds are pairs; an indicator with one pair has the high ones only. */
        size_t skipped = KRI_THRESHOLDS_MAX - definition->n_thresholds;
        for (size_t i = 0; i < definition->n_thresholds; i++) {
            cells[4 + skipped + i] = cell_integer((int64_t)definition->thresholds[i]);
        }
    }
}

void section_indicators(struct section_build *build)
{
    if (section_lacks(build, &build->facts->edc.base, "subject", NULL, WORD_TABLE_INDICATORS)) {
        return;
    }
    struct cell arguments[] = {cell_integer((int64_t)build->facts->n_kri_sites)};
    section_add_paragraph(build->section, WORD_INDICATORS_METHOD, arguments, 1);
    add_table(build);
    add_strip(build);
    add_funnels(build);
    add_definitions(build);
}
