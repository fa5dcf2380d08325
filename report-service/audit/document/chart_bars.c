/* Bars: stacked, side by side, Pareto. */
#include <math.h>
#include <stdlib.h>

#include "audit/document/chart.h"

enum { BAR_LABELS_MAX = 36 }; /* bars that still have room for their value */

static void format_value(const struct plot *plot, double value, char *room)
{
    struct cell cell = plot->chart->y_is_percent ? cell_percent(value, 1)
                                                 : cell_number(value, step_decimals(value));
    const char *text = format_cell(&cell, plot->document->language, room);
    if (text != room) {
        room[0] = '\0';
    }
}

void chart_draw_stacked(struct plot *plot)
{
    struct document *document = plot->document;
    double total = 0;
    for (const struct chart_series *series = plot->chart->first; series != NULL;
         series = series->next) {
        double value = series->n_points > 0 ? series->points[0].y : NAN;
        total += value > 0 ? value : 0;
    }
    if (!(total > 0)) {
        page_box(document, plot->left, plot->top, plot->right - plot->left, 24, COLOR_PANEL);
        page_text(document, &STYLE_SMALL, COLOR_QUIET, document_word(document, WORD_NO_ROWS),
            plot->left + 8, plot->top + 7, 0);
        return;
    }
    double x = plot->left;
    for (const struct chart_series *series = plot->chart->first; series != NULL;
         series = series->next) {
        double value = series->n_points > 0 ? series->points[0].y : NAN;
        if (!(value > 0)) {
            continue;
        }
        double width = value / total * (plot->right - plot->left);
        unsigned int fill = series_fill(plot->chart, series);
        char label[CELL_TEXT_MAX];
        format_value(plot, value, label);
        page_box(document, x, plot->top, width - 1, 24, fill);
        if (text_measure(document->text, &STYLE_BODY_BOLD, label).line_width < width - 4) {
            page_text(document, &STYLE_BODY_BOLD, palette_on(fill), label, x + width / 2 - 0.5,
                plot->top + 4.75, 0.5);
        }
        x += width;
    }
}

static void draw_value(const struct plot *plot, double value, double x, double y)
{
    char label[CELL_TEXT_MAX];
    format_value(plot, value, label);
    page_text(plot->document, &STYLE_TINY, COLOR_INK, label, x, y - STYLE_TINY.line_height, 0.5);
}

static void draw_bar(const struct plot *plot, const struct chart_series *series, size_t index,
    double x, double width, bool has_label)
{
    struct document *document = plot->document;
    double value = index < series->n_points ? series->points[index].y : NAN;
    double base = plot_y(plot, 0);
    if (!chart_is_value(value)) {
        page_text(document, &STYLE_TINY, COLOR_QUIET, "–", x + width / 2,
            base - STYLE_TINY.line_height, 0.5);
        return;
    }
    double top = plot_y(plot, value);
    page_box(document, x, value >= 0 ? top : base, width, fabs(base - top),
        series_fill(plot->chart, series));
    if (has_label) {
        draw_value(plot, value, x + width / 2, value >= 0 ? top : base);
    }
}

void chart_draw_bars(struct plot *plot)
{
    const struct chart *chart = plot->chart;
    plot_scale_y(plot, chart_y_min(chart), chart_y_max(chart));
    plot_draw_y_axis(plot);
    plot_draw_categories(plot);
    if (chart->n_categories == 0 || chart->n_series == 0) {
        return;
    }
    double band = (plot->right - plot->left) / (double)chart->n_categories;
    double group = band * 0.72;
    double width = group / (double)chart->n_series;
    width = width > 34 ? 34 : width;
    bool has_labels = chart->n_categories * chart->n_series <= BAR_LABELS_MAX && width >= 8;
    size_t at = 0;
    for (const struct chart_series *series = chart->first; series != NULL;
         series = series->next, at++) {
        for (size_t i = 0; i < chart->n_categories; i++) {
            double middle = plot->left + ((double)i + 0.5) * band;
            double x = middle + ((double)at - (double)chart->n_series / 2) * width;
            draw_bar(plot, series, i, x, width - (chart->n_series > 1 ? 0.8 : 0), has_labels);
        }
    }
}

/* The order of bars by falling value; values that are not there go last. Stable. */
static void sort_falling(const struct chart_series *series, size_t *order, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = i;
        double value = i < series->n_points ? series->points[i].y : NAN;
        while (at > 0) {
            size_t before = order[at - 1];
            double other = before < series->n_points ? series->points[before].y : NAN;
            if (!(value > other) && !(isnan(other) && !isnan(value))) {
                break;
            }
            order[at] = before;
            at--;
        }
        order[at] = i;
    }
}

static void draw_shares(const struct plot *plot, const double *shares, size_t n, double band)
{
    struct document *document = plot->document;
    cairo_t *cr = document->cr;
    for (size_t i = 0; i < n; i++) {
        double x = plot->left + ((double)i + 0.5) * band;
        double y = plot->bottom - shares[i] * (plot->bottom - plot->top);
        if (i == 0) {
            cairo_move_to(cr, x, y);
        } else {
            cairo_line_to(cr, x, y);
        }
    }
    palette_set(cr, COLOR_PAPER); /* a light edge, so that it shows on dark bars */
    cairo_set_line_width(cr, 2.8);
    cairo_stroke_preserve(cr);
    palette_set(cr, COLOR_ALARM);
    cairo_set_line_width(cr, 1.2);
    cairo_stroke(cr);
    for (size_t i = 0; i < n; i++) {
        chart_marker(cr, 0, plot->left + ((double)i + 0.5) * band,
            plot->bottom - shares[i] * (plot->bottom - plot->top), 1.8);
    }
    for (int percent = 0; percent <= 100; percent += 20) {
        char label[CELL_TEXT_MAX];
        struct cell cell = cell_percent(percent / 100.0, 0);
        page_text(document, &STYLE_TINY, COLOR_QUIET, format_cell(&cell, document->language, label),
            plot->right + 4,
            plot->bottom - percent / 100.0 * (plot->bottom - plot->top) -
                STYLE_TINY.line_height / 2,
            0);
    }
}

/* Draw the bars in the order, and note the cumulative share at each. */
static void draw_falling(const struct plot *plot, const size_t *order, double *shares, double band)
{
    const struct chart_series *series = plot->chart->first;
    size_t n = plot->chart->n_categories;
    double total = 0;
    for (size_t i = 0; i < series->n_points && i < n; i++) {
        total += series->points[i].y > 0 ? series->points[i].y : 0;
    }
    double sum = 0;
    double width = band * 0.7 > 40 ? 40 : band * 0.7;
    for (size_t i = 0; i < n; i++) {
        double value = order[i] < series->n_points ? series->points[order[i]].y : NAN;
        double middle = plot->left + ((double)i + 0.5) * band;
        sum += value > 0 ? value : 0;
        shares[i] = total > 0 ? sum / total : 0;
        draw_bar(plot, series, order[i], middle - width / 2, width, n <= BAR_LABELS_MAX);
    }
}

void chart_draw_pareto(struct plot *plot)
{
    const struct chart *chart = plot->chart;
    size_t n = chart->n_categories;
    if (n == 0 || chart->first == NULL) {
        return;
    }
    size_t *order = calloc(n, sizeof(*order));
    double *shares = calloc(n, sizeof(*shares));
    struct cell *categories = calloc(n, sizeof(*categories));
    if (order != NULL && shares != NULL && categories != NULL) {
        sort_falling(chart->first, order, n);
        for (size_t i = 0; i < n; i++) {
            categories[i] = chart->categories[order[i]];
        }
        struct chart sorted = *chart;
        sorted.categories = categories;
        double band = (plot->right - plot->left) / (double)n;
        plot_scale_y(plot, 0, chart_y_max(chart));
        plot_draw_y_axis(plot);
        draw_falling(plot, order, shares, band);
        draw_shares(plot, shares, n, band);
        plot->chart = &sorted;
        plot_draw_categories(plot);
        plot->chart = chart;
    }
    free(order);
    free(shares);
    free(categories);
}
