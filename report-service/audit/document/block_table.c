/* Tables: rows over as many pages as they need, the head on each of them. A row that is taller
 * than what is left goes to the next page whole; one taller than half a page is cut between lines.
 */
#include <stdio.h>

#include "audit/document/table_plan.h"

enum { CAPTION_MAX = 320 };
enum { SLICE_LINES_MIN = 3 }; /* lines of a cut row that must fit before a page break */

static const double CAPTION_GAP = 3;

/* A row laid out: its cells' paragraphs, in lines of equal height. */
struct row_layout {
    struct paragraph paragraphs[DOCUMENT_COLUMNS_MAX];
    unsigned int colors[DOCUMENT_COLUMNS_MAX];
    uint32_t n_lines;
};

struct table_run {
    struct document *document;
    const struct table *table;
    const struct table_plan *plan;
    struct row_layout head;
};

static void lay_head(struct table_run *run)
{
    struct row_layout *head = &run->head;
    head->n_lines = 1;
    for (size_t i = 0; i < run->plan->n_columns; i++) {
        head->paragraphs[i] = text_layout(run->document->text, run->plan->head_style,
            document_word(run->document, run->table->columns[run->plan->columns[i]].head),
            run->plan->widths[i] - 2 * CELL_PADDING_X);
        head->colors[i] = COLOR_BRAND;
        if (head->paragraphs[i].n_lines > head->n_lines) {
            head->n_lines = head->paragraphs[i].n_lines;
        }
    }
}

static double row_height(const struct text_style *style, uint32_t n_lines)
{
    return n_lines * style->line_height + 2 * CELL_PADDING_Y;
}

static unsigned int cell_color(const struct document *document, const struct cell *cell)
{
    if (page_is_linked(document, cell->anchor) && cell->tone == TONE_PLAIN) {
        return COLOR_LINK;
    }
    bool is_absent =
        cell->kind == CELL_NONE || cell->kind == CELL_NOT_PROVIDED || cell->kind == CELL_BLINDED;
    return is_absent ? COLOR_QUIET : palette_of_tone(cell->tone);
}

static const struct text_style *cell_style(const struct table_plan *plan, const struct cell *cell)
{
    /* Both styles have the same line height, so rows stay on one grid. */
    return cell->tone == TONE_ALARM ? plan->head_style : plan->cell_style;
}

static void lay_row(struct table_run *run, const struct table_row *row, struct row_layout *layout)
{
    layout->n_lines = 1;
    for (size_t i = 0; i < run->plan->n_columns; i++) {
        const struct cell *cell = &row->cells[run->plan->columns[i]];
        char room[CELL_TEXT_MAX];
        layout->paragraphs[i] = text_layout(run->document->text, cell_style(run->plan, cell),
            format_cell(cell, run->document->language, room),
            run->plan->widths[i] - 2 * CELL_PADDING_X);
        layout->colors[i] = cell_color(run->document, cell);
        if (layout->paragraphs[i].n_lines > layout->n_lines) {
            layout->n_lines = layout->paragraphs[i].n_lines;
        }
    }
}

static double align_fraction(enum align align)
{
    switch (align) {
    case ALIGN_START:
        return 0;
    case ALIGN_CENTER:
        return 0.5;
    case ALIGN_END:
        return 1;
    }
    return 0;
}

/* Lines first … first + count of every cell, from y on. */
static void draw_lines(const struct table_run *run, const struct row_layout *layout, uint32_t first,
    uint32_t count, double y)
{
    struct document *document = run->document;
    if (document->cr == NULL) {
        return;
    }
    double x = PAGE_LEFT;
    for (size_t i = 0; i < run->plan->n_columns; i++) {
        const struct paragraph *paragraph = &layout->paragraphs[i];
        double fraction = align_fraction(run->table->columns[run->plan->columns[i]].align);
        double line_y = y;
        for (uint32_t line = first; line < first + count && line < paragraph->n_lines; line++) {
            page_line(
                document, paragraph, line, layout->colors[i], x + CELL_PADDING_X, line_y, fraction);
            line_y += paragraph->style->line_height;
        }
        x += run->plan->widths[i];
    }
}

static void draw_links(const struct table_run *run, const struct table_row *row,
    const struct row_layout *layout, double y, double height)
{
    double x = PAGE_LEFT;
    for (size_t i = 0; i < run->plan->n_columns; i++) {
        const char *anchor = row->cells[run->plan->columns[i]].anchor;
        if (anchor != NULL && layout->paragraphs[i].n_lines > 0) {
            page_link(run->document, anchor, x, y, run->plan->widths[i], height);
        }
        x += run->plan->widths[i];
    }
}

static void draw_caption(struct table_run *run, bool is_continued)
{
    struct document *document = run->document;
    const char *title = document_word(document, run->table->title);
    char caption[CAPTION_MAX];
    snprintf(caption, sizeof(caption),
        !is_continued                          ? "%s"
        : document->language == LANGUAGE_ZH_CN ? "%s（%s）"
                                               : "%s (%s)",
        title, document_word(document, WORD_CONTINUED));
    struct paragraph paragraph =
        text_layout(document->text, &STYLE_CAPTION, is_continued ? caption : title, BODY_WIDTH);
    document->y =
        page_paragraph(document, &paragraph, COLOR_BRAND, PAGE_LEFT, document->y) + CAPTION_GAP;
}

static void draw_head(struct table_run *run)
{
    struct document *document = run->document;
    lay_head(run); /* anew on each page: the scratch has been reset since */
    double height = row_height(run->plan->head_style, run->head.n_lines);
    page_box(document, PAGE_LEFT, document->y, BODY_WIDTH, height, COLOR_PANEL);
    page_rule(document, PAGE_LEFT, PAGE_RIGHT, document->y, 1, COLOR_BRAND);
    page_rule(document, PAGE_LEFT, PAGE_RIGHT, document->y + height, 0.5, COLOR_RULE);
    draw_lines(run, &run->head, 0, run->head.n_lines, document->y + CELL_PADDING_Y);
    document->y += height;
}

static enum status continue_on_next_page(struct table_run *run)
{
    page_rule(run->document, PAGE_LEFT, PAGE_RIGHT, run->document->y, 0.5, COLOR_RULE);
    enum status status = page_next(run->document);
    if (status == STATUS_OK) {
        draw_caption(run, true);
        draw_head(run);
    }
    return status;
}

/* Whether a row goes to the next page instead of being cut here. */
static bool wants_next_page(const struct table_run *run, const struct row_layout *layout)
{
    const struct text_style *style = run->plan->cell_style;
    double height = row_height(style, layout->n_lines);
    double left = page_left(run->document);
    if (height <= left) {
        return false;
    }
    return height <= (PAGE_BOTTOM - PAGE_TOP) / 2 || row_height(style, SLICE_LINES_MIN) > left;
}

static enum status draw_row(struct table_run *run, const struct table_row *row)
{
    struct document *document = run->document;
    const struct text_style *style = run->plan->cell_style;
    struct row_layout layout;
    lay_row(run, row, &layout);
    if (wants_next_page(run, &layout)) {
        enum status status = continue_on_next_page(run);
        if (status != STATUS_OK) {
            return status;
        }
    }
    page_anchor(document, row->anchor, document->y);
    for (uint32_t line = 0; line < layout.n_lines;) {
        double room = page_left(document) - 2 * CELL_PADDING_Y;
        uint32_t fits = room < style->line_height ? 1 : (uint32_t)(room / style->line_height);
        uint32_t count = layout.n_lines - line < fits ? layout.n_lines - line : fits;
        double height = row_height(style, count);
        draw_links(run, row, &layout, document->y, height);
        draw_lines(run, &layout, line, count, document->y + CELL_PADDING_Y);
        document->y += height;
        line += count;
        if (line < layout.n_lines) {
            enum status status = continue_on_next_page(run);
            if (status != STATUS_OK) {
                return status;
            }
        }
    }
    page_rule(document, PAGE_LEFT, PAGE_RIGHT, document->y, 0.4, COLOR_HAIRLINE);
    return STATUS_OK;
}

static enum status draw_rows(struct table_run *run)
{
    struct document *document = run->document;
    for (const struct table_row *row = run->table->first; row != NULL; row = row->next) {
        text_reset(document->text);
        enum status status = draw_row(run, row);
        if (status != STATUS_OK) {
            return status;
        }
        document->rows_done++;
        if (document->rows_done % DOCUMENT_CHECK_ROWS == 0) {
            status = page_checkpoint(document);
            if (status != STATUS_OK) {
                return status;
            }
        }
    }
    page_rule(document, PAGE_LEFT, PAGE_RIGHT, document->y, 0.8, COLOR_RULE);
    return STATUS_OK;
}

static void draw_empty(struct document *document, const struct table *table)
{
    struct paragraph paragraph = text_layout(document->text, &STYLE_CELL,
        document_word(document, table->when_empty), BODY_WIDTH - 2 * CELL_PADDING_X);
    page_rule(document, PAGE_LEFT, PAGE_RIGHT, document->y, 1, COLOR_BRAND);
    document->y = page_paragraph(document, &paragraph, COLOR_QUIET, PAGE_LEFT + CELL_PADDING_X,
                      document->y + CELL_PADDING_Y + 1) +
                  CELL_PADDING_Y + 1;
    page_rule(document, PAGE_LEFT, PAGE_RIGHT, document->y, 0.5, COLOR_RULE);
}

double table_height_min(struct document *document, const struct table *table)
{
    (void)document;
    double rows = table->first == NULL ? 1 : table->first->next == NULL ? 2 : 3;
    return STYLE_CAPTION.line_height + CAPTION_GAP + (rows + 1) * row_height(&STYLE_CELL, 1) +
           STYLE_CELL.line_height;
}

enum status table_draw(struct document *document, const struct table *table)
{
    struct table_run run = {.document = document, .table = table};
    page_anchor(document, table->id, document->y);
    page_contents_anchor(
        document, contents_mark(document->contents, document->page, document->y), document->y);
    draw_caption(&run, false);
    table_draw_absent(document, table);
    run.plan = table_plan_get(document, table);
    if (run.plan == NULL) {
        return error_set(document->error, STATUS_RESOURCE_EXHAUSTED, "table: out of memory");
    }
    if (table->first == NULL) {
        draw_empty(document, table);
        return STATUS_OK;
    }
    draw_head(&run);
    return draw_rows(&run);
}
