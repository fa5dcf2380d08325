/* From characters to items: the pieces that a line is made of. */
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "audit/document/text_cluster.h"
#include "audit/document/text_internal.h"
#include "audit/document/text_prepare.h"
#include "audit/document/text_script.h"

struct piece {
    const char *start;
    const char *end;
    enum character_class class;
    uint32_t first; /* first and last character */
    uint32_t last;
    uint32_t before; /* the letter before it, where a word is cut in two; 0: none */
    uint32_t after;
    uint16_t face; /* FONT_NONE: no font has its first character */
    struct character_note note;
};

struct cutter {
    struct text *text;
    enum weight weight;
    const char *at;
    const char *end;
    float width_max;
    const struct character_note *notes; /* one a character; NULL: nothing to tell */
    size_t index;                       /* of the character at `at` */
    bool is_by_character;               /* cutting a word that is too wide */
};

static bool is_ascii_letter(uint32_t codepoint)
{
    return (codepoint | 0x20) >= 'a' && (codepoint | 0x20) <= 'z';
}

static bool is_ascii_alphanumeric(char byte)
{
    return is_ascii_letter((uint8_t)byte) || (byte >= '0' && byte <= '9');
}

static bool is_hyphen(uint32_t codepoint)
{
    return codepoint == '-' || codepoint == '/' || codepoint == '_';
}

/* Long identifiers may break after a hyphen, slash or underscore before a letter; dates, numbers
 * and short forms such as "N/A" hold together. */
static bool is_word_break(const struct piece *piece, uint32_t next)
{
    return is_hyphen(piece->last) && piece->end - piece->start > 2 && is_ascii_letter(next);
}

static struct character_note note_at(const struct cutter *cutter, size_t index)
{
    return cutter->notes == NULL ? (struct character_note){0} : cutter->notes[index];
}

static struct cluster read_cluster(const struct cutter *cutter)
{
    const struct character_note *notes = cutter->notes;
    return cluster_read(
        cutter->text->set, cutter->at, cutter->end, notes == NULL ? NULL : notes + cutter->index);
}

static void skip_cluster(struct cutter *cutter, const struct cluster *cluster)
{
    cutter->at += cluster->len;
    cutter->index += cluster->n_characters;
}

/* Whether the piece, a word so far, goes on with this. */
static bool continues(
    const struct cutter *cutter, const struct piece *piece, const struct cluster *cluster)
{
    struct character_note note = note_at(cutter, cutter->index);
    return cluster->class == CLASS_LETTER && cluster->face == piece->face && !cluster->is_damaged &&
           note.level == piece->note.level && !note.is_breaking &&
           !is_word_break(piece, cluster->first) &&
           (size_t)(piece->end - piece->start) + cluster->len <= RUN_LEN_MAX;
}

/* Blanks of every kind are set as one ordinary space; only the one without width stays itself. */
static struct piece space_piece(struct piece piece)
{
    static const char SPACE[] = " ";
    piece.face = 0;
    if (piece.first != 0x200B) {
        piece.start = SPACE;
        piece.end = SPACE + 1;
    }
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

/* Step over plain letters and digits that go on with the piece: nothing about them can end it, as
 * long as no mark follows. Saves most of the cutting's time. */
static void skip_plain(struct cutter *cutter, struct piece *piece)
{
    const char *start = cutter->at;
    const char *stop =
        piece->start + RUN_LEN_MAX < cutter->end ? piece->start + RUN_LEN_MAX : cutter->end;
    while (cutter->at < stop && is_ascii_alphanumeric(*cutter->at)) {
        cutter->at++;
    }
    bool may_have_mark = cutter->at < cutter->end && (uint8_t)*cutter->at >= 0x80;
    if (may_have_mark && cutter->at > start) {
        cutter->at--;
    }
    if (cutter->at > start) {
        cutter->index += (size_t)(cutter->at - start);
        piece->last = (uint8_t)cutter->at[-1];
        piece->end = cutter->at;
    }
}

static struct piece next_piece(struct cutter *cutter)
{
    struct cluster cluster = read_cluster(cutter);
    struct piece piece = {.start = cutter->at,
        .end = cutter->at + cluster.len,
        .class = cluster.class,
        .first = cluster.first,
        .last = cluster.last,
        .face = cluster.face,
        .note = note_at(cutter, cutter->index)};
    skip_cluster(cutter, &cluster);
    if (piece.class == CLASS_SPACE) {
        return space_piece(piece);
    }
    if (cluster.is_damaged) {
        return replacement_piece(cutter->text, piece);
    }
    while (cutter->at < cutter->end && piece.class == CLASS_LETTER && piece.face != FONT_NONE &&
           !cutter->is_by_character) {
        if (piece.face == 0 && cutter->notes == NULL && !is_hyphen(piece.last)) {
            skip_plain(cutter, &piece);
            if (cutter->at == cutter->end || (uint8_t)*cutter->at <= ' ') {
                break;
            }
        }
        cluster = read_cluster(cutter);
        if (!continues(cutter, &piece, &cluster)) {
            break;
        }
        skip_cluster(cutter, &cluster);
        piece.last = cluster.last;
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
    return right->note.is_breaking || is_word_break(left, right->first);
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

/* A word wider than the line: cut it again, character by character. Each half keeps the form that
 * its letters have in the whole. */
static bool cut_wide(const struct cutter *cutter, const struct piece *piece, uint8_t flags)
{
    struct cutter inner = *cutter;
    inner.at = piece->start;
    inner.end = piece->end;
    inner.is_by_character = true;
    inner.index = 0;
    /* The whole word has one level and is of one paragraph. */
    struct character_note notes[RUN_LEN_MAX];
    for (size_t i = 0; i < RUN_LEN_MAX; i++) {
        notes[i] = piece->note;
    }
    inner.notes = notes;
    return cut(&inner, flags);
}

static bool push_piece(const struct cutter *cutter, const struct piece *piece, uint8_t flags)
{
    struct text *text = cutter->text;
    bool is_missing = piece->face == FONT_NONE;
    if (is_missing) {
        missing_note(&text->missing, piece->first);
    }
    const struct run_key key = {.text = piece->start,
        .len = (uint16_t)(piece->end - piece->start),
        .face = is_missing ? 0 : piece->face,
        .weight = (uint8_t)cutter->weight,
        .is_rtl = (piece->note.level & 1) != 0 && !is_missing,
        .is_missing = is_missing,
        .before = piece->before,
        .after = piece->after};
    const struct run *run = shaper_get(text->shaper, &key);
    if (run == NULL) {
        text->status = STATUS_RESOURCE_EXHAUSTED;
        return false;
    }
    if (run->width > cutter->width_max && !cutter->is_by_character &&
        piece->class == CLASS_LETTER && run->n_clusters > 1) {
        return cut_wide(cutter, piece, flags);
    }
    flags |= piece->note.is_in_rtl ? ITEM_IS_IN_RTL : 0;
    return push_item(text, (struct item){.run = run, .flags = flags, .level = piece->note.level});
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
        if (cutter->is_by_character && (piece.note.level & 1) != 0) {
            piece.before = is_first ? 0 : previous.last;
            piece.after = cutter->at < cutter->end ? read_cluster(cutter).first : 0;
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

void missing_note(struct missing *missing, uint32_t codepoint)
{
    for (size_t i = 0; i < missing->n_kept; i++) {
        if (missing->characters[i] == codepoint) {
            return;
        }
    }
    if (missing->n_kept < MISSING_KEPT_MAX) {
        missing->characters[missing->n_kept++] = codepoint;
    } else {
        missing->n_more++;
    }
}

static bool cut_prepared(
    struct text *text, enum weight weight, const struct prepared *prepared, float width_max)
{
    struct cutter cutter = {.text = text,
        .weight = weight,
        .at = prepared->string,
        .end = prepared->string + prepared->len,
        .width_max = width_max,
        .notes = prepared->notes};
    return cut(&cutter, 0);
}

/* "…" in the direction of what it follows. */
static void push_ellipsis(struct text *text, enum weight weight, size_t first)
{
    static const char ELLIPSIS[] = "…";
    struct cutter cutter = {.text = text, .weight = weight, .width_max = FLT_MAX};
    struct piece more = {.start = ELLIPSIS, .end = ELLIPSIS + strlen(ELLIPSIS)};
    more.face = font_set_find(text->set, 0x2026);
    if (text->n_items > first) {
        more.note.is_in_rtl = (text->items[text->n_items - 1].flags & ITEM_IS_IN_RTL) != 0;
        more.note.level = more.note.is_in_rtl ? 1 : 0;
    }
    push_piece(&cutter, &more, 0);
}

void text_itemize(
    struct text *text, enum weight weight, const char *string, size_t len_max, float width_max)
{
    string = string == NULL ? "" : string;
    size_t len = strnlen(string, len_max);
    bool is_whole = len < len_max || string[len] == '\0';
    while (!is_whole && len > 0 && ((uint8_t)string[len] & 0xC0) == 0x80) {
        len--; /* not in the middle of a character */
    }
    struct prepared prepared;
    if (!text_prepare(string, len, &prepared)) {
        text->status = STATUS_RESOURCE_EXHAUSTED;
        return;
    }
    size_t first = text->n_items;
    bool is_done = cut_prepared(text, weight, &prepared, width_max);
    text_prepare_finish(&prepared);
    if (is_done && !is_whole) {
        push_ellipsis(text, weight, first);
    }
}
