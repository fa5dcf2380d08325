/* Section 11: how much of the data was verified against its source, by form. */
#include "audit/sections/sections.h"

static const struct column FORM_COLUMNS[] = {
    {"form", WORD_HEAD_PAGE, ALIGN_START, 6},
    {"critical", WORD_HEAD_CRITICAL_PAGE, ALIGN_START, 2},
    {"entered", WORD_PAGES_ENTERED, ALIGN_END, 2},
    {"verified", WORD_VERIFIED, ALIGN_END, 2},
    {"partly", WORD_PARTLY_VERIFIED, ALIGN_END, 2},
    {"coverage", WORD_COVERAGE, ALIGN_END, 2},
};

static const struct column OPEN_COLUMNS[] = {
    {"subject_no", WORD_HEAD_SUBJECT, ALIGN_START, 3},
    {"event", WORD_HEAD_VISIT, ALIGN_START, 4},
    {"form", WORD_HEAD_PAGE, ALIGN_START, 5},
    {"visit_on", WORD_HEAD_VISIT_ON, ALIGN_START, 3},
    {"entered_at", WORD_HEAD_ENTERED, ALIGN_START, 4},
    {"verification", WORD_HEAD_STATUS, ALIGN_START, 3},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static void add_facts(struct section_build *build)
{
    int64_t n_forms[2] = {0};
    int64_t n_verified[2] = {0};
    LIST_EACH(const struct form_definition, definition, &build->facts->edc.form_definitions) {
        n_forms[definition->is_critical] += definition->n_forms;
        n_verified[definition->is_critical] += definition->n_verified;
    }
    struct section *section = build->section;
    struct block *facts = section_add_facts(section, "verification");
    facts_add(section, facts, "entered", WORD_PAGES_ENTERED, cell_integer(n_forms[0] + n_forms[1]));
    facts_add(
        section, facts, "verified", WORD_VERIFIED, cell_integer(n_verified[0] + n_verified[1]));
    facts_add(section, facts, "coverage", WORD_COVERAGE,
        cell_percent(section_share(n_verified[0] + n_verified[1], n_forms[0] + n_forms[1]), 1));
    facts_add(section, facts, "critical_coverage", WORD_CRITICAL_COVERAGE,
        section_cell(&build->facts->edc.base, "form_def", "critical",
            cell_percent(section_share(n_verified[1], n_forms[1]), 1)));
}

static size_t count_used(const struct edc_facts *edc)
{
    size_t count = 0;
    LIST_EACH(const struct form_definition, definition, &edc->form_definitions) {
        count += definition->n_forms > 0;
    }
    return count;
}

static void add_chart(struct section_build *build)
{
    const struct edc_facts *edc = &build->facts->edc;
    size_t n_used = count_used(edc);
    if (n_used == 0) {
        return;
    }
    struct chart *chart =
        section_add_chart(build->section, "coverage", CHART_BARS, WORD_CHART_COVERAGE);
    chart->y_is_percent = true;
    chart->x_title = WORD_HEAD_PAGE;
    chart->y_title = WORD_COVERAGE;
    chart_set_categories(chart, n_used);
    struct chart_series *series = chart_add_series(chart, WORD_COVERAGE, TONE_NOTICE, n_used);
    size_t index = 0;
    LIST_EACH(const struct form_definition, definition, &edc->form_definitions) {
        if (definition->n_forms == 0) {
            continue;
        }
        chart_set_category(
            chart, index, cell_text(arena_copy_text(build->report->arena, definition->name)));
        *chart_point_at(series, index) = (struct chart_point){
            .x = (double)index, .y = section_share(definition->n_verified, definition->n_forms)};
        index++;
    }
}

static void add_forms(struct section_build *build)
{
    const struct edc_facts *edc = &build->facts->edc;
    struct table *table = section_add_table(build->section, "verification_by_form",
        WORD_TABLE_VERIFICATION, FORM_COLUMNS, LENGTH_OF(FORM_COLUMNS));
    LIST_EACH(const struct form_definition, definition, &edc->form_definitions) {
        if (definition->n_forms == 0) {
            continue;
        }
        struct cell *cells = table_add_row(table);
        cells[0] = cell_text(definition->name);
        cells[1] = section_cell(&edc->base, "form_def", "critical",
            cell_word(definition->is_critical ? WORD_YES : WORD_NO));
        cells[2] = cell_integer(definition->n_forms);
        cells[3] = cell_integer(definition->n_verified);
        cells[4] = cell_integer(definition->n_partly_verified);
        cells[5] = cell_percent(section_share(definition->n_verified, definition->n_forms), 1);
    }
}

static void add_open(struct section_build *build)
{
    struct table *table = section_add_table(build->section, "critical_not_verified",
        WORD_TABLE_NOT_VERIFIED, OPEN_COLUMNS, LENGTH_OF(OPEN_COLUMNS));
    size_t n_rows = 0;
    LIST_EACH(const struct form, form, &build->facts->edc.forms) {
        bool is_critical = form->definition != NULL && form->definition->is_critical;
        if (!is_critical || form->first_entry_at == 0 || form->verification == VERIFICATION_DONE ||
            n_rows++ >= SECTION_TABLE_ROWS_MAX) {
            continue;
        }
        struct cell *cells = section_add_evidence_row(build, table, form->marks);
        cells[0] = cell_text(form->subject->subject_no);
        cells[1] = cell_text(form->event == NULL ? NULL : form->event->name);
        cells[2] = cell_text(form->definition->name);
        cells[3] = cell_date(form->visit_on);
        cells[4] = cell_instant(form->first_entry_at);
        cells[5] = cell_word(
            form->verification == VERIFICATION_PARTLY ? WORD_PARTLY_VERIFIED : WORD_NOT_VERIFIED);
    }
    section_say_cut(build, n_rows);
}

void section_verification(struct section_build *build)
{
    const struct source_facts *edc = &build->facts->edc.base;
    if (section_lacks(build, edc, "form", "sdv_status", WORD_SECTION_VERIFICATION)) {
        return;
    }
    add_facts(build);
    add_chart(build);
    add_forms(build);
    add_open(build);
}
