/* Rules: those of one look wait for the end of the page and are stroked together.
 *
 * A stroke costs cairo as much as a line of text, and the pages of a long listing often have the
 * very same rules. Those that come a second time are recorded, and stamped from then on. */
#include <stdio.h>

#include "audit/document/layout.h"

enum { RULING_NAME_MAX = 40 };

static void stroke(cairo_t *cr, const struct ruling *ruling)
{
    palette_set(cr, ruling->color);
    cairo_set_line_width(cr, ruling->thickness);
    for (size_t i = 0; i < ruling->n; i++) {
        cairo_move_to(cr, ruling->rules[i].x1, ruling->rules[i].y);
        cairo_line_to(cr, ruling->rules[i].x2, ruling->rules[i].y);
    }
    cairo_stroke(cr);
}

static bool is_same(const struct ruling *a, const struct ruling *b)
{
    if (a->n != b->n || a->color != b->color || a->thickness != b->thickness) {
        return false;
    }
    for (size_t i = 0; i < a->n; i++) {
        const struct rule *left = &a->rules[i];
        const struct rule *right = &b->rules[i];
        if (left->x1 != right->x1 || left->x2 != right->x2 || left->y != right->y) {
            return false;
        }
    }
    return true;
}

/* The one that has been drawn before, NULL: it has not, or long ago. */
static struct ruling *find_seen(struct document *document)
{
    for (size_t i = 0; i < RULINGS_SEEN_MAX; i++) {
        if (is_same(&document->seen_rulings[i], &document->ruling)) {
            return &document->seen_rulings[i];
        }
    }
    return NULL;
}

static void remember(struct document *document)
{
    struct ruling *oldest = &document->seen_rulings[document->n_rulings++ % RULINGS_SEEN_MAX];
    cairo_surface_destroy(oldest->stamp);
    *oldest = document->ruling;
}

static void stamp(struct document *document, struct ruling *ruling)
{
    if (ruling->stamp == NULL) {
        char name[RULING_NAME_MAX];
        snprintf(name, sizeof(name), "walkie-rules-%zu", ++document->n_ruling_stamps);
        ruling->stamp = page_stamp_new(name);
        cairo_t *cr = cairo_create(ruling->stamp);
        stroke(cr, ruling);
        cairo_destroy(cr);
    }
    page_stamp(document, ruling->stamp);
}

void page_flush_rules(struct document *document)
{
    if (document->ruling.n == 0) {
        return;
    }
    struct ruling *seen = NULL;
    if (document->ruling.n >= RULES_STAMPED_MIN) {
        seen = find_seen(document);
        if (seen == NULL) {
            remember(document);
        }
    }
    if (seen != NULL) {
        stamp(document, seen);
    } else {
        stroke(document->cr, &document->ruling);
    }
    document->ruling.n = 0;
}

void page_rule(
    struct document *document, double x1, double x2, double y, double thickness, unsigned int color)
{
    if (document->cr == NULL) {
        return;
    }
    struct ruling *ruling = &document->ruling;
    if (ruling->n == RULES_MAX || ruling->color != color || ruling->thickness != thickness) {
        page_flush_rules(document);
        ruling->color = color;
        ruling->thickness = thickness;
    }
    ruling->rules[ruling->n++] = (struct rule){.x1 = x1, .x2 = x2, .y = y};
}

void page_rules_free(struct document *document)
{
    for (size_t i = 0; i < RULINGS_SEEN_MAX; i++) {
        cairo_surface_destroy(document->seen_rulings[i].stamp);
    }
}
