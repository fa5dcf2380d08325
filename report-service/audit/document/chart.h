/* What the kinds of charts share: the plot area, its scales, axes and legend. See chart.c.
 *
 *     struct plot plot = plot_new(document, chart, rows_below);
 *     plot_scale_y(&plot, 0, maximum);
 *     plot_draw_y_axis(&plot);
 *
 * Charts are drawn only in the drawing run; their height is known beforehand (chart_height). */
#ifndef WALKIE_AUDIT_DOCUMENT_CHART_H
#define WALKIE_AUDIT_DOCUMENT_CHART_H

#include "audit/document/layout.h"

enum { TICKS_MAX = 16 };
enum { CHART_ROWS_MAX = 28 };      /* rows of a heat map or strip; more are not drawn */
enum { CATEGORY_LABEL_LINES = 3 }; /* under a bar */
enum { TIMELINE_MARK = 3 };        /* the form of chart_marker: a diamond */

static const double CHART_VALUE_MAX = 1e12; /* larger ones are gaps */
static const double CHART_DAY_MAX = 3e6;    /* days from 1970: the years -6000 to 10000 */

struct plot {
    struct document *document;
    const struct chart *chart;
    double left;
    double top;
    double right;
    double bottom;
    double x_min;
    double x_max;
    double y_min;
    double y_max;
    double y_step;
};

static const double CHART_PLOT_HEIGHT = 150;      /* bars, lines, funnel */
static const double CHART_HALF_PLOT_HEIGHT = 116; /* three rows of pairs fit a page */
static const double HEAT_ROW_HEIGHT = 15;

/* Whether a value can be drawn: finite, and of a size that a coordinate can hold. Others are gaps.
 */
bool chart_is_value(double value);

/* Where things are on the page. */
double plot_x(const struct plot *plot, double x);
double plot_y(const struct plot *plot, double y);

/* Scales. Both ends are rounded outwards to ticks; an empty range becomes 0 … 1. */
void plot_scale_y(struct plot *plot, double minimum, double maximum);

/* Horizontal grid with labels on the left. */
void plot_draw_y_axis(const struct plot *plot);

/* Ticks and labels under the plot: numbers or dates. Scales x as well. */
void plot_draw_x_axis(struct plot *plot, double minimum, double maximum);

/* Category names under equal bands. */
void plot_draw_categories(const struct plot *plot);

/* A step of 1, 2, 2.5 or 5 times a power of ten that cuts the range in about `n` parts. */
double nice_step(double range, int n);

/* Digits after the point that a step needs. */
int step_decimals(double step);

/* Names. `room` is used for numbers. */
const char *series_name(const struct document *document, const struct chart_series *series);
const char *category_name(
    const struct document *document, const struct chart *chart, size_t index, char *room);

/* The fill of a series: its tone, lighter for each earlier series of that tone and another name. */
unsigned int series_fill(const struct chart *chart, const struct chart_series *series);

/* Whether a line has markers: where it is not dashed and has few points, or has others beside it
 * that only the form of its markers tells it from in a grey print. */
bool chart_has_markers(const struct chart *chart, const struct chart_series *series);

/* Whether there is a plot with two scales. */
bool chart_has_axes(enum chart_kind kind);

/* The legend's names, side by side in `width`, on as many lines as they need; 0: there is none. */
double chart_legend_height(struct document *document, const struct chart *chart, double width);
void chart_draw_legend(const struct plot *plot, double y);

/* A marker at a point: its form tells series apart without colour. */
void chart_marker(cairo_t *cr, unsigned int form, double x, double y, double radius);

/* The largest finite y of all series, at least 0; the smallest, at most 0. */
double chart_y_max(const struct chart *chart);
double chart_y_min(const struct chart *chart);

/* The kinds. Draw into document->cr, which is not NULL, inside the plot. */
void chart_draw_stacked(struct plot *plot);
void chart_draw_bars(struct plot *plot);
void chart_draw_pareto(struct plot *plot);
void chart_draw_lines(struct plot *plot);
void chart_draw_funnel(struct plot *plot);
void chart_draw_strip(struct plot *plot);
void chart_draw_map(struct plot *plot);
void chart_draw_timeline(struct plot *plot);

/* A line through the points of a series: gaps at NaN, dashes, steps. Shared with the funnel. */
void chart_draw_path(
    const struct plot *plot, const struct chart_series *series, unsigned int color, double width);

#endif
