/* Section 6: what was signed, when, in which version; and again after a new one. */
#include <math.h>
#include <stdlib.h>

#include "audit/sections/sections.h"
#include "audit/sources/dates.h"

static const struct column VERSION_COLUMNS[] = {
    {"version", WORD_HEAD_VERSION, ALIGN_START, 3},
    {"approved_on", WORD_HEAD_APPROVED, ALIGN_START, 3},
    {"until", WORD_HEAD_UNTIL, ALIGN_START, 3},
    {"signatures", WORD_HEAD_SIGNATURES, ALIGN_END, 2},
};

static const struct column CONSENT_COLUMNS[] = {
    {"subject_no", WORD_HEAD_SUBJECT, ALIGN_START, 3},
    {"version", WORD_HEAD_VERSION, ALIGN_START, 2},
    {"signed_on", WORD_HEAD_SIGNED, ALIGN_START, 3},
    {"in_force", WORD_HEAD_IN_FORCE, ALIGN_START, 3},
    {"first_procedure_on", WORD_HEAD_FIRST_PROCEDURE, ALIGN_START, 3},
    {"days_before", WORD_HEAD_DAYS_BEFORE, ALIGN_END, 2},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static const struct column RECONSENT_COLUMNS[] = {
    {"subject_no", WORD_HEAD_SUBJECT, ALIGN_START, 3},
    {"version", WORD_HEAD_VERSION, ALIGN_START, 2},
    {"approved_on", WORD_HEAD_APPROVED, ALIGN_START, 3},
    {"due_on", WORD_HEAD_DUE_AT_VISIT, ALIGN_START, 3},
    {"signed_on", WORD_HEAD_SIGNED, ALIGN_START, 3},
    {"days", WORD_HEAD_DAYS_FROM_APPROVAL, ALIGN_END, 2},
    {"state", WORD_HEAD_STATUS, ALIGN_START, 3},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static int by_value(const void *a, const void *b)
{
    const int64_t *left = a;
    const int64_t *right = b;
    return *left < *right ? -1 : *left > *right;
}

/* Sorts the values. NaN when there are none. */
static double median(int64_t *values, size_t n_values)
{
    if (values == NULL || n_values == 0) {
        return NAN;
    }
    qsort(values, n_values, sizeof(*values), by_value);
    size_t middle = n_values / 2;
    return n_values % 2 == 1 ? (double)values[middle]
                             : ((double)values[middle - 1] + (double)values[middle]) / 2;
}

/* From the first signature to the first procedure; false when one of them is not known. */
static bool days_before(const struct consent_course *course, int64_t *ret_days)
{
    if (course->first == NULL || !course->first->is_dated || course->first_procedure_on == NULL) {
        return false;
    }
    *ret_days = course->first_procedure_day - course->first->signed_day;
    return true;
}

static double median_days_before(struct section_build *build)
{
    const struct list *courses = &build->facts->edc.consent_courses;
    int64_t *days = arena_alloc_array(build->report->arena, courses->count + 1, sizeof(*days));
    size_t n_days = 0;
    LIST_EACH(const struct consent_course, course, courses) {
        n_days += days != NULL && days_before(course, &days[n_days]);
    }
    return median(days, n_days);
}

static double median_reconsent_days(struct section_build *build)
{
    const struct list *reconsents = &build->facts->edc.reconsents;
    int64_t *days = arena_alloc_array(build->report->arena, reconsents->count + 1, sizeof(*days));
    size_t n_days = 0;
    LIST_EACH(const struct reconsent, reconsent, reconsents) {
        if (days != NULL && reconsent->has_days) {
            days[n_days++] = reconsent->days;
        }
    }
    return median(days, n_days);
}

/* What re-consent needs: versions on both sides. */
static struct cell version_cell(const struct audit_facts *facts, struct cell cell)
{
    cell = section_cell(&facts->edc.base, "consent", "version", cell);
    return cell.kind == CELL_NOT_PROVIDED
               ? cell
               : section_cell(&facts->ctms.base, "ethics", "approved_on", cell);
}

static void add_facts(struct section_build *build)
{
    const struct audit_facts *facts = build->facts;
    const struct edc_facts *edc = &facts->edc;
    struct section *section = build->section;
    int64_t n_dated = 0;
    int64_t n_signed = 0;
    LIST_EACH(const struct consent_course, course, &edc->consent_courses) {
        n_dated += course->first != NULL && course->first->is_dated;
    }
    LIST_EACH(const struct reconsent, reconsent, &edc->reconsents) {
        n_signed += reconsent->state != RECONSENT_MISSING;
    }
    const struct document_version *latest =
        (const struct document_version *)facts->ctms.consent_versions.last;
    struct block *block = section_add_facts(section, "consent");
    facts_add(section, block, "subjects", WORD_SUBJECTS,
        cell_integer((int64_t)edc->consent_courses.count));
    facts_add(section, block, "dated", WORD_SUBJECTS_CONSENTED, cell_integer(n_dated));
    facts_add(section, block, "days_before", WORD_CONSENT_DAYS_MEDIAN,
        section_cell(
            &edc->base, "subject_event", "visit_on", cell_number(median_days_before(build), 1)));
    facts_add(section, block, "in_force", WORD_CONSENT_VERSION_IN_FORCE,
        section_cell(&facts->ctms.base, "ethics", "approved_on",
            cell_text(latest == NULL ? NULL : latest->version)));
    facts_add(section, block, "reconsents_due", WORD_RECONSENTS_DUE,
        version_cell(facts, cell_integer((int64_t)edc->reconsents.count)));
    facts_add(section, block, "reconsents_done", WORD_RECONSENTS_DONE,
        version_cell(facts, cell_integer(n_signed)));
    facts_add(section, block, "reconsent_days", WORD_RECONSENT_DAYS_MEDIAN,
        version_cell(facts, cell_number(median_reconsent_days(build), 1)));
}

static void add_versions(struct section_build *build)
{
    const struct audit_facts *facts = build->facts;
    if (section_lacks(
            build, &facts->ctms.base, "ethics", "approved_on", WORD_TABLE_CONSENT_VERSIONS)) {
        return;
    }
    struct table *table = section_add_table(build->section, "consent_versions",
        WORD_TABLE_CONSENT_VERSIONS, VERSION_COLUMNS, LENGTH_OF(VERSION_COLUMNS));
    LIST_EACH(const struct document_version, version, &facts->ctms.consent_versions) {
        const struct document_version *next = (const struct document_version *)version->node.next;
        int64_t n_signatures = 0;
        LIST_EACH(const struct consent, consent, &facts->edc.consents) {
            n_signatures += consent->approved == version;
        }
        struct cell *cells = table_add_row(table);
        cells[0] = cell_text(version->version);
        cells[1] = cell_date(version->approved_on);
        cells[2] = cell_date(next == NULL ? NULL : next->approved_on);
        cells[3] = section_cell(&facts->edc.base, "consent", "version", cell_integer(n_signatures));
    }
}

static const struct document_version *latest_version(const struct list *reconsents)
{
    const struct document_version *latest = NULL;
    LIST_EACH(const struct reconsent, reconsent, reconsents) {
        bool is_later = latest == NULL || reconsent->version->approved_day > latest->approved_day;
        latest = is_later ? reconsent->version : latest;
    }
    return latest;
}

/* How many had to sign the version by which day (`is_due`), or had signed it. */
static void add_series(struct section_build *build, struct chart *chart,
    const struct document_version *version, bool is_due)
{
    const struct list *reconsents = &build->facts->edc.reconsents;
    int64_t *days = arena_alloc_array(build->report->arena, reconsents->count, sizeof(*days));
    size_t n_days = 0;
    LIST_EACH(const struct reconsent, reconsent, reconsents) {
        const char *date = is_due ? reconsent->due_on : reconsent->signed_on;
        n_days += days != NULL && reconsent->version == version && date_is_complete(date) &&
                  date_first_day(date, &days[n_days]);
    }
    if (days == NULL) {
        return;
    }
    qsort(days, n_days, sizeof(*days), by_value);
    struct chart_series *series =
        chart_add_series(chart, is_due ? WORD_RECONSENTS_DUE : WORD_RECONSENTS_DONE,
            is_due ? TONE_MUTED : TONE_NOTICE, n_days + 2);
    series->is_step = true;
    series->is_dashed = is_due;
    *chart_point_at(series, 0) = (struct chart_point){.x = (double)version->approved_day};
    for (size_t i = 0; i < n_days; i++) {
        *chart_point_at(series, i + 1) =
            (struct chart_point){.x = (double)days[i], .y = (double)(i + 1)};
    }
    *chart_point_at(series, n_days + 1) =
        (struct chart_point){.x = (double)build->facts->as_of_day, .y = (double)n_days};
}

static void add_chart(struct section_build *build)
{
    const struct document_version *latest = latest_version(&build->facts->edc.reconsents);
    if (latest == NULL) {
        return;
    }
    struct chart *chart =
        section_add_chart(build->section, "reconsent_progress", CHART_LINES, WORD_CHART_RECONSENT);
    chart->x_is_date = true;
    chart->x_title = WORD_HEAD_DATE;
    chart->y_title = WORD_SUBJECTS;
    add_series(build, chart, latest, true);
    add_series(build, chart, latest, false);
}

static void add_reconsents(struct section_build *build)
{
    const struct audit_facts *facts = build->facts;
    if (section_lacks(build, &facts->edc.base, "consent", "version", WORD_RECONSENT) ||
        section_lacks(build, &facts->ctms.base, "ethics", "approved_on", WORD_RECONSENT)) {
        return;
    }
    static const struct {
        enum word word;
        enum tone tone;
    } STATES[] = {
        [RECONSENT_DONE] = {WORD_SIGNED_IN_TIME, TONE_GOOD},
        [RECONSENT_LATE] = {WORD_SIGNED_LATE, TONE_NOTICE},
        [RECONSENT_MISSING] = {WORD_NOT_SIGNED, TONE_WARNING},
    };
    add_chart(build);
    struct table *table = section_add_table(build->section, "reconsents", WORD_TABLE_RECONSENTS,
        RECONSENT_COLUMNS, LENGTH_OF(RECONSENT_COLUMNS));
    LIST_EACH(const struct reconsent, reconsent, &facts->edc.reconsents) {
        struct cell *cells = section_add_evidence_row(build, table, reconsent->marks);
        cells[0] = cell_text(reconsent->subject->subject_no);
        cells[1] = cell_text(reconsent->version->version);
        cells[2] = cell_date(reconsent->version->approved_on);
        cells[3] = cell_date(reconsent->due_on);
        cells[4] = cell_date(reconsent->signed_on);
        cells[5] = reconsent->has_days ? cell_integer(reconsent->days) : cell_none();
        cells[6] =
            cell_tone(cell_word(STATES[reconsent->state].word), STATES[reconsent->state].tone);
    }
}

static void fill_procedure(struct cell *cells, const struct consent_course *course)
{
    int64_t days;
    cells[4] = cell_date(course->first_procedure_on);
    if (days_before(course, &days)) {
        cells[5] = cell_tone(cell_integer(days), days < 0 ? TONE_ALARM : TONE_PLAIN);
    }
}

static void add_signature(struct section_build *build, struct table *table,
    const struct consent_course *course, const struct consent *consent)
{
    const struct audit_facts *facts = build->facts;
    rule_mask marks = consent->marks | (consent->is_first ? course->marks : 0);
    struct cell *cells = section_add_evidence_row(build, table, marks);
    bool is_other = consent->in_force != NULL && consent->approved != consent->in_force;
    cells[0] = cell_text(consent->subject->subject_no);
    cells[1] = section_cell(&facts->edc.base, "consent", "version",
        cell_tone(cell_text(consent->version), is_other ? TONE_WARNING : TONE_PLAIN));
    cells[2] = section_cell(&facts->edc.base, "consent", "signed_on",
        consent->signed_on == NULL ? cell_tone(cell_word(WORD_UNDATED), TONE_WARNING)
                                   : cell_date(consent->signed_on));
    cells[3] = section_cell(&facts->ctms.base, "ethics", "approved_on",
        cell_text(consent->in_force == NULL ? NULL : consent->in_force->version));
    if (consent->is_first) {
        fill_procedure(cells, course);
    }
}

static void add_missing(
    struct section_build *build, struct table *table, const struct consent_course *course)
{
    const struct audit_facts *facts = build->facts;
    struct cell *cells = section_add_evidence_row(build, table, course->marks);
    cells[0] = cell_text(course->subject->subject_no);
    cells[1] = section_cell(&facts->edc.base, "consent", "version", cell_none());
    cells[2] = cell_tone(cell_word(WORD_NO_CONSENT), TONE_WARNING);
    cells[3] = section_cell(&facts->ctms.base, "ethics", "approved_on", cell_none());
    fill_procedure(cells, course);
}

/* Of the subjects without a consent those who were seen or enrolled: some sources do not hold the
 * consents of subjects who were screened out. */
static void add_consents(struct section_build *build)
{
    const struct edc_facts *edc = &build->facts->edc;
    struct table *table = section_add_table(build->section, "consents", WORD_TABLE_CONSENTS,
        CONSENT_COLUMNS, LENGTH_OF(CONSENT_COLUMNS));
    size_t n_rows = 0;
    LIST_EACH(const struct consent_course, course, &edc->consent_courses) {
        const struct consent *consent = course->first;
        bool is_seen = course->subject->is_enrolled || course->first_procedure_on != NULL;
        if (consent == NULL && is_seen && n_rows++ < SECTION_TABLE_ROWS_MAX) {
            add_missing(build, table, course);
        }
        for (; consent != NULL && consent->subject == course->subject;
             consent = (const struct consent *)consent->node.next) {
            if (n_rows++ < SECTION_TABLE_ROWS_MAX) {
                add_signature(build, table, course, consent);
            }
        }
    }
    section_say_cut(build, n_rows);
}

void section_consent(struct section_build *build)
{
    if (section_lacks(build, &build->facts->edc.base, "consent", NULL, WORD_CONSENTS)) {
        return;
    }
    add_facts(build);
    add_versions(build);
    add_reconsents(build);
    add_consents(build);
}
