/* Pages: begin, end, furniture, and the drawing that does nothing while measuring. */
#include <cairo-pdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/document/layout.h"
#include "audit/document/text_script.h"
#include "ctx/checkpoint.h"

enum { FURNITURE_TEXT_MAX = 512 };

const char *document_word(const struct document *document, enum word word)
{
    return word_text(word, document->language);
}

double page_left(const struct document *document)
{
    return PAGE_BOTTOM - document->y;
}

enum status page_checkpoint(struct document *document)
{
    if (document->cr == NULL) {
        return ctx_checkpoint(document->ctx, "layout", document->rows_done, document->rows_total);
    }
    return ctx_checkpoint(
        document->ctx, "render", (uint64_t)document->page - 1, (uint64_t)document->n_pages);
}

/* What is drawn on many pages is recorded once and written to the file once; cairo knows a surface
 * that it has written before by its name. */
cairo_surface_t *page_stamp_new(const char *name)
{
    const cairo_rectangle_t extents = {0, 0, PAGE_WIDTH, PAGE_HEIGHT};
    cairo_surface_t *surface = cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, &extents);
    char *copy = strdup(name);
    if (copy != NULL) {
        cairo_surface_set_mime_data(
            surface, CAIRO_MIME_TYPE_UNIQUE_ID, (unsigned char *)copy, strlen(copy), free, copy);
    }
    return surface;
}

void page_stamp(struct document *document, cairo_surface_t *stamp)
{
    cairo_set_source_surface(document->cr, stamp, 0, 0);
    cairo_paint(document->cr);
}

/* The DRAFT across every page. Recorded once and stamped by reference: its outlines are written to
 * the file once. Outlines, not text: the mark must not get into what readers search and copy. */
static cairo_surface_t *make_watermark(struct document *document)
{
    cairo_surface_t *surface = page_stamp_new("walkie-watermark");
    cairo_t *cr = cairo_create(surface);
    const char *mark = document_word(document, WORD_DRAFT);
    struct text_measure measure = text_measure(document->text, &STYLE_WATERMARK, mark);
    cairo_translate(cr, PAGE_WIDTH / 2, PAGE_HEIGHT / 2);
    cairo_rotate(cr, -atan2(PAGE_HEIGHT, PAGE_WIDTH));
    palette_set(cr, COLOR_WATERMARK);
    text_outline(document->text, cr, &STYLE_WATERMARK, mark, -measure.line_width / 2,
        STYLE_WATERMARK.size * 0.36);
    cairo_fill(cr);
    cairo_destroy(cr);
    return surface;
}

static void draw_watermark(struct document *document)
{
    if (document->watermark == NULL) {
        document->watermark = make_watermark(document);
    }
    page_stamp(document, document->watermark);
}

static void draw_header(struct document *document)
{
    const struct report *report = document->report;
    char line[FURNITURE_TEXT_MAX];
    const struct cell names[] = {cell_text(report->study_protocol), cell_word(WORD_SITE),
        cell_text(report->site_no), cell_text(report->site_name)};
    format_template(report->site_name == NULL ? "{0}  ·  {1} {2}" : "{0}  ·  {1} {2}  ·  {3}",
        names, LENGTH_OF(names), document->language, line, sizeof(line));
    const char *mark = document_word(document, report->is_final ? WORD_FINAL : WORD_DRAFT);
    page_text_fit(document, &STYLE_SMALL, COLOR_QUIET, line, PAGE_LEFT, 38, BODY_WIDTH - 80, 0);
    page_text(document, &STYLE_SMALL_BOLD, report->is_final ? COLOR_BRAND : COLOR_ALARM, mark,
        PAGE_RIGHT, 38, 1);
    page_rule(document, PAGE_LEFT, PAGE_RIGHT, 52, 0.5, COLOR_RULE);
}

static void draw_footer(struct document *document)
{
    const struct report *report = document->report;
    char text[FURNITURE_TEXT_MAX];
    struct cell numbers[] = {cell_integer(document->page), cell_integer(document->n_pages)};
    page_rule(document, PAGE_LEFT, PAGE_RIGHT, 798, 0.5, COLOR_HAIRLINE);
    snprintf(text, sizeof(text), "%s  ·  %s %s", document_word(document, WORD_REPORT_TITLE),
        document_word(document, WORD_COVER_AS_OF), report->as_of == NULL ? "–" : report->as_of);
    page_text(document, &STYLE_SMALL, COLOR_QUIET, text, PAGE_LEFT, 804, 0);
    format_template(
        document_word(document, WORD_PAGE_OF), numbers, 2, document->language, text, sizeof(text));
    page_text(document, &STYLE_SMALL, COLOR_QUIET, text, PAGE_RIGHT, 804, 1);
}

static enum status page_begin(struct document *document)
{
    if (document->page == DOCUMENT_PAGES_MAX) {
        return error_set(document->error, STATUS_RESOURCE_EXHAUSTED,
            "the report has more than %d pages", DOCUMENT_PAGES_MAX);
    }
    document->page++;
    document->y = PAGE_TOP;
    document->is_page_open = true;
    if (document->cr != NULL) {
        ctx_note_page(document->ctx, (uint32_t)document->page);
        if (document->page == 1) {
            ctx_note_section(document->ctx, "cover"); /* measuring has come to the last one */
        }
    }
    enum status status = page_checkpoint(document);
    if (status != STATUS_OK || document->cr == NULL) {
        return status;
    }
    if (document->page_delay_ns > 0) {
        status = ctx_sleep(document->ctx, document->page_delay_ns);
        if (status != STATUS_OK) {
            return status;
        }
    }
    if (!document->report->is_final) {
        draw_watermark(document);
    }
    if (document->page > 1) {
        draw_header(document);
    }
    draw_footer(document);
    text_flush(document->text, document->cr);
    if (document->tag != NULL) {
        cairo_tag_begin(document->cr, document->tag, NULL);
    }
    return STATUS_OK;
}

enum status page_end(struct document *document)
{
    document->is_page_open = false;
    enum status status = text_status(document->text);
    if (status == STATUS_OK) {
        status = links_status(document->links);
    }
    if (status != STATUS_OK) {
        return error_set(document->error, status, "the document ran out of memory");
    }
    if (document->cr == NULL) {
        return STATUS_OK;
    }
    page_flush_element(document);
    if (document->tag != NULL) {
        cairo_tag_end(document->cr, document->tag);
    }
    page_flush_rules(document);
    cairo_show_page(document->cr);
    status = sink_flush(document->sink);
    if (status != STATUS_OK) {
        return status;
    }
    cairo_status_t drawn = cairo_status(document->cr);
    if (drawn != CAIRO_STATUS_SUCCESS) {
        return error_set(document->error,
            drawn == CAIRO_STATUS_NO_MEMORY ? STATUS_RESOURCE_EXHAUSTED : STATUS_INTERNAL,
            "cairo: %s", cairo_status_to_string(drawn));
    }
    return STATUS_OK;
}

enum status page_next(struct document *document)
{
    if (document->is_page_open) {
        enum status status = page_end(document);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return page_begin(document);
}

enum status page_need(struct document *document, double height)
{
    bool is_fresh = document->y <= PAGE_TOP;
    return page_left(document) >= height || is_fresh ? STATUS_OK : page_next(document);
}

void page_text(struct document *document, const struct text_style *style, unsigned int color,
    const char *string, double x, double y, double fraction)
{
    if (document->cr != NULL) {
        text_draw(document->text, document->cr, style, string, color, x, y, fraction);
    }
}

void page_text_fit(struct document *document, const struct text_style *style, unsigned int color,
    const char *string, double x, double y, double width, double fraction)
{
    if (document->cr == NULL) {
        return;
    }
    char label[PAGE_LABEL_MAX];
    utf8_copy(label, sizeof(label) - sizeof("…"), string);
    size_t len = strlen(label);
    while (len > 1 && text_measure(document->text, style, label).line_width > width) {
        do {
            len--;
        } while (len > 1 && ((uint8_t)label[len] & 0xC0) == 0x80);
        memcpy(label + len, "…", sizeof("…"));
    }
    page_text(document, style, color, label, x, y, fraction);
}

void page_line(struct document *document, const struct paragraph *paragraph, uint32_t line,
    unsigned int color, double x, double y, double fraction)
{
    if (document->cr == NULL) {
        return;
    }
    double slack = paragraph->room - text_line_width(document->text, paragraph, line);
    bool is_at_right = fraction == 0 && paragraph->n_lines > 1 &&
                       text_line_is_rtl(document->text, paragraph, line);
    text_draw_line(document->text, document->cr, paragraph, line, color,
        x + slack * (is_at_right ? 1 : fraction), y);
}

double page_paragraph(struct document *document, const struct paragraph *paragraph,
    unsigned int color, double x, double y)
{
    for (uint32_t i = 0; i < paragraph->n_lines; i++) {
        page_line(document, paragraph, i, color, x, y, 0);
        y += paragraph->style->line_height;
    }
    return y;
}

void page_box(
    struct document *document, double x, double y, double width, double height, unsigned int color)
{
    if (document->cr != NULL) {
        palette_set(document->cr, color);
        cairo_rectangle(document->cr, x, y, width, height);
        cairo_fill(document->cr);
    }
}
