/* A text before it is cut: made valid and composed, with what the cutting must know of each
 * character beside its class.
 *
 *     struct prepared prepared;
 *     if (!text_prepare(string, len, &prepared)) { out of memory }
 *     ... prepared.string[0 .. prepared.len), prepared.notes[index of the character] ...
 *     text_prepare_finish(&prepared);
 *
 * Plain Latin and CJK text, nearly everything, is passed through untouched and without notes.
 * Letters with combining marks are composed (NFC within a letter and its marks; ideographs and
 * Hangul are left alone): fonts have composed letters, and readers of a PDF find them.
 * Right-to-left texts get their levels by the bidirectional algorithm, each line of the text with a
 * direction of its own; Thai and its like get the breaks that pango's dictionary finds.
 *
 * Not here: fonts, lines. */
#ifndef WALKIE_AUDIT_DOCUMENT_TEXT_PREPARE_H
#define WALKIE_AUDIT_DOCUMENT_TEXT_PREPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

enum { CLUSTER_MARKS_MAX = 30 }; /* marks that are composed with one letter; later ones stand */

struct character_note {
    uint8_t level;    /* of embedding; odd: right to left */
    bool is_in_rtl;   /* its line of the text is a right-to-left one */
    bool is_breaking; /* a line may start with it, says the dictionary */
};

struct prepared {
    const char *string; /* the caller's or the one below */
    size_t len;
    char *own;
    struct character_note *notes; /* one a character; NULL: nothing to tell */
};

/* False when out of memory. Borrows the string as long as the result is used. */
MUST_USE bool text_prepare(const char *string, size_t len, struct prepared *ret_prepared);
void text_prepare_finish(struct prepared *prepared);

#endif
