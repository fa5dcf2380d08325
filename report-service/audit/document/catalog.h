/* What cairo 1.16 leaves out of a PDF's catalog: the language, that there is structure, the title
 * in the window, and the targets of links by name.
 *
 *     status = catalog_write(document, &catalog);      when all pages are drawn
 *     sink_set_catalog(document->sink, &catalog);
 *
 * cairo could name targets itself, but it asserts that their page is finished when a file is given
 * up half-way, and its unnamed ("internal") ones lead nowhere when they lie ahead of the link. */
#ifndef WALKIE_AUDIT_DOCUMENT_CATALOG_H
#define WALKIE_AUDIT_DOCUMENT_CATALOG_H

#include "audit/document/layout.h"

enum { TARGET_NAME_MAX = 24 };
enum { CATALOG_LEN_MAX = 64 * 1024 * 1024 };

/* The first letter of a target's name: an anchor, an entry of the contents. */
enum { TARGET_ANCHOR = 'a', TARGET_ENTRY = 'c' };

/* "a0000012": names sort as their numbers do. */
void target_name(char kind, size_t number, char name[TARGET_NAME_MAX]);

/* Append the lines. Errors: RESOURCE_EXHAUSTED (memory, CATALOG_LEN_MAX); INTERNAL: a page is not
 * in the file as this cairo is known to write it. */
MUST_USE enum status catalog_write(const struct document *document, struct buffer *catalog);

#endif
