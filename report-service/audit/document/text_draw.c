/* From lines to glyphs on the page. Glyphs go out with their text (clusters), so that it can be
 * searched and copied whatever the font calls its glyphs. */
#include <stdlib.h>
#include <string.h>

#include "audit/document/palette.h"
#include "audit/document/text_internal.h"

/* Half the height of a capital, in ems: puts a line's capitals in the middle of its box. */
static const double HALF_CAPITAL = 0.36;

struct pen {
    struct text *text;
    cairo_t *cr;
    enum weight weight;
    double size;
    unsigned int color;
    double x;
    double baseline;
};

static cairo_scaled_font_t *open_font(
    struct text *text, uint16_t face, enum weight weight, double size)
{
    for (size_t i = 0; i < text->n_fonts; i++) {
        const struct open_font *font = &text->fonts[i];
        if (font->face == face && font->weight == weight && font->size == size) {
            return font->font;
        }
    }
    if (text->n_fonts == TEXT_FONTS_MAX) {
        cairo_scaled_font_destroy(text->fonts[--text->n_fonts].font);
    }
    cairo_matrix_t scale;
    cairo_matrix_t identity;
    cairo_matrix_init_scale(&scale, size, size);
    cairo_matrix_init_identity(&identity);
    cairo_scaled_font_t *font = cairo_scaled_font_create(
        font_set_face(text->set, face, weight), &scale, &identity, text->options);
    text->fonts[text->n_fonts++] =
        (struct open_font){.font = font, .size = size, .face = face, .weight = (uint8_t)weight};
    return font;
}

static void show(struct text *text, cairo_t *cr, struct batch *batch)
{
    if (batch->n_glyphs > 0) {
        palette_set(cr, batch->color);
        cairo_set_scaled_font(
            cr, open_font(text, batch->face, (enum weight)batch->weight, batch->size));
        cairo_show_text_glyphs(cr, batch->bytes, batch->n_bytes, batch->glyphs, batch->n_glyphs,
            batch->clusters, batch->n_clusters,
            batch->is_rtl ? CAIRO_TEXT_CLUSTER_FLAG_BACKWARD : 0);
    }
    batch->n_glyphs = 0;
    batch->n_clusters = 0;
    batch->n_bytes = 0;
}

void text_flush(struct text *text, cairo_t *cr)
{
    for (size_t i = 0; i < text->n_batches; i++) {
        show(text, cr, text->batches[i]);
        text->idle_batches[text->n_idle_batches++] = text->batches[i];
    }
    text->n_batches = 0;
}

bool text_is_waiting(const struct text *text)
{
    return text->n_batches > 0;
}

static struct batch *new_batch(struct text *text, cairo_t *cr)
{
    if (text->n_batches == BATCHES_MAX) {
        text_flush(text, cr);
    }
    struct batch *batch = text->n_idle_batches > 0 ? text->idle_batches[--text->n_idle_batches]
                                                   : malloc(sizeof(*batch));
    if (batch == NULL) {
        text->status = STATUS_RESOURCE_EXHAUSTED;
        return NULL;
    }
    text->batches[text->n_batches++] = batch;
    return batch;
}

/* The batch that the run belongs to, with room for it. */
static struct batch *batch_for(const struct pen *pen, const struct run *run)
{
    struct text *text = pen->text;
    for (size_t i = 0; i < text->n_batches; i++) {
        struct batch *batch = text->batches[i];
        if (batch->face == run->key.face && batch->weight == pen->weight &&
            batch->size == pen->size && batch->color == pen->color &&
            batch->is_rtl == run->key.is_rtl) {
            /* Right-to-left runs go alone: their clusters count backwards within one call. */
            if (run->key.is_rtl || batch->n_glyphs + run->n_glyphs > BATCH_GLYPHS_MAX ||
                batch->n_bytes + run->key.len > BATCH_BYTES_MAX) {
                show(text, pen->cr, batch);
            }
            return batch;
        }
    }
    struct batch *batch = new_batch(text, pen->cr);
    if (batch != NULL) {
        batch->size = pen->size;
        batch->color = pen->color;
        batch->face = run->key.face;
        batch->weight = (uint8_t)pen->weight;
        batch->is_rtl = run->key.is_rtl;
        batch->n_glyphs = 0;
        batch->n_clusters = 0;
        batch->n_bytes = 0;
    }
    return batch;
}

static void add_run(struct pen *pen, const struct run *run)
{
    if (run->n_glyphs == 0) {
        return; /* nothing but invisible characters */
    }
    struct batch *batch = batch_for(pen, run);
    if (batch == NULL) {
        return;
    }
    for (int i = 0; i < run->n_glyphs; i++) {
        const struct run_glyph *glyph = &run->glyphs[i];
        batch->glyphs[batch->n_glyphs++] = (cairo_glyph_t){.index = glyph->index,
            .x = pen->x + (double)glyph->x_offset * pen->size,
            .y = pen->baseline - (double)glyph->y_offset * pen->size};
        pen->x += (double)glyph->x_advance * pen->size;
    }
    for (int i = 0; i < run->n_clusters; i++) {
        batch->clusters[batch->n_clusters++] = (cairo_text_cluster_t){
            .num_bytes = run->clusters[i].n_bytes, .num_glyphs = run->clusters[i].n_glyphs};
    }
    memcpy(batch->bytes + batch->n_bytes, run->key.text, run->key.len);
    batch->n_bytes += run->key.len;
}

/* Visual order of items (rule L2): reverse every stretch of level `lowest` odd … highest. Draws by
 * recursion over levels; a level more than 3 deep does not occur in names and notes. */
static void draw_items(struct pen *pen, const struct item *items, uint32_t n, uint8_t level)
{
    bool is_backward = (level & 1) != 0;
    for (uint32_t i = 0; i < n;) {
        uint32_t at = is_backward ? n - 1 - i : i;
        if (items[at].level <= level) {
            add_run(pen, items[at].run);
            i++;
            continue;
        }
        uint32_t count = 1;
        while (i + count < n && items[is_backward ? n - 1 - i - count : i + count].level > level) {
            count++;
        }
        draw_items(pen, &items[is_backward ? at + 1 - count : at], count, (uint8_t)(level + 1));
        i += count;
    }
}

void text_draw_line(struct text *text, cairo_t *cr, const struct paragraph *paragraph,
    uint32_t line, unsigned int color, double x, double y)
{
    const struct line *at = &text->lines[paragraph->first_line + line];
    const struct text_style *style = paragraph->style;
    struct pen pen = {.text = text,
        .cr = cr,
        .weight = style->weight,
        .size = style->size,
        .color = color,
        .x = x,
        .baseline = y + style->line_height / 2 + HALF_CAPITAL * style->size};
    draw_items(&pen, &text->items[at->first], at->end - at->first, 0);
}

void text_draw(struct text *text, cairo_t *cr, const struct text_style *style, const char *string,
    unsigned int color, double x, double y, double fraction)
{
    size_t n_items = text->n_items;
    size_t n_lines = text->n_lines;
    struct paragraph paragraph = text_line(text, style, string);
    if (paragraph.n_lines > 0) {
        text_draw_line(text, cr, &paragraph, 0, color, x - fraction * paragraph.width, y);
    }
    text->n_items = n_items;
    text->n_lines = n_lines;
}

void text_outline(struct text *text, cairo_t *cr, const struct text_style *style,
    const char *string, double x, double baseline)
{
    struct paragraph paragraph = text_line(text, style, string);
    if (paragraph.n_lines == 0) {
        return;
    }
    const struct line *line = &text->lines[paragraph.first_line];
    cairo_set_font_options(cr, text->options);
    cairo_set_font_size(cr, style->size);
    for (uint32_t i = line->first; i < line->end; i++) {
        const struct run *run = text->items[i].run;
        cairo_set_font_face(cr, font_set_face(text->set, run->key.face, style->weight));
        for (int k = 0; k < run->n_glyphs; k++) {
            cairo_glyph_t glyph = {.index = run->glyphs[k].index, .x = x, .y = baseline};
            cairo_glyph_path(cr, &glyph, 1);
            x += (double)run->glyphs[k].x_advance * style->size;
        }
    }
}
