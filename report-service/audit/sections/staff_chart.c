/* The timeline of section 14: a row a person with tasks. */
#include <math.h>

#include "audit/sections/staff.h"
#include "audit/sources/dates.h"

static const int64_t LEAD_DAYS = 60; /* before the first task: trainings of the start-up show */

static bool is_shown(const struct staff_member *staff)
{
    return staff->has_tasks;
}

static size_t count_shown(const struct ctms_facts *ctms)
{
    size_t count = 0;
    LIST_EACH(const struct staff_member, staff, &ctms->staff) {
        count += is_shown(staff);
    }
    return count;
}

static int64_t first_shown_day(const struct audit_facts *facts)
{
    int64_t first = facts->as_of_day;
    LIST_EACH(const struct staff_member, staff, &facts->ctms.staff) {
        if (is_shown(staff) && staff->delegated_from < first) {
            first = staff->delegated_from;
        }
    }
    return first - LEAD_DAYS;
}

/* Series are filled with no span; rows come later. */
static struct chart_series *add_series(
    struct chart *chart, enum word name, enum tone tone, size_t n_rows)
{
    struct chart_series *series = chart_add_series(chart, name, tone, n_rows);
    for (size_t i = 0; i < n_rows; i++) {
        *chart_point_at(series, i) = (struct chart_point){.x = NAN, .y = NAN};
    }
    return series;
}

/* A span, cut to what the chart shows; none when nothing is left of it. */
static void set_span(struct chart_series *series, size_t row, int64_t from, int64_t to,
    int64_t first_day, int64_t last_day)
{
    from = from < first_day ? first_day : from;
    to = to > last_day ? last_day : to;
    if (from < to) {
        *chart_point_at(series, row) = (struct chart_point){.x = (double)from, .y = (double)to};
    }
}

struct spans {
    struct chart_series *delegated;
    struct chart_series *certified;
    struct chart_series *before; /* tasks without a certificate: not yet, and no longer */
    struct chart_series *after;
};

static void set_spans(const struct spans *spans, size_t row, const struct staff_member *staff,
    int64_t first_day, int64_t last_day)
{
    int64_t from;
    int64_t until = last_day;
    set_span(
        spans->delegated, row, staff->delegated_from, staff->delegated_to, first_day, last_day);
    if (!date_first_day(staff->gcp_cert_on, &from)) {
        set_span(
            spans->before, row, staff->delegated_from, staff->delegated_to, first_day, last_day);
        return;
    }
    if (date_first_day(staff->gcp_expires_on, &until) && until < staff->delegated_to) {
        int64_t gap_from = until > staff->delegated_from ? until : staff->delegated_from;
        set_span(spans->after, row, gap_from, staff->delegated_to, first_day, last_day);
    }
    set_span(spans->certified, row, from, until, first_day, last_day);
    if (from > staff->delegated_from) {
        int64_t gap_to = from < staff->delegated_to ? from : staff->delegated_to;
        set_span(spans->before, row, staff->delegated_from, gap_to, first_day, last_day);
    }
}

static size_t count_trainings(const struct ctms_facts *ctms, const struct staff_member *staff)
{
    size_t count = 0;
    LIST_EACH(const struct training, training, &ctms->trainings) {
        count += training->staff == staff && training->done_on != NULL;
    }
    return count;
}

/* The k-th training of everybody is a series: a series has one point a row. */
static void add_trainings(
    struct section_build *build, struct chart *chart, size_t n_rows, int64_t first_day)
{
    const struct ctms_facts *ctms = &build->facts->ctms;
    size_t n_series = 0;
    LIST_EACH(const struct staff_member, staff, &ctms->staff) {
        size_t count = is_shown(staff) ? count_trainings(ctms, staff) : 0;
        n_series = count > n_series ? count : n_series;
    }
    for (size_t k = 0; k < n_series; k++) {
        struct chart_series *series = add_series(chart, WORD_SPAN_TRAINING, TONE_PLAIN, n_rows);
        size_t row = 0;
        LIST_EACH(const struct staff_member, staff, &ctms->staff) {
            if (!is_shown(staff)) {
                continue;
            }
            size_t index = 0;
            LIST_EACH(const struct training, training, &ctms->trainings) {
                int64_t day;
                bool is_kth = training->staff == staff && training->done_on != NULL && index++ == k;
                if (is_kth && date_first_day(training->done_on, &day) && day >= first_day) {
                    *chart_point_at(series, row) =
                        (struct chart_point){.x = (double)day, .y = (double)day};
                }
            }
            row++;
        }
    }
}

void section_add_staff_chart(struct section_build *build)
{
    const struct audit_facts *facts = build->facts;
    size_t n_rows = count_shown(&facts->ctms);
    if (n_rows == 0) {
        return;
    }
    struct chart *chart =
        section_add_chart(build->section, "staff_timeline", CHART_TIMELINE, WORD_CHART_STAFF);
    chart->x_is_date = true;
    chart_set_categories(chart, n_rows);
    struct spans spans = {
        .delegated = add_series(chart, WORD_SPAN_DELEGATED, TONE_NOTICE, n_rows),
        .certified = add_series(chart, WORD_SPAN_GCP, TONE_GOOD, n_rows),
        .before = add_series(chart, WORD_SPAN_GAP, TONE_ALARM, n_rows),
        .after = add_series(chart, WORD_SPAN_GAP, TONE_ALARM, n_rows),
    };
    int64_t first_day = first_shown_day(facts);
    size_t row = 0;
    LIST_EACH(const struct staff_member, staff, &facts->ctms.staff) {
        if (is_shown(staff)) {
            chart_set_category(chart, row, cell_text(staff->name));
            set_spans(&spans, row, staff, first_day, facts->as_of_day);
            row++;
        }
    }
    add_trainings(build, chart, n_rows, first_day);
}
