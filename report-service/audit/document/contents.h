/* The table of contents and the outline (bookmarks): every section, sub-heading, table and chart
 * with its page.
 *
 *     contents = contents_new(report, language);
 *     contents_mark(contents, page, y);    as each entry's heading is laid out, in order
 *     contents_write_outline(contents, surface);
 *
 * The entries are known before the first page is measured, so the contents pages have their final
 * length in both runs. */
#ifndef WALKIE_AUDIT_DOCUMENT_CONTENTS_H
#define WALKIE_AUDIT_DOCUMENT_CONTENTS_H

#include <cairo.h>
#include <stddef.h>

#include "audit/model/model.h"

enum { CONTENTS_ENTRIES_MAX = 20000 }; /* later headings are drawn but not listed */
enum { CONTENTS_PRINTED_LEVELS = 2 };  /* what stands under a heading is found by that */
enum { CONTENTS_TITLE_MAX = 256 };     /* bytes; longer titles are cut at a character */

struct contents_entry {
    int level; /* 0: section */
    char *title;
    int page; /* 0 until measured */
    double y;
};

struct contents {
    struct contents_entry *entries;
    size_t n_entries;
    size_t next; /* of the next contents_mark */
    int page;    /* of the contents themselves */
};

/* NULL when out of memory. Copies what it keeps. */
MUST_USE struct contents *contents_new(const struct report *report, enum language language);
void contents_free(struct contents *contents); /* accepts NULL */

/* The next entry stands here. */
void contents_mark(struct contents *contents, int page, double y);

/* Begin again with the first entry. */
void contents_rewind(struct contents *contents);

/* The bookmarks of all entries, and of cover and contents. */
void contents_write_outline(const struct contents *contents, cairo_surface_t *surface,
    const char *cover, const char *own_title);

/* "4  Enrolment": the heading of a section in print and in the outline. */
void contents_section_title(
    const struct section *section, enum language language, char *title, size_t size);

#endif
