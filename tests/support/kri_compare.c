#include "support/kri_compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "audit/kri/kri.h"

enum { SECTION_INDICATORS = 1 << 5 };
enum { NUMERATOR = 1, DENOMINATOR, SITE_RATE, STUDY_RATE, SCORE, FLAG }; /* of table indicators */
enum { DISPERSION = 4 };                                                 /* of indicator_study */

static const struct report *build(const struct audit_sources *sources, const char *protocol_no,
    const char *site_no, const char *as_of)
{
    const struct audit_request request = {
        .study = protocol_no, .site_no = site_no, .as_of = as_of, .sections = SECTION_INDICATORS};
    struct report *report = NULL;
    struct error error = ERROR_NONE;
    if (audit_build(ctx_background(), sources, &request, &report, &error) != STATUS_OK) {
        fprintf(stderr, "site %s: %s\n", site_no, error.text);
    }
    return report;
}

static const struct block *find(const struct report *report, const char *id)
{
    for (const struct section *section = report->first; section != NULL; section = section->next) {
        for (const struct block *block = section->first; block != NULL; block = block->next) {
            if (block->id != NULL && strcmp(block->id, id) == 0) {
                return block;
            }
        }
    }
    return NULL;
}

/* A cell as a number; NaN when it has none. */
static double number_of(const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_INTEGER:
        return (double)cell->integer;
    case CELL_NUMBER:
    case CELL_PERCENT:
        return cell->number;
    case CELL_NONE:
    case CELL_NOT_PROVIDED:
    case CELL_BLINDED:
    case CELL_TEXT:
    case CELL_DATE:
    case CELL_INSTANT:
    case CELL_WORD:
        break;
    }
    return NAN;
}

static bool is_near(double value, long double expected)
{
    if (isnan(value) || isnan(expected)) {
        return isnan(value) && isnan(expected);
    }
    return fabsl(value - expected) <= 1e-9L * fmaxl(1, fabsl(expected));
}

static bool is_right_outcome(const struct cell *cell, const struct oracle_value *value)
{
    static const enum word FLAGS[] = {
        WORD_FLAG_LOW_LOW, WORD_FLAG_LOW, WORD_FLAG_NONE, WORD_FLAG_HIGH, WORD_FLAG_HIGH_HIGH};
    static const enum word WHYS[] = {[ORACLE_FEW] = WORD_KRI_TOO_FEW,
        [ORACLE_NONE_HAPPENED] = WORD_KRI_NO_EVENTS,
        [ORACLE_ALL_HAPPENED] = WORD_KRI_ALL_EVENTS,
        [ORACLE_ALIKE] = WORD_KRI_NO_SPREAD};
    if (value->why == ORACLE_ABSENT) {
        return cell->kind == CELL_NOT_PROVIDED;
    }
    enum word word = value->why == ORACLE_SCORED ? FLAGS[value->flag + 2] : WHYS[value->why];
    return cell->kind == CELL_WORD && cell->word == word;
}

static void check(struct kri_tally *tally, const char *site_no, const char *kri, const char *what,
    double value, long double expected)
{
    if (!is_near(value, expected)) {
        tally->n_wrong++;
        fprintf(stderr, "site %s, %s, %s: %.17g, expected %.17Lg\n", site_no, kri, what, value,
            expected);
    }
}

/* The report of a site that the CTMS does not know has nothing of the CTMS, of other sites neither.
 */
static bool is_told(const struct oracle_site *site, int kri)
{
    bool is_of_ctms = kri == ORACLE_DEVIATION || kri == ORACLE_IMPORTANT_DEVIATION;
    return !is_of_ctms || site->values[kri].is_there;
}

static void check_row(struct kri_tally *tally, const struct oracle_site *site, int kri,
    const struct cell *cells, const struct oracle_verdict *verdict)
{
    const struct oracle_value *value = &site->values[kri];
    const char *id = KRI_DEFINITIONS[kri].id;
    long double unit = KRI_DEFINITIONS[kri].unit;
    long double none = (long double)NAN;
    bool has_rate = value->is_there && value->denominator > 0;
    check(tally, site->site_no, id, "numerator", number_of(&cells[NUMERATOR]),
        value->is_there ? value->numerator : none);
    check(tally, site->site_no, id, "denominator", number_of(&cells[DENOMINATOR]),
        value->is_there ? value->denominator : none);
    check(tally, site->site_no, id, "rate", number_of(&cells[SITE_RATE]),
        has_rate ? unit * value->numerator / value->denominator : none);
    check(tally, site->site_no, id, "study's rate", number_of(&cells[STUDY_RATE]),
        is_told(site, kri) ? unit * verdict->mu[kri] : none);
    check(tally, site->site_no, id, "score", number_of(&cells[SCORE]), value->score);
    if (!is_right_outcome(&cells[FLAG], value)) {
        tally->n_wrong++;
        fprintf(stderr, "site %s, %s: another flag than %d (%d)\n", site->site_no, id, value->flag,
            (int)value->why);
    }
    tally->n_values++;
    tally->n_whys[value->why]++;
    tally->n_scored += value->why == ORACLE_SCORED;
    tally->n_flagged += value->flag != 0;
}

/* phi, where there is a variance to divide by. */
static void check_study(struct kri_tally *tally, const struct report *report,
    const struct oracle_site *site, const struct oracle_verdict *verdict)
{
    const struct table_row *row = find(report, "indicator_study")->table->first;
    for (int kri = 0; kri < ORACLE_COUNT; kri++, row = row->next) {
        bool has_phi = is_told(site, kri) && verdict->mu[kri] > 0 &&
                       (KRI_DEFINITIONS[kri].kind == KRI_KIND_RATE || verdict->mu[kri] < 1);
        long double phi = has_phi ? verdict->phi[kri] : (long double)NAN;
        check(tally, "all", KRI_DEFINITIONS[kri].id, "dispersion",
            number_of(&row->cells[DISPERSION]), phi);
    }
}

bool kri_compare(const struct audit_sources *sources, const char *protocol_no,
    const struct oracle_rows *rows, const char *as_of, struct kri_tally *tally)
{
    _Static_assert((int)ORACLE_COUNT == (int)KRI_COUNT, "the same indicators in the same order");
    struct oracle_verdict verdict;
    size_t n_wrong = tally->n_wrong;
    oracle_judge(rows, as_of, &verdict);
    for (size_t i = 0; i < verdict.n_sites; i++) {
        const struct oracle_site *site = &verdict.sites[i];
        const struct report *report = build(sources, protocol_no, site->site_no, as_of);
        const struct block *block = report == NULL ? NULL : find(report, "indicators");
        if (block == NULL || block->table->n_rows != ORACLE_COUNT) {
            tally->n_wrong++;
        } else {
            const struct table_row *row = block->table->first;
            for (int kri = 0; kri < ORACLE_COUNT; kri++, row = row->next) {
                check_row(tally, site, kri, row->cells, &verdict);
            }
            check_study(tally, report, site, &verdict);
        }
        report_free((struct report *)report);
    }
    oracle_verdict_finish(&verdict);
    return tally->n_wrong == n_wrong;
}

/* --- the trend ------------------------------------------------------------------------------ */

static bool is_same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* One day of the trend against the report of that day. */
static bool has_day(const struct report *trend, const struct report *day, size_t index)
{
    const struct table_row *row = find(day, "indicators")->table->first;
    for (int kri = 0; kri < KRI_COUNT; kri++, row = row->next) {
        char id[64];
        snprintf(id, sizeof(id), "trend_%s", KRI_DEFINITIONS[kri].id);
        const struct block *block = find(trend, id);
        if (block == NULL) {
            continue; /* nothing to divide by */
        }
        const struct chart_series *site = block->chart->first;
        if (!is_same(site->points[index].y, number_of(&row->cells[SITE_RATE])) ||
            !is_same(site->next->points[index].y, number_of(&row->cells[STUDY_RATE]))) {
            fprintf(stderr, "%s on %s: the trend has %.17g and %.17g, the report %.17g and %.17g\n",
                KRI_DEFINITIONS[kri].id, day->as_of, site->points[index].y,
                site->next->points[index].y, number_of(&row->cells[SITE_RATE]),
                number_of(&row->cells[STUDY_RATE]));
            return false;
        }
    }
    return true;
}

bool kri_compare_trend(
    const struct audit_sources *sources, const char *protocol_no, const char *site_no)
{
    const struct report *trend = build(sources, protocol_no, site_no, NULL);
    const struct block *flags = trend == NULL ? NULL : find(trend, "indicator_trend_flags");
    bool is_right = flags != NULL && flags->chart->n_series >= 2;
    size_t index = 0;
    for (const struct chart_series *series = is_right ? flags->chart->first : NULL;
         series != NULL && is_right; series = series->next, index++) {
        const struct report *day = build(sources, protocol_no, site_no, series->name_text);
        is_right = day != NULL && has_day(trend, day, index);
        const struct block *own = day == NULL ? NULL : find(day, "indicator_trend_flags");
        const struct chart_series *last = own == NULL ? NULL : own->chart->last;
        for (size_t kri = 0; kri < KRI_COUNT && last != NULL; kri++) {
            is_right = is_right && is_same(last->points[kri].y, series->points[kri].y);
        }
        report_free((struct report *)day);
    }
    report_free((struct report *)trend);
    return is_right;
}
