/* From items to lines. */
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "audit/document/text_internal.h"

static bool push_line(struct text *text, uint32_t first, uint32_t end)
{
    if (text->n_lines == text->lines_capacity) {
        size_t capacity = text->lines_capacity == 0 ? 256 : text->lines_capacity * 2;
        struct line *lines = realloc(text->lines, capacity * sizeof(*lines));
        if (lines == NULL) {
            text->status = STATUS_RESOURCE_EXHAUSTED;
            return false;
        }
        text->lines = lines;
        text->lines_capacity = capacity;
    }
    while (end > first && (text->items[end - 1].flags & ITEM_IS_SPACE) != 0) {
        end--;
    }
    struct line line = {.first = first,
        .end = end,
        .is_rtl = first < end && (text->items[first].flags & ITEM_IS_IN_RTL) != 0};
    for (uint32_t i = first; i < end; i++) {
        line.width += text->items[i].run->width;
    }
    text->lines[text->n_lines++] = line;
    return true;
}

/* Greedy: as much on a line as fits. Items that may not be parted go down together, unless they
 * alone are wider than a line. */
static void break_lines(struct text *text, uint32_t first, float limit)
{
    uint32_t start = first;
    uint32_t last_break = first; /* where the line could end; start: nowhere yet */
    uint32_t end = (uint32_t)text->n_items;
    float width = 0;
    for (uint32_t i = first; i < end;) {
        const struct item *item = &text->items[i];
        if ((item->flags & ITEM_CAN_BREAK) != 0) {
            last_break = i;
        }
        bool must_break = (item->flags & ITEM_MUST_BREAK) != 0;
        bool is_over = (item->flags & ITEM_IS_SPACE) == 0 && width + item->run->width > limit;
        if (i > start && (must_break || is_over)) {
            uint32_t at = must_break || last_break == start ? i : last_break;
            if (!push_line(text, start, at)) {
                return;
            }
            start = at;
            last_break = at;
            width = 0;
            i = at; /* what was unbreakable goes down together */
            continue;
        }
        width += item->run->width;
        i++;
    }
    if (start < end) {
        push_line(text, start, end);
    }
}

static struct paragraph lay(
    struct text *text, const struct text_style *style, const char *string, float limit)
{
    struct paragraph paragraph = {.style = style, .first_line = (uint32_t)text->n_lines};
    if (text->status != STATUS_OK) {
        return paragraph;
    }
    uint32_t first = (uint32_t)text->n_items;
    text_itemize(text, style->weight, string, PARAGRAPH_LEN_MAX, limit);
    break_lines(text, first, limit);
    paragraph.n_lines = (uint32_t)text->n_lines - paragraph.first_line;
    for (uint32_t i = 0; i < paragraph.n_lines; i++) {
        double width = text_line_width(text, &paragraph, i);
        paragraph.width = width > paragraph.width ? width : paragraph.width;
    }
    return paragraph;
}

struct paragraph text_layout(
    struct text *text, const struct text_style *style, const char *string, double width)
{
    /* A hair of tolerance, so that a text fits in the width that was measured for it. */
    struct paragraph paragraph = lay(text, style, string, (float)(width / style->size) + 0.001F);
    paragraph.room = width;
    return paragraph;
}

struct paragraph text_line(struct text *text, const struct text_style *style, const char *string)
{
    return lay(text, style, string, FLT_MAX);
}

struct text_measure text_measure(
    struct text *text, const struct text_style *style, const char *string)
{
    struct text_measure measure = {0};
    if (text->status != STATUS_OK) {
        return measure;
    }
    size_t first = text->n_items;
    text_itemize(text, style->weight, string, MEASURE_LEN_MAX, FLT_MAX);
    double word = 0;
    double line = 0;
    for (size_t i = first; i < text->n_items; i++) {
        const struct item *item = &text->items[i];
        if ((item->flags & ITEM_MUST_BREAK) != 0) {
            line = 0;
        }
        if ((item->flags & (ITEM_CAN_BREAK | ITEM_MUST_BREAK | ITEM_IS_SPACE)) != 0) {
            word = 0;
        }
        line += item->run->width;
        word += (item->flags & ITEM_IS_SPACE) != 0 ? 0 : item->run->width;
        measure.word_width = word > measure.word_width ? word : measure.word_width;
        measure.line_width = line > measure.line_width ? line : measure.line_width;
    }
    text->n_items = first;
    measure.word_width *= style->size;
    measure.line_width *= style->size;
    return measure;
}

double text_height(const struct paragraph *paragraph)
{
    return paragraph->n_lines * paragraph->style->line_height;
}

double text_line_width(const struct text *text, const struct paragraph *paragraph, uint32_t line)
{
    return (double)text->lines[paragraph->first_line + line].width * paragraph->style->size;
}

bool text_line_is_rtl(const struct text *text, const struct paragraph *paragraph, uint32_t line)
{
    return text->lines[paragraph->first_line + line].is_rtl;
}

const struct missing *text_missing(const struct text *text)
{
    return &text->missing;
}

bool text_has_family(const struct text *text, const char *family)
{
    return font_set_has_family(text->set, family);
}

struct text *text_new(const struct font_set *set)
{
    struct text *text = calloc(1, sizeof(*text));
    if (text == NULL) {
        return NULL;
    }
    text->set = set;
    text->shaper = shaper_new(set);
    text->options = cairo_font_options_create();
    if (text->shaper == NULL || cairo_font_options_status(text->options) != CAIRO_STATUS_SUCCESS) {
        text_free(text);
        return NULL;
    }
    /* Paper has no pixels: widths must not depend on a device. */
    cairo_font_options_set_hint_style(text->options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(text->options, CAIRO_HINT_METRICS_OFF);
    return text;
}

void text_free(struct text *text)
{
    if (text == NULL) {
        return;
    }
    for (size_t i = 0; i < text->n_fonts; i++) {
        cairo_scaled_font_destroy(text->fonts[i].font);
    }
    for (size_t i = 0; i < text->n_batches; i++) {
        free(text->batches[i]);
    }
    for (size_t i = 0; i < text->n_idle_batches; i++) {
        free(text->idle_batches[i]);
    }
    cairo_font_options_destroy(text->options);
    shaper_free(text->shaper);
    free(text->items);
    free(text->lines);
    free(text);
}

enum status text_status(const struct text *text)
{
    return text->status;
}

void text_reset(struct text *text)
{
    text->n_items = 0;
    text->n_lines = 0;
    shaper_trim(text->shaper);
}
