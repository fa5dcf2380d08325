/* A chart's frame: title, legend, plot area, axis titles. The kinds fill the plot. */
#include "audit/document/chart.h"

#include <math.h>
#include <string.h>

static const double TITLE_GAP = 3;
static const double AXIS_TITLE_HEIGHT = 11;
static const double X_LABELS_HEIGHT = 14;
static const double Y_LABELS_WIDTH = 34;
static const double SCALE_HEIGHT = 16;
static const double HALF_GAP = 10; /* on both sides of the page's middle */

bool chart_has_axes(enum chart_kind kind)
{
    return kind == CHART_BARS || kind == CHART_LINES || kind == CHART_PARETO ||
           kind == CHART_FUNNEL;
}

static bool has_categories(enum chart_kind kind)
{
    return kind == CHART_BARS || kind == CHART_PARETO;
}

static size_t capped(size_t n)
{
    return n < CHART_ROWS_MAX ? n : CHART_ROWS_MAX;
}

static double plot_height(const struct chart *chart)
{
    switch (chart->kind) {
    case CHART_STACKED_BAR:
        return 28;
    case CHART_BARS:
    case CHART_LINES:
    case CHART_PARETO:
    case CHART_FUNNEL:
        return chart->is_half ? CHART_HALF_PLOT_HEIGHT : CHART_PLOT_HEIGHT;
    case CHART_HEAT_STRIP:
        return HEAT_ROW_HEIGHT * (double)(capped(chart->n_categories) + 1);
    case CHART_HEAT_MAP:
        return HEAT_ROW_HEIGHT * (double)(capped(chart->n_series) + 1) + SCALE_HEIGHT;
    case CHART_TIMELINE:
        return HEAT_ROW_HEIGHT * (double)capped(chart->n_categories);
    }
    return 0;
}

static double below_height(const struct chart *chart)
{
    double height = 4;
    if (has_categories(chart->kind)) {
        height += CATEGORY_LABEL_LINES * STYLE_TINY.line_height;
    } else if (chart_has_axes(chart->kind) || chart->kind == CHART_TIMELINE) {
        height += X_LABELS_HEIGHT;
    }
    return height + (chart->x_title == WORD_NONE ? 0 : AXIS_TITLE_HEIGHT);
}

static double above_height(const struct chart *chart, double legend_height)
{
    return STYLE_CAPTION.line_height + TITLE_GAP + legend_height +
           (chart_has_axes(chart->kind) && chart->y_title != WORD_NONE ? AXIS_TITLE_HEIGHT : 0) +
           (has_categories(chart->kind) ? STYLE_TINY.line_height + 4 /* the highest bar's value */
               : chart_has_axes(chart->kind) ? 6
                                             : 2);
}

static double half_width(void)
{
    return (PAGE_RIGHT - PAGE_LEFT) / 2 - HALF_GAP;
}

/* Of both, so that two plots beside each other begin at one height. */
static double legend_height_of(
    struct document *document, const struct chart *chart, const struct chart *beside)
{
    if (beside == NULL) {
        return chart_legend_height(document, chart, PAGE_RIGHT - PAGE_LEFT);
    }
    return fmax(chart_legend_height(document, chart, half_width()),
        chart_legend_height(document, beside, half_width()));
}

static double whole_height(const struct chart *chart, double legend_height)
{
    return chart == NULL
               ? 0
               : above_height(chart, legend_height) + plot_height(chart) + below_height(chart);
}

double chart_height(
    struct document *document, const struct chart *chart, const struct chart *beside)
{
    double legend_height = legend_height_of(document, chart, beside);
    return fmax(whole_height(chart, legend_height), whole_height(beside, legend_height));
}

const char *series_name(const struct document *document, const struct chart_series *series)
{
    if (series->name != WORD_NONE) {
        return document_word(document, series->name);
    }
    return series->name_text == NULL ? "" : series->name_text;
}

const char *category_name(
    const struct document *document, const struct chart *chart, size_t index, char *room)
{
    return index < chart->n_categories
               ? format_cell(&chart->categories[index], document->language, room)
               : "";
}

unsigned int series_fill(const struct chart *chart, const struct chart_series *series)
{
    unsigned int repeat = 0;
    if (chart->kind == CHART_FUNNEL) {
        return palette_fill(
            series->tone, 0); /* dashes tell limits apart, lightness would hide one */
    }
    for (const struct chart_series *at = chart->first; at != series; at = at->next) {
        repeat += at->tone == series->tone && at->name != series->name ? 1 : 0;
    }
    return palette_fill(series->tone, repeat);
}

void chart_marker(cairo_t *cr, unsigned int form, double x, double y, double radius)
{
    switch (form % 4) {
    case 0:
        cairo_arc(cr, x, y, radius, 0, 6.2831853);
        break;
    case 1:
        cairo_rectangle(cr, x - radius, y - radius, 2 * radius, 2 * radius);
        break;
    case 2:
        cairo_move_to(cr, x, y - 1.3 * radius);
        cairo_line_to(cr, x + 1.2 * radius, y + radius);
        cairo_line_to(cr, x - 1.2 * radius, y + radius);
        break;
    default:
        cairo_move_to(cr, x, y - 1.4 * radius);
        cairo_line_to(cr, x + 1.4 * radius, y);
        cairo_line_to(cr, x, y + 1.4 * radius);
        cairo_line_to(cr, x - 1.4 * radius, y);
        break;
    }
    cairo_close_path(cr);
    cairo_fill(cr);
}

static void draw_kind(struct plot *plot)
{
    switch (plot->chart->kind) {
    case CHART_STACKED_BAR:
        chart_draw_stacked(plot);
        break;
    case CHART_BARS:
        chart_draw_bars(plot);
        break;
    case CHART_LINES:
        chart_draw_lines(plot);
        break;
    case CHART_PARETO:
        chart_draw_pareto(plot);
        break;
    case CHART_FUNNEL:
        chart_draw_funnel(plot);
        break;
    case CHART_HEAT_STRIP:
        chart_draw_strip(plot);
        break;
    case CHART_HEAT_MAP:
        chart_draw_map(plot);
        break;
    case CHART_TIMELINE:
        chart_draw_timeline(plot);
        break;
    }
}

static void draw(struct document *document, const struct chart *chart, double left, double right,
    double legend_height)
{
    double y = document->y;
    page_text(
        document, &STYLE_CAPTION, COLOR_BRAND, document_word(document, chart->title), left, y, 0);
    y += STYLE_CAPTION.line_height + TITLE_GAP;
    struct plot plot = {.document = document,
        .chart = chart,
        .left = left,
        .right = right,
        .top = document->y + above_height(chart, legend_height)};
    plot.bottom = plot.top + plot_height(chart);
    cairo_save(document->cr);
    chart_draw_legend(&plot, y);
    y += legend_height;
    if (chart_has_axes(chart->kind)) {
        plot.left += Y_LABELS_WIDTH;
        plot.right -= chart->kind == CHART_PARETO ? Y_LABELS_WIDTH : 4;
        if (chart->y_title != WORD_NONE) {
            page_text(document, &STYLE_TINY, COLOR_QUIET, document_word(document, chart->y_title),
                left, y, 0);
        }
    }
    draw_kind(&plot);
    if (chart->x_title != WORD_NONE) {
        page_text(document, &STYLE_TINY, COLOR_QUIET, document_word(document, chart->x_title),
            plot.right, plot.bottom + below_height(chart) - AXIS_TITLE_HEIGHT - 2, 1);
    }
    cairo_restore(document->cr);
}

static void draw_anchored(struct document *document, const struct chart *chart, double left,
    double right, double legend_height)
{
    page_anchor(document, chart->id, document->y);
    contents_mark(document->contents, document->page, document->y);
    if (document->cr != NULL) {
        draw(document, chart, left, right, legend_height);
    }
}

enum status chart_draw(
    struct document *document, const struct chart *chart, const struct chart *beside)
{
    double legend_height = legend_height_of(document, chart, beside);
    if (beside == NULL) {
        draw_anchored(document, chart, PAGE_LEFT, PAGE_RIGHT, legend_height);
    } else {
        draw_anchored(document, chart, PAGE_LEFT, PAGE_LEFT + half_width(), legend_height);
        draw_anchored(document, beside, PAGE_RIGHT - half_width(), PAGE_RIGHT, legend_height);
    }
    document->y += chart_height(document, chart, beside);
    return STATUS_OK;
}
