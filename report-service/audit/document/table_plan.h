/* Column widths of a table: by content as far as there is room, by weight where there is not.
 *
 *     const struct table_plan *plan = table_plan_get(document, table);
 *     double width = plan->widths[column];
 *
 * Made while measuring, from an even sample of the rows, and used again when drawing. A word that
 * is wider than its column is broken, never cut off. */
#ifndef WALKIE_AUDIT_DOCUMENT_TABLE_PLAN_H
#define WALKIE_AUDIT_DOCUMENT_TABLE_PLAN_H

#include "audit/document/layout.h"

enum { PLAN_SAMPLE_ROWS = 200 }; /* rows that are looked at, at most */

struct table_plan {
    struct table_plan *next;
    const struct text_style *cell_style;
    const struct text_style *head_style;
    size_t n_columns;                     /* that are shown */
    size_t columns[DOCUMENT_COLUMNS_MAX]; /* which of the table's they are */
    double widths[]; /* of those, in points, padding included; they add up to BODY_WIDTH */
};

/* The plan of the next table, in the order of the document. NULL when out of memory. */
const struct table_plan *table_plan_get(struct document *document, const struct table *table);

/* The columns to be shown: all but those that a source does not provide in any row. */
size_t table_find_shown(const struct table *table, size_t shown[DOCUMENT_COLUMNS_MAX]);

/* One line a source: "Found, CAPA: not provided by ctms". Nothing when every column is shown. */
void table_draw_absent(struct document *document, const struct table *table);

/* What stays free at the left of a shown column beside the padding: texts that follow numbers,
 * which end at the right, would stick to them. */
double table_inset(const struct table *table, const struct table_plan *plan, size_t column);

static const double CELL_PADDING_X = 4;
static const double CELL_PADDING_Y = 3.2;

#endif
