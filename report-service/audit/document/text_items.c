/* From characters to items: the pieces that a line is made of. */
#include <pango/pango.h>
#include <stdlib.h>
#include <string.h>

#include "audit/document/text_internal.h"
#include "audit/document/text_script.h"

struct piece {
    const char *start;
    const char *end;
    enum character_class class;
    uint32_t first; /* first and last character */
    uint32_t last;
    uint16_t face;
    uint8_t level;
};

struct cutter {
    struct text *text;
    enum weight weight;
    const char *start;
    const char *at;
    const char *end;
    float width_max;
    uint8_t *levels;      /* a level a character; NULL: all left to right */
    size_t index;         /* of the character at `at` */
    bool is_by_character; /* cutting a word that is too wide */
};

static bool is_ascii_letter(uint32_t codepoint)
{
    return (codepoint | 0x20) >= 'a' && (codepoint | 0x20) <= 'z';
}

/* Long identifiers may break after a hyphen, slash or underscore before a letter; dates, numbers
 * and short forms such as "N/A" hold together. */
static bool is_word_break(const struct piece *piece, uint32_t next)
{
    return (piece->last == '-' || piece->last == '/' || piece->last == '_') &&
           piece->end - piece->start > 2 && is_ascii_letter(next);
}

static bool continues(const struct cutter *cutter, const struct piece *piece, uint32_t codepoint,
    enum character_class class)
{
    if (class == CLASS_MARK) {
        return piece->class != CLASS_SPACE &&
               font_set_has(cutter->text->set, piece->face, codepoint);
    }
    return class == CLASS_LETTER && piece->class == CLASS_LETTER && !cutter->is_by_character &&
           font_set_has(cutter->text->set, piece->face, codepoint) &&
           !is_word_break(piece, codepoint) &&
           (piece->face == 0 || font_set_find(cutter->text->set, codepoint) == piece->face);
}

/* Blanks of every kind are set as one ordinary space. */
static struct piece space_piece(struct piece piece)
{
    static const char SPACE[] = " ";
    piece.start = SPACE;
    piece.end = SPACE + 1;
    piece.face = 0;
    return piece;
}

static struct piece replacement_piece(const struct text *text, struct piece piece)
{
    static const char REPLACEMENT[] = "\xEF\xBF\xBD";
    piece.start = REPLACEMENT;
    piece.end = REPLACEMENT + 3;
    piece.face = font_set_find(text->set, 0xFFFD);
    return piece;
}

static uint8_t level_at(const struct cutter *cutter)
{
    return cutter->levels == NULL ? 0 : cutter->levels[cutter->index];
}

static struct piece next_piece(struct cutter *cutter)
{
    struct piece piece = {.start = cutter->at, .level = level_at(cutter)};
    size_t len = utf8_decode(cutter->at, cutter->end, &piece.first);
    bool is_damaged = piece.first == 0xFFFD && len == 1;
    cutter->at += len;
    cutter->index++;
    piece.class = character_class(piece.first);
    piece.last = piece.first;
    piece.end = cutter->at;
    if (piece.class == CLASS_SPACE) {
        return space_piece(piece);
    }
    if (is_damaged) {
        return replacement_piece(cutter->text, piece);
    }
    piece.face = font_set_find(cutter->text->set, piece.first);
    while (cutter->at < cutter->end) {
        uint32_t codepoint;
        len = utf8_decode(cutter->at, cutter->end, &codepoint);
        if ((codepoint == 0xFFFD && len == 1) || level_at(cutter) != piece.level ||
            (size_t)(cutter->at - piece.start) + len > RUN_LEN_MAX ||
            !continues(cutter, &piece, codepoint, character_class(codepoint))) {
            break;
        }
        piece.last = codepoint;
        cutter->at += len;
        cutter->index++;
        piece.end = cutter->at;
    }
    return piece;
}

static bool is_wide(enum character_class class)
{
    return class == CLASS_IDEOGRAPH || class == CLASS_OPENING || class == CLASS_CLOSING;
}

/* Whether a line may end between the two pieces. */
static bool is_break_between(const struct piece *left, const struct piece *right)
{
    if (right->class == CLASS_SPACE || right->class == CLASS_CLOSING ||
        left->class == CLASS_OPENING || right->class == CLASS_MARK) {
        return false;
    }
    if (left->class == CLASS_SPACE) {
        return right->first != '%'; /* "25.0 %" is one thing */
    }
    if (is_wide(left->class) || is_wide(right->class)) {
        return !character_is_trailing(right->first) && left->last != '(' && left->last != '[';
    }
    return is_word_break(left, right->first);
}

static bool push_item(struct text *text, struct item item)
{
    if (text->n_items == text->items_capacity) {
        size_t capacity = text->items_capacity == 0 ? 1024 : text->items_capacity * 2;
        struct item *items = realloc(text->items, capacity * sizeof(*items));
        if (items == NULL) {
            text->status = STATUS_RESOURCE_EXHAUSTED;
            return false;
        }
        text->items = items;
        text->items_capacity = capacity;
    }
    text->items[text->n_items++] = item;
    return true;
}

static bool cut(struct cutter *cutter, uint8_t first_flags);

/* A word wider than the line: cut it again, character by character. */
static bool cut_wide(const struct cutter *cutter, const struct piece *piece, uint8_t flags)
{
    struct cutter inner = *cutter;
    inner.at = piece->start;
    inner.end = piece->end;
    inner.is_by_character = true;
    inner.levels = NULL;
    size_t first = cutter->text->n_items;
    if (!cut(&inner, flags)) {
        return false;
    }
    for (size_t i = first; i < cutter->text->n_items; i++) {
        cutter->text->items[i].level = piece->level;
    }
    return true;
}

static bool push_piece(const struct cutter *cutter, const struct piece *piece, uint8_t flags)
{
    struct text *text = cutter->text;
    const struct run *run = shaper_get(text->shaper, piece->start,
        (size_t)(piece->end - piece->start), piece->face, cutter->weight, (piece->level & 1) != 0);
    if (run == NULL) {
        text->status = STATUS_RESOURCE_EXHAUSTED;
        return false;
    }
    if (run->width > cutter->width_max && !cutter->is_by_character &&
        piece->class == CLASS_LETTER && run->n_clusters > 1) {
        return cut_wide(cutter, piece, flags);
    }
    return push_item(text, (struct item){.run = run, .flags = flags, .level = piece->level});
}

static bool cut(struct cutter *cutter, uint8_t first_flags)
{
    struct piece previous = {.class = CLASS_NEWLINE};
    uint8_t flags = first_flags;
    bool is_first = true;
    while (cutter->at < cutter->end) {
        struct piece piece = next_piece(cutter);
        if (piece.class == CLASS_NEWLINE) {
            flags |= ITEM_MUST_BREAK;
            previous = piece;
            continue;
        }
        if (!is_first && previous.class != CLASS_NEWLINE &&
            (cutter->is_by_character || is_break_between(&previous, &piece))) {
            flags |= ITEM_CAN_BREAK;
        }
        flags |= piece.class == CLASS_SPACE ? ITEM_IS_SPACE : 0;
        if (!push_piece(cutter, &piece, flags)) {
            return false;
        }
        previous = piece;
        flags = 0;
        is_first = false;
    }
    return true;
}

static bool has_rtl(const char *at, const char *end)
{
    while (at < end) {
        if ((uint8_t)*at < 0xD6) { /* below U+0580, one or two bytes: the bulk of texts */
            at++;
            continue;
        }
        uint32_t codepoint;
        at += utf8_decode(at, end, &codepoint);
        if (character_is_rtl(codepoint)) {
            return true;
        }
    }
    return false;
}

/* Levels of the bidirectional algorithm, a byte a character; NULL when the text needs none. */
static uint8_t *make_levels(const char *string, size_t len)
{
    if (!has_rtl(string, string + len)) {
        return NULL;
    }
    char *valid = g_utf8_make_valid(string, (gssize)len);
    PangoDirection base = PANGO_DIRECTION_WEAK_LTR;
    uint8_t *levels = pango_log2vis_get_embedding_levels(valid, -1, &base);
    g_free(valid);
    return levels;
}

void text_itemize(
    struct text *text, enum weight weight, const char *string, size_t len_max, float width_max)
{
    string = string == NULL ? "" : string;
    size_t len = strnlen(string, len_max);
    bool is_whole = string[len] == '\0';
    while (!is_whole && len > 0 && ((uint8_t)string[len] & 0xC0) == 0x80) {
        len--; /* not in the middle of a character */
    }
    struct cutter cutter = {.text = text,
        .weight = weight,
        .start = string,
        .at = string,
        .end = string + len,
        .width_max = width_max,
        .levels = make_levels(string, len)};
    bool is_done = cut(&cutter, 0);
    g_free(cutter.levels);
    if (is_done && !is_whole) {
        static const char ELLIPSIS[] = "…";
        struct piece more = {.start = ELLIPSIS, .end = ELLIPSIS + strlen(ELLIPSIS)};
        more.face = font_set_find(text->set, 0x2026);
        push_piece(&cutter, &more, 0);
    }
}
