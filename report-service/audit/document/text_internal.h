/* What the parts of the text layer share. See text.h. */
#ifndef WALKIE_AUDIT_DOCUMENT_TEXT_INTERNAL_H
#define WALKIE_AUDIT_DOCUMENT_TEXT_INTERNAL_H

#include "audit/document/text.h"
#include "audit/document/text_shape.h"

enum { BATCHES_MAX = 12 };        /* kinds of text (font, size, colour) gathered at a time */
enum { BATCH_GLYPHS_MAX = 2048 }; /* glyphs handed to cairo at once */
enum { BATCH_BYTES_MAX = 8192 };

enum item_flag {
    ITEM_CAN_BREAK = 1,  /* a line may start with this item */
    ITEM_MUST_BREAK = 2, /* a line starts with this item */
    ITEM_IS_SPACE = 4,   /* not measured at the end of a line */
    ITEM_IS_IN_RTL = 8,  /* of a right-to-left paragraph */
};

struct item {
    const struct run *run;
    uint8_t flags;
    uint8_t level; /* of embedding; odd: right to left */
};

struct line {
    uint32_t first;
    uint32_t end;
    float width; /* em */
    bool is_rtl; /* of a right-to-left paragraph: begins at the right */
};

struct open_font {
    cairo_scaled_font_t *font;
    double size;
    uint16_t face;
    uint8_t weight;
};

/* Glyphs of one look that wait to be shown together: cairo's cost is by the call, not the glyph. */
struct batch {
    double size;
    unsigned int color;
    uint16_t face;
    uint8_t weight;
    bool is_rtl; /* clusters count backwards */
    int n_glyphs;
    int n_clusters;
    int n_bytes;
    cairo_glyph_t glyphs[BATCH_GLYPHS_MAX];
    cairo_text_cluster_t clusters[BATCH_GLYPHS_MAX];
    char bytes[BATCH_BYTES_MAX];
};

struct text {
    const struct font_set *set;
    struct shaper *shaper;
    struct item *items;
    size_t n_items;
    size_t items_capacity;
    struct line *lines;
    size_t n_lines;
    size_t lines_capacity;
    struct open_font fonts[TEXT_FONTS_MAX];
    size_t n_fonts;
    cairo_font_options_t *options;
    enum status status;
    struct missing missing;             /* characters that no font has */
    struct batch *batches[BATCHES_MAX]; /* in the order of their first glyph */
    size_t n_batches;
    struct batch *idle_batches[BATCHES_MAX];
    size_t n_idle_batches;
};

/* Remember that no font has the character. */
void missing_note(struct missing *missing, uint32_t codepoint);

/* Cut the first `len_max` bytes of `string` into items after those that are there; one wider than
 * `width_max` (em) is cut at characters. Where bytes are left over, "…" follows. */
void text_itemize(
    struct text *text, enum weight weight, const char *string, size_t len_max, float width_max);

#endif
