/* Section 5: the site's indicators against all sites of the study, as tables. */
#include "audit/sections/indicators.h"

#include <math.h>

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

static const struct column STUDY_COLUMNS[] = {
    {"indicator", WORD_HEAD_INDICATOR, ALIGN_START, 6},
    {"numerator", WORD_HEAD_NUMERATOR, ALIGN_END, 2},
    {"denominator", WORD_HEAD_DENOMINATOR, ALIGN_END, 2},
    {"study_rate", WORD_HEAD_STUDY_RATE, ALIGN_END, 2},
    {"dispersion", WORD_HEAD_DISPERSION, ALIGN_END, 2},
    {"sites_rated", WORD_HEAD_SITES_RATED, ALIGN_END, 2},
    {"sites_scored", WORD_HEAD_SITES_SCORED, ALIGN_END, 2},
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

const struct kri_value *indicator_of_site(const struct audit_facts *facts, enum kri kri)
{
    return facts->kri_site < facts->n_kri_sites ? &facts->kri[kri].values[facts->kri_site] : NULL;
}

struct cell indicator_rate_cell(const struct kri_definition *definition, double rate)
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

struct cell indicator_outcome_cell(const char *source, const struct kri_value *value)
{
    switch (value->outcome) {
    case KRI_NOT_PROVIDED:
        return cell_not_provided(source != NULL ? source : "ctms");
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

double indicator_flag_number(const struct kri_value *value)
{
    return value != NULL && value->outcome == KRI_SCORED ? value->flag : NAN;
}

struct chart *indicator_add_chart(struct section *section, const char *id, enum chart_kind kind,
    const struct kri_definition *definition)
{
    struct chart *chart = section_add_chart(section, id, kind, definition->name);
    chart->y_title = definition->kind == KRI_KIND_RATE ? WORD_RATE_PER_100 : WORD_SHARE;
    chart->y_is_percent = definition->kind == KRI_KIND_PROPORTION;
    return chart;
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
        const struct kri_value *value = indicator_of_site(build->facts, (enum kri)kri);
        if (value == NULL) {
            continue;
        }
        struct cell *cells = section_add_evidence_row(build, table, marks_of((enum kri)kri, value));
        cells[0] = cell_word(definition->name);
        if (value->is_provided) {
            cells[1] = cell_integer((int64_t)value->numerator);
            cells[2] = cell_integer((int64_t)value->denominator);
        }
        cells[3] = indicator_rate_cell(definition, value->rate);
        cells[4] = indicator_rate_cell(definition, result->study.mean);
        cells[5] = cell_number(value->score, 2);
        cells[6] = indicator_outcome_cell(result->source, value);
    }
}

/* What the scores are made of: sums over the sites, and how far these spread. */
static void add_study(struct section_build *build)
{
    const struct audit_facts *facts = build->facts;
    struct table *table = section_add_table(build->section, "indicator_study",
        WORD_TABLE_INDICATOR_STUDY, STUDY_COLUMNS, LENGTH_OF(STUDY_COLUMNS));
    for (int kri = 0; kri < KRI_COUNT; kri++) {
        const struct kri_result *result = &facts->kri[kri];
        struct cell *cells = table_add_row(table);
        double numerator = 0;
        double denominator = 0;
        for (size_t i = 0; i < facts->n_kri_sites; i++) {
            bool is_counted = result->values[i].is_provided && result->values[i].denominator > 0;
            numerator += is_counted ? result->values[i].numerator : 0;
            denominator += is_counted ? result->values[i].denominator : 0;
        }
        cells[0] = cell_word(KRI_DEFINITIONS[kri].name);
        if (result->source != NULL) {
            cells[3] = cell_not_provided(result->source);
            continue;
        }
        cells[1] = cell_integer((int64_t)numerator);
        cells[2] = cell_integer((int64_t)denominator);
        cells[3] = indicator_rate_cell(&KRI_DEFINITIONS[kri], result->study.mean);
        cells[4] = cell_number(result->study.dispersion, 2);
        cells[5] = cell_integer((int64_t)result->study.n_sites);
        cells[6] = cell_integer((int64_t)result->study.n_scored);
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
    add_study(build);
    indicators_add_trend(build);
    indicators_add_strips(build);
    indicators_add_plots(build);
    add_definitions(build);
}
