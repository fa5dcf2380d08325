/* Section 10: how late data comes, how long queries stay open, what is changed, what is missing. */
#include "audit/sections/sections.h"
#include "audit/sources/dates.h"

static const struct column PAGE_COLUMNS[] = {
    {"subject_no", WORD_HEAD_SUBJECT, ALIGN_START, 3},
    {"event", WORD_HEAD_VISIT, ALIGN_START, 4},
    {"form", WORD_HEAD_PAGE, ALIGN_START, 5},
    {"visit_on", WORD_HEAD_VISIT_ON, ALIGN_START, 3},
    {"entered_at", WORD_HEAD_ENTERED, ALIGN_START, 4},
    {"lag_days", WORD_HEAD_LAG_DAYS, ALIGN_END, 2},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static const struct column MISSING_COLUMNS[] = {
    {"subject_no", WORD_HEAD_SUBJECT, ALIGN_START, 3},
    {"event", WORD_HEAD_VISIT, ALIGN_START, 4},
    {"form", WORD_HEAD_PAGE, ALIGN_START, 5},
    {"visit_on", WORD_HEAD_VISIT_ON, ALIGN_START, 3},
    {"critical", WORD_HEAD_CRITICAL_PAGE, ALIGN_START, 2},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static const struct column QUERY_COLUMNS[] = {
    {"subject_no", WORD_HEAD_SUBJECT, ALIGN_START, 3},
    {"event", WORD_HEAD_VISIT, ALIGN_START, 3},
    {"form", WORD_HEAD_PAGE, ALIGN_START, 4},
    {"origin", WORD_HEAD_ORIGIN, ALIGN_START, 3},
    {"opened_at", WORD_HEAD_OPENED, ALIGN_START, 4},
    {"age_days", WORD_HEAD_AGE_DAYS, ALIGN_END, 2},
    {"status", WORD_HEAD_STATUS, ALIGN_START, 3},
    {"text", WORD_HEAD_QUERY_TEXT, ALIGN_START, 6},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static const struct column CHANGE_COLUMNS[] = {
    {"form", WORD_HEAD_PAGE, ALIGN_START, 6},
    {"items", WORD_DATA_POINTS, ALIGN_END, 2},
    {"changed", WORD_CHANGED_POINTS, ALIGN_END, 2},
    {"share", WORD_CHANGE_SHARE, ALIGN_END, 2},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

struct totals {
    int64_t n_dated;
    int64_t n_late;
    int64_t n_missing;
    int64_t n_entered;
    int64_t n_unsigned; /* locked without a signature */
    int64_t n_open;
    int64_t n_outstanding;
    int64_t n_items;
    int64_t n_changed;
};

static struct totals count(const struct edc_facts *edc)
{
    struct totals totals = {0};
    LIST_EACH(const struct form, form, &edc->forms) {
        totals.n_entered += form->first_entry_at != 0;
        totals.n_missing += form->first_entry_at == 0;
        totals.n_dated += form->has_lag;
        totals.n_late += form->has_lag && form->lag_days > LATE_ENTRY_DAYS;
        totals.n_unsigned += form->is_locked && !form->is_signed;
    }
    LIST_EACH(const struct query, query, &edc->queries) {
        totals.n_open += !query->is_closed;
        totals.n_outstanding += !query->is_closed && query->age_days > OUTSTANDING_QUERY_DAYS;
    }
    LIST_EACH(const struct form_definition, definition, &edc->form_definitions) {
        totals.n_items += definition->n_items;
        totals.n_changed += definition->n_changed_items;
    }
    return totals;
}

static void add_facts(struct section_build *build, const struct totals *totals)
{
    struct section *section = build->section;
    const struct source_facts *edc = &build->facts->edc.base;
    int64_t n_queries = (int64_t)build->facts->edc.queries.count;
    struct block *facts = section_add_facts(section, "data_quality");
    facts_add(section, facts, "pages", WORD_PAGES_ENTERED,
        section_cell(edc, "form", "first_entry_at", cell_integer(totals->n_entered)));
    facts_add(section, facts, "late_pages", WORD_LATE_PAGES,
        section_cell(edc, "subject_event", "visit_on", cell_integer(totals->n_late)));
    facts_add(section, facts, "late_share", WORD_LATE_SHARE,
        section_cell(edc, "subject_event", "visit_on",
            cell_percent(section_share(totals->n_late, totals->n_dated), 1)));
    facts_add(section, facts, "missing_pages", WORD_MISSING_PAGES,
        section_cell(edc, "form", "missing", cell_integer(totals->n_missing)));
    facts_add(section, facts, "queries", WORD_QUERIES,
        section_cell(edc, "query", NULL, cell_integer(n_queries)));
    facts_add(section, facts, "open_queries", WORD_OPEN_QUERIES,
        section_cell(edc, "query", NULL, cell_integer(totals->n_open)));
    facts_add(section, facts, "outstanding_queries", WORD_OUTSTANDING_QUERIES,
        section_cell(edc, "query", NULL, cell_integer(totals->n_outstanding)));
    facts_add(section, facts, "data_points", WORD_DATA_POINTS,
        section_cell(edc, "item_data", NULL, cell_integer(totals->n_items)));
    facts_add(section, facts, "change_share", WORD_CHANGE_SHARE,
        section_cell(edc, "item_data", "n_changes",
            cell_percent(section_share(totals->n_changed, totals->n_items), 1)));
}

static void fill_page(struct cell *cells, const struct subject *subject,
    const struct event_definition *event, const struct form_definition *definition)
{
    cells[0] = cell_text(subject->subject_no);
    cells[1] = cell_text(event == NULL ? NULL : event->name);
    cells[2] = cell_text(definition == NULL ? NULL : definition->name);
}

static void add_missing(struct section_build *build)
{
    const struct edc_facts *edc = &build->facts->edc;
    if (section_lacks(build, &edc->base, "form", "missing", WORD_MISSING_PAGES)) {
        return;
    }
    struct table *table = section_add_table(build->section, "missing_pages", WORD_MISSING_PAGES,
        MISSING_COLUMNS, LENGTH_OF(MISSING_COLUMNS));
    size_t n_rows = 0;
    LIST_EACH(const struct form, form, &edc->forms) {
        if (form->first_entry_at != 0 || n_rows++ >= SECTION_TABLE_ROWS_MAX) {
            continue;
        }
        struct cell *cells = section_add_evidence_row(build, table, form->marks);
        fill_page(cells, form->subject, form->event, form->definition);
        cells[3] = cell_date(form->visit_on);
        bool is_critical = form->definition != NULL && form->definition->is_critical;
        cells[4] = section_cell(
            &edc->base, "form_def", "critical", cell_word(is_critical ? WORD_YES : WORD_NO));
    }
    section_say_cut(build, n_rows);
}

/* Late pages, and pages that were locked without a signature: both are evidence. */
static bool is_listed(const struct form *form)
{
    return (form->has_lag && form->lag_days > LATE_ENTRY_DAYS) ||
           (form->is_locked && !form->is_signed && form->marks != 0);
}

static void add_late(struct section_build *build)
{
    const struct edc_facts *edc = &build->facts->edc;
    struct table *table = section_add_table(
        build->section, "late_pages", WORD_TABLE_LATE_PAGES, PAGE_COLUMNS, LENGTH_OF(PAGE_COLUMNS));
    size_t n_rows = 0;
    LIST_EACH(const struct form, form, &edc->forms) {
        if (!is_listed(form) || n_rows++ >= SECTION_TABLE_ROWS_MAX) {
            continue;
        }
        struct cell *cells = section_add_evidence_row(build, table, form->marks);
        fill_page(cells, form->subject, form->event, form->definition);
        cells[3] = cell_date(form->visit_on);
        cells[4] = cell_instant(form->first_entry_at);
        cells[5] = form->has_lag ? cell_integer(form->lag_days) : cell_none();
    }
    section_say_cut(build, n_rows);
}

static void add_queries(struct section_build *build)
{
    const struct edc_facts *edc = &build->facts->edc;
    if (section_lacks(build, &edc->base, "query", NULL, WORD_QUERIES)) {
        return;
    }
    int64_t ages[AGE_CLASSES] = {0};
    LIST_EACH(const struct query, query, &edc->queries) {
        ages[age_class(query->age_days)] += !query->is_closed;
    }
    section_add_bars(build, "query_ageing", WORD_CHART_QUERIES, WORD_OPEN_SINCE, AGE_CLASS_WORDS,
        ages, AGE_CLASSES);
    struct table *table = section_add_table(
        build->section, "open_queries", WORD_OPEN_QUERIES, QUERY_COLUMNS, LENGTH_OF(QUERY_COLUMNS));
    size_t n_rows = 0;
    LIST_EACH(const struct query, query, &edc->queries) {
        if (query->is_closed || n_rows++ >= SECTION_TABLE_ROWS_MAX) {
            continue;
        }
        struct cell *cells = section_add_evidence_row(build, table, query->marks);
        fill_page(cells, query->subject, query->event, query->definition);
        cells[3] = cell_code(VOCABULARY_ORIGIN, query->origin);
        cells[4] = cell_instant(query->opened_at);
        cells[5] = cell_tone(cell_integer(query->age_days),
            query->age_days > OUTSTANDING_QUERY_DAYS ? TONE_WARNING : TONE_PLAIN);
        cells[6] = cell_word(query->is_answered ? WORD_ANSWERED : WORD_OPEN);
        cells[7] = section_cell(&edc->base, "query", "text", cell_text(query->text));
    }
    section_say_cut(build, n_rows);
}

static void add_changes(struct section_build *build)
{
    const struct edc_facts *edc = &build->facts->edc;
    if (section_lacks(build, &edc->base, "item_data", "n_changes", WORD_TABLE_CHANGES)) {
        return;
    }
    struct table *table = section_add_table(
        build->section, "changes", WORD_TABLE_CHANGES, CHANGE_COLUMNS, LENGTH_OF(CHANGE_COLUMNS));
    LIST_EACH(const struct form_definition, definition, &edc->form_definitions) {
        if (definition->n_items == 0) {
            continue;
        }
        struct cell *cells = section_add_evidence_row(build, table, definition->marks);
        cells[0] = cell_text(definition->name);
        cells[1] = cell_integer(definition->n_items);
        cells[2] = cell_integer(definition->n_changed_items);
        cells[3] = cell_percent(section_share(definition->n_changed_items, definition->n_items), 1);
    }
}

static void add_pages(struct section_build *build)
{
    if (section_lacks(build, &build->facts->edc.base, "form", NULL, WORD_PAGES)) {
        return;
    }
    struct totals totals = count(&build->facts->edc);
    add_facts(build, &totals);
    add_queries(build);
    add_missing(build);
    add_changes(build);
    add_late(build);
}

void section_quality(struct section_build *build)
{
    add_pages(build);
    section_laboratory(build);
}
