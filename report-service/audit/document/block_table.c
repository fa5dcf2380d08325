/* Tables: rows over as many pages as they need, the head on each of them. A row that is taller
 * than what is left goes to the next page whole; one taller than half a page is cut between lines,
 * and says so at the foot and at the top.
 *
 * Structure: a table of at most TAGGED_CELLS_MAX cells is tagged cell by cell (Table, TR, TH, TD),
 * a listing is one element a page: a tagged cell costs 10 µs, 160 bytes of the file and 10 of
 * memory up to the end, which a listing of a hundred thousand cells must not. */
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
    bool is_tagged; /* cell by cell */
};

static double cell_room(const struct table_run *run, size_t i)
{
    return run->plan->widths[i] - 2 * CELL_PADDING_X - table_inset(run->table, run->plan, i);
}

static void lay_head(struct table_run *run)
{
    struct row_layout *head = &run->head;
    head->n_lines = 1;
    for (size_t i = 0; i < run->plan->n_columns; i++) {
        head->paragraphs[i] = text_layout(run->document->text, run->plan->head_style,
            document_word(run->document, run->table->columns[run->plan->columns[i]].head),
            cell_room(run, i));
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
            format_cell(cell, run->document->language, room), cell_room(run, i));
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

static void tag_begin(const struct table_run *run, const char *name)
{
    if (run->is_tagged) {
        page_tag_inner(run->document, name);
    }
}

static void tag_end(const struct table_run *run, const char *name)
{
    if (run->is_tagged) {
        page_untag_inner(run->document, name);
    }
}

/* A row of the page: lines first … first + count of every cell, in a box of `height` at y. */
struct slice {
    const struct table_row *row; /* NULL: the head */
    const struct row_layout *layout;
    uint32_t first;
    uint32_t count;
    double y;
    double height;
};

static void draw_cell(const struct table_run *run, const struct slice *slice, size_t i, double x)
{
    struct document *document = run->document;
    const struct paragraph *paragraph = &slice->layout->paragraphs[i];
    size_t column = run->plan->columns[i];
    if (slice->row != NULL && paragraph->n_lines > slice->first) {
        page_link(document, slice->row->cells[column].anchor, x, slice->y, run->plan->widths[i],
            slice->height);
    }
    double y = slice->y + CELL_PADDING_Y;
    double text_x = x + CELL_PADDING_X + table_inset(run->table, run->plan, i);
    uint32_t end = slice->first + slice->count;
    for (uint32_t line = slice->first; line < end && line < paragraph->n_lines; line++) {
        page_line(document, paragraph, line, slice->layout->colors[i], text_x, y,
            align_fraction(run->table->columns[column].align));
        y += paragraph->style->line_height;
    }
}

static void draw_slice(const struct table_run *run, const struct slice *slice)
{
    const char *tag = slice->row == NULL ? "TH" : "TD";
    double x = PAGE_LEFT;
    tag_begin(run, "TR");
    for (size_t i = 0; i < run->plan->n_columns; i++) {
        tag_begin(run, tag);
        draw_cell(run, slice, i, x);
        tag_end(run, tag);
        x += run->plan->widths[i];
    }
    tag_end(run, "TR");
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
    page_tag(document, "P");
    document->y =
        page_paragraph(document, &paragraph, COLOR_BRAND, PAGE_LEFT, document->y) + CAPTION_GAP;
    page_untag(document);
}

static void draw_head(struct table_run *run)
{
    struct document *document = run->document;
    lay_head(run); /* anew on each page: the scratch has been reset since */
    double height = row_height(run->plan->head_style, run->head.n_lines);
    page_box(document, PAGE_LEFT, document->y, BODY_WIDTH, height, COLOR_PANEL);
    page_rule(document, PAGE_LEFT, PAGE_RIGHT, document->y, 1, COLOR_BRAND);
    page_rule(document, PAGE_LEFT, PAGE_RIGHT, document->y + height, 0.5, COLOR_RULE);
    const struct slice slice = {
        .layout = &run->head, .count = run->head.n_lines, .y = document->y, .height = height};
    draw_slice(run, &slice);
    document->y += height;
}

static void open_part(const struct table_run *run)
{
    if (run->is_tagged) {
        page_tag(run->document, "Table"); /* its cells hold the links */
    } else {
        page_tag_linked(run->document, "P");
    }
}

static enum status continue_on_next_page(struct table_run *run)
{
    page_rule(run->document, PAGE_LEFT, PAGE_RIGHT, run->document->y, 0.5, COLOR_RULE);
    page_untag(run->document);
    enum status status = page_next(run->document);
    if (status == STATUS_OK) {
        draw_caption(run, true);
    }
    open_part(run); /* also on failure: whoever opened one closes one */
    if (status == STATUS_OK) {
        draw_head(run);
    }
    return status;
}

/* A line of tiny text that is a row of its own. */
static void draw_remark(const struct table_run *run, const char *text, double fraction)
{
    double room = BODY_WIDTH - 2 * CELL_PADDING_X;
    tag_begin(run, "TR");
    tag_begin(run, "TD");
    page_text_fit(run->document, &STYLE_TINY, COLOR_QUIET, text,
        PAGE_LEFT + CELL_PADDING_X + fraction * room, run->document->y + 2, room, fraction);
    tag_end(run, "TD");
    tag_end(run, "TR");
}

/* The rest of a row that is cut: told at the foot of this page, and named at the top of the next.
 */
static enum status continue_row(struct table_run *run, const struct table_row *row)
{
    struct document *document = run->document;
    draw_remark(run, document_word(document, WORD_ROW_CONTINUES), 1);
    enum status status = continue_on_next_page(run);
    if (status != STATUS_OK || run->plan->n_columns == 0) {
        return status;
    }
    char room[CELL_TEXT_MAX];
    char label[PAGE_LABEL_MAX];
    const struct cell arguments[] = {
        cell_text(format_cell(&row->cells[run->plan->columns[0]], document->language, room)),
        cell_word(WORD_CONTINUED)};
    format_template(document->language == LANGUAGE_ZH_CN ? "{0}（{1}）" : "{0} ({1})", arguments,
        LENGTH_OF(arguments), document->language, label, sizeof(label));
    draw_remark(run, label, 0);
    document->y += STYLE_TINY.line_height + 1;
    return STATUS_OK;
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
        const struct slice slice = {.row = row,
            .layout = &layout,
            .first = line,
            .count = count,
            .y = document->y,
            .height = row_height(style, count)};
        draw_slice(run, &slice);
        document->y += slice.height;
        line += count;
        enum status status = line < layout.n_lines ? continue_row(run, row) : STATUS_OK;
        if (status != STATUS_OK) {
            return status;
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
    page_tag(document, "P");
    document->y = page_paragraph(document, &paragraph, COLOR_QUIET, PAGE_LEFT + CELL_PADDING_X,
                      document->y + CELL_PADDING_Y + 1) +
                  CELL_PADDING_Y + 1;
    page_untag(document);
    page_rule(document, PAGE_LEFT, PAGE_RIGHT, document->y, 0.5, COLOR_RULE);
}

double table_height_min(struct document *document, const struct table *table)
{
    (void)document;
    double rows = table->first == NULL ? 1 : table->first->next == NULL ? 2 : 3;
    return STYLE_CAPTION.line_height + CAPTION_GAP + (rows + 1) * row_height(&STYLE_CELL, 1) +
           STYLE_CELL.line_height;
}

/* Whether the table is small enough to be tagged cell by cell. Counted while drawing only. */
static bool decide_tagging(struct document *document, const struct table_run *run)
{
    size_t n_cells = (run->table->n_rows + 1) * run->plan->n_columns;
    bool is_tagged = document->cr != NULL && n_cells <= TAGGED_CELLS_MAX &&
                     document->n_tagged_cells + n_cells <= TAGGED_IN_ALL_MAX;
    document->n_tagged_cells += is_tagged ? n_cells : 0;
    return is_tagged;
}

enum status table_draw(struct document *document, const struct table *table)
{
    struct table_run run = {.document = document, .table = table};
    page_anchor(document, table->id, document->y);
    contents_mark(document->contents, document->page, document->y);
    draw_caption(&run, false);
    run.plan = table_plan_get(document, table);
    if (run.plan == NULL) {
        return error_set(document->error, STATUS_RESOURCE_EXHAUSTED, "table: out of memory");
    }
    table_draw_absent(document, table);
    if (table->first == NULL) {
        draw_empty(document, table);
        return STATUS_OK;
    }
    run.is_tagged = decide_tagging(document, &run);
    open_part(&run);
    draw_head(&run);
    enum status status = draw_rows(&run);
    page_untag(document);
    return status;
}
