/* Section 9: adverse events, the reporting of serious ones, the EDC against the CTMS. */
#include "audit/sections/sections.h"
#include "audit/sources/dates.h"

static const struct column REPORT_COLUMNS[] = {
    {"subject_no", WORD_HEAD_SUBJECT, ALIGN_START, 3},
    {"sequence", WORD_HEAD_EVENT_NO, ALIGN_END, 2},
    {"term", WORD_HEAD_TERM, ALIGN_START, 5},
    {"severity", WORD_HEAD_SEVERITY, ALIGN_START, 3},
    {"aware_at", WORD_HEAD_AWARE, ALIGN_START, 4},
    {"reported_sponsor_at", WORD_HEAD_REPORTED_SPONSOR, ALIGN_START, 4},
    {"delay_hours", WORD_HEAD_DELAY_HOURS, ALIGN_END, 2},
    {"susar", WORD_HEAD_SUSAR, ALIGN_START, 2},
    {"reported_ra_at", WORD_HEAD_REPORTED_RA, ALIGN_START, 4},
    {"reconciliation", WORD_HEAD_RECONCILIATION, ALIGN_START, 4},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static const struct column EVENT_COLUMNS[] = {
    {"subject_no", WORD_HEAD_SUBJECT, ALIGN_START, 3},
    {"sequence", WORD_HEAD_EVENT_NO, ALIGN_END, 2},
    {"term", WORD_HEAD_TERM, ALIGN_START, 6},
    {"severity", WORD_HEAD_SEVERITY, ALIGN_START, 3},
    {"serious", WORD_HEAD_SERIOUS, ALIGN_START, 2},
    {"related", WORD_HEAD_RELATED, ALIGN_START, 3},
    {"start_on", WORD_HEAD_START, ALIGN_START, 3},
    {"end_on", WORD_HEAD_END, ALIGN_START, 3},
    {"outcome", WORD_HEAD_OUTCOME, ALIGN_START, 4},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

enum { DELAY_CLASSES = 5 };
static const enum word DELAY_WORDS[DELAY_CLASSES] = {
    WORD_DELAY_DAY, WORD_DELAY_TWO_DAYS, WORD_DELAY_THREE_DAYS, WORD_DELAY_WEEK, WORD_DELAY_LONGER};

#define HOUR_MS 3600000.0

/* Hours from the site's awareness to the sponsor; false while one of the two is not known. */
static bool delay_hours(const struct sae_report *report, double *ret_hours)
{
    if (report->aware_at == 0 || report->reported_sponsor_at == 0) {
        return false;
    }
    *ret_hours = (double)(report->reported_sponsor_at - report->aware_at) / HOUR_MS;
    return true;
}

static size_t delay_class(double hours)
{
    static const double UP_TO[DELAY_CLASSES - 1] = {24, 48, 72, 168};
    size_t i = 0;
    while (i < LENGTH_OF(UP_TO) && hours > UP_TO[i]) {
        i++;
    }
    return i;
}

static void add_facts(struct section_build *build)
{
    struct section *section = build->section;
    const struct edc_facts *edc = &build->facts->edc;
    const struct ctms_facts *ctms = &build->facts->ctms;
    int64_t n_serious = 0;
    int64_t days = 0;
    LIST_EACH(const struct adverse_event, event, &edc->adverse_events) {
        n_serious += event->is_serious;
    }
    LIST_EACH(const struct subject, subject, &edc->subjects) {
        days += subject->days_on_study;
    }
    int64_t n_events = (int64_t)edc->adverse_events.count;
    struct block *facts = section_add_facts(section, "safety");
    facts_add(section, facts, "adverse_events", WORD_ADVERSE_EVENTS,
        section_cell(&edc->base, "adverse_event", NULL, cell_integer(n_events)));
    facts_add(section, facts, "serious", WORD_SERIOUS_EVENTS,
        section_cell(&edc->base, "adverse_event", "serious", cell_integer(n_serious)));
    facts_add(section, facts, "days_on_study", WORD_HEAD_DAYS_ON_STUDY,
        section_cell(&edc->base, "subject", "last_seen_on", cell_integer(days)));
    facts_add(section, facts, "rate", WORD_EVENTS_PER_100_DAYS,
        section_cell(&edc->base, "adverse_event", NULL,
            cell_number(100 * section_share(n_events, days), 2)));
    facts_add(section, facts, "sae_reports", WORD_SAE_REPORTS,
        section_cell(
            &ctms->base, "sae_report", NULL, cell_integer((int64_t)ctms->sae_reports.count)));
}

static void add_histogram(struct section_build *build)
{
    int64_t counts[DELAY_CLASSES] = {0};
    int64_t n_delays = 0;
    LIST_EACH(const struct sae_report, report, &build->facts->ctms.sae_reports) {
        double hours;
        if (delay_hours(report, &hours)) {
            counts[delay_class(hours)]++;
            n_delays++;
        }
    }
    if (n_delays > 0) {
        section_add_bars(build, "sae_delay", WORD_CHART_SAE_DELAY, WORD_DELAY_AXIS, DELAY_WORDS,
            counts, DELAY_CLASSES);
    }
}

static void fill_from_event(struct cell *cells, const struct adverse_event *event)
{
    cells[2] = cell_text(event->term);
    cells[3] = cell_code(VOCABULARY_SEVERITY, event->severity);
}

static void add_report_row(
    struct section_build *build, struct table *table, const struct sae_report *report)
{
    const struct source_facts *ctms = &build->facts->ctms.base;
    struct cell *cells = section_add_evidence_row(build, table, report->marks);
    double hours;
    bool has_delay = delay_hours(report, &hours);
    bool is_late = has_delay && hours > SAE_REPORT_HOURS;
    cells[0] = cell_text(report->subject_no);
    cells[1] = report->sequence == 0 ? cell_none() : cell_integer(report->sequence);
    if (report->event != NULL) {
        fill_from_event(cells, report->event);
    }
    cells[4] = section_cell(ctms, "sae_report", "aware_at", cell_instant(report->aware_at));
    cells[5] = section_cell(ctms, "sae_report", "reported_sponsor_at",
        report->reported_sponsor_at == 0 ? cell_tone(cell_word(WORD_NOT_REPORTED), TONE_WARNING)
                                         : cell_instant(report->reported_sponsor_at));
    if (has_delay) {
        cells[6] = cell_tone(cell_number(hours, 1), is_late ? TONE_WARNING : TONE_PLAIN);
    }
    cells[7] =
        section_cell(ctms, "sae_report", "susar", cell_word(report->is_susar ? WORD_YES : WORD_NO));
    cells[8] =
        section_cell(ctms, "sae_report", "reported_ra_at", cell_instant(report->reported_ra_at));
    if (report->event == NULL) {
        cells[9] = section_cell(&build->facts->edc.base, "adverse_event", NULL,
            cell_tone(cell_word(WORD_NOT_IN_EDC), TONE_WARNING));
    } else if (!report->event->is_serious) {
        cells[9] = cell_tone(cell_word(WORD_NOT_SERIOUS_IN_EDC), TONE_WARNING);
    } else {
        cells[9] = cell_tone(cell_word(WORD_RECONCILED), TONE_GOOD);
    }
}

/* The reports of the CTMS, then the serious events of the EDC that have none. */
static void add_reports(struct section_build *build)
{
    const struct audit_facts *facts = build->facts;
    struct table *table = section_add_table(build->section, "serious_events",
        WORD_TABLE_SERIOUS_EVENTS, REPORT_COLUMNS, LENGTH_OF(REPORT_COLUMNS));
    LIST_EACH(const struct sae_report, report, &facts->ctms.sae_reports) {
        add_report_row(build, table, report);
    }
    LIST_EACH(const struct adverse_event, event, &facts->edc.adverse_events) {
        if (!event->is_serious || event->report != NULL) {
            continue;
        }
        struct cell *cells = section_add_evidence_row(build, table, event->marks);
        cells[0] = cell_text(event->subject->subject_no);
        cells[1] = cell_integer(event->sequence);
        fill_from_event(cells, event);
        cells[4] = section_cell(
            &facts->edc.base, "adverse_event", "aware_at", cell_instant(event->aware_at));
        cells[9] = section_cell(&facts->ctms.base, "sae_report", NULL,
            cell_tone(cell_word(WORD_NOT_IN_CTMS), TONE_WARNING));
    }
}

static void add_events(struct section_build *build)
{
    const struct edc_facts *edc = &build->facts->edc;
    if (section_lacks(build, &edc->base, "adverse_event", NULL, WORD_ADVERSE_EVENTS)) {
        return;
    }
    struct table *table = section_add_table(build->section, "adverse_events", WORD_ADVERSE_EVENTS,
        EVENT_COLUMNS, LENGTH_OF(EVENT_COLUMNS));
    size_t n_rows = 0;
    LIST_EACH(const struct adverse_event, event, &edc->adverse_events) {
        if (n_rows++ >= SECTION_TABLE_ROWS_MAX) {
            continue;
        }
        struct cell *cells = section_add_evidence_row(build, table, event->marks);
        cells[0] = cell_text(event->subject->subject_no);
        cells[1] = cell_integer(event->sequence);
        fill_from_event(cells, event);
        cells[4] = cell_tone(cell_word(event->is_serious ? WORD_YES : WORD_NO),
            event->is_serious ? TONE_WARNING : TONE_PLAIN);
        cells[5] = cell_code(VOCABULARY_RELATED, event->related);
        cells[6] = cell_date(event->start_on);
        cells[7] = cell_date(event->end_on);
        cells[8] = cell_code(VOCABULARY_OUTCOME, event->outcome);
    }
    section_say_cut(build, n_rows);
}

void section_safety(struct section_build *build)
{
    add_facts(build);
    section_lacks(build, &build->facts->ctms.base, "sae_report", NULL, WORD_SAE_REPORTS);
    add_histogram(build);
    add_reports(build);
    add_events(build);
}
