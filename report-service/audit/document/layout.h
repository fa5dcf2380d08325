/* The document while it is being laid out: what its parts share. Two runs over the same code:
 * measuring (cr is NULL: nothing is drawn, page numbers are found) and drawing.
 *
 *     status = page_need(document, 40);               a new page unless 40 points are left
 *     page_text(document, &STYLE_BODY, COLOR_INK, "text", x, document->y, 0);
 *     document->y += 40;
 *
 * Points, y downwards, as in cairo. Everything that a part draws goes through functions that do
 * nothing while measuring, so that both runs take the same decisions. One thread a document.
 *
 * Not here: the public face (document.h). */
#ifndef WALKIE_AUDIT_DOCUMENT_LAYOUT_H
#define WALKIE_AUDIT_DOCUMENT_LAYOUT_H

#include <cairo.h>

#include "audit/document/contents.h"
#include "audit/document/document.h"
#include "audit/document/format_cell.h"
#include "audit/document/links.h"
#include "audit/document/palette.h"
#include "audit/document/sink.h"
#include "audit/document/text.h"

static const double PAGE_WIDTH = 595.276; /* A4 */
static const double PAGE_HEIGHT = 841.89;
static const double PAGE_LEFT = 51;
static const double PAGE_RIGHT = 595.276 - 51;
static const double PAGE_TOP = 74;     /* of the body, under the header */
static const double PAGE_BOTTOM = 780; /* of the body, above the footer */
static const double BODY_WIDTH = 595.276 - 2 * 51;

enum { DOCUMENT_COLUMNS_MAX = 64 }; /* columns of one table; the model holds no more */
enum { DOCUMENT_CHECK_ROWS = 8 };   /* rows between two checkpoints */

enum { PAGE_LABEL_MAX = 512 };     /* bytes of a label; longer ones end in "…" */
enum { TAGGED_CELLS_MAX = 200 };   /* of a table that is tagged cell by cell; see block_table.c */
enum { TAGGED_IN_ALL_MAX = 1000 }; /* cells of one document that are tagged */

enum { RULES_MAX = 128 };       /* rules that wait to be stroked together */
enum { RULES_STAMPED_MIN = 8 }; /* fewer are stroked anew on each page */
enum { RULINGS_SEEN_MAX = 4 };  /* of the last pages, which may come again */

enum { LINKS_WAITING_MAX = 512 }; /* links of one element that wait for its text */

struct waiting_link {
    char kind; /* with the number the name of what it leads to: see catalog.h */
    int number;
    int x;
    int y;
    int width;
    int height;
};

struct table_plan;

struct rule {
    double x1;
    double x2;
    double y;
};

/* Rules of one colour and thickness. */
struct ruling {
    struct rule rules[RULES_MAX];
    size_t n;
    unsigned int color;
    double thickness;
    cairo_surface_t *stamp; /* NULL: seen once so far */
};

struct document {
    const struct ctx *ctx;
    const struct report *report;
    enum language language;
    uint64_t page_delay_ns;
    struct error *error; /* may be NULL */

    struct text *text;
    struct links *links;
    struct contents *contents;
    struct table_plan *first_plan; /* in the order of the tables */
    struct table_plan *last_plan;
    struct table_plan *next_plan; /* drawing: the next table's */

    struct sink *sink;
    cairo_surface_t *surface;
    cairo_t *cr; /* NULL: measuring */
    cairo_surface_t *watermark;

    int page;    /* 1 is the cover */
    int n_pages; /* 0 until measured */
    double y;    /* where the next thing goes */
    bool is_page_open;
    const char *tag;    /* the structure element that is open, NULL: none */
    bool is_tag_linked; /* it holds links */
    size_t n_tagged_cells;
    struct waiting_link waiting_links[LINKS_WAITING_MAX];
    size_t n_waiting_links;
    struct ruling ruling; /* waits */
    struct ruling seen_rulings[RULINGS_SEEN_MAX];
    size_t n_rulings; /* that were remembered */
    size_t n_ruling_stamps;
    size_t rows_done;
    size_t rows_total;
};

/* The words of the catalogue in the document's language. */
const char *document_word(const struct document *document, enum word word);

/* What is left of the page. */
double page_left(const struct document *document);

/* Start the first page or end this one and start the next. Errors: the context's, the writer's. */
MUST_USE enum status page_next(struct document *document);
MUST_USE enum status page_end(struct document *document);

/* page_next unless `height` points are left. */
MUST_USE enum status page_need(struct document *document, double height);

/* Listen, every so many rows: "layout" while measuring, "render" while drawing. */
MUST_USE enum status page_checkpoint(struct document *document);

/* One line of text whose box begins at y; x is its left end, middle or right (fraction 0, ½, 1). */
void page_text(struct document *document, const struct text_style *style, unsigned int color,
    const char *string, double x, double y, double fraction);

/* The same, ending in "…" where it is wider than `width`. */
void page_text_fit(struct document *document, const struct text_style *style, unsigned int color,
    const char *string, double x, double y, double width, double fraction);

/* A line of a paragraph in the column that it was laid out for, which begins at x: at the column's
 * start, middle or end (fraction 0, ½, 1). A right-to-left text of several lines begins at the
 * right; a name on one line stands where its column stands. */
void page_line(struct document *document, const struct paragraph *paragraph, uint32_t line,
    unsigned int color, double x, double y, double fraction);

/* All lines of a paragraph from y on, without page breaks. Returns the y below. */
double page_paragraph(struct document *document, const struct paragraph *paragraph,
    unsigned int color, double x, double y);

void page_rule(struct document *document, double x1, double x2, double y, double thickness,
    unsigned int color);
void page_flush_rules(struct document *document); /* where something goes on top of them */
void page_rules_free(struct document *document);

/* A drawing of the page's size that is written once, and is put on the page as it is by then. */
cairo_surface_t *page_stamp_new(const char *name);
void page_stamp(struct document *document, cairo_surface_t *stamp);
void page_box(
    struct document *document, double x, double y, double width, double height, unsigned int color);

/* A place to go to, at this y; an area that leads to an anchor, if it stands somewhere, or to an
 * entry of the contents. */
void page_anchor(struct document *document, const char *anchor, double y);
void page_link(
    struct document *document, const char *anchor, double x, double y, double width, double height);
void page_contents_link(
    struct document *document, size_t entry, double x, double y, double width, double height);
bool page_is_linked(const struct document *document, const char *anchor);

/* What follows is a structure element: "H1", "P", "Table", until page_untag. One at a time; what is
 * within none (furniture, rules) is decoration to a screen reader. Continues over page breaks. */
void page_tag(struct document *document, const char *name);

/* The same for an element that holds links: cairo 1.16 counts as its own only the text of elements
 * without others in them, so that its text becomes elements too. */
void page_tag_linked(struct document *document, const char *name);
void page_untag(struct document *document);

/* An element within it: a row, a cell. Not over page breaks. Drawing only. */
void page_tag_inner(struct document *document, const char *name);
void page_untag_inner(struct document *document, const char *name);

/* Draw what waits of an element, its text and then its links. Drawing only. */
void page_flush_element(struct document *document);

/* What follows is read after what came before, whatever they look like (see text_flush). */
void page_keep_order(struct document *document);

/* The parts. Each starts at document->y and leaves it below what it drew. */
MUST_USE enum status cover_draw(struct document *document);
MUST_USE enum status contents_draw(struct document *document);
MUST_USE enum status section_draw(struct document *document, const struct section *section);
MUST_USE enum status block_draw(struct document *document, const struct block *block);
MUST_USE enum status table_draw(struct document *document, const struct table *table);
MUST_USE enum status facts_draw(struct document *document, const struct block *block);
/* `beside`: a second one in the right half of the page; NULL: none. */
MUST_USE enum status chart_draw(
    struct document *document, const struct chart *chart, const struct chart *beside);

/* Height under which the block should not be started at the foot of a page. */
double block_height_min(struct document *document, const struct block *block);
double table_height_min(struct document *document, const struct table *table);
double chart_height(
    struct document *document, const struct chart *chart, const struct chart *beside);

void table_plans_free(struct document *document);

#endif
