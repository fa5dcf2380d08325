/* Shaping with a memory: each word is shaped once a document, however often it is set.
 *
 *     struct run_key key = {.text = "subject", .len = 7, .face = face, .weight = WEIGHT_REGULAR};
 *     const struct run *run = shaper_get(shaper, &key);
 *     double width = run->width * font_size;
 *
 * A run is one face, one direction, and holds measures in ems, so one run serves every font size.
 * The memory is bounded: shaper_trim empties it when it has grown over RUN_CACHE_BYTES_MAX; runs
 * are valid until then. Not here: where words begin and lines end (text_paragraph.h). */
#ifndef WALKIE_AUDIT_DOCUMENT_TEXT_SHAPE_H
#define WALKIE_AUDIT_DOCUMENT_TEXT_SHAPE_H

#include "audit/document/text_font.h"

enum { RUN_LEN_MAX = 128 };    /* bytes of text in one run */
enum { RUN_GLYPHS_MAX = 512 }; /* glyphs in one run; more are an error of the font */
enum { RUN_CACHE_BYTES_MAX = 4 * 1024 * 1024 }; /* 30,000 words of five letters */

struct run_glyph {
    uint32_t index;
    float x_advance; /* em */
    float x_offset;
    float y_offset;
};

struct run_cluster {
    uint16_t n_bytes;
    uint16_t n_glyphs;
};

/* What makes two runs the same. */
struct run_key {
    const char *text; /* valid UTF-8 */
    uint16_t len;     /* at most RUN_LEN_MAX */
    uint16_t face;
    uint8_t weight;
    bool is_rtl;     /* glyphs in visual order, clusters in reading order (cairo: backward) */
    bool is_missing; /* no font has the first character: set as "[U+2CB4E]" in face 0 */
    uint32_t before; /* the letter before it in a word cut in two, which it may join; 0: none */
    uint32_t after;
};

struct run {
    struct run *next; /* in its bucket */
    uint64_t hash;
    struct run_key key; /* its text lives beside the run */
    float width;        /* em */
    uint16_t n_glyphs;
    uint16_t n_clusters;
    const struct run_glyph *glyphs;
    const struct run_cluster *clusters;
};

struct shaper;

/* NULL when out of memory. One thread at a time. Borrows the set. */
MUST_USE struct shaper *shaper_new(const struct font_set *set);
void shaper_free(struct shaper *shaper); /* accepts NULL */

/* The run of the key, whose text is copied. NULL when out of memory. */
const struct run *shaper_get(struct shaper *shaper, const struct run_key *key);

/* Forget all runs when they take more than their share. No run may be in use. */
void shaper_trim(struct shaper *shaper);

/* Bytes that the runs take now. */
size_t shaper_used(const struct shaper *shaper);

#endif
