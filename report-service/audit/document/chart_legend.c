/* A chart's legend: names with swatches, on as many lines as they need. */
#include "audit/document/chart.h"

static const double LINE_HEIGHT = 11;
static const double BELOW = 3;
static const double GAP = 16;
static const double LINE_SWATCH_WIDTH = 18;
static const double BOX_SWATCH_WIDTH = 12;

enum { LINES_MAX = 3 }; /* what does not fit is left to the table beside the chart */

static bool has_legend(const struct chart *chart)
{
    return chart_has_axes(chart->kind)
               ? chart->n_series > 1 || chart->kind == CHART_PARETO
               : chart->kind == CHART_STACKED_BAR || chart->kind == CHART_TIMELINE;
}

static bool is_named_before(const struct chart *chart, const struct chart_series *series)
{
    for (const struct chart_series *at = chart->first; at != series; at = at->next) {
        if (at->name == series->name && at->tone == series->tone &&
            at->name_text == series->name_text) {
            return true;
        }
    }
    return false;
}

/* A timeline's marks are points that begin and end on one day. */
static bool has_marks(const struct chart_series *series)
{
    for (size_t i = 0; i < series->n_points; i++) {
        if (chart_is_value(series->points[i].x)) {
            return series->points[i].x == series->points[i].y;
        }
    }
    return false;
}

static void draw_swatch(
    const struct plot *plot, const struct chart_series *series, unsigned int form, double y)
{
    struct document *document = plot->document;
    cairo_t *cr = document->cr;
    unsigned int fill = series_fill(plot->chart, series);
    bool is_dots = plot->chart->kind == CHART_FUNNEL && series == plot->chart->first;
    bool is_marks = plot->chart->kind == CHART_TIMELINE && has_marks(series);
    if (plot->chart->kind != CHART_LINES && plot->chart->kind != CHART_FUNNEL && !is_marks) {
        page_box(document, plot->left, y + 1.5, 8, 7, fill);
        return;
    }
    palette_set(cr, fill);
    if (is_marks) {
        chart_marker(cr, TIMELINE_MARK, plot->left + 4, y + 5, 2.2);
        return;
    }
    if (is_dots || (plot->chart->kind == CHART_LINES && chart_has_markers(plot->chart, series))) {
        chart_marker(cr, form, plot->left + 7, y + 5, 2);
    }
    if (!is_dots) {
        static const double DASHES[] = {3, 2};
        cairo_save(cr);
        cairo_set_dash(cr, DASHES, series->is_dashed ? 2 : 0, 0);
        cairo_set_line_width(cr, 1.4);
        cairo_move_to(cr, plot->left, y + 5);
        cairo_line_to(cr, plot->left + 14, y + 5);
        cairo_stroke(cr);
        cairo_restore(cr);
    }
}

/* Where the next name goes. */
struct legend_place {
    double left;
    double right;
    double x;
    int line;
};

/* Takes the room for a name, on the next line when the rest of this one is too short. */
static bool take_place(struct legend_place *place, double width, double *ret_x)
{
    if (width > place->right - place->left) {
        return false;
    }
    bool is_next = place->x + width > place->right;
    if (is_next && place->line + 1 == LINES_MAX) {
        return false;
    }
    place->line += is_next ? 1 : 0;
    *ret_x = is_next ? place->left : place->x;
    place->x = *ret_x + width + GAP;
    return true;
}

static void draw_cumulative(const struct plot *plot, const char *name, double x, double y)
{
    cairo_t *cr = plot->document->cr;
    palette_set(cr, COLOR_ALARM);
    cairo_set_line_width(cr, 1.2);
    cairo_move_to(cr, x, y + 5);
    cairo_line_to(cr, x + 14, y + 5);
    cairo_stroke(cr);
    chart_marker(cr, 0, x + 7, y + 5, 1.8);
    page_text(plot->document, &STYLE_SMALL, COLOR_INK, name, x + LINE_SWATCH_WIDTH, y, 0);
}

static double name_width(const struct document *document, const char *name)
{
    return text_measure(document->text, &STYLE_SMALL, name).line_width;
}

/* Both runs take the same way; the measuring one draws nothing. Returns the number of lines. */
static int walk(const struct plot *plot, double y, bool is_drawn)
{
    struct document *document = plot->document;
    const struct chart *chart = plot->chart;
    bool is_line = chart->kind == CHART_LINES || chart->kind == CHART_FUNNEL;
    double swatch = is_line ? LINE_SWATCH_WIDTH : BOX_SWATCH_WIDTH;
    struct legend_place place = {.left = plot->left, .right = plot->right, .x = plot->left};
    struct plot at = *plot;
    unsigned int form = 0;
    for (const struct chart_series *series = chart->first; series != NULL;
         series = series->next, form++) {
        const char *name = series_name(document, series);
        if (is_named_before(chart, series) ||
            !take_place(&place, swatch + name_width(document, name), &at.left) || !is_drawn) {
            continue;
        }
        double line_y = y + place.line * LINE_HEIGHT;
        draw_swatch(&at, series, form, line_y);
        page_text(document, &STYLE_SMALL, COLOR_INK, name, at.left + swatch, line_y, 0);
    }
    const char *name = document_word(document, WORD_CHART_CUMULATIVE);
    if (chart->kind == CHART_PARETO &&
        take_place(&place, LINE_SWATCH_WIDTH + name_width(document, name), &at.left) && is_drawn) {
        draw_cumulative(plot, name, at.left, y + place.line * LINE_HEIGHT);
    }
    return place.line + 1;
}

double chart_legend_height(struct document *document, const struct chart *chart, double width)
{
    const struct plot plot = {.document = document, .chart = chart, .right = width};
    return has_legend(chart) ? walk(&plot, 0, false) * LINE_HEIGHT + BELOW : 0;
}

void chart_draw_legend(const struct plot *plot, double y)
{
    if (has_legend(plot->chart)) {
        (void)walk(plot, y, true);
    }
}
