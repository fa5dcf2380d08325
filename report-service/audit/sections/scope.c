/* Section 2: what was examined, as of when, from which sources, by which rules and grades. */
#include <string.h>

#include "audit/sections/sections.h"
#include "audit/sources/dates.h"

static const struct column SOURCE_COLUMNS[] = {
    {"source", WORD_HEAD_SOURCE, ALIGN_START, 2},
    {"snapshot_at", WORD_HEAD_SNAPSHOT, ALIGN_START, 3},
    {"extract_on", WORD_HEAD_EXTRACT, ALIGN_START, 3},
    {"data_version", WORD_HEAD_DATA_VERSION, ALIGN_END, 2},
};

static const struct column SAMPLE_COLUMNS[] = {
    {"records", WORD_HEAD_RECORDS, ALIGN_START, 4},
    {"source", WORD_HEAD_SOURCE, ALIGN_START, 2},
    {"count", WORD_HEAD_COUNT, ALIGN_END, 2},
};

static const struct column AUDIT_COLUMNS[] = {
    {"audit", WORD_HEAD_AUDIT, ALIGN_START, 2},
    {"kind", WORD_HEAD_KIND, ALIGN_START, 2},
    {"start_on", WORD_HEAD_START, ALIGN_START, 2},
    {"end_on", WORD_HEAD_END, ALIGN_START, 2},
    {"lead_auditor", WORD_COVER_AUDITOR, ALIGN_START, 4},
};

static const struct column MISSING_COLUMNS[] = {
    {"source", WORD_HEAD_SOURCE, ALIGN_START, 2},
    {"name", WORD_HEAD_TABLE_OR_COLUMN, ALIGN_START, 4},
    {"note", WORD_HEAD_NOTE, ALIGN_START, 6},
};

static const struct column RULE_COLUMNS[] = {
    {"code", WORD_HEAD_CODE, ALIGN_START, 2},
    {"rule", WORD_HEAD_RULE, ALIGN_START, 6},
    {"grade", WORD_HEAD_GRADE, ALIGN_START, 3},
    {"reference", WORD_HEAD_REFERENCE, ALIGN_START, 6},
    {"state", WORD_HEAD_RESULT, ALIGN_START, 4},
};

static const struct column GRADE_COLUMNS[] = {
    {"grade", WORD_HEAD_GRADE, ALIGN_START, 2},
    {"meaning", WORD_HEAD_MEANING, ALIGN_START, 8},
};

static void add_sources(struct section_build *build)
{
    struct table *table = section_add_table(
        build->section, "sources", WORD_TABLE_SOURCES, SOURCE_COLUMNS, LENGTH_OF(SOURCE_COLUMNS));
    const struct audit_facts *facts = build->facts;
    const struct source_facts *sources[] = {&facts->edc.base, &facts->ctms.base, &facts->lab.base};
    size_t n_sources = facts->lab.is_asked ? LENGTH_OF(sources) : LENGTH_OF(sources) - 1;
    for (size_t i = 0; i < n_sources; i++) {
        struct cell *cells = table_add_row(table);
        cells[0] = cell_text(sources[i]->source);
        cells[1] = cell_instant(sources[i]->latest_stamp_at);
        cells[2] = cell_date(sources[i]->extract_on);
        cells[3] =
            sources[i]->data_version == 0 ? cell_none() : cell_integer(sources[i]->data_version);
    }
}

/* What a source says it is of, else the day of its latest stamp. */
static bool source_day(
    const struct source_facts *source, struct arena *arena, const char **ret_text, int64_t *ret_day)
{
    char text[DATE_TEXT_MAX];
    *ret_text = source->extract_on;
    if (date_first_day(source->extract_on, ret_day)) {
        return true;
    }
    if (source->latest_stamp_at == 0) {
        return false;
    }
    *ret_day = date_day_of_ms(source->latest_stamp_at);
    date_format(*ret_day, text);
    *ret_text = arena_copy_text(arena, text);
    return true;
}

/* A report may be asked for as of a day that no source has reached. */
static void add_end_of_data(struct section_build *build, const char *last_on, int64_t last_day)
{
    int64_t as_of_day;
    if (!date_first_day(build->report->as_of, &as_of_day) || as_of_day <= last_day) {
        return;
    }
    struct cell arguments[] = {cell_date(last_on), cell_integer(as_of_day - last_day)};
    section_add_paragraph(build->section, WORD_DATA_END_EARLIER, arguments, LENGTH_OF(arguments));
}

/* Numbers of sources that are days apart may contradict each other: the reader must know. */
static void add_snapshot_sentence(struct section_build *build)
{
    enum { DAYS_APART_MAX = 1 };
    const struct source_facts *edc = &build->facts->edc.base;
    const struct source_facts *ctms = &build->facts->ctms.base;
    struct arena *arena = build->report->arena;
    const char *edc_on;
    const char *ctms_on;
    int64_t edc_day;
    int64_t ctms_day;
    if (!source_day(edc, arena, &edc_on, &edc_day) ||
        !source_day(ctms, arena, &ctms_on, &ctms_day)) {
        section_add_paragraph(build->section, WORD_SNAPSHOTS_UNKNOWN, NULL, 0);
        return;
    }
    bool is_edc_later = edc_day > ctms_day;
    add_end_of_data(build, is_edc_later ? edc_on : ctms_on, is_edc_later ? edc_day : ctms_day);
    int64_t days = is_edc_later ? edc_day - ctms_day : ctms_day - edc_day;
    if (days <= DAYS_APART_MAX) {
        section_add_paragraph(build->section, WORD_SNAPSHOTS_AGREE, NULL, 0);
        return;
    }
    struct cell arguments[] = {cell_text(edc->source), cell_date(edc_on), cell_text(ctms->source),
        cell_date(ctms_on), cell_integer(days)};
    section_add_paragraph(build->section, WORD_SNAPSHOTS_DIFFER, arguments, LENGTH_OF(arguments));
}

static void add_records(struct table *table, enum word what, const struct source_facts *source,
    const char *name, size_t count)
{
    struct cell *cells = table_add_row(table);
    cells[0] = cell_word(what);
    cells[1] = cell_text(source->source);
    cells[2] = facts_has(source, name, NULL) ? cell_integer((int64_t)count)
                                             : cell_not_provided(source->source);
}

static void add_sample(struct section_build *build)
{
    const struct audit_facts *facts = build->facts;
    const struct edc_facts *edc = &facts->edc;
    const struct ctms_facts *ctms = &facts->ctms;
    section_add_paragraph(build->section, WORD_SCOPE_SAMPLE, NULL, 0);
    struct table *table = section_add_table(
        build->section, "sample", WORD_TABLE_SAMPLE, SAMPLE_COLUMNS, LENGTH_OF(SAMPLE_COLUMNS));
    add_records(table, WORD_SUBJECTS, &edc->base, "subject", edc->subjects.count);
    if (facts_wants(facts, 10) || facts_wants(facts, 11)) {
        add_records(table, WORD_PAGES, &edc->base, "form", edc->forms.count);
    }
    if (facts_wants(facts, 10)) {
        add_records(table, WORD_QUERIES, &edc->base, "query", edc->queries.count);
    }
    if (facts->lab.is_asked) {
        add_records(table, WORD_LAB_ENTERED, &edc->base, "lab_result", edc->lab_values.count);
        add_records(table, WORD_LAB_RESULTS, &facts->lab.base, "result", facts->lab.values.count);
    }
    if (facts_wants(facts, 9)) {
        add_records(
            table, WORD_ADVERSE_EVENTS, &edc->base, "adverse_event", edc->adverse_events.count);
        add_records(table, WORD_SAE_REPORTS, &ctms->base, "sae_report", ctms->sae_reports.count);
    }
    if (facts_wants(facts, 8)) {
        add_records(table, WORD_DEVIATIONS, &ctms->base, "deviation", ctms->deviations.count);
    }
    if (facts_wants(facts, 3)) {
        add_records(table, WORD_MONITORING_VISITS, &ctms->base, "visit", ctms->visits.count);
        add_records(table, WORD_ACTION_ITEMS, &ctms->base, "action_item", ctms->action_items.count);
        add_records(table, WORD_PREVIOUS_FINDINGS, &ctms->base, "finding", ctms->findings.count);
    }
    if (facts_wants(facts, 14)) {
        add_records(table, WORD_STAFF_MEMBERS, &ctms->base, "site_staff", ctms->staff.count);
        add_records(table, WORD_DELEGATIONS, &ctms->base, "delegation", ctms->delegations.count);
        add_records(table, WORD_TRAININGS, &ctms->base, "training", ctms->trainings.count);
    }
    if (facts_wants(facts, 15)) {
        add_records(table, WORD_DOCUMENTS, &ctms->base, "essential_doc", ctms->documents.count);
    }
    if (facts_wants(facts, 16)) {
        add_records(
            table, WORD_QUESTIONNAIRES, &edc->base, "epro_response", edc->epro_responses.count);
        add_records(table, WORD_IMAGES, &edc->base, "image_series", edc->image_series.count);
    }
}

/* Section 3 has what they found. */
static void add_audits(struct section_build *build)
{
    const struct ctms_facts *ctms = &build->facts->ctms;
    if (section_lacks(build, &ctms->base, "audit", NULL, WORD_TABLE_AUDITS)) {
        return;
    }
    struct table *table = section_add_table(
        build->section, "audits", WORD_TABLE_AUDITS, AUDIT_COLUMNS, LENGTH_OF(AUDIT_COLUMNS));
    LIST_EACH(const struct site_audit, audit, &ctms->audits) {
        struct cell *cells = table_add_row(table);
        cells[0] = cell_integer(audit->audit_no);
        cells[1] = cell_code(VOCABULARY_AUDIT, audit->kind);
        cells[2] = cell_date(audit->start_on);
        cells[3] = cell_date(audit->end_on);
        cells[4] = cell_text(audit->lead_auditor);
    }
}

static void add_missing(struct table *table, const struct source_facts *source)
{
    if (!source->has_site) {
        struct cell *cells = table_add_row(table);
        cells[0] = cell_text(source->source);
        cells[1] = cell_word(WORD_WHOLE_SITE);
        return;
    }
    LIST_EACH(const struct not_provided, missing, &source->not_provided) {
        struct cell *cells = table_add_row(table);
        cells[0] = cell_text(source->source);
        cells[1] = cell_text(missing->name);
        cells[2] = cell_text(missing->note);
    }
}

/* Section 10 says why. */
static void add_missing_lab(const struct audit_facts *facts, struct table *table)
{
    if (facts_wants(facts, LAB_SECTION) && facts->lab.outcome != LAB_ANSWERED) {
        struct cell *cells = table_add_row(table);
        cells[0] = cell_text(facts->lab.base.source);
        cells[1] = cell_link(cell_word(WORD_LAB_RESULTS), "section-10");
    }
}

static void add_left_out(struct section_build *build)
{
    for (size_t i = 0; i < N_SECTIONS; i++) {
        if (SECTIONS[i].number < APPENDIX_FIRST && !facts_wants(build->facts, SECTIONS[i].number)) {
            struct cell arguments[] = {
                cell_integer(SECTIONS[i].number), cell_word(SECTIONS[i].title)};
            section_add_paragraph(
                build->section, WORD_SCOPE_LEFT_OUT, arguments, LENGTH_OF(arguments));
        }
    }
}

static struct cell state_cell(const struct section_build *build, size_t index)
{
    switch (build->outcomes->states[index]) {
    case RULE_NOT_WANTED:
        return cell_tone(cell_word(WORD_RULE_STATE_NOT_WANTED), TONE_MUTED);
    case RULE_NOT_ASSESSED:
        return cell_not_provided(build->outcomes->lacking[index]);
    case RULE_PASSED:
        return cell_tone(cell_word(WORD_RULE_STATE_PASSED), TONE_GOOD);
    case RULE_FIRED:
        return cell_tone(
            cell_link(cell_word(WORD_RULE_STATE_FIRED), build->outcomes->by_rule[index]->anchor),
            TONE_WARNING);
    }
    return cell_none();
}

/* The grade that a finding of the rule gets; of some a graver one, where it is much. */
static struct cell grades_cell(const struct rule *rule)
{
    if (rule->grade == rule->grave) {
        return cell_word(grade_word(rule->grade));
    }
    return cell_word(
        rule->grave == GRADE_CRITICAL ? WORD_GRADE_MAJOR_OR_CRITICAL : WORD_GRADE_MINOR_OR_MAJOR);
}

static void add_rules(struct section_build *build)
{
    struct table *table = section_add_table(
        build->section, "rules", WORD_TABLE_RULES, RULE_COLUMNS, LENGTH_OF(RULE_COLUMNS));
    for (size_t i = 0; i < N_RULES; i++) {
        struct cell *cells = table_add_row(table);
        cells[0] = cell_text(RULES[i].code);
        cells[1] = cell_word(RULES[i].title);
        cells[2] = grades_cell(&RULES[i]);
        cells[3] = cell_text(RULES[i].reference);
        cells[4] = state_cell(build, i);
    }
}

static void add_grading(struct section_build *build)
{
    static const enum word MEANINGS[GRADE_COUNT] = {
        [GRADE_CRITICAL] = WORD_MEANING_CRITICAL,
        [GRADE_MAJOR] = WORD_MEANING_MAJOR,
        [GRADE_MINOR] = WORD_MEANING_MINOR,
        [GRADE_RECOMMENDATION] = WORD_MEANING_RECOMMENDATION,
    };
    struct table *table = section_add_table(
        build->section, "grading", WORD_TABLE_GRADING, GRADE_COLUMNS, LENGTH_OF(GRADE_COLUMNS));
    for (int grade = 0; grade < GRADE_COUNT; grade++) {
        struct cell *cells = table_add_row(table);
        cells[0] = cell_word(grade_word((enum grade)grade));
        cells[1] = cell_word(MEANINGS[grade]);
    }
}

void section_scope(struct section_build *build)
{
    struct cell arguments[] = {cell_text(build->report->site_no),
        cell_text(build->report->study_protocol), cell_date(build->report->as_of)};
    section_add_paragraph(build->section, WORD_SCOPE, arguments, LENGTH_OF(arguments));
    add_left_out(build);
    add_sources(build);
    add_snapshot_sentence(build);
    add_sample(build);
    add_audits(build);
    struct table *missing = section_add_table(build->section, "not_provided",
        WORD_TABLE_NOT_PROVIDED, MISSING_COLUMNS, LENGTH_OF(MISSING_COLUMNS));
    missing->when_empty = WORD_ALL_PROVIDED;
    add_missing(missing, &build->facts->edc.base);
    add_missing(missing, &build->facts->ctms.base);
    add_missing_lab(build->facts, missing);
    add_rules(build);
    add_grading(build);
    section_add_paragraph(build->section, WORD_SCOPE_DATES, NULL, 0);
}
