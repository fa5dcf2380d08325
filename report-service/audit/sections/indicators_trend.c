/* The site's indicators over time: as of the ends of the last quarters and of the report's day.
 * Each value is the one that a report of that day shows. */
#include <math.h>
#include <string.h>

#include "audit/sections/indicators.h"
#include "audit/sources/dates.h"

static const struct column CHANGE_COLUMNS[] = {
    {"as_of", WORD_HEAD_DATE, ALIGN_START, 3},
    {"indicator", WORD_HEAD_INDICATOR, ALIGN_START, 6},
    {"numerator", WORD_HEAD_NUMERATOR, ALIGN_END, 2},
    {"denominator", WORD_HEAD_DENOMINATOR, ALIGN_END, 2},
    {"site_rate", WORD_HEAD_SITE_RATE, ALIGN_END, 2},
    {"study_rate", WORD_HEAD_STUDY_RATE, ALIGN_END, 2},
    {"score", WORD_HEAD_SCORE, ALIGN_END, 2},
    {"flag_before", WORD_HEAD_FLAG_BEFORE, ALIGN_START, 3},
    {"flag", WORD_HEAD_FLAG, ALIGN_START, 3},
};

static bool has_rate(const struct audit_facts *facts, size_t day, int kri)
{
    const struct kri_value *value = &facts->kri_past[day][kri].site;
    return value->is_provided && value->denominator > 0;
}

/* The first day on which the site has anything to divide by. */
static size_t first_day(const struct audit_facts *facts)
{
    for (size_t day = 0; day < STUDY_DAYS; day++) {
        for (int kri = 0; kri < KRI_COUNT; kri++) {
            if (has_rate(facts, day, kri)) {
                return day;
            }
        }
    }
    return STUDY_DAYS;
}

static const char *day_text(struct section_build *build, size_t day)
{
    char text[DATE_TEXT_MAX];
    date_format(build->facts->kri_days[day], text);
    return arena_copy_text(build->section->report->arena, text);
}

static void add_flags(struct section_build *build, size_t first)
{
    const struct audit_facts *facts = build->facts;
    struct chart *chart = section_add_chart(
        build->section, "indicator_trend_flags", CHART_HEAT_STRIP, WORD_CHART_TREND_FLAGS);
    chart_set_categories(chart, KRI_COUNT);
    for (size_t kri = 0; kri < KRI_COUNT; kri++) {
        chart_set_category(chart, kri, cell_word(KRI_DEFINITIONS[kri].name));
    }
    for (size_t day = first; day < STUDY_DAYS; day++) {
        struct chart_series *series = chart_add_series(chart, WORD_NONE, TONE_PLAIN, KRI_COUNT);
        series->name_text = day_text(build, day);
        for (size_t kri = 0; kri < KRI_COUNT; kri++) {
            *chart_point_at(series, kri) = (struct chart_point){
                .x = (double)kri, .y = indicator_flag_number(&facts->kri_past[day][kri].site)};
        }
    }
}

static int flag_of(const struct kri_value *value)
{
    return value->outcome == KRI_SCORED ? value->flag : 0;
}

static void add_change(struct section_build *build, struct table *table, size_t day, int kri)
{
    const struct kri_definition *definition = &KRI_DEFINITIONS[kri];
    const struct kri_past *past = &build->facts->kri_past[day][kri];
    const struct kri_past *before = &build->facts->kri_past[day - 1][kri];
    const char *source = build->facts->kri[kri].source;
    struct cell *cells = table_add_row(table);
    cells[0] = cell_date(day_text(build, day));
    cells[1] = cell_word(definition->name);
    cells[2] = cell_integer((int64_t)past->site.numerator);
    cells[3] = cell_integer((int64_t)past->site.denominator);
    cells[4] = indicator_rate_cell(definition, past->site.rate);
    cells[5] = indicator_rate_cell(definition, past->study.mean);
    cells[6] = cell_number(past->site.score, 2);
    cells[7] = indicator_outcome_cell(source, &before->site);
    cells[8] = indicator_outcome_cell(source, &past->site);
}

/* What is not scored has no flag: 0 for this purpose. */
static void add_changes(struct section_build *build, size_t first)
{
    struct table *table = section_add_table(build->section, "indicator_flag_changes",
        WORD_TABLE_FLAG_CHANGES, CHANGE_COLUMNS, LENGTH_OF(CHANGE_COLUMNS));
    table->when_empty = WORD_NO_FLAG_CHANGES;
    for (size_t day = first + 1; day < STUDY_DAYS; day++) {
        for (int kri = 0; kri < KRI_COUNT; kri++) {
            if (flag_of(&build->facts->kri_past[day][kri].site) !=
                flag_of(&build->facts->kri_past[day - 1][kri].site)) {
                add_change(build, table, day, kri);
            }
        }
    }
}

/* Two days, and an event somewhere in the study: a line along zero says nothing. */
bool indicator_has_line(const struct audit_facts *facts, enum kri kri)
{
    return facts->kri_past[STUDY_DAYS - 1][kri].study.mean > 0 &&
           has_rate(facts, STUDY_DAYS - 1, kri) && has_rate(facts, STUDY_DAYS - 2, kri);
}

void indicators_add_line(struct section_build *build, enum kri kri, bool is_beside_funnel)
{
    const struct kri_definition *definition = &KRI_DEFINITIONS[kri];
    size_t first = first_day(build->facts);
    const char *id = arena_printf(build->section->report->arena, "trend_%s", definition->id);
    struct chart *chart =
        indicator_add_chart(build->section, id == NULL ? "" : id, CHART_LINES, definition);
    chart->title = is_beside_funnel ? WORD_CHART_OVER_TIME : definition->name;
    chart->is_half = is_beside_funnel;
    chart->x_is_date = true;
    struct chart_series *site =
        chart_add_series(chart, WORD_THIS_SITE, TONE_ALARM, STUDY_DAYS - first);
    struct chart_series *study =
        chart_add_series(chart, WORD_THE_STUDY, TONE_NOTICE, STUDY_DAYS - first);
    for (size_t day = first; day < STUDY_DAYS; day++) {
        const struct kri_past *past = &build->facts->kri_past[day][kri];
        double x = (double)build->facts->kri_days[day];
        *chart_point_at(site, day - first) =
            (struct chart_point){.x = x, .y = past->site.rate * definition->unit};
        *chart_point_at(study, day - first) =
            (struct chart_point){.x = x, .y = past->study.mean * definition->unit};
    }
}

/* A change needs two days. */
void indicators_add_trend(struct section_build *build)
{
    size_t first = first_day(build->facts);
    if (first + 1 >= STUDY_DAYS) {
        return;
    }
    section_add_heading(build->section, WORD_HEADING_TREND);
    section_add_paragraph(build->section, WORD_TREND_METHOD, NULL, 0);
    add_flags(build, first);
    add_changes(build, first);
}
