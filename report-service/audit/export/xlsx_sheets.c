#include <math.h>
#include <string.h>

#include "audit/document/format_cell.h"
#include "audit/export/xlsx_internal.h"

enum {
    WIDTH_MIN = 8, /* characters */
    WIDTH_MAX = 60,
    WIDTH_ROWS_MAX = 1000, /* rows that a column's width is measured on */
};

static void set_width(const struct sheet *sheet, size_t column, int characters)
{
    int width = characters < WIDTH_MIN   ? WIDTH_MIN
                : characters > WIDTH_MAX ? WIDTH_MAX
                                         : characters;
    /* A failure means a column out of range: there is none. */
    (void)worksheet_set_column(
        sheet->worksheet, (lxw_col_t)column, (lxw_col_t)column, (double)width + 2, NULL);
}

static void freeze_head(const struct sheet *sheet, size_t n_columns)
{
    worksheet_freeze_panes(sheet->worksheet, 1, 0);
    worksheet_repeat_rows(sheet->worksheet, 0, 0);
    if (n_columns > 0) {
        (void)worksheet_autofilter(
            sheet->worksheet, 0, 0, sheet->n_rows, (lxw_col_t)(n_columns - 1));
    }
}

/* --- a table --------------------------------------------------------------------------------- */

static int column_width(const struct xlsx *xlsx, const struct sheet *sheet, size_t column)
{
    const struct table_row *row = sheet->first;
    int width = xlsx_text_width(word_text(sheet->table->columns[column].head, xlsx->language)) + 2;
    for (uint32_t i = 0; i < sheet->n_rows && i < WIDTH_ROWS_MAX; i++, row = row->next) {
        char room[CELL_TEXT_MAX];
        int cell_width = xlsx_text_width(format_cell(&row->cells[column], xlsx->language, room));
        width = cell_width > width ? cell_width : width;
    }
    return width;
}

static void fill_table(struct xlsx *xlsx, struct sheet *sheet)
{
    const struct table *table = sheet->table;
    for (size_t i = 0; i < table->n_columns; i++) {
        set_width(sheet, i, column_width(xlsx, sheet, i));
        xlsx_word(xlsx, sheet, 0, i, table->columns[i].head, LOOK_HEAD);
    }
    freeze_head(sheet, table->n_columns);
    const struct table_row *row = sheet->first;
    for (uint32_t k = 0; k < sheet->n_rows && xlsx->status == STATUS_OK; k++, row = row->next) {
        for (size_t i = 0; i < table->n_columns; i++) {
            xlsx_cell(xlsx, sheet, k + 1, i, &row->cells[i], row->cells[i].anchor);
        }
        xlsx_end_row(xlsx);
    }
}

/* --- the findings ---------------------------------------------------------------------------- */

static void fill_findings(struct xlsx *xlsx, struct sheet *sheet)
{
    static const struct {
        enum word head;
        int width;
    } COLUMNS[] = {{WORD_HEAD_CODE, 10}, {WORD_HEAD_GRADE, 16}, {WORD_HEAD_AREA, 26},
        {WORD_HEAD_FINDING, 60}, {WORD_EXPORT_SECTION, 10}, {WORD_HEAD_REFERENCE, 36},
        {WORD_HEAD_EVIDENCE_ROWS, 12}};
    for (size_t i = 0; i < LENGTH_OF(COLUMNS); i++) {
        set_width(sheet, i, COLUMNS[i].width);
        xlsx_word(xlsx, sheet, 0, i, COLUMNS[i].head, LOOK_HEAD);
    }
    freeze_head(sheet, LENGTH_OF(COLUMNS));
    uint32_t row = 0;
    for (const struct finding *finding = xlsx->report->first_finding;
         finding != NULL && xlsx->status == STATUS_OK; finding = finding->next) {
        const struct cell cells[] = {cell_text(finding->rule_code),
            cell_word(grade_word(finding->grade)), cell_word(finding->area), cell_none(),
            cell_integer(finding->section_number), cell_text(finding->reference),
            cell_integer(finding->n_evidence)};
        const char *const anchors[LENGTH_OF(cells)] = {
            [0] = finding->evidence_anchor, [6] = finding->evidence_anchor};
        row++;
        for (size_t i = 0; i < LENGTH_OF(cells); i++) {
            if (cells[i].kind == CELL_NONE) {
                xlsx_template(xlsx, sheet, row, i, finding->statement, finding->arguments,
                    finding->n_arguments);
            } else {
                xlsx_cell(xlsx, sheet, row, i, &cells[i], anchors[i]);
            }
        }
        xlsx_end_row(xlsx);
    }
}

/* --- a section: its text, facts, points of charts --------------------------------------------- */

static void fill_facts(
    struct xlsx *xlsx, struct sheet *sheet, uint32_t *row, const struct block *block)
{
    for (const struct fact *fact = block->first_fact; fact != NULL; fact = fact->next) {
        xlsx_word(xlsx, sheet, *row, 0, fact->label, LOOK_PLAIN);
        xlsx_cell(xlsx, sheet, *row, 1, &fact->value, fact->value.anchor);
        xlsx_end_row(xlsx);
        (*row)++;
    }
}

/* A day as a date; `room` holds its text. */
static struct cell day_cell(double day, char room[32])
{
    if (!isfinite(day) || fabs(day) > 1e7) {
        return cell_none();
    }
    format_day((int64_t)floor(day), room, 32);
    return cell_date(room);
}

static void fill_point(struct xlsx *xlsx, struct sheet *sheet, uint32_t row,
    const struct chart *chart, const struct chart_series *series, size_t index)
{
    const struct chart_point *point = &series->points[index];
    bool is_span = chart->kind == CHART_TIMELINE; /* from x to y, both of them days */
    bool has_category = index < chart->n_categories;
    char from[32];
    char to[32];
    const struct cell x =
        chart->x_is_date || is_span ? day_cell(point->x, from) : cell_number(point->x, 2);
    const struct cell y = is_span               ? day_cell(point->y, to)
                          : chart->y_is_percent ? cell_percent(point->y, 1)
                                                : cell_number(point->y, 2);
    const struct cell cells[] = {
        series->name == WORD_NONE ? cell_text(series->name_text) : cell_word(series->name),
        has_category ? chart->categories[index] : x,
        y,
        is_span ? x : cell_text(point->label),
    };
    for (size_t i = 0; i < LENGTH_OF(cells); i++) {
        xlsx_cell(xlsx, sheet, row, i, &cells[i], NULL);
    }
    xlsx_end_row(xlsx);
}

static void fill_chart(
    struct xlsx *xlsx, struct sheet *sheet, uint32_t *row, const struct chart *chart)
{
    static const enum word HEADS[] = {
        WORD_EXPORT_SERIES, WORD_EXPORT_POINT, WORD_EXPORT_VALUE, WORD_EXPORT_LABEL};
    static const enum word SPAN_HEADS[LENGTH_OF(HEADS)] = {
        WORD_EXPORT_SERIES, WORD_EXPORT_POINT, WORD_HEAD_END, WORD_HEAD_START};
    const enum word *heads = chart->kind == CHART_TIMELINE ? SPAN_HEADS : HEADS;
    xlsx_word(xlsx, sheet, (*row)++, 0, chart->title, LOOK_LABEL);
    for (size_t i = 0; i < LENGTH_OF(HEADS); i++) {
        xlsx_word(xlsx, sheet, *row, i, heads[i], LOOK_HEAD);
    }
    (*row)++;
    for (const struct chart_series *series = chart->first; series != NULL; series = series->next) {
        for (size_t i = 0; i < series->n_points && xlsx->status == STATUS_OK; i++) {
            fill_point(xlsx, sheet, (*row)++, chart, series, i);
        }
    }
}

/* The table's own sheets follow the section's in the same order as its blocks. */
static void fill_table_links(struct xlsx *xlsx, struct sheet *sheet, uint32_t *row,
    const struct table *table, const struct sheet **next_table)
{
    while ((*next_table)->table == table) {
        xlsx_sheet_link(xlsx, sheet, *row, 0, *next_table);
        xlsx_number(xlsx, sheet, *row, 1, (*next_table)->n_rows, 0);
        if ((*next_table)->n_rows == 0) {
            xlsx_word(xlsx, sheet, *row, 2, table->when_empty, LOOK_PLAIN);
        }
        (*row)++;
        (*next_table)++;
    }
}

static void fill_block(struct xlsx *xlsx, struct sheet *sheet, uint32_t *row,
    const struct block *block, const struct sheet **next_table)
{
    struct cell gap;
    switch (block->kind) {
    case BLOCK_PARAGRAPH:
        xlsx_template(xlsx, sheet, (*row)++, 0, block->word, block->arguments, block->n_arguments);
        return;
    case BLOCK_HEADING:
        xlsx_word(xlsx, sheet, (*row)++, 0, block->word, LOOK_LABEL);
        return;
    case BLOCK_NOT_PROVIDED:
        gap = cell_not_provided(block->source);
        xlsx_word(xlsx, sheet, *row, 0, block->word, LOOK_PLAIN);
        xlsx_cell(xlsx, sheet, (*row)++, 1, &gap, NULL);
        return;
    case BLOCK_FACTS:
        fill_facts(xlsx, sheet, row, block);
        return;
    case BLOCK_TABLE:
        fill_table_links(xlsx, sheet, row, block->table, next_table);
        return;
    case BLOCK_CHART:
        fill_chart(xlsx, sheet, row, block->chart);
        return;
    }
}

static void fill_section(struct xlsx *xlsx, struct sheet *sheet)
{
    static const int WIDTHS[] = {60, 30, 16, 24};
    for (size_t i = 0; i < LENGTH_OF(WIDTHS); i++) {
        set_width(sheet, i, WIDTHS[i]);
    }
    worksheet_freeze_panes(sheet->worksheet, 1, 0);
    xlsx_word(xlsx, sheet, 0, 0, sheet->section->title, LOOK_TITLE);
    uint32_t row = 1;
    const struct sheet *next_table = sheet + 1; /* there is one more element than sheets */
    for (const struct block *block = sheet->section->first;
         block != NULL && xlsx->status == STATUS_OK; block = block->next) {
        fill_block(xlsx, sheet, &row, block, &next_table);
        xlsx_end_row(xlsx);
    }
}

/* --- the overview ---------------------------------------------------------------------------- */

static void fill_cover(struct xlsx *xlsx, struct sheet *sheet, uint32_t *row)
{
    const struct report *report = xlsx->report;
    const struct {
        enum word label;
        struct cell value;
    } facts[] = {
        {WORD_COVER_PROTOCOL, cell_text(report->study_protocol)},
        {WORD_STUDY, cell_text(report->study_title)},
        {WORD_SITE, cell_text(report->site_no)},
        {WORD_EXPORT_SITE_NAME, cell_text(report->site_name)},
        {WORD_COVER_INVESTIGATOR, cell_text(report->investigator)},
        {WORD_COVER_COUNTRY, cell_text(report->country)},
        {WORD_COVER_PERIOD, cell_date(report->period_from)},
        {WORD_COVER_AS_OF, cell_date(report->as_of)},
        {WORD_COVER_REQUESTER, cell_text(report->requester)},
        {WORD_COVER_TREATMENT_DATA,
            report->is_unblinded ? cell_word(WORD_UNBLINDED) : cell_blinded()},
        {WORD_EXPORT_STATUS, cell_word(report->is_final ? WORD_FINAL : WORD_DRAFT)},
        {WORD_COVER_HASH, cell_text(report->content_hash)},
    };
    for (size_t i = 0; i < LENGTH_OF(facts); i++) {
        xlsx_word(xlsx, sheet, *row, 0, facts[i].label, LOOK_LABEL);
        xlsx_cell(xlsx, sheet, (*row)++, 1, &facts[i].value, NULL);
    }
    (*row)++;
    static const enum word HEADS[] = {
        WORD_COVER_SOURCE, WORD_HEAD_SNAPSHOT, WORD_COVER_DATA_VERSION, WORD_HEAD_EXTRACT};
    for (size_t i = 0; i < LENGTH_OF(HEADS); i++) {
        xlsx_word(xlsx, sheet, *row, i, HEADS[i], LOOK_HEAD);
    }
    for (size_t i = 0; i < report->n_snapshots; i++) {
        const struct snapshot *snapshot = &report->snapshots[i];
        const struct cell cells[] = {cell_text(snapshot->source), cell_instant(snapshot->at),
            snapshot->data_version == 0 ? cell_none() : cell_integer(snapshot->data_version),
            cell_date(snapshot->extract_on)};
        (*row)++;
        for (size_t k = 0; k < LENGTH_OF(cells); k++) {
            xlsx_cell(xlsx, sheet, *row, k, &cells[k], NULL);
        }
    }
    *row += 2;
}

static void fill_overview(struct xlsx *xlsx, struct sheet *sheet)
{
    static const int WIDTHS[] = {44, 60, 14, 14};
    for (size_t i = 0; i < LENGTH_OF(WIDTHS); i++) {
        set_width(sheet, i, WIDTHS[i]);
    }
    uint32_t row = 0;
    xlsx_word(xlsx, sheet, row++, 0, WORD_REPORT_TITLE, LOOK_TITLE);
    worksheet_freeze_panes(sheet->worksheet, 1, 0);
    fill_cover(xlsx, sheet, &row);
    xlsx_word(xlsx, sheet, row, 0, WORD_EXPORT_SHEET, LOOK_HEAD);
    xlsx_word(xlsx, sheet, row, 1, WORD_EXPORT_TITLE, LOOK_HEAD);
    xlsx_word(xlsx, sheet, row++, 2, WORD_EXPORT_ROWS, LOOK_HEAD);
    for (size_t i = 1; i < xlsx->n_sheets; i++) {
        const struct sheet *target = &xlsx->sheets[i];
        enum word title = target->table != NULL     ? target->table->title
                          : target->section != NULL ? target->section->title
                                                    : WORD_TABLE_FINDINGS;
        xlsx_sheet_link(xlsx, sheet, row, 0, target);
        xlsx_word(xlsx, sheet, row, 1, title, LOOK_PLAIN);
        if (target->kind != SHEET_SECTION) {
            xlsx_number(xlsx, sheet, row, 2, target->n_rows, 0);
        }
        row++;
    }
}

void xlsx_fill(struct xlsx *xlsx, struct sheet *sheet)
{
    switch (sheet->kind) {
    case SHEET_OVERVIEW:
        fill_overview(xlsx, sheet);
        return;
    case SHEET_FINDINGS:
        fill_findings(xlsx, sheet);
        return;
    case SHEET_SECTION:
        fill_section(xlsx, sheet);
        return;
    case SHEET_TABLE:
        fill_table(xlsx, sheet);
        return;
    }
}
