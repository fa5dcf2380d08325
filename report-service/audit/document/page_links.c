/* Structure and links on a page. */
#include <assert.h>
#include <cairo-pdf.h>
#include <stdio.h>

#include "audit/document/catalog.h"
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
    char name[TARGET_NAME_MAX];
    target_name(link->kind, (size_t)link->number, name);
    snprintf(attributes, sizeof(attributes), "rect=[%d %d %d %d] dest='%s'", link->x, link->y,
        link->width, link->height, name);
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
        links_own(
            document->links, anchor, (struct link_place){.page = document->page, .y = (int)y});
    }
}

bool page_is_linked(const struct document *document, const char *anchor)
{
    return document->cr != NULL && links_has(document->links, anchor);
}

void page_link(
    struct document *document, const char *anchor, double x, double y, double width, double height)
{
    int number = document->cr == NULL ? -1 : links_use(document->links, anchor);
    if (number >= 0) {
        add_link(document, TARGET_ANCHOR, number, x, y, width, height);
    }
}

void page_contents_link(
    struct document *document, size_t entry, double x, double y, double width, double height)
{
    if (document->cr != NULL) {
        add_link(document, TARGET_ENTRY, (int)entry, x, y, width, height);
    }
}
