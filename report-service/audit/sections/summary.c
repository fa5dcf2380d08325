/* Section 1: findings by grade, the conclusion they lead to, and each finding in full. */
#include <string.h>

#include "audit/sections/sections.h"

static const struct column FINDING_COLUMNS[] = {
    {"code", WORD_HEAD_CODE, ALIGN_START, 2},
    {"grade", WORD_HEAD_GRADE, ALIGN_START, 3},
    {"area", WORD_HEAD_AREA, ALIGN_START, 3},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 8},
    {"evidence", WORD_HEAD_EVIDENCE_ROWS, ALIGN_END, 2},
};

static const enum tone GRADE_TONES[GRADE_COUNT] = {
    [GRADE_CRITICAL] = TONE_ALARM,
    [GRADE_MAJOR] = TONE_WARNING,
    [GRADE_MINOR] = TONE_NOTICE,
    [GRADE_RECOMMENDATION] = TONE_MUTED,
};

static struct cell grade_cell(enum grade grade)
{
    return cell_tone(cell_word(grade_word(grade)), GRADE_TONES[grade]);
}

static enum word conclusion_of(const int64_t counts[GRADE_COUNT])
{
    if (counts[GRADE_CRITICAL] > 0) {
        return WORD_CONCLUSION_CRITICAL;
    }
    if (counts[GRADE_MAJOR] > 0) {
        return WORD_CONCLUSION_MAJOR;
    }
    if (counts[GRADE_MINOR] > 0) {
        return WORD_CONCLUSION_MINOR;
    }
    return counts[GRADE_RECOMMENDATION] > 0 ? WORD_CONCLUSION_RECOMMENDATION : WORD_CONCLUSION_NONE;
}

static void add_conclusion(struct section_build *build, const int64_t counts[GRADE_COUNT])
{
    struct cell arguments[] = {cell_text(build->report->site_no),
        cell_integer(counts[GRADE_CRITICAL]), cell_integer(counts[GRADE_MAJOR]),
        cell_integer(counts[GRADE_MINOR]), cell_integer(counts[GRADE_RECOMMENDATION]),
        cell_date(build->report->as_of)};
    section_add_paragraph(build->section, conclusion_of(counts), arguments, LENGTH_OF(arguments));
    int64_t n_not_assessed = 0;
    for (size_t i = 0; i < N_RULES; i++) {
        n_not_assessed += build->outcomes->states[i] == RULE_NOT_ASSESSED;
    }
    if (n_not_assessed > 0) {
        struct cell not_assessed[] = {cell_integer(n_not_assessed), cell_integer((int64_t)N_RULES)};
        section_add_paragraph(
            build->section, WORD_CONCLUSION_NOT_ASSESSED, not_assessed, LENGTH_OF(not_assessed));
    }
}

static void add_chart(struct section_build *build, const int64_t counts[GRADE_COUNT])
{
    struct chart *chart = section_add_chart(
        build->section, "findings_by_grade", CHART_STACKED_BAR, WORD_CHART_FINDINGS);
    for (int grade = 0; grade < GRADE_COUNT; grade++) {
        struct chart_series *series =
            chart_add_series(chart, grade_word((enum grade)grade), GRADE_TONES[grade], 1);
        chart_point_at(series, 0)->y = (double)counts[grade];
    }
}

static enum word title_of(const struct finding *finding)
{
    for (size_t i = 0; i < N_RULES; i++) {
        if (strcmp(RULES[i].code, finding->rule_code) == 0) {
            return RULES[i].title;
        }
    }
    return WORD_NONE;
}

static const char *evidence_anchor(struct section_build *build, struct finding *finding)
{
    if (finding->evidence_anchor == NULL) {
        finding->evidence_anchor =
            arena_printf(build->report->arena, "section-%d", finding->section_number);
    }
    return finding->evidence_anchor;
}

static void add_table(struct section_build *build)
{
    struct table *table = section_add_table(build->section, "findings", WORD_TABLE_FINDINGS,
        FINDING_COLUMNS, LENGTH_OF(FINDING_COLUMNS));
    table->when_empty = WORD_NO_FINDINGS;
    for (struct finding *finding = build->report->first_finding; finding != NULL;
         finding = finding->next) {
        struct cell *cells = table_add_row(table);
        const char *anchor = evidence_anchor(build, finding);
        cells[0] = cell_link(cell_text(finding->rule_code), anchor);
        cells[1] = grade_cell(finding->grade);
        cells[2] = cell_word(finding->area);
        cells[3] = cell_word(title_of(finding));
        cells[4] = cell_link(cell_integer(finding->n_evidence), anchor);
        if (table->last != NULL) {
            table->last->anchor = finding->anchor;
        }
    }
}

static void add_details(struct section_build *build)
{
    for (struct finding *finding = build->report->first_finding; finding != NULL;
         finding = finding->next) {
        section_add_heading(build->section, title_of(finding));
        section_add_paragraph(
            build->section, finding->statement, finding->arguments, finding->n_arguments);
        struct block *facts = section_add_facts(build->section, finding->rule_code);
        facts_add(build->section, facts, "code", WORD_HEAD_CODE,
            cell_link(cell_text(finding->rule_code), evidence_anchor(build, finding)));
        facts_add(build->section, facts, "grade", WORD_HEAD_GRADE, grade_cell(finding->grade));
        facts_add(
            build->section, facts, "reference", WORD_HEAD_REFERENCE, cell_text(finding->reference));
        facts_add(build->section, facts, "evidence", WORD_HEAD_EVIDENCE_ROWS,
            cell_link(cell_integer(finding->n_evidence), evidence_anchor(build, finding)));
    }
}

void section_summary(struct section_build *build)
{
    int64_t counts[GRADE_COUNT] = {0};
    for (const struct finding *finding = build->report->first_finding; finding != NULL;
         finding = finding->next) {
        counts[finding->grade]++;
    }
    add_conclusion(build, counts);
    add_chart(build, counts);
    add_table(build);
    section_add_regrades(build);
    add_details(build);
}
