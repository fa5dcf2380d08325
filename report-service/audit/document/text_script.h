/* Characters: what line breaking must know of each (base/utf8.h decodes them).
 *
 *     size_t len = utf8_decode(text, end, &codepoint);
 *     if (character_class(codepoint) == CLASS_IDEOGRAPH) { a line may end here }
 *
 * A simple subset of UAX 14 that is right for Latin and CJK text: break at spaces and between
 * ideographs, never before closing or after opening punctuation (kinsoku). Not here: dictionaries,
 * which Thai and its like need (text_prepare.h). */
#ifndef WALKIE_AUDIT_DOCUMENT_TEXT_SCRIPT_H
#define WALKIE_AUDIT_DOCUMENT_TEXT_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/utf8.h"

enum character_class {
    CLASS_LETTER,    /* part of a word: Latin, digits, and all scripts that break at spaces */
    CLASS_SPACE,     /* blank, tab and other controls */
    CLASS_NEWLINE,   /* a line must end here */
    CLASS_IDEOGRAPH, /* CJK: a line may end before and after */
    CLASS_OPENING,   /* full-width punctuation that may not end a line */
    CLASS_CLOSING,   /* full-width punctuation that may not start a line */
    CLASS_MARK,      /* combining or invisible: belongs to the character before it */
};

/* Copy what fits in `size` bytes, "…" at the end when it is not all. The copy is valid UTF-8
 * whatever the source is. NULL gives a dash. Returns `room`. */
const char *utf8_copy(char *room, size_t size, const char *text);

enum character_class character_class(uint32_t codepoint);

/* Latin punctuation that may not start a line even right after an ideograph. */
bool character_is_trailing(uint32_t codepoint);

/* Right-to-left scripts, and characters that order text that way: such a paragraph needs the
 * bidirectional algorithm. */
bool character_is_rtl(uint32_t codepoint);

/* Thai, Lao, Myanmar, Khmer: written without blanks, broken by a dictionary. */
bool character_is_dictionary(uint32_t codepoint);

/* A blank that holds words together or has a width of its own; character_class calls only those
 * blanks CLASS_SPACE at which a line may end. */
bool character_is_blank(uint32_t codepoint);

/* Nothing is to be seen of it, whether a font has it or not: joiners, selectors of variants,
 * direction controls. */
bool character_is_invisible(uint32_t codepoint);

#endif
