/* Colours and type sizes: the look of the report in one place.
 *
 *     palette_set(cr, COLOR_INK);
 *     palette_set(cr, palette_of_tone(cell->tone));
 *
 * Text colours are dark enough for small type on white (contrast 4.5 : 1 or more). Chart fills
 * differ in lightness, not only in hue, so that they stay apart in a grey print and for readers who
 * do not see red and green; the same rule gives each series its own marker and dash. */
#ifndef WALKIE_AUDIT_DOCUMENT_PALETTE_H
#define WALKIE_AUDIT_DOCUMENT_PALETTE_H

#include <cairo.h>

#include "audit/document/text.h"
#include "audit/model/model.h"

enum color {
    COLOR_INK = 0x1E2730,       /* text */
    COLOR_QUIET = 0x66717C,     /* captions, furniture, what is not there */
    COLOR_BRAND = 0x16365C,     /* titles and heads */
    COLOR_LINK = 0x1F5A96,      /* what can be clicked */
    COLOR_RULE = 0x9AA6B2,      /* lines that carry structure */
    COLOR_HAIRLINE = 0xDDE2E7,  /* lines between rows */
    COLOR_PANEL = 0xF2F5F8,     /* backgrounds */
    COLOR_WATERMARK = 0xF3F4F6, /* the DRAFT across a page */
    COLOR_GOOD = 0x24694A,
    COLOR_WARNING = 0x8F5200,
    COLOR_ALARM = 0xA3212B,
    COLOR_PAPER = 0xFFFFFF,
};

void palette_set(cairo_t *cr, unsigned int color);

/* Text in a cell. */
unsigned int palette_of_tone(enum tone tone);

/* An area or line of a chart; `repeat` counts earlier series of the same tone, which are lighter.
 */
unsigned int palette_fill(enum tone tone, unsigned int repeat);

/* Black or white: what reads better on the fill. */
unsigned int palette_on(unsigned int fill);

/* Between two colours, fraction 0 … 1. */
unsigned int palette_mix(unsigned int from, unsigned int to, double fraction);

extern const struct text_style STYLE_BODY;
extern const struct text_style STYLE_BODY_BOLD;
extern const struct text_style STYLE_CELL;
extern const struct text_style STYLE_HEAD;
extern const struct text_style STYLE_SMALL;
extern const struct text_style STYLE_SMALL_BOLD;
extern const struct text_style STYLE_TINY;
extern const struct text_style STYLE_TINY_BOLD;
extern const struct text_style STYLE_SECTION;
extern const struct text_style STYLE_HEADING;
extern const struct text_style STYLE_CAPTION;
extern const struct text_style STYLE_COVER_TITLE;
extern const struct text_style STYLE_COVER_STUDY;
extern const struct text_style STYLE_WATERMARK;

#endif
