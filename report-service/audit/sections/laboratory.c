/* The end of section 10: what the site has entered against what the central laboratory measured; or
 * why that could not be compared. */
#include <inttypes.h>
#include <stdio.h>

#include "audit/sections/sections.h"

static const struct column LAB_COLUMNS[] = {
    {"subject_no", WORD_HEAD_SUBJECT, ALIGN_START, 3},
    {"test", WORD_HEAD_TEST, ALIGN_START, 4},
    {"accession", WORD_HEAD_ACCESSION, ALIGN_START, 3},
    {"lab_on", WORD_HEAD_LAB_ON, ALIGN_START, 3},
    {"lab_result", WORD_HEAD_LAB_RESULT, ALIGN_START, 4},
    {"edc_on", WORD_HEAD_EDC_ON, ALIGN_START, 3},
    {"edc_result", WORD_HEAD_EDC_RESULT, ALIGN_START, 4},
    {"difference", WORD_HEAD_DIFFERENCE, ALIGN_START, 3},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

enum {
    RESULT_TEXT_MAX = 256, /* bytes of a value with its unit and flag */
    VALUE_DIGITS = 12,     /* of a value: what was measured has fewer */
};

static enum word reason_of(enum lab_outcome outcome)
{
    static const enum word REASONS[LAB_OUTCOMES] = {
        [LAB_NOT_CONFIGURED] = WORD_LAB_WHY_NOT_CONFIGURED,
        [LAB_NOT_ASKED] = WORD_RULE_STATE_NOT_WANTED,
        [LAB_ANSWERED] = WORD_NONE,
        [LAB_LATE] = WORD_LAB_WHY_LATE,
        [LAB_UNREACHABLE] = WORD_LAB_WHY_UNREACHABLE,
        [LAB_REFUSED] = WORD_LAB_WHY_REFUSED,
        [LAB_UNKNOWN_SITE] = WORD_LAB_WHY_UNKNOWN_SITE,
        [LAB_NOT_UNDERSTOOD] = WORD_LAB_WHY_NOT_UNDERSTOOD,
        [LAB_CHANGED] = WORD_LAB_WHY_CHANGED,
        [LAB_TOO_MUCH] = WORD_LAB_WHY_TOO_MUCH,
    };
    return REASONS[outcome];
}

/* Not how long it took: two reports of the same data are the same. */
static void say_why(struct section_build *build)
{
    const struct lab_facts *lab = &build->facts->lab;
    struct cell argument = lab->outcome == LAB_REFUSED
                               ? cell_integer(lab->status_code)
                               : cell_number((double)lab->timeout_ms / 1000, 1);
    size_t n_arguments = lab->outcome == LAB_REFUSED || lab->outcome == LAB_LATE ? 1 : 0;
    section_add_not_provided(build->section, WORD_LAB_RESULTS, lab->base.source);
    section_add_paragraph(build->section, reason_of(lab->outcome), &argument, n_arguments);
}

static void add_facts(struct section_build *build)
{
    const struct source_facts *edc = &build->facts->edc.base;
    const struct list *entered = &build->facts->edc.lab_values;
    const struct list *measured = &build->facts->lab.values;
    int64_t n_pairs = 0;
    int64_t n_agreed = 0;
    LIST_EACH(const struct lab_value, value, measured) {
        n_pairs += value->other != NULL;
        n_agreed += value->other != NULL && value->differs == 0;
    }
    struct section *section = build->section;
    struct block *facts = section_add_facts(section, "laboratory");
    facts_add(
        section, facts, "lab_results", WORD_LAB_RESULTS, cell_integer((int64_t)measured->count));
    facts_add(section, facts, "edc_results", WORD_LAB_ENTERED,
        section_cell(edc, "lab_result", NULL, cell_integer((int64_t)entered->count)));
    facts_add(section, facts, "paired", WORD_LAB_PAIRED,
        section_cell(edc, "lab_result", NULL, cell_integer(n_pairs)));
    facts_add(section, facts, "agreed", WORD_LAB_AGREED,
        section_cell(edc, "lab_result", NULL, cell_integer(n_agreed)));
}

/* "5.2 mmol/L, H" */
static struct cell result_cell(struct section_build *build, const struct lab_value *value)
{
    char text[RESULT_TEXT_MAX];
    int len = value->has_value ? snprintf(text, sizeof(text), "%.*g", VALUE_DIGITS, value->value)
                               : snprintf(text, sizeof(text), "–");
    const char *unit = value->unit == NULL ? "" : value->unit;
    const char *flag = value->flag == NULL ? "" : value->flag;
    snprintf(text + len, sizeof(text) - (size_t)len, "%s%s%s%s", *unit == '\0' ? "" : " ", unit,
        *flag == '\0' ? "" : ", ", flag);
    return cell_text(arena_copy_text(build->report->arena, text));
}

/* The gravest one; the finding's codes name them all. */
static enum word difference_word(unsigned int differs)
{
    if ((differs & LAB_DIFFERS_IN_VALUE) != 0) {
        return WORD_LAB_DIFFERENT_VALUE;
    }
    if ((differs & LAB_DIFFERS_IN_UNIT) != 0) {
        return WORD_LAB_DIFFERENT_UNIT;
    }
    return (differs & LAB_DIFFERS_IN_FLAG) != 0 ? WORD_LAB_DIFFERENT_FLAG : WORD_LAB_DIFFERENT_DATE;
}

static void fill_measured(
    struct section_build *build, struct cell *cells, const struct lab_value *measured)
{
    cells[2] = cell_text(measured->accession);
    cells[3] = cell_date(measured->collected_on);
    cells[4] = result_cell(build, measured);
}

static void fill_entered(
    struct section_build *build, struct cell *cells, const struct lab_value *entered)
{
    const struct source_facts *edc = &build->facts->edc.base;
    cells[5] = section_cell(edc, "lab_result", "on_date", cell_date(entered->collected_on));
    cells[6] = section_cell(edc, "lab_result", "value", result_cell(build, entered));
}

/* A row of one side: what both hold is listed with the laboratory's side. */
static void add_row(struct section_build *build, struct table *table, const struct lab_value *value,
    bool is_measured)
{
    struct cell *cells = section_add_evidence_row(build, table, value->marks);
    cells[0] = cell_text(value->subject_no);
    cells[1] = cell_text(value->test);
    enum word difference = is_measured ? WORD_LAB_NOT_IN_EDC : WORD_LAB_NOT_AT_LAB;
    if (is_measured) {
        fill_measured(build, cells, value);
    } else {
        fill_entered(build, cells, value);
    }
    if (value->other != NULL) {
        fill_entered(build, cells, value->other);
        difference = difference_word(value->differs);
    }
    cells[7] = cell_tone(cell_word(difference), TONE_WARNING);
}

static void add_table(struct section_build *build)
{
    const struct audit_facts *facts = build->facts;
    struct table *table = section_add_table(
        build->section, "laboratory_results", WORD_TABLE_LAB, LAB_COLUMNS, LENGTH_OF(LAB_COLUMNS));
    table->when_empty = WORD_LAB_ALL_AGREED;
    size_t n_rows = 0;
    LIST_EACH(const struct lab_value, measured, &facts->lab.values) {
        bool is_listed = measured->other == NULL || measured->differs != 0;
        if (is_listed && n_rows++ < SECTION_TABLE_ROWS_MAX) {
            add_row(build, table, measured, true);
        }
    }
    LIST_EACH(const struct lab_value, entered, &facts->edc.lab_values) {
        if (entered->other == NULL && n_rows++ < SECTION_TABLE_ROWS_MAX) {
            add_row(build, table, entered, false);
        }
    }
    section_say_cut(build, n_rows);
}

void section_laboratory(struct section_build *build)
{
    section_add_heading(build->section, WORD_LABORATORY);
    if (build->facts->lab.outcome != LAB_ANSWERED) {
        say_why(build);
        return;
    }
    add_facts(build);
    if (!section_lacks(build, &build->facts->edc.base, "lab_result", NULL, WORD_LAB_ENTERED)) {
        add_table(build);
    }
}
