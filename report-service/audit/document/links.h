/* Internal links: which anchors are owned by something on a page, and which are linked to. Both
 * are gathered while measuring; drawing then makes a destination for each anchor that is wanted,
 * and a link for each that is owned. A link to nowhere is drawn as plain text.
 *
 *     links_own(links, row->anchor);  links_want(links, cell->anchor);      measuring
 *     int number = links_target(links, row->anchor);                        drawing: -1 or a number
 *
 * Borrows the anchors' text. Not here: the PDF objects (page.h). */
#ifndef WALKIE_AUDIT_DOCUMENT_LINKS_H
#define WALKIE_AUDIT_DOCUMENT_LINKS_H

#include "base/attributes.h"
#include "base/status.h"

enum { LINKS_MAX = 1024 * 1024 }; /* distinct anchors of one report */

struct links;

MUST_USE struct links *links_new(void); /* NULL when out of memory */
void links_free(struct links *links);   /* accepts NULL */

/* OK, or RESOURCE_EXHAUSTED once memory or LINKS_MAX has run out. */
MUST_USE enum status links_status(const struct links *links);

/* Note an anchor; NULL is ignored. */
void links_own(struct links *links, const char *anchor);
void links_want(struct links *links, const char *anchor);

/* The number of an anchor that is owned and wanted, else -1. */
int links_find(const struct links *links, const char *anchor);

/* The same for its owner, the first time; -1 from then on: a destination exists once. */
int links_place(struct links *links, const char *anchor);

#endif
