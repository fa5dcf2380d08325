/* Sections and their simple blocks: headings, paragraphs, what a source does not provide. */
#include <stdlib.h>

#include "audit/document/layout.h"
#include "ctx/checkpoint.h"

enum { TITLE_MAX = 320 };
enum { FACTS_TOGETHER_MAX = 14, FACTS_OF_LONG = 3 };
enum { PARAGRAPH_LINES_MIN = 2 }; /* that stay together at a page break */

static const double SECTION_GAP = 30;    /* above a section that does not start a page */
static const double SECTION_SHARE = 0.3; /* of the page: what must be left to start one on it */
static const double NOT_PROVIDED_PADDING = 5;

/* White above a block, by what it is and what it follows (NULL: the section's title). */
static double gap_between(const struct block *before, const struct block *block)
{
    switch (block->kind) {
    case BLOCK_PARAGRAPH:
        return before != NULL && (before->table != NULL || before->first_fact != NULL) ? 12 : 6;
    case BLOCK_NOT_PROVIDED:
        return 8;
    case BLOCK_FACTS:
        return 10;
    case BLOCK_TABLE:
    case BLOCK_CHART:
        return 16;
    case BLOCK_HEADING:
        return 18;
    }
    return 0;
}

/* The chart that stands on the right of this one; NULL: none does. */
static const struct block *pair_of(const struct block *block)
{
    const struct block *next = block->next;
    bool is_pair = block->kind == BLOCK_CHART && block->chart->is_half && next != NULL &&
                   next->kind == BLOCK_CHART && next->chart->is_half;
    return is_pair ? next : NULL;
}

static double chart_pair_height(struct document *document, const struct block *block)
{
    const struct block *pair = pair_of(block);
    return chart_height(document, block->chart, pair == NULL ? NULL : pair->chart);
}

/* Facts of one line each that stay on a page: all of a short list, the first of a long one. */
static double facts_together(const struct block *block)
{
    int n = 0;
    for (const struct fact *fact = block->first_fact; fact != NULL; fact = fact->next) {
        n++;
    }
    return n <= FACTS_TOGETHER_MAX ? n : FACTS_OF_LONG;
}

double block_height_min(struct document *document, const struct block *block)
{
    switch (block->kind) {
    case BLOCK_PARAGRAPH:
        return PARAGRAPH_LINES_MIN * STYLE_BODY.line_height;
    case BLOCK_NOT_PROVIDED:
        return STYLE_CELL.line_height + 2 * NOT_PROVIDED_PADDING;
    case BLOCK_FACTS:
        return facts_together(block) * (STYLE_CELL.line_height + 5);
    case BLOCK_TABLE:
        return table_height_min(document, block->table);
    case BLOCK_CHART:
        return chart_pair_height(document, block);
    case BLOCK_HEADING:
        break;
    }
    /* A heading stays with what follows it. */
    double height = STYLE_HEADING.line_height + 4;
    const struct block *next = block->next;
    if (next != NULL) {
        height += gap_between(block, next) + block_height_min(document, next);
    }
    /* And a sentence that leads to facts with those: they are one finding. */
    if (next != NULL && next->kind == BLOCK_PARAGRAPH && next->next != NULL &&
        next->next->kind == BLOCK_FACTS) {
        height += gap_between(next, next->next) + block_height_min(document, next->next);
    }
    return height;
}

static enum status draw_heading(struct document *document, const struct block *block)
{
    contents_mark(document->contents, document->page, document->y);
    struct paragraph paragraph = text_layout(
        document->text, &STYLE_HEADING, document_word(document, block->word), BODY_WIDTH);
    document->y = page_paragraph(document, &paragraph, COLOR_BRAND, PAGE_LEFT, document->y);
    return STATUS_OK;
}

/* Lines over pages, never one alone at a foot or a top when there are more. */
static enum status draw_flowing(struct document *document, const struct paragraph *paragraph)
{
    double line_height = paragraph->style->line_height;
    for (uint32_t i = 0; i < paragraph->n_lines; i++) {
        uint32_t left = paragraph->n_lines - i;
        bool keeps_two = i == 0 || left == PARAGRAPH_LINES_MIN;
        uint32_t wanted = keeps_two && left >= PARAGRAPH_LINES_MIN ? PARAGRAPH_LINES_MIN : 1;
        enum status status = page_need(document, wanted * line_height);
        if (status != STATUS_OK) {
            return status;
        }
        page_line(document, paragraph, i, COLOR_INK, PAGE_LEFT, document->y, 0);
        document->y += line_height;
    }
    return STATUS_OK;
}

static enum status draw_paragraph(struct document *document, const struct block *block)
{
    char *sentence = malloc(TEMPLATE_TEXT_MAX);
    if (sentence == NULL) {
        return error_set(document->error, STATUS_RESOURCE_EXHAUSTED, "paragraph: out of memory");
    }
    format_template(document_word(document, block->word), block->arguments, block->n_arguments,
        document->language, sentence, TEMPLATE_TEXT_MAX);
    struct paragraph paragraph = text_layout(document->text, &STYLE_BODY, sentence, BODY_WIDTH);
    free(sentence);
    return draw_flowing(document, &paragraph);
}

/* A quiet panel with a dashed edge: something is missing at the source, not in the report. */
static enum status draw_not_provided(struct document *document, const struct block *block)
{
    char sentence[CELL_TEXT_MAX + TITLE_MAX];
    char room[CELL_TEXT_MAX];
    struct cell value = cell_not_provided(block->source);
    struct cell arguments[] = {
        cell_word(block->word), cell_text(format_cell(&value, document->language, room))};
    format_template(document_word(document, WORD_LABEL_VALUE), arguments, 2, document->language,
        sentence, sizeof(sentence));
    double inset = 12;
    struct paragraph paragraph =
        text_layout(document->text, &STYLE_CELL, sentence, BODY_WIDTH - 2 * inset);
    double height = text_height(&paragraph) + 2 * NOT_PROVIDED_PADDING;
    page_box(document, PAGE_LEFT, document->y, BODY_WIDTH, height, COLOR_PANEL);
    if (document->cr != NULL) {
        static const double DASHES[] = {2, 2};
        cairo_save(document->cr);
        palette_set(document->cr, COLOR_RULE);
        cairo_set_dash(document->cr, DASHES, 2, 0);
        cairo_set_line_width(document->cr, 1.6);
        cairo_move_to(document->cr, PAGE_LEFT + 0.8, document->y);
        cairo_line_to(document->cr, PAGE_LEFT + 0.8, document->y + height);
        cairo_stroke(document->cr);
        cairo_restore(document->cr);
    }
    page_paragraph(
        document, &paragraph, COLOR_QUIET, PAGE_LEFT + inset, document->y + NOT_PROVIDED_PADDING);
    document->y += height;
    return STATUS_OK;
}

/* What the block is to a screen reader; NULL: it says so itself, part by part. */
static const char *block_tag(const struct block *block)
{
    switch (block->kind) {
    case BLOCK_PARAGRAPH:
    case BLOCK_FACTS:
    case BLOCK_NOT_PROVIDED:
        return "P";
    case BLOCK_TABLE:
        return NULL;
    case BLOCK_CHART:
        return "Figure";
    case BLOCK_HEADING:
        return "H2";
    }
    return "P";
}

static enum status draw_by_kind(struct document *document, const struct block *block)
{
    switch (block->kind) {
    case BLOCK_PARAGRAPH:
        return draw_paragraph(document, block);
    case BLOCK_FACTS:
        return facts_draw(document, block);
    case BLOCK_TABLE:
        return table_draw(document, block->table);
    case BLOCK_CHART:
        return chart_draw(
            document, block->chart, pair_of(block) == NULL ? NULL : pair_of(block)->chart);
    case BLOCK_NOT_PROVIDED:
        return draw_not_provided(document, block);
    case BLOCK_HEADING:
        return draw_heading(document, block);
    }
    return STATUS_INTERNAL;
}

enum status block_draw(struct document *document, const struct block *block)
{
    text_reset(document->text);
    const char *tag = block_tag(block);
    if (block->kind == BLOCK_FACTS) {
        page_tag_linked(document, tag);
    } else if (tag != NULL) {
        page_tag(document, tag);
    }
    enum status status = draw_by_kind(document, block);
    if (tag != NULL) {
        page_untag(document);
    }
    return status;
}

static enum status start_section(struct document *document, const struct section *section)
{
    enum status status = STATUS_OK;
    ctx_note_section(document->ctx, section->id);
    bool is_first = section == document->report->first;
    double wanted = (PAGE_BOTTOM - PAGE_TOP) * SECTION_SHARE;
    if (section->first != NULL) {
        double head = SECTION_GAP + STYLE_SECTION.line_height + gap_between(NULL, section->first);
        double needed = head + block_height_min(document, section->first);
        wanted = needed > wanted ? needed : wanted;
    }
    if (is_first || page_left(document) < wanted) {
        status = page_next(document);
    } else {
        document->y += SECTION_GAP;
    }
    if (status != STATUS_OK) {
        return status;
    }
    char title[TITLE_MAX];
    text_reset(document->text);
    contents_section_title(section, document->language, title, sizeof(title));
    struct paragraph paragraph = text_layout(document->text, &STYLE_SECTION, title, BODY_WIDTH);
    page_anchor(document, section->anchor, document->y);
    contents_mark(document->contents, document->page, document->y);
    page_tag(document, "H1");
    document->y = page_paragraph(document, &paragraph, COLOR_BRAND, PAGE_LEFT, document->y) + 3;
    page_untag(document);
    page_rule(document, PAGE_LEFT, PAGE_LEFT + 42, document->y, 2, COLOR_BRAND);
    document->y += 6;
    return STATUS_OK;
}

enum status section_draw(struct document *document, const struct section *section)
{
    enum status status = start_section(document, section);
    const struct block *before = NULL;
    for (const struct block *block = section->first; block != NULL && status == STATUS_OK;
         before = block, block = block->next) {
        double gap = document->y <= PAGE_TOP ? 0 : gap_between(before, block);
        status = page_need(document, gap + block_height_min(document, block));
        if (status != STATUS_OK) {
            return status;
        }
        document->y += document->y <= PAGE_TOP ? 0 : gap;
        status = block_draw(document, block);
        block = pair_of(block) == NULL ? block : block->next; /* has been drawn as well */
        if (status == STATUS_OK) {
            status = page_checkpoint(document);
        }
    }
    return status;
}
