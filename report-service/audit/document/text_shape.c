#include "audit/document/text_shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/document/text_script.h"
#include "base/arena.h"

enum { BUCKETS = 8192 }; /* a power of two */

/* Emboldened outlines are this much wider than the advances that the font gives (em). */
static const float BOLD_SPACING = 0.02F;

enum { MISSING_NOTICE_MAX = sizeof("[U+10FFFF]") };

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

static uint64_t hash_key(const struct run_key *key)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ key->face ^ (uint64_t)key->weight << 16 ^
                    (uint64_t)key->is_rtl << 20 ^ (uint64_t)key->is_missing << 21 ^
                    (uint64_t)key->before << 24 ^ (uint64_t)key->after << 40;
    for (size_t i = 0; i < key->len; i++) {
        hash = (hash ^ (uint8_t)key->text[i]) * UINT64_C(0x100000001b3);
    }
    return hash ^ hash >> 29;
}

static bool is_key(const struct run_key *a, const struct run_key *b)
{
    return a->len == b->len && a->face == b->face && a->weight == b->weight &&
           a->is_rtl == b->is_rtl && a->is_missing == b->is_missing && a->before == b->before &&
           a->after == b->after && memcmp(a->text, b->text, a->len) == 0;
}

/* Bytes in front of the text where it is shaped in context. */
static size_t before_len(const struct run_key *key)
{
    char letter[UTF8_CHARACTER_MAX];
    return key->before == 0 ? 0 : utf8_encode(key->before, letter);
}

/* The text with the letters around it, which decide the form of Arabic letters at its ends. */
static void add_in_context(hb_buffer_t *buffer, const struct run_key *key)
{
    char text[RUN_LEN_MAX + 2 * UTF8_CHARACTER_MAX];
    size_t start = key->before == 0 ? 0 : utf8_encode(key->before, text);
    memcpy(text + start, key->text, key->len);
    size_t len = start + key->len;
    len += key->after == 0 ? 0 : utf8_encode(key->after, text + len);
    hb_buffer_add_utf8(buffer, text, (int)len, (unsigned int)start, key->len);
}

static const hb_glyph_info_t *shape(
    struct shaper *shaper, hb_font_t *font, const struct run_key *key)
{
    hb_buffer_t *buffer = shaper->buffer;
    hb_buffer_clear_contents(buffer);
    if (key->is_missing) {
        char notice[MISSING_NOTICE_MAX];
        uint32_t codepoint;
        utf8_decode(key->text, key->text + key->len, &codepoint);
        int len = snprintf(notice, sizeof(notice), "[U+%04X]", (unsigned int)codepoint);
        hb_buffer_add_utf8(buffer, notice, len, 0, len);
    } else if (key->before != 0 || key->after != 0) {
        add_in_context(buffer, key);
    } else {
        hb_buffer_add_utf8(buffer, key->text, key->len, 0, key->len);
    }
    hb_buffer_guess_segment_properties(buffer);
    /* The guess takes its language from the locale, which must not show in the bytes. */
    hb_buffer_set_language(buffer, hb_language_from_string("zh-cn", -1));
    bool is_rtl = key->is_rtl && !key->is_missing;
    hb_buffer_set_direction(buffer, is_rtl ? HB_DIRECTION_RTL : HB_DIRECTION_LTR);
    hb_shape(font, buffer, NULL, 0);
    return hb_buffer_get_glyph_infos(buffer, NULL);
}

/* Group glyphs by the bytes they stand for, in reading order. Returns the number of clusters. */
static uint16_t fill_clusters(struct run_cluster *clusters, const hb_glyph_info_t *infos,
    unsigned int n_glyphs, const struct run_key *key)
{
    uint16_t n = 0;
    bool is_rtl = key->is_rtl;
    size_t start = before_len(key);
    size_t end = start + key->len;
    for (unsigned int i = 0; i < n_glyphs;) {
        unsigned int at = is_rtl ? n_glyphs - 1 - i : i;
        unsigned int cluster = infos[at].cluster;
        uint16_t count = 0;
        while (i < n_glyphs && infos[is_rtl ? n_glyphs - 1 - i : i].cluster == cluster) {
            count++;
            i++;
        }
        size_t next = i < n_glyphs ? infos[is_rtl ? n_glyphs - 1 - i : i].cluster : end;
        clusters[n].n_bytes = (uint16_t)(next - start);
        clusters[n].n_glyphs = count;
        start = next;
        n++;
    }
    return n;
}

static void fill_glyphs(struct run *run, struct run_glyph *glyphs, const hb_glyph_info_t *infos,
    const hb_glyph_position_t *positions, float em)
{
    float spacing = run->key.weight == WEIGHT_BOLD ? BOLD_SPACING : 0;
    for (unsigned int i = 0; i < run->n_glyphs; i++) {
        float advance = (float)positions[i].x_advance / em;
        glyphs[i] = (struct run_glyph){.index = infos[i].codepoint,
            .x_advance = advance > 0 ? advance + spacing : advance,
            .x_offset = (float)positions[i].x_offset / em,
            .y_offset = (float)positions[i].y_offset / em};
        run->width += glyphs[i].x_advance;
    }
}

static struct run *run_make(struct shaper *shaper, const struct run_key *key)
{
    hb_font_t *font = font_set_shaper(shaper->set, key->face);
    const hb_glyph_info_t *infos = shape(shaper, font, key);
    unsigned int n_glyphs = 0;
    const hb_glyph_position_t *positions = hb_buffer_get_glyph_positions(shaper->buffer, &n_glyphs);
    if (n_glyphs > RUN_GLYPHS_MAX) {
        n_glyphs = RUN_GLYPHS_MAX;
    }
    size_t size = sizeof(struct run) + n_glyphs * sizeof(struct run_glyph) +
                  n_glyphs * sizeof(struct run_cluster) + key->len;
    struct run *run = arena_alloc(shaper->arena, size);
    if (run == NULL) {
        return NULL;
    }
    struct run_glyph *glyphs = (struct run_glyph *)(run + 1);
    struct run_cluster *clusters = (struct run_cluster *)(glyphs + n_glyphs);
    char *copy = (char *)(clusters + n_glyphs);
    memcpy(copy, key->text, key->len);
    run->key = *key;
    run->key.text = copy;
    run->n_glyphs = (uint16_t)n_glyphs;
    fill_glyphs(run, glyphs, infos, positions, (float)hb_face_get_upem(hb_font_get_face(font)));
    if (key->is_missing) {
        /* All the glyphs of the notice stand for the one character, so copying still gives it. */
        clusters[0] = (struct run_cluster){.n_bytes = key->len, .n_glyphs = (uint16_t)n_glyphs};
        run->n_clusters = 1;
    } else {
        run->n_clusters = fill_clusters(clusters, infos, n_glyphs, key);
    }
    run->glyphs = glyphs;
    run->clusters = clusters;
    return run;
}

const struct run *shaper_get(struct shaper *shaper, const struct run_key *key)
{
    uint64_t hash = hash_key(key);
    struct run **bucket = &shaper->buckets[hash & (BUCKETS - 1)];
    for (struct run *run = *bucket; run != NULL; run = run->next) {
        if (run->hash == hash && is_key(&run->key, key)) {
            return run;
        }
    }
    struct run *run = run_make(shaper, key);
    if (run != NULL) {
        run->hash = hash;
        run->next = *bucket;
        *bucket = run;
    }
    return run;
}
