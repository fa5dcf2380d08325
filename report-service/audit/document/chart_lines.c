/* Lines over numbers or dates, and the funnel plot. */
#include <math.h>

#include "audit/document/chart.h"

enum {
    MARKERS_MAX = 40,    /* points of a line that all get markers */
    MARKERS_OF_LONG = 6, /* markers of a line with more, or of steps */
    NAMES_MAX = 40,      /* of points in a funnel */
};

static void x_range(const struct chart *chart, double *ret_min, double *ret_max)
{
    *ret_min = INFINITY;
    *ret_max = -INFINITY;
    for (const struct chart_series *series = chart->first; series != NULL; series = series->next) {
        for (size_t i = 0; i < series->n_points; i++) {
            double x = series->points[i].x;
            if (chart_is_value(x)) {
                *ret_min = x < *ret_min ? x : *ret_min;
                *ret_max = x > *ret_max ? x : *ret_max;
            }
        }
    }
}

static bool is_there(const struct chart_point *point)
{
    return chart_is_value(point->x) && chart_is_value(point->y);
}

void chart_draw_path(
    const struct plot *plot, const struct chart_series *series, unsigned int color, double width)
{
    static const double DASHES[] = {4, 2.5};
    cairo_t *cr = plot->document->cr;
    cairo_save(cr);
    cairo_rectangle(
        cr, plot->left, plot->top - 2, plot->right - plot->left, plot->bottom - plot->top + 4);
    cairo_clip(cr);
    palette_set(cr, color);
    cairo_set_line_width(cr, width);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_set_dash(cr, DASHES, series->is_dashed ? 2 : 0, 0);
    bool is_drawing = false;
    double last_y = 0;
    for (size_t i = 0; i < series->n_points; i++) {
        const struct chart_point *point = &series->points[i];
        if (!is_there(point)) {
            is_drawing = false; /* a gap */
            continue;
        }
        double x = plot_x(plot, point->x);
        double y = plot_y(plot, point->y);
        if (is_drawing && series->is_step) {
            cairo_line_to(cr, x, last_y);
        }
        if (is_drawing) {
            cairo_line_to(cr, x, y);
        } else {
            cairo_move_to(cr, x, y);
        }
        is_drawing = true;
        last_y = y;
    }
    cairo_stroke(cr);
    cairo_restore(cr);
}

bool chart_has_markers(const struct chart *chart, const struct chart_series *series)
{
    size_t n_plain = 0;
    for (const struct chart_series *at = chart->first; at != NULL; at = at->next) {
        n_plain += at->is_dashed ? 0 : 1;
    }
    bool is_sparse = !series->is_step && series->n_points <= MARKERS_MAX;
    return !series->is_dashed && (n_plain > 1 || is_sparse);
}

/* All points of a short line; of a long one some, not at the same places as the next series'. */
static void draw_markers(const struct plot *plot, const struct chart_series *series,
    unsigned int form, unsigned int color)
{
    bool is_sparse = !series->is_step && series->n_points <= MARKERS_MAX;
    size_t stride = is_sparse ? 1 : series->n_points / MARKERS_OF_LONG + 1;
    size_t first = is_sparse ? 0 : stride * (form % 4 + 1) / 5;
    palette_set(plot->document->cr, color);
    for (size_t i = first; i < series->n_points; i += stride) {
        if (is_there(&series->points[i])) {
            chart_marker(plot->document->cr, form, plot_x(plot, series->points[i].x),
                plot_y(plot, series->points[i].y), 2);
        }
    }
}

void chart_draw_lines(struct plot *plot)
{
    const struct chart *chart = plot->chart;
    double minimum;
    double maximum;
    x_range(chart, &minimum, &maximum);
    plot_scale_y(plot, chart_y_min(chart), chart_y_max(chart));
    plot_draw_y_axis(plot);
    plot_draw_x_axis(plot, minimum, maximum);
    unsigned int form = 0;
    for (const struct chart_series *series = chart->first; series != NULL;
         series = series->next, form++) {
        unsigned int color = series_fill(chart, series);
        chart_draw_path(plot, series, color, series->is_dashed ? 1.2 : 1.6);
        if (chart_has_markers(chart, series)) {
            draw_markers(plot, series, form, color);
        }
    }
}

static bool has_highlight(const struct chart_series *series)
{
    for (size_t i = 0; i < series->n_points; i++) {
        if (series->points[i].is_highlighted) {
            return true;
        }
    }
    return false;
}

/* The first series holds the sites; others are limits, unless this site has one of its own. */
static bool is_cloud(const struct chart *chart, const struct chart_series *series)
{
    return !series->is_dashed && (series == chart->first || has_highlight(series));
}

/* A path of one point, closed, with round ends is a dot: all of them are one path of two numbers
 * each. As circles they were most of what a funnel costs: cairo writes each number with printf. */
static void draw_dots(const struct plot *plot, const struct chart_series *series)
{
    cairo_t *cr = plot->document->cr;
    cairo_save(cr);
    palette_set(cr, 0x8FA0B1);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_width(cr, 4.2);
    for (size_t i = 0; i < series->n_points; i++) {
        const struct chart_point *point = &series->points[i];
        if (is_there(point) && !point->is_highlighted) {
            cairo_move_to(cr, plot_x(plot, point->x), plot_y(plot, point->y));
            cairo_close_path(cr);
        }
    }
    cairo_stroke(cr);
    cairo_restore(cr);
}

/* Names of points that have one, as long as they do not cover each other. */
static void draw_names(const struct plot *plot, const struct chart_series *series)
{
    static const double WIDTH = 16;
    static const double HEIGHT = 7;
    double taken[NAMES_MAX][2];
    size_t n_taken = 0;
    for (size_t i = 0; i < series->n_points && n_taken < NAMES_MAX; i++) {
        const struct chart_point *point = &series->points[i];
        if (!is_there(point) || point->is_highlighted || point->label == NULL) {
            continue;
        }
        double x = plot_x(plot, point->x) + 4;
        double y = plot_y(plot, point->y) - STYLE_TINY.line_height / 2;
        bool is_free = x + WIDTH < plot->right;
        for (size_t other = 0; other < n_taken && is_free; other++) {
            is_free = fabs(taken[other][0] - x) > WIDTH || fabs(taken[other][1] - y) > HEIGHT;
        }
        if (is_free) {
            page_text(plot->document, &STYLE_TINY, COLOR_INK, point->label, x, y, 0);
            taken[n_taken][0] = x;
            taken[n_taken++][1] = y;
        }
    }
}

/* On top of everything: a diamond, twice the size, with its name. */
static void draw_highlights(const struct plot *plot, const struct chart_series *series)
{
    struct document *document = plot->document;
    for (size_t i = 0; i < series->n_points; i++) {
        const struct chart_point *point = &series->points[i];
        if (!is_there(point) || !point->is_highlighted) {
            continue;
        }
        double x = plot_x(plot, point->x);
        double y = plot_y(plot, point->y);
        palette_set(document->cr, COLOR_PAPER);
        chart_marker(document->cr, 3, x, y, 5);
        palette_set(document->cr, COLOR_BRAND);
        chart_marker(document->cr, 3, x, y, 3.8);
        if (point->label != NULL) {
            bool is_right = x < plot->right - 60;
            page_text(document, &STYLE_SMALL_BOLD, COLOR_BRAND, point->label,
                is_right ? x + 7 : x - 7, y - STYLE_SMALL.line_height / 2, is_right ? 0 : 1);
        }
    }
}

/* The sites set the scale. Limits open without bound towards small denominators and are clipped. */
static double cloud_y_max(const struct chart *chart)
{
    double maximum = 0;
    for (const struct chart_series *series = chart->first; series != NULL; series = series->next) {
        for (size_t i = 0; i < series->n_points && is_cloud(chart, series); i++) {
            double y = series->points[i].y;
            maximum = chart_is_value(y) && y > maximum ? y : maximum;
        }
    }
    return maximum * 1.25;
}

void chart_draw_funnel(struct plot *plot)
{
    const struct chart *chart = plot->chart;
    double minimum;
    double maximum;
    double y_max = chart_y_max(chart);
    double y_cloud = cloud_y_max(chart);
    x_range(chart, &minimum, &maximum);
    plot_scale_y(plot, chart_y_min(chart), y_cloud > 0 && y_cloud < y_max ? y_cloud : y_max);
    plot_draw_y_axis(plot);
    plot_draw_x_axis(plot, minimum > 0 && !chart->x_is_date ? 0 : minimum, maximum);
    for (const struct chart_series *series = chart->first; series != NULL; series = series->next) {
        if (!is_cloud(chart, series)) {
            chart_draw_path(plot, series, series_fill(chart, series), 1);
        }
    }
    for (const struct chart_series *series = chart->first; series != NULL; series = series->next) {
        if (is_cloud(chart, series)) {
            draw_dots(plot, series);
            draw_names(plot, series);
        }
    }
    for (const struct chart_series *series = chart->first; series != NULL; series = series->next) {
        draw_highlights(plot, series);
    }
}
