#include "audit/document/text_shape.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { BUCKETS = 8192 }; /* a power of two */

/* Emboldened outlines are this much wider than the advances that the font gives (em). */
static const float BOLD_SPACING = 0.0F;

struct shaper {
    const struct font_set *set;
    hb_buffer_t *buffer;
    struct arena *arena; /* the runs */
    struct run *buckets[BUCKETS];
};

struct shaper *shaper_new(const struct font_set *set)
{
    struct shaper *shaper = calloc(1, sizeof(*shaper));
    if (shaper == NULL) {
        return NULL;
    }
    shaper->set = set;
    shaper->buffer = hb_buffer_create();
    shaper->arena = arena_new(SIZE_MAX / 2);
    if (shaper->arena == NULL || !hb_buffer_allocation_successful(shaper->buffer)) {
        shaper_free(shaper);
        return NULL;
    }
    return shaper;
}

void shaper_free(struct shaper *shaper)
{
    if (shaper != NULL) {
        hb_buffer_destroy(shaper->buffer);
        arena_free(shaper->arena);
        free(shaper);
    }
}

void shaper_trim(struct shaper *shaper)
{
    if (arena_used(shaper->arena) <= RUN_CACHE_BYTES_MAX) {
        return;
    }
    struct arena *arena = arena_new(SIZE_MAX / 2);
    if (arena == NULL) {
        return; /* Keep what is there: more memory than wanted, but correct. */
    }
    arena_free(shaper->arena);
    shaper->arena = arena;
    memset(shaper->buckets, 0, sizeof(shaper->buckets));
}

size_t shaper_used(const struct shaper *shaper)
{
    return arena_used(shaper->arena);
}

static uint64_t hash_key(
    const char *text, size_t len, uint16_t face, enum weight weight, bool is_rtl)
{
    uint64_t hash =
        UINT64_C(0xcbf29ce484222325) ^ face ^ (uint64_t)weight << 16 ^ (uint64_t)is_rtl << 20;
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ (uint8_t)text[i]) * UINT64_C(0x100000001b3);
    }
    return hash ^ hash >> 29;
}

static const hb_glyph_info_t *shape(
    struct shaper *shaper, hb_font_t *font, const char *text, size_t len, bool is_rtl)
{
    hb_buffer_t *buffer = shaper->buffer;
    hb_buffer_clear_contents(buffer);
    hb_buffer_add_utf8(buffer, text, (int)len, 0, (int)len);
    hb_buffer_guess_segment_properties(buffer);
    /* The guess takes its language from the locale, which must not show in the bytes. */
    hb_buffer_set_language(buffer, hb_language_from_string("zh-cn", -1));
    hb_buffer_set_direction(buffer, is_rtl ? HB_DIRECTION_RTL : HB_DIRECTION_LTR);
    hb_shape(font, buffer, NULL, 0);
    return hb_buffer_get_glyph_infos(buffer, NULL);
}

/* Group glyphs by the bytes they stand for, in reading order. Returns the number of clusters. */
static uint16_t fill_clusters(struct run_cluster *clusters, const hb_glyph_info_t *infos,
    unsigned int n_glyphs, size_t len, bool is_rtl)
{
    uint16_t n = 0;
    size_t start = 0;
    for (unsigned int i = 0; i < n_glyphs;) {
        unsigned int at = is_rtl ? n_glyphs - 1 - i : i;
        unsigned int cluster = infos[at].cluster;
        uint16_t count = 0;
        while (i < n_glyphs && infos[is_rtl ? n_glyphs - 1 - i : i].cluster == cluster) {
            count++;
            i++;
        }
        size_t next = i < n_glyphs ? infos[is_rtl ? n_glyphs - 1 - i : i].cluster : len;
        clusters[n].n_bytes = (uint16_t)(next - start);
        clusters[n].n_glyphs = count;
        start = next;
        n++;
    }
    return n;
}

static struct run *run_make(struct shaper *shaper, const char *text, size_t len, uint16_t face,
    enum weight weight, bool is_rtl)
{
    hb_font_t *font = font_set_shaper(shaper->set, face);
    const hb_glyph_info_t *infos = shape(shaper, font, text, len, is_rtl);
    unsigned int n_glyphs = 0;
    const hb_glyph_position_t *positions = hb_buffer_get_glyph_positions(shaper->buffer, &n_glyphs);
    if (n_glyphs > RUN_GLYPHS_MAX) {
        n_glyphs = RUN_GLYPHS_MAX;
    }
    size_t size = sizeof(struct run) + n_glyphs * sizeof(struct run_glyph) +
                  n_glyphs * sizeof(struct run_cluster) + len;
    struct run *run = arena_alloc(shaper->arena, size);
    if (run == NULL) {
        return NULL;
    }
    struct run_glyph *glyphs = (struct run_glyph *)(run + 1);
    struct run_cluster *clusters = (struct run_cluster *)(glyphs + n_glyphs);
    char *copy = (char *)(clusters + n_glyphs);
    memcpy(copy, text, len);
    float em = (float)hb_face_get_upem(hb_font_get_face(font));
    float spacing = weight == WEIGHT_BOLD ? BOLD_SPACING : 0;
    for (unsigned int i = 0; i < n_glyphs; i++) {
        float advance = (float)positions[i].x_advance / em;
        glyphs[i] = (struct run_glyph){.index = infos[i].codepoint,
            .x_advance = advance > 0 ? advance + spacing : advance,
            .x_offset = (float)positions[i].x_offset / em,
            .y_offset = (float)positions[i].y_offset / em};
        run->width += glyphs[i].x_advance;
    }
    run->face = face;
    run->weight = (uint8_t)weight;
    run->is_rtl = is_rtl;
    run->len = (uint16_t)len;
    run->n_glyphs = (uint16_t)n_glyphs;
    run->n_clusters = fill_clusters(clusters, infos, n_glyphs, len, is_rtl);
    run->text = copy;
    run->glyphs = glyphs;
    run->clusters = clusters;
    return run;
}

const struct run *shaper_get(struct shaper *shaper, const char *text, size_t len, uint16_t face,
    enum weight weight, bool is_rtl)
{
    uint64_t hash = hash_key(text, len, face, weight, is_rtl);
    struct run **bucket = &shaper->buckets[hash & (BUCKETS - 1)];
    for (struct run *run = *bucket; run != NULL; run = run->next) {
        if (run->hash == hash && run->len == len && run->face == face && run->weight == weight &&
            run->is_rtl == is_rtl && memcmp(run->text, text, len) == 0) {
            return run;
        }
    }
    struct run *run = run_make(shaper, text, len, face, weight, is_rtl);
    if (run != NULL) {
        run->hash = hash;
        run->next = *bucket;
        *bucket = run;
    }
    return run;
}
