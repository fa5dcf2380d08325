/* Destinations and links on a page. */
#include <cairo-pdf.h>
#include <stdio.h>

#include "audit/document/layout.h"

/* Tags take their numbers as text: whole points are exact enough and know no locale. */
static void add_destination(struct document *document, char kind, int number, double y)
{
    char attributes[80];
    snprintf(attributes, sizeof(attributes), "name='%c%d' x=0 y=%d internal", kind, number,
        y < 12 ? 0 : (int)y - 12);
    cairo_tag_begin(document->cr, CAIRO_TAG_DEST, attributes);
    cairo_tag_end(document->cr, CAIRO_TAG_DEST);
}

static void add_link(struct document *document, char kind, int number, double x, double y,
    double width, double height)
{
    char attributes[96];
    snprintf(attributes, sizeof(attributes), "rect=[%d %d %d %d] dest='%c%d'", (int)x, (int)y,
        (int)(width + 1), (int)(height + 1), kind, number);
    cairo_tag_begin(document->cr, CAIRO_TAG_LINK, attributes);
    cairo_tag_end(document->cr, CAIRO_TAG_LINK);
}

void page_anchor(struct document *document, const char *anchor, double y)
{
    if (document->cr == NULL) {
        links_own(document->links, anchor);
        return;
    }
    int number = links_place(document->links, anchor);
    if (number >= 0) {
        add_destination(document, 'a', number, y);
    }
}

bool page_is_linked(const struct document *document, const char *anchor)
{
    return document->cr != NULL && links_find(document->links, anchor) >= 0;
}

void page_link(
    struct document *document, const char *anchor, double x, double y, double width, double height)
{
    if (document->cr == NULL) {
        links_want(document->links, anchor);
        return;
    }
    int number = links_find(document->links, anchor);
    if (number >= 0) {
        add_link(document, 'a', number, x, y, width, height);
    }
}

void page_contents_anchor(struct document *document, size_t entry, double y)
{
    if (document->cr != NULL && entry < document->contents->n_entries) {
        add_destination(document, 'c', (int)entry, y);
    }
}

void page_contents_link(
    struct document *document, size_t entry, double x, double y, double width, double height)
{
    if (document->cr != NULL) {
        add_link(document, 'c', (int)entry, x, y, width, height);
    }
}
