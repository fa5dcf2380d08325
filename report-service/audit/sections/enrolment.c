/* Section 4: enrolment against plan, screen failures, discontinuations, the subjects. */
#include <string.h>

#include "audit/sections/sections.h"
#include "audit/sources/dates.h"

static const struct column SUBJECT_COLUMNS[] = {
    {"subject_no", WORD_HEAD_SUBJECT, ALIGN_START, 3},
    {"status", WORD_HEAD_STATUS, ALIGN_START, 3},
    {"screened_on", WORD_HEAD_SCREENED, ALIGN_START, 3},
    {"enrolled_on", WORD_HEAD_ENROLLED, ALIGN_START, 3},
    {"first_dose_on", WORD_HEAD_FIRST_DOSE, ALIGN_START, 3},
    {"days_on_study", WORD_HEAD_DAYS_ON_STUDY, ALIGN_END, 2},
    {"left_on", WORD_HEAD_LEFT, ALIGN_START, 3},
    {"reason", WORD_HEAD_REASON, ALIGN_START, 4},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static const struct column REASON_COLUMNS[] = {
    {"reason", WORD_HEAD_REASON, ALIGN_START, 5},
    {"screen_failures", WORD_SCREEN_FAILURES, ALIGN_END, 2},
    {"discontinuations", WORD_DISCONTINUATIONS, ALIGN_END, 2},
    {"treatment_discontinuations", WORD_TREATMENT_DISCONTINUATIONS, ALIGN_END, 2},
};

struct totals {
    int64_t n_screened;
    int64_t n_failed;
    int64_t n_enrolled;
    int64_t n_completed;
    int64_t n_discontinued;
    int64_t n_treatment_discontinued;
};

static struct totals count(const struct audit_facts *facts)
{
    struct totals totals = {0};
    LIST_EACH(const struct subject, subject, &facts->edc.subjects) {
        totals.n_screened++;
        totals.n_failed += subject->is_screen_failed;
        totals.n_enrolled += subject->is_enrolled;
        totals.n_completed += subject->is_completed;
        totals.n_discontinued += subject->is_discontinued;
        totals.n_treatment_discontinued += subject->is_treatment_discontinued;
    }
    return totals;
}

static void add_facts(struct section_build *build, const struct totals *totals)
{
    struct section *section = build->section;
    const struct ctms_facts *ctms = &build->facts->ctms;
    struct block *facts = section_add_facts(section, "enrolment");
    struct cell planned = ctms->plan_subjects > 0 ? cell_integer(ctms->plan_subjects) : cell_none();
    facts_add(section, facts, "planned", WORD_PLANNED_SUBJECTS,
        section_cell(&ctms->base, "site", "plan_subjects", planned));
    facts_add(section, facts, "activated_on", WORD_ACTIVATED,
        section_cell(&ctms->base, "site", "activated_on", cell_date(ctms->activated_on)));
    facts_add(section, facts, "site_status", WORD_HEAD_STATUS,
        section_cell(
            &ctms->base, "site", "status", cell_code(VOCABULARY_SITE_STATUS, ctms->site_status)));
    facts_add(section, facts, "screened", WORD_SCREENED, cell_integer(totals->n_screened));
    facts_add(
        section, facts, "screen_failures", WORD_SCREEN_FAILURES, cell_integer(totals->n_failed));
    facts_add(section, facts, "screen_failure_rate", WORD_SCREEN_FAILURE_SHARE,
        cell_percent(section_share(totals->n_failed, totals->n_screened), 1));
    facts_add(section, facts, "enrolled", WORD_ENROLLED, cell_integer(totals->n_enrolled));
    facts_add(section, facts, "completed", WORD_COMPLETED, cell_integer(totals->n_completed));
    facts_add(section, facts, "discontinuations", WORD_DISCONTINUATIONS,
        cell_integer(totals->n_discontinued));
    facts_add(section, facts, "treatment_discontinuations", WORD_TREATMENT_DISCONTINUATIONS,
        section_cell(&build->facts->edc.base, "subject", "treatment_status",
            cell_integer(totals->n_treatment_discontinued)));
}

static int by_day(const struct list_node *a, const struct list_node *b)
{
    const char *left = ((const struct subject *)a)->enrolled_on;
    const char *right = ((const struct subject *)b)->enrolled_on;
    return strcmp(left, right);
}

/* The enrolled subjects with a date, in its order: copies, since lists share no nodes. */
static struct list enrolled_by_day(struct section_build *build)
{
    struct list list = {0};
    LIST_EACH(const struct subject, subject, &build->facts->edc.subjects) {
        if (!subject->is_enrolled || subject->enrolled_on == NULL) {
            continue;
        }
        struct subject *copy = arena_alloc(build->report->arena, sizeof(*copy));
        if (copy != NULL) {
            *copy = *subject;
            list_add(&list, &copy->node);
        }
    }
    list_sort(&list, by_day);
    return list;
}

static double day_of(const char *date)
{
    int64_t day;
    return date_first_day(date, &day) ? (double)day : 0;
}

static void add_plan(struct section_build *build, struct chart *chart)
{
    struct enrolment_plan plan;
    if (!facts_enrolment_plan(build->facts, &plan)) {
        return;
    }
    struct chart_series *series = chart_add_series(chart, WORD_PLAN, TONE_MUTED, 2);
    series->is_dashed = true;
    *chart_point_at(series, 0) = (struct chart_point){.x = (double)plan.first_day};
    *chart_point_at(series, 1) =
        (struct chart_point){.x = (double)plan.last_day, .y = (double)plan.n_planned};
}

static void add_curve(struct section_build *build)
{
    struct list enrolled = enrolled_by_day(build);
    if (enrolled.count == 0) {
        return;
    }
    struct chart *chart =
        section_add_chart(build->section, "enrolment_curve", CHART_LINES, WORD_CHART_ENROLMENT);
    chart->x_is_date = true;
    chart->x_title = WORD_HEAD_DATE;
    chart->y_title = WORD_SUBJECTS;
    struct chart_series *series =
        chart_add_series(chart, WORD_ENROLLED, TONE_NOTICE, enrolled.count + 1);
    series->is_step = true;
    size_t index = 0;
    LIST_EACH(const struct subject, subject, &enrolled) {
        *chart_point_at(series, index) =
            (struct chart_point){.x = day_of(subject->enrolled_on), .y = (double)(index + 1)};
        index++;
    }
    *chart_point_at(series, index) =
        (struct chart_point){.x = (double)build->facts->as_of_day, .y = (double)index};
    add_plan(build, chart);
}

/* One row a reason that occurs, in the order in which they first do. */
static void add_reason(
    struct table *table, const char *reasons[], size_t *n_reasons, const char *reason, int column)
{
    const char *key = reason == NULL ? "" : reason;
    size_t index = 0;
    struct table_row *row = table->first;
    while (index < *n_reasons && strcmp(reasons[index], key) != 0) {
        row = row == NULL ? NULL : row->next;
        index++;
    }
    if (index == *n_reasons) {
        struct cell *cells = table_add_row(table);
        cells[0] =
            reason == NULL ? cell_word(WORD_NO_REASON) : cell_code(VOCABULARY_REASON, reason);
        cells[1] = cells[2] = cells[3] = cell_integer(0);
        reasons[(*n_reasons)++] = key;
        row = table->last;
    }
    if (row != NULL) {
        row->cells[column].integer++;
    }
}

static void add_reasons(struct section_build *build, const struct totals *totals)
{
    size_t n_max =
        (size_t)(totals->n_failed + totals->n_discontinued + totals->n_treatment_discontinued);
    const char **reasons = arena_alloc_array(build->report->arena, n_max + 1, sizeof(*reasons));
    size_t n_reasons = 0;
    struct table *table = section_add_table(
        build->section, "reasons", WORD_TABLE_REASONS, REASON_COLUMNS, LENGTH_OF(REASON_COLUMNS));
    if (reasons == NULL) {
        return;
    }
    LIST_EACH(const struct subject, subject, &build->facts->edc.subjects) {
        if (subject->is_screen_failed) {
            add_reason(table, reasons, &n_reasons, subject->discont_reason, 1);
        }
        if (subject->is_discontinued) {
            add_reason(table, reasons, &n_reasons, subject->discont_reason, 2);
        }
        if (subject->is_treatment_discontinued) {
            add_reason(table, reasons, &n_reasons, subject->treatment_reason, 3);
        }
    }
}

enum word section_subject_status(const struct subject *subject)
{
    if (subject->is_screen_failed) {
        return WORD_STATUS_SCREEN_FAILED;
    }
    if (!subject->is_enrolled) {
        return WORD_STATUS_SCREENING;
    }
    if (subject->is_discontinued) {
        return WORD_STATUS_DISCONTINUED;
    }
    return subject->is_completed ? WORD_STATUS_COMPLETED : WORD_STATUS_ON_STUDY;
}

static void add_subjects(struct section_build *build)
{
    const struct source_facts *edc = &build->facts->edc.base;
    struct table *table = section_add_table(build->section, "subjects", WORD_TABLE_SUBJECTS,
        SUBJECT_COLUMNS, LENGTH_OF(SUBJECT_COLUMNS));
    LIST_EACH(const struct subject, subject, &build->facts->edc.subjects) {
        struct cell *cells = section_add_evidence_row(build, table, subject->marks);
        cells[0] = cell_text(subject->subject_no);
        cells[1] = cell_word(section_subject_status(subject));
        cells[2] = section_cell(edc, "subject", "screened_on", cell_date(subject->screened_on));
        cells[3] = cell_date(subject->enrolled_on);
        cells[4] = cell_date(subject->first_dose_on);
        cells[5] = section_cell(edc, "subject", "last_seen_on",
            subject->days_on_study > 0 ? cell_integer(subject->days_on_study) : cell_none());
        cells[6] = section_cell(edc, "subject", "discont_on", cell_date(subject->discont_on));
        cells[7] = cell_code(VOCABULARY_REASON, subject->discont_reason);
    }
}

void section_enrolment(struct section_build *build)
{
    if (section_lacks(build, &build->facts->edc.base, "subject", NULL, WORD_SUBJECTS)) {
        return;
    }
    struct totals totals = count(build->facts);
    add_facts(build, &totals);
    add_curve(build);
    add_reasons(build, &totals);
    add_subjects(build);
}
