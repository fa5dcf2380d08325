/* Internal links: where each anchor stands. Gathered while measuring, so that a link can lead
 * ahead; a link to nowhere is drawn as plain text.
 *
 *     links_own(links, row->anchor, page, y);                               measuring
 *     number = links_use(links, cell->anchor);                              drawing; -1: nowhere
 *     for (size_t i = 0; links_each(links, &i, &number, &place);) { … }     what was linked to
 *
 * Borrows the anchors' text. Not here: the PDF objects (page_links.c). */
#ifndef WALKIE_AUDIT_DOCUMENT_LINKS_H
#define WALKIE_AUDIT_DOCUMENT_LINKS_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/status.h"

enum { LINKS_MAX = 1024 * 1024 }; /* distinct anchors of one report */

struct links;

MUST_USE struct links *links_new(void); /* NULL when out of memory */
void links_free(struct links *links);   /* accepts NULL */

/* OK, or RESOURCE_EXHAUSTED once memory or LINKS_MAX has run out. */
MUST_USE enum status links_status(const struct links *links);

struct link_place {
    int page;
    int y; /* points */
};

/* The anchor stands here; where it stands twice, the first place counts. NULL is ignored. */
void links_own(struct links *links, const char *anchor, struct link_place place);

/* Whether it stands somewhere. */
bool links_has(const struct links *links, const char *anchor);

/* The number of an anchor that is about to be linked to, in order of first mention; -1 when it
 * stands nowhere. */
int links_use(struct links *links, const char *anchor);

/* The next anchor that is linked to, by number; *at begins at 0. False: that was all. */
bool links_each(
    const struct links *links, size_t *at, size_t *ret_number, struct link_place *ret_place);

#endif
