/* Section 7: criteria by protocol version, and who was enrolled although one is not met. */
#include <string.h>

#include "audit/sections/sections.h"

static const struct column CRITERION_COLUMNS[] = {
    {"kind", WORD_HEAD_KIND, ALIGN_START, 3},
    {"criterion", WORD_HEAD_CRITERION, ALIGN_START, 3},
    {"protocol_version", WORD_HEAD_PROTOCOL_VERSION, ALIGN_START, 3},
    {"answers", WORD_HEAD_ASSESSED, ALIGN_END, 2},
    {"not_met_not_enrolled", WORD_HEAD_NOT_MET_NOT_ENROLLED, ALIGN_END, 3},
    {"not_met_enrolled", WORD_HEAD_NOT_MET_ENROLLED, ALIGN_END, 3},
    {"unanswered", WORD_HEAD_UNANSWERED, ALIGN_END, 2},
};

static const struct column SUBJECT_COLUMNS[] = {
    {"subject_no", WORD_HEAD_SUBJECT, ALIGN_START, 3},
    {"enrolled_on", WORD_HEAD_ENROLLED, ALIGN_START, 3},
    {"kind", WORD_HEAD_KIND, ALIGN_START, 3},
    {"criterion", WORD_HEAD_CRITERION, ALIGN_START, 3},
    {"protocol_version", WORD_HEAD_PROTOCOL_VERSION, ALIGN_START, 2},
    {"in_force", WORD_HEAD_IN_FORCE, ALIGN_START, 2},
    {"answer", WORD_HEAD_ANSWER, ALIGN_START, 4},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

enum { COUNTS_MAX = 256 }; /* of criteria, times protocol versions; further ones are left out */

/* One criterion of one protocol version. */
struct count {
    const struct criterion *example;
    int64_t n_answers;
    int64_t n_not_enrolled; /* and not met */
    int64_t n_enrolled;     /* and not met */
    int64_t n_unanswered;
};

struct counts {
    struct count rows[COUNTS_MAX];
    size_t n_rows;
};

static bool is_equal(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_same(const struct criterion *a, const struct criterion *b, bool by_version)
{
    return a->is_exclusion == b->is_exclusion && is_equal(a->code, b->code) &&
           (!by_version || is_equal(a->protocol_version, b->protocol_version));
}

/* In the order in which they first come: that of the form. */
static void count_criteria(const struct edc_facts *edc, bool by_version, struct counts *counts)
{
    size_t at = 0; /* the next one is mostly the one after the last */
    LIST_EACH(const struct criterion, criterion, &edc->criteria) {
        size_t i = at < counts->n_rows && is_same(counts->rows[at].example, criterion, by_version)
                       ? at
                       : 0;
        while (i < counts->n_rows && !is_same(counts->rows[i].example, criterion, by_version)) {
            i++;
        }
        if (i == COUNTS_MAX) {
            continue;
        }
        counts->n_rows += i == counts->n_rows;
        struct count *count = &counts->rows[i];
        bool is_enrolled = criterion->subject->is_enrolled;
        count->example = criterion;
        count->n_answers++;
        count->n_enrolled += is_enrolled && criterion->answer == CRITERION_NOT_MET;
        count->n_not_enrolled += !is_enrolled && criterion->answer == CRITERION_NOT_MET;
        count->n_unanswered += criterion->answer == CRITERION_UNANSWERED;
        at = i + 1;
    }
}

static void add_facts(struct section_build *build)
{
    const struct edc_facts *edc = &build->facts->edc;
    struct section *section = build->section;
    int64_t n_answered = 0;
    int64_t n_checked = 0;
    int64_t n_all_met = 0;
    int64_t n_not_met = 0;
    int64_t n_unanswered = 0;
    LIST_EACH(const struct eligibility_check, check, &edc->eligibility_checks) {
        bool is_enrolled = check->subject->is_enrolled;
        n_answered += check->n_criteria - check->n_unanswered;
        n_checked += check->n_criteria > 0;
        n_not_met += is_enrolled && check->n_not_met > 0;
        n_unanswered += is_enrolled && (check->n_unanswered > 0 || check->n_criteria == 0);
        n_all_met += is_enrolled && check->n_criteria > 0 && check->n_not_met == 0 &&
                     check->n_unanswered == 0;
    }
    struct block *facts = section_add_facts(section, "eligibility");
    facts_add(section, facts, "criteria", WORD_CRITERIA_ANSWERED, cell_integer(n_answered));
    facts_add(section, facts, "checked", WORD_SUBJECTS_CHECKED, cell_integer(n_checked));
    facts_add(section, facts, "all_met", WORD_SUBJECTS_ALL_MET, cell_integer(n_all_met));
    facts_add(section, facts, "not_met", WORD_SUBJECTS_NOT_MET, cell_integer(n_not_met));
    facts_add(section, facts, "unanswered", WORD_SUBJECTS_UNANSWERED, cell_integer(n_unanswered));
}

/* Criteria that somebody did not meet, whatever the protocol's version. */
static void add_chart(struct section_build *build, struct counts *counts)
{
    size_t n_shown = 0;
    count_criteria(&build->facts->edc, false, counts);
    for (size_t i = 0; i < counts->n_rows; i++) {
        n_shown += counts->rows[i].n_enrolled + counts->rows[i].n_not_enrolled > 0;
    }
    if (n_shown == 0 || !facts_has(&build->facts->edc.base, "eligibility", "code")) {
        return;
    }
    struct chart *chart =
        section_add_chart(build->section, "criteria_not_met", CHART_BARS, WORD_CHART_CRITERIA);
    chart->x_title = WORD_HEAD_CRITERION;
    chart->y_title = WORD_SUBJECTS;
    chart_set_categories(chart, n_shown);
    struct chart_series *out = chart_add_series(chart, WORD_NOT_ENROLLED, TONE_NOTICE, n_shown);
    struct chart_series *in = chart_add_series(chart, WORD_ENROLLED, TONE_ALARM, n_shown);
    size_t index = 0;
    for (size_t i = 0; i < counts->n_rows; i++) {
        const struct count *count = &counts->rows[i];
        if (count->n_enrolled + count->n_not_enrolled == 0) {
            continue;
        }
        chart_set_category(chart, index, cell_text(count->example->code));
        *chart_point_at(out, index) =
            (struct chart_point){.x = (double)index, .y = (double)count->n_not_enrolled};
        *chart_point_at(in, index) =
            (struct chart_point){.x = (double)index, .y = (double)count->n_enrolled};
        index++;
    }
}

static void fill_criterion(
    const struct audit_facts *facts, struct cell *cells, const struct criterion *criterion)
{
    cells[0] = cell_word(criterion->is_exclusion ? WORD_EXCLUSION : WORD_INCLUSION);
    cells[1] = section_cell(&facts->edc.base, "eligibility", "code", cell_text(criterion->code));
    cells[2] = section_cell(&facts->edc.base, "eligibility", "protocol_version",
        cell_text(criterion->protocol_version));
}

static void add_criteria(struct section_build *build, struct counts *counts)
{
    struct table *table = section_add_table(build->section, "criteria", WORD_TABLE_CRITERIA,
        CRITERION_COLUMNS, LENGTH_OF(CRITERION_COLUMNS));
    counts->n_rows = 0;
    memset(counts->rows, 0, sizeof(counts->rows));
    count_criteria(&build->facts->edc, true, counts);
    for (size_t i = 0; i < counts->n_rows; i++) {
        const struct count *count = &counts->rows[i];
        struct cell *cells = table_add_row(table);
        fill_criterion(build->facts, cells, count->example);
        cells[3] = cell_integer(count->n_answers);
        cells[4] = cell_integer(count->n_not_enrolled);
        cells[5] = cell_tone(
            cell_integer(count->n_enrolled), count->n_enrolled > 0 ? TONE_ALARM : TONE_PLAIN);
        cells[6] = cell_tone(
            cell_integer(count->n_unanswered), count->n_unanswered > 0 ? TONE_WARNING : TONE_PLAIN);
    }
}

static struct cell answer_cell(enum criterion_answer answer)
{
    switch (answer) {
    case CRITERION_MET:
        return cell_word(WORD_CRITERION_MET);
    case CRITERION_NOT_MET:
        return cell_tone(cell_word(WORD_CRITERION_NOT_MET), TONE_ALARM);
    case CRITERION_UNANSWERED:
        return cell_tone(cell_word(WORD_CRITERION_UNANSWERED), TONE_WARNING);
    }
    return cell_none();
}

static struct cell *add_subject(struct section_build *build, struct table *table,
    const struct eligibility_check *check, rule_mask marks)
{
    struct cell *cells = section_add_evidence_row(build, table, marks);
    cells[0] = cell_text(check->subject->subject_no);
    cells[1] = cell_date(check->subject->enrolled_on);
    cells[5] = section_cell(&build->facts->ctms.base, "ethics", "approved_on",
        cell_text(check->in_force == NULL ? NULL : check->in_force->version));
    return cells;
}

/* The enrolled subjects with something to examine: a row a criterion, or one for all of them. */
static void add_subjects(struct section_build *build)
{
    const struct edc_facts *edc = &build->facts->edc;
    struct table *table = section_add_table(build->section, "ineligible", WORD_TABLE_INELIGIBLE,
        SUBJECT_COLUMNS, LENGTH_OF(SUBJECT_COLUMNS));
    table->when_empty = WORD_NO_CRITERIA_NOT_MET;
    const struct criterion *criterion = (const struct criterion *)edc->criteria.first;
    LIST_EACH(const struct eligibility_check, check, &edc->eligibility_checks) {
        bool is_enrolled = check->subject->is_enrolled;
        if (is_enrolled && (check->n_criteria == 0 || check->is_version_wrong)) {
            struct cell *cells = add_subject(build, table, check, check->marks);
            cells[4] = cell_text(check->protocol_version);
            cells[6] = cell_tone(
                cell_word(check->n_criteria == 0 ? WORD_NO_CRITERIA : WORD_OTHER_PROTOCOL_VERSION),
                TONE_WARNING);
        }
        while (criterion != NULL && criterion->subject == check->subject) {
            if (is_enrolled && criterion->answer != CRITERION_MET) {
                struct cell *cells = add_subject(build, table, check, criterion->marks);
                fill_criterion(build->facts, &cells[2], criterion);
                cells[6] = answer_cell(criterion->answer);
            }
            criterion = (const struct criterion *)criterion->node.next;
        }
    }
}

void section_eligibility(struct section_build *build)
{
    if (section_lacks(build, &build->facts->edc.base, "eligibility", NULL, WORD_CRITERIA)) {
        return;
    }
    struct counts *counts = arena_alloc(build->report->arena, sizeof(*counts));
    if (counts == NULL) {
        return; /* the report says that it is not complete */
    }
    add_facts(build);
    add_chart(build, counts);
    add_criteria(build, counts);
    add_subjects(build);
}
