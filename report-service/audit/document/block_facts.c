/* Facts: labels on the left, values on the right. */
#include "audit/document/layout.h"

static const double LABEL_SHARE_MAX = 0.42;
static const double FACT_PADDING = 2.5;
static const double FACT_GAP = 14;

static double label_width(struct document *document, const struct block *block)
{
    double width = 0;
    for (const struct fact *fact = block->first_fact; fact != NULL; fact = fact->next) {
        double needed =
            text_measure(document->text, &STYLE_CELL, document_word(document, fact->label))
                .line_width;
        width = needed > width ? needed : width;
    }
    double limit = BODY_WIDTH * LABEL_SHARE_MAX;
    width = width < BODY_WIDTH / 4 ? BODY_WIDTH / 4 : width;
    return width > limit ? limit : width;
}

static enum status draw_fact(struct document *document, const struct fact *fact, double label_room)
{
    char room[CELL_TEXT_MAX];
    double x = PAGE_LEFT + label_room + FACT_GAP;
    bool is_absent = fact->value.kind == CELL_NONE || fact->value.kind == CELL_NOT_PROVIDED ||
                     fact->value.kind == CELL_BLINDED;
    bool is_linked = page_is_linked(document, fact->value.anchor);
    unsigned int color = is_linked   ? COLOR_LINK
                         : is_absent ? COLOR_QUIET
                                     : palette_of_tone(fact->value.tone);
    text_reset(document->text);
    struct paragraph label =
        text_layout(document->text, &STYLE_CELL, document_word(document, fact->label), label_room);
    struct paragraph value = text_layout(document->text, &STYLE_CELL,
        format_cell(&fact->value, document->language, room), PAGE_RIGHT - x);
    uint32_t n_lines = label.n_lines > value.n_lines ? label.n_lines : value.n_lines;
    double line_height = STYLE_CELL.line_height;
    bool is_tall = n_lines * line_height > (PAGE_BOTTOM - PAGE_TOP) / 2;
    double wanted = (is_tall ? 3 : n_lines) * line_height + 2 * FACT_PADDING;
    enum status status = page_need(document, wanted);
    document->y += FACT_PADDING;
    for (uint32_t i = 0; i < n_lines && status == STATUS_OK; i++) {
        status = page_need(document, line_height);
        if (status != STATUS_OK) {
            return status;
        }
        if (i < label.n_lines) {
            page_line(document, &label, i, COLOR_QUIET, PAGE_LEFT, document->y, 0);
        }
        if (i < value.n_lines) {
            page_line(document, &value, i, color, x, document->y, 0);
            page_link(document, fact->value.anchor, x, document->y, value.width, line_height);
        }
        document->y += line_height;
    }
    document->y += FACT_PADDING;
    page_rule(document, PAGE_LEFT, PAGE_RIGHT, document->y, 0.4, COLOR_HAIRLINE);
    page_keep_order(document);
    return status;
}

enum status facts_draw(struct document *document, const struct block *block)
{
    double label_room = label_width(document, block);
    page_rule(document, PAGE_LEFT, PAGE_RIGHT, document->y, 0.8, COLOR_RULE);
    enum status status = STATUS_OK;
    for (const struct fact *fact = block->first_fact; fact != NULL && status == STATUS_OK;
         fact = fact->next) {
        status = draw_fact(document, fact, label_room);
    }
    return status;
}
