/* Structure, destinations and links on a page. */
#include <assert.h>
#include <cairo-pdf.h>
#include <stdio.h>

#include "audit/document/layout.h"

void page_tag(struct document *document, const char *name)
{
    assert(document->tag == NULL);
    document->tag = name;
    if (document->cr != NULL) {
        page_tag_inner(document, name);
    }
}

void page_tag_linked(struct document *document, const char *name)
{
    page_tag(document, name);
    document->is_tag_linked = true;
}

void page_untag(struct document *document)
{
    assert(document->tag != NULL);
    if (document->cr != NULL) {
        page_untag_inner(document, document->tag);
    }
    document->tag = NULL;
    document->is_tag_linked = false;
}

void page_tag_inner(struct document *document, const char *name)
{
    page_flush_element(document);
    cairo_tag_begin(document->cr, name, NULL);
}

void page_untag_inner(struct document *document, const char *name)
{
    page_flush_element(document);
    cairo_tag_end(document->cr, name);
}

/* Tags take their numbers as text: whole points are exact enough and know no locale. */
static void draw_link(struct document *document, const struct waiting_link *link)
{
    char attributes[128];
    snprintf(attributes, sizeof(attributes), "rect=[%d %d %d %d] dest='%c%d'", link->x, link->y,
        link->width, link->height, link->kind, link->number);
    cairo_tag_begin(document->cr, CAIRO_TAG_LINK, attributes);
    cairo_tag_end(document->cr, CAIRO_TAG_LINK);
}

void page_flush_element(struct document *document)
{
    bool is_span = text_is_waiting(document->text) &&
                   (document->is_tag_linked || document->n_waiting_links > 0);
    if (is_span) {
        cairo_tag_begin(document->cr, "Span", NULL);
    }
    text_flush(document->text, document->cr);
    if (is_span) {
        cairo_tag_end(document->cr, "Span");
    }
    for (size_t i = 0; i < document->n_waiting_links; i++) {
        draw_link(document, &document->waiting_links[i]);
    }
    document->n_waiting_links = 0;
}

void page_keep_order(struct document *document)
{
    if (document->cr != NULL) {
        page_flush_element(document);
    }
}

static void add_destination(struct document *document, char kind, int number, double y)
{
    char attributes[80];
    snprintf(attributes, sizeof(attributes), "name='%c%d' x=0 y=%d", kind, number,
        y < 12 ? 0 : (int)y - 12);
    cairo_tag_begin(document->cr, CAIRO_TAG_DEST, attributes);
    cairo_tag_end(document->cr, CAIRO_TAG_DEST);
}

static void add_link(struct document *document, char kind, int number, double x, double y,
    double width, double height)
{
    /* cairo 1.16: a link outside of any element makes a file that readers must repair. */
    assert(document->tag != NULL);
    if (document->n_waiting_links == LINKS_WAITING_MAX) {
        page_flush_element(document);
    }
    document->waiting_links[document->n_waiting_links++] = (struct waiting_link){.kind = kind,
        .number = number,
        .x = (int)x,
        .y = (int)y,
        .width = (int)(width + 1),
        .height = (int)(height + 1)};
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
