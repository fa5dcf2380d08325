#include "audit/document/text_prepare.h"

#include <hb.h>
#include <pango/pango.h>
#include <stdlib.h>
#include <string.h>

#include "audit/document/text_script.h"

enum trait {
    TRAIT_MARK = 1,
    TRAIT_RTL = 2,
    TRAIT_DICTIONARY = 4,
};

/* What the text has that takes care. Latin and CJK are passed over quickly: they are the bulk. */
static unsigned int find_traits(const char *at, const char *end)
{
    unsigned int traits = 0;
    while (at < end) {
        uint8_t first = (uint8_t)*at;
        if (first < 0xCC || (first >= 0xE4 && first <= 0xE9)) { /* < U+0300, U+4000 … U+9FFF */
            at += first < 0xCC ? 1 : end - at < 3 ? end - at : 3;
            continue;
        }
        uint32_t codepoint;
        at += utf8_decode(at, end, &codepoint);
        traits |= character_is_rtl(codepoint) ? TRAIT_RTL : 0;
        traits |= character_is_dictionary(codepoint) ? TRAIT_DICTIONARY : 0;
        traits |= character_class(codepoint) == CLASS_MARK ? TRAIT_MARK : 0;
    }
    return traits;
}

struct cluster {
    uint32_t characters[1 + CLUSTER_MARKS_MAX];
    size_t n;
};

static unsigned int combining_class(uint32_t codepoint)
{
    return hb_unicode_combining_class(hb_unicode_funcs_get_default(), codepoint);
}

/* A letter that has marks in itself is taken apart, so that the marks after it find their place:
 * "ê" and a dot below are "ệ". */
static void decompose_letter(struct cluster *cluster)
{
    hb_codepoint_t letter;
    hb_codepoint_t mark;
    while (cluster->n <= CLUSTER_MARKS_MAX && hb_unicode_decompose(hb_unicode_funcs_get_default(),
                                                  cluster->characters[0], &letter, &mark)) {
        if (mark == 0) {
            cluster->characters[0] = letter;
            continue;
        }
        memmove(&cluster->characters[2], &cluster->characters[1],
            (cluster->n - 1) * sizeof(cluster->characters[0]));
        cluster->characters[0] = letter;
        cluster->characters[1] = mark;
        cluster->n++;
    }
}

/* Canonical order: marks of different places sorted by place, those of one place as they came. */
static void sort_marks(struct cluster *cluster)
{
    for (size_t i = 2; i < cluster->n; i++) {
        uint32_t mark = cluster->characters[i];
        unsigned int class = combining_class(mark);
        size_t at = i;
        while (class != 0 && at > 1 && combining_class(cluster->characters[at - 1]) > class) {
            cluster->characters[at] = cluster->characters[at - 1];
            at--;
        }
        cluster->characters[at] = mark;
    }
}

static void compose(struct cluster *cluster)
{
    if (cluster->n < 2 || character_class(cluster->characters[0]) != CLASS_LETTER) {
        return;
    }
    decompose_letter(cluster);
    sort_marks(cluster);
    size_t n = 1;
    unsigned int last_class = 0; /* of the last mark that stayed */
    for (size_t i = 1; i < cluster->n; i++) {
        uint32_t mark = cluster->characters[i];
        unsigned int class = combining_class(mark);
        hb_codepoint_t composed;
        if ((n == 1 || last_class < class) && hb_unicode_compose(hb_unicode_funcs_get_default(),
                                                  cluster->characters[0], mark, &composed)) {
            cluster->characters[0] = composed;
            continue;
        }
        cluster->characters[n++] = mark;
        last_class = class;
    }
    cluster->n = n;
}

static char *write_cluster(struct cluster *cluster, char *out)
{
    compose(cluster);
    for (size_t i = 0; i < cluster->n; i++) {
        out += g_unichar_to_utf8(cluster->characters[i], out);
    }
    cluster->n = 0;
    return out;
}

/* A valid copy in which damage is U+FFFD and letters are composed. Returns its characters. */
static size_t compose_all(const char *at, const char *end, char *own, size_t *ret_len)
{
    struct cluster cluster = {.n = 0};
    char *out = own;
    while (at < end) {
        uint32_t codepoint;
        at += utf8_decode(at, end, &codepoint);
        bool is_mark = character_class(codepoint) == CLASS_MARK;
        if (cluster.n > 0 && (!is_mark || cluster.n > CLUSTER_MARKS_MAX)) {
            out = write_cluster(&cluster, out);
        }
        cluster.characters[cluster.n++] = codepoint;
    }
    out = write_cluster(&cluster, out);
    *out = '\0';
    *ret_len = (size_t)(out - own);
    return (size_t)g_utf8_strlen(own, out - own);
}

static bool is_separator(const char *at, size_t *ret_len)
{
    static const char SEPARATOR[] = "\xE2\x80\xA8"; /* U+2028; U+2029 differs in the last byte */
    *ret_len = *at == '\n' ? 1 : 3;
    return *at == '\n' ||
           (memcmp(at, SEPARATOR, 2) == 0 && ((uint8_t)at[2] == 0xA8 || (uint8_t)at[2] == 0xA9));
}

/* Levels line by line: each takes its direction from its first letter that has one. */
static void note_levels(struct prepared *prepared)
{
    const char *at = prepared->string;
    const char *end = at + prepared->len;
    struct character_note *note = prepared->notes;
    while (at < end) {
        size_t separator_len = 0;
        const char *stop = at;
        while (stop < end && !is_separator(stop, &separator_len)) {
            stop = g_utf8_next_char(stop);
        }
        PangoDirection direction = PANGO_DIRECTION_WEAK_LTR;
        uint8_t *levels =
            stop == at ? NULL
                       : pango_log2vis_get_embedding_levels(at, (int)(stop - at), &direction);
        bool is_rtl = direction == PANGO_DIRECTION_RTL || direction == PANGO_DIRECTION_WEAK_RTL;
        long n = g_utf8_strlen(at, stop - at);
        for (long i = 0; i < n && levels != NULL; i++) {
            note[i].level = levels[i];
            note[i].is_in_rtl = is_rtl;
        }
        g_free(levels);
        note += n + 1; /* past the separator, which has nothing to tell */
        at = stop + separator_len;
    }
}

static bool note_breaks(struct prepared *prepared, size_t n)
{
    PangoLogAttr *attributes = calloc(n + 1, sizeof(*attributes));
    if (attributes == NULL) {
        return false;
    }
    pango_get_log_attrs(prepared->string, (int)prepared->len, -1, pango_language_from_string("en"),
        attributes, (int)n + 1);
    bool was_dictionary = false;
    const char *at = prepared->string;
    for (size_t i = 0; i < n; i++) {
        uint32_t codepoint;
        at += utf8_decode(at, prepared->string + prepared->len, &codepoint);
        bool is_dictionary = character_is_dictionary(codepoint);
        prepared->notes[i].is_breaking =
            was_dictionary && is_dictionary && attributes[i].is_line_break;
        was_dictionary = is_dictionary;
    }
    free(attributes);
    return true;
}

bool text_prepare(const char *string, size_t len, struct prepared *ret_prepared)
{
    unsigned int traits = find_traits(string, string + len);
    struct prepared prepared = {.string = string, .len = len};
    if (traits == 0) {
        *ret_prepared = prepared;
        return true;
    }
    /* A damaged byte becomes three; composing never makes a text longer. */
    prepared.own = malloc(3 * len + 1);
    if (prepared.own == NULL) {
        return false;
    }
    size_t n = compose_all(string, string + len, prepared.own, &prepared.len);
    prepared.string = prepared.own;
    bool is_noted = (traits & (TRAIT_RTL | TRAIT_DICTIONARY)) != 0;
    if (is_noted) {
        prepared.notes = calloc(n + 1, sizeof(*prepared.notes));
    }
    if (is_noted && prepared.notes != NULL && (traits & TRAIT_RTL) != 0) {
        note_levels(&prepared);
    }
    if (is_noted && (prepared.notes == NULL ||
                        ((traits & TRAIT_DICTIONARY) != 0 && !note_breaks(&prepared, n)))) {
        text_prepare_finish(&prepared);
        return false;
    }
    *ret_prepared = prepared;
    return true;
}

void text_prepare_finish(struct prepared *prepared)
{
    free(prepared->own);
    free(prepared->notes);
    prepared->own = NULL;
    prepared->notes = NULL;
}
