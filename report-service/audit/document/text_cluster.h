/* A letter and its marks, and the one face that sets them.
 *
 *     struct cluster cluster = cluster_read(set, at, end, NULL);
 *     at += cluster.len;
 *
 * Not here: words (text_items.c), composing (text_prepare.h). */
#ifndef WALKIE_AUDIT_DOCUMENT_TEXT_CLUSTER_H
#define WALKIE_AUDIT_DOCUMENT_TEXT_CLUSTER_H

#include "audit/document/text_font.h"
#include "audit/document/text_prepare.h"
#include "audit/document/text_script.h"

struct cluster {
    size_t len; /* bytes */
    size_t n_characters;
    uint32_t first;
    uint32_t last;
    uint16_t face;              /* FONT_NONE: no font has the first character */
    enum character_class class; /* of the first */
    bool is_damaged;            /* one byte that is no UTF-8 */
};

/* The letter at `at` (before `end`) with the marks that follow it on its level. `notes` are those
 * of the characters from `at` on; NULL: there are none. */
struct cluster cluster_read(const struct font_set *set, const char *at, const char *end,
    const struct character_note *notes);

#endif
