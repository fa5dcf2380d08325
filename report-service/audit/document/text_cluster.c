#include "audit/document/text_cluster.h"

/* HarfBuzz draws nothing for what is invisible and a blank for blanks of every width, in any face.
 */
static bool is_any_face(uint32_t codepoint)
{
    return character_is_invisible(codepoint) || character_is_blank(codepoint);
}

static uint16_t find_face(const struct font_set *set, uint32_t codepoint)
{
    uint16_t face = font_set_find(set, codepoint);
    return face == FONT_NONE && is_any_face(codepoint) ? 0 : face;
}

/* The face for a letter with its marks: one that has them all, else the letter's own. */
static uint16_t find_common_face(const struct font_set *set, uint32_t *characters, size_t n)
{
    size_t n_seen = 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_any_face(characters[i])) {
            characters[n_seen++] = characters[i];
        }
    }
    uint16_t face = font_set_find_all(set, characters, n_seen);
    return face == FONT_NONE && n_seen > 1 ? font_set_find(set, characters[0]) : face;
}

static void read_marks(const struct font_set *set, const char *at, const char *end,
    const struct character_note *notes, struct cluster *cluster)
{
    uint32_t characters[1 + CLUSTER_MARKS_MAX];
    characters[0] = cluster->first;
    while (cluster->n_characters <= CLUSTER_MARKS_MAX && at + cluster->len < end) {
        uint32_t codepoint;
        size_t len = utf8_decode(at + cluster->len, end, &codepoint);
        if (character_class(codepoint) != CLASS_MARK ||
            (notes != NULL && notes[cluster->n_characters].level != notes[0].level)) {
            break;
        }
        characters[cluster->n_characters++] = codepoint;
        cluster->last = codepoint;
        cluster->len += len;
    }
    if (cluster->n_characters > 1) {
        cluster->face = find_common_face(set, characters, cluster->n_characters);
    }
}

struct cluster cluster_read(
    const struct font_set *set, const char *at, const char *end, const struct character_note *notes)
{
    struct cluster cluster = {.len = 1, .n_characters = 1, .class = CLASS_LETTER};
    uint8_t first = (uint8_t)*at;
    if (first > ' ' && first < 0x7F) {
        cluster.first = first; /* most letters are ASCII or CJK and have no marks */
    } else {
        cluster.len = utf8_decode(at, end, &cluster.first);
        cluster.is_damaged = cluster.first == 0xFFFD && cluster.len == 1;
        cluster.class = character_class(cluster.first);
    }
    cluster.last = cluster.first;
    cluster.face = find_face(set, cluster.first);
    const char *next = at + cluster.len;
    uint8_t byte = next < end ? (uint8_t)*next : 0;
    /* Marks begin at U+0300, and there are none from U+4000 to U+9FFF. */
    if (byte >= 0xCC && (byte < 0xE4 || byte > 0xE9) && cluster.class != CLASS_SPACE &&
        cluster.class != CLASS_NEWLINE) {
        read_marks(set, at, end, notes, &cluster);
    }
    return cluster;
}
