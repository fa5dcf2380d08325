#include "support/sample_charts.h"

#include <math.h>

static struct chart_series *add_series(
    struct chart *chart, enum word name, enum tone tone, const double *values, size_t n)
{
    struct chart_series *series = chart_add_series(chart, name, tone, n);
    for (size_t i = 0; i < n; i++) {
        *chart_point_at(series, i) = (struct chart_point){.x = (double)i, .y = values[i]};
    }
    return series;
}

static void set_categories(struct chart *chart, const char *const *names, size_t n)
{
    chart_set_categories(chart, n);
    for (size_t i = 0; i < n; i++) {
        chart_set_category(chart, i, cell_text(names[i]));
    }
}

static void add_stacked(struct section *section)
{
    struct chart *chart =
        section_add_chart(section, "grades", CHART_STACKED_BAR, WORD_SECTION_SUMMARY);
    add_series(chart, WORD_GRADE_CRITICAL, TONE_ALARM, (double[]){1}, 1);
    add_series(chart, WORD_GRADE_MAJOR, TONE_WARNING, (double[]){7}, 1);
    add_series(chart, WORD_GRADE_MINOR, TONE_NOTICE, (double[]){14}, 1);
    add_series(chart, WORD_GRADE_RECOMMENDATION, TONE_MUTED, (double[]){4}, 1);
}

static void add_bars(struct section *section)
{
    static const char *const AGES[] = {"0–10 d", "11–30 d", "31–60 d", "61–90 d", "> 90 d", "未知"};
    struct chart *chart = section_add_chart(section, "ageing", CHART_BARS, WORD_COVER_DATE);
    set_categories(chart, AGES, 6);
    chart->y_title = WORD_COVER_DATA_VERSION;
    add_series(chart, WORD_SITE, TONE_PLAIN, (double[]){120, 64, 33, 12, 3, NAN}, 6);
    add_series(chart, WORD_STUDY, TONE_MUTED, (double[]){99, 80, 41, 22, 14, 5}, 6);
}

static void add_lines(struct section *section)
{
    struct chart *chart = section_add_chart(section, "enrolment", CHART_LINES, WORD_COVER_PERIOD);
    chart->x_is_date = true;
    chart->y_title = WORD_SITE;
    struct chart_series *actual = chart_add_series(chart, WORD_SITE, TONE_PLAIN, 24);
    struct chart_series *plan = chart_add_series(chart, WORD_STUDY, TONE_MUTED, 2);
    actual->is_step = true;
    plan->is_dashed = true;
    for (size_t i = 0; i < 24; i++) {
        double count = i == 11 ? NAN : floor((double)(i * i) / 9);
        *chart_point_at(actual, i) = (struct chart_point){.x = 17226 + (double)i * 30, .y = count};
    }
    *chart_point_at(plan, 0) = (struct chart_point){.x = 17226, .y = 0};
    *chart_point_at(plan, 1) = (struct chart_point){.x = 17226 + 720, .y = 69};
}

static void add_pareto(struct section *section)
{
    static const char *const KINDS[] = {"Visit window", "合并用药", "Consent", "Dosing",
        "Laboratory sample handling", "Randomisation", "Other"};
    struct chart *chart = section_add_chart(section, "pareto", CHART_PARETO, WORD_COVER_COUNTRY);
    set_categories(chart, KINDS, 7);
    chart->y_title = WORD_COVER_DATA_VERSION;
    add_series(chart, WORD_SITE, TONE_PLAIN, (double[]){41, 22, 13, 8, 5, 2, 1}, 7);
}

static void add_funnel(struct section *section)
{
    struct chart *chart = section_add_chart(section, "funnel", CHART_FUNNEL, WORD_COVER_REQUESTER);
    chart->x_title = WORD_COVER_PERIOD;
    chart->y_title = WORD_COVER_AS_OF;
    chart->y_is_percent = true;
    struct chart_series *sites = chart_add_series(chart, WORD_SITE, TONE_MUTED, 90);
    unsigned int state = 12345;
    for (size_t i = 0; i < 90; i++) {
        state = state * 1103515245U + 12345U;
        double n = 5 + (double)(state >> 16 & 0x3FF);
        state = state * 1103515245U + 12345U;
        double noise = ((double)(state >> 16 & 0xFF) - 128) / 80;
        *chart_point_at(sites, i) =
            (struct chart_point){.x = n, .y = fmax(0, 0.2 + noise * sqrt(0.16 / n))};
    }
    *chart_point_at(sites, 30) =
        (struct chart_point){.x = 420, .y = 0.29, .is_highlighted = true, .label = "10"};
    static const double LIMITS[] = {-3, -2, 0, 2, 3};
    for (size_t k = 0; k < 5; k++) {
        struct chart_series *limit =
            chart_add_series(chart, LIMITS[k] == 0 ? WORD_STUDY : WORD_COVER_SOURCE,
                fabs(LIMITS[k]) > 2.5 ? TONE_ALARM
                : LIMITS[k] == 0      ? TONE_PLAIN
                                      : TONE_WARNING,
                40);
        limit->is_dashed = LIMITS[k] != 0;
        for (size_t i = 0; i < 40; i++) {
            double n = 6 + (double)i * 26;
            *chart_point_at(limit, i) =
                (struct chart_point){.x = n, .y = fmax(0, 0.2 + LIMITS[k] * sqrt(0.16 / n))};
        }
    }
}

static void add_strip(struct section *section)
{
    static const char *const KRIS[] = {"AE rate", "SAE rate", "Deviations", "重要方案偏离",
        "Queries", "Entry lag", "Change rate", "Screen failures"};
    struct chart *chart =
        section_add_chart(section, "strip", CHART_HEAT_STRIP, WORD_COVER_INVESTIGATOR);
    set_categories(chart, KRIS, 8);
    add_series(chart, WORD_SITE, TONE_PLAIN, (double[]){-2, -1, 0, 1, 2, 3, NAN, 0}, 8);
    add_series(chart, WORD_STUDY, TONE_PLAIN, (double[]){0, 0, 2, -1, 0, 0, 3, NAN}, 8);
}

static void add_map(struct section *section)
{
    static const enum word DAYS[] = {
        WORD_YES, WORD_NO, WORD_STUDY, WORD_SITE, WORD_DRAFT, WORD_FINAL, WORD_CONTENTS};
    struct chart *chart = section_add_chart(section, "hours", CHART_HEAT_MAP, WORD_COVER_AS_OF);
    chart_set_categories(chart, 24);
    for (size_t hour = 0; hour < 24; hour++) {
        chart_set_category(chart, hour, cell_integer((int64_t)hour));
    }
    for (size_t day = 0; day < 7; day++) {
        struct chart_series *series = chart_add_series(chart, DAYS[day], TONE_PLAIN, 24);
        for (size_t hour = 0; hour < 24; hour++) {
            double work = exp(-pow(((double)hour - 14) / 4, 2)) * (day < 5 ? 90 : 8);
            *chart_point_at(series, hour) = (struct chart_point){
                .x = (double)hour, .y = day == 6 && hour < 3 ? NAN : floor(work)};
        }
    }
}

void sample_add_charts(struct report *report, int number)
{
    struct section *section = report_add_section(report, number, "charts", WORD_STUDY);
    add_stacked(section);
    add_bars(section);
    add_lines(section);
    add_pareto(section);
    add_funnel(section);
    add_strip(section);
    add_map(section);
}
