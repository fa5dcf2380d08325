/* Paragraphs: text cut into lines that fit a width, and drawn as glyphs that still carry their
 * text, so that what is copied out of the PDF is what was put in.
 *
 *     struct paragraph paragraph = text_layout(text, &STYLE_BODY, "张伟 signed ICF", 120);
 *     for (uint32_t i = 0; i < paragraph.n_lines; i++) {
 *         text_draw_line(text, cr, &paragraph, i, COLOR_INK, x, top + i * paragraph.line_height);
 *     }
 *
 * Paragraphs live in the text's scratch until text_reset, which row and block loops call; the
 * scratch keeps its memory. Failures are sticky: text_status tells at the end of a page.
 * Damaged UTF-8 shows as U+FFFD, control characters as blanks, a character that no font of the
 * machine has as its number, "[U+2CB4E]", which still carries the character itself when copied.
 *
 * Not here: pages, colours, tables. */
#ifndef WALKIE_AUDIT_DOCUMENT_TEXT_H
#define WALKIE_AUDIT_DOCUMENT_TEXT_H

#include "audit/document/text_font.h"

enum { PARAGRAPH_LEN_MAX = 256 * 1024 }; /* bytes of one text; for the rest stands "…" */
enum { MEASURE_LEN_MAX = 1024 };         /* bytes of one text that are measured */
enum { TEXT_FONTS_MAX = 64 }; /* faces × weights × sizes that stay open in one document */

struct text_style {
    enum weight weight;
    double size;        /* points */
    double line_height; /* points */
};

struct paragraph {
    const struct text_style *style;
    uint32_t first_line; /* in the scratch */
    uint32_t n_lines;    /* 0 for an empty text */
    double width;        /* of the widest line, points */
    double room;         /* that it was laid out for; 0: on one line, however wide */
};

enum { MISSING_KEPT_MAX = 16 }; /* different characters that are remembered by name */

/* The characters that no font had, in the order of their first appearance. */
struct missing {
    uint32_t characters[MISSING_KEPT_MAX];
    size_t n_kept;
    size_t n_more; /* appearances of characters beyond these */
};

struct text;

/* Borrows the set. NULL when out of memory. One thread at a time. */
MUST_USE struct text *text_new(const struct font_set *set);
void text_free(struct text *text); /* accepts NULL */

/* OK, or RESOURCE_EXHAUSTED once memory has run out; layouts are empty from then on. */
MUST_USE enum status text_status(const struct text *text);

/* Forget all paragraphs. */
void text_reset(struct text *text);

/* Break into lines of at most `width` points; a word wider than that is broken inside. The style
 * is borrowed until text_reset. */
struct paragraph text_layout(
    struct text *text, const struct text_style *style, const char *string, double width);

/* The same on one line, however wide. */
struct paragraph text_line(struct text *text, const struct text_style *style, const char *string);

/* Points that the widest unbreakable piece takes, and the whole on one line; both of the first
 * MEASURE_LEN_MAX bytes. */
struct text_measure {
    double word_width;
    double line_width;
};
struct text_measure text_measure(
    struct text *text, const struct text_style *style, const char *string);

double text_height(const struct paragraph *paragraph);
double text_line_width(const struct text *text, const struct paragraph *paragraph, uint32_t line);

/* Whether the line belongs to a right-to-left text, which begins at the right edge. */
bool text_line_is_rtl(const struct text *text, const struct paragraph *paragraph, uint32_t line);

/* What has been missing since text_new. */
const struct missing *text_missing(const struct text *text);

/* Whether any font of the machine is of this family: "Noto Sans CJK SC". */
bool text_has_family(const struct text *text, const char *family);

/* Draw one line with its left end at x in the line box whose top is y. Glyphs are gathered by look
 * and appear at text_flush (or earlier): text lies on top of what was drawn before the flush. */
void text_draw_line(struct text *text, cairo_t *cr, const struct paragraph *paragraph,
    uint32_t line, unsigned int color, double x, double y);

/* Draw one line of text with x as its left end, middle or right end: fraction 0, 0.5, 1. */
void text_draw(struct text *text, cairo_t *cr, const struct text_style *style, const char *string,
    unsigned int color, double x, double y, double fraction);

void text_flush(struct text *text, cairo_t *cr);
bool text_is_waiting(const struct text *text); /* for a flush */

/* Add the outlines of a text's glyphs to the path: for marks that are no text. Scale: points. */
void text_outline(struct text *text, cairo_t *cr, const struct text_style *style,
    const char *string, double x, double baseline);

#endif
