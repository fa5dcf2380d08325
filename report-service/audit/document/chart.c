/* A chart's frame: title, legend, plot area, axis titles. The kinds fill the plot. */
#include "audit/document/chart.h"

#include <math.h>
#include <string.h>

static const double LEGEND_HEIGHT = 14;
static const double TITLE_GAP = 3;
static const double AXIS_TITLE_HEIGHT = 11;
static const double X_LABELS_HEIGHT = 14;
static const double Y_LABELS_WIDTH = 34;
static const double SCALE_HEIGHT = 16;
static const double HALF_GAP = 10; /* on both sides of the page's middle */

static bool has_axes(enum chart_kind kind)
{
    return kind == CHART_BARS || kind == CHART_LINES || kind == CHART_PARETO ||
           kind == CHART_FUNNEL;
}

static bool has_categories(enum chart_kind kind)
{
    return kind == CHART_BARS || kind == CHART_PARETO;
}

static bool has_legend(const struct chart *chart)
{
    return has_axes(chart->kind)
               ? chart->n_series > 1 || chart->kind == CHART_PARETO
               : chart->kind == CHART_STACKED_BAR || chart->kind == CHART_TIMELINE;
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
    } else if (has_axes(chart->kind) || chart->kind == CHART_TIMELINE) {
        height += X_LABELS_HEIGHT;
    }
    return height + (chart->x_title == WORD_NONE ? 0 : AXIS_TITLE_HEIGHT);
}

static double above_height(const struct chart *chart)
{
    return STYLE_CAPTION.line_height + TITLE_GAP + (has_legend(chart) ? LEGEND_HEIGHT : 0) +
           (has_axes(chart->kind) && chart->y_title != WORD_NONE ? AXIS_TITLE_HEIGHT : 0) +
           (has_categories(chart->kind) ? STYLE_TINY.line_height + 4 /* the highest bar's value */
               : has_axes(chart->kind)  ? 6
                                        : 2);
}

double chart_height(const struct chart *chart)
{
    return above_height(chart) + plot_height(chart) + below_height(chart);
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

/* Names with swatches, on one line; what does not fit is left to the table beside the chart. */
static void draw_legend(const struct plot *plot, double y)
{
    struct document *document = plot->document;
    struct plot at = *plot;
    bool is_line = plot->chart->kind == CHART_LINES || plot->chart->kind == CHART_FUNNEL;
    double swatch = is_line ? 18 : 12;
    unsigned int form = 0;
    for (const struct chart_series *series = plot->chart->first; series != NULL;
         series = series->next, form++) {
        const char *name = series_name(document, series);
        double width = text_measure(document->text, &STYLE_SMALL, name).line_width;
        if (is_named_before(plot->chart, series) || at.left + swatch + width > plot->right) {
            continue;
        }
        draw_swatch(&at, series, form, y);
        page_text(document, &STYLE_SMALL, COLOR_INK, name, at.left + swatch, y, 0);
        at.left += swatch + width + 16;
    }
    if (plot->chart->kind == CHART_PARETO) {
        palette_set(document->cr, COLOR_ALARM);
        cairo_set_line_width(document->cr, 1.2);
        cairo_move_to(document->cr, at.left, y + 5);
        cairo_line_to(document->cr, at.left + 14, y + 5);
        cairo_stroke(document->cr);
        chart_marker(document->cr, 0, at.left + 7, y + 5, 1.8);
        page_text(document, &STYLE_SMALL, COLOR_INK, document_word(document, WORD_CHART_CUMULATIVE),
            at.left + 18, y, 0);
    }
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

static void draw(struct document *document, const struct chart *chart, double left, double right)
{
    double y = document->y;
    page_text(
        document, &STYLE_CAPTION, COLOR_BRAND, document_word(document, chart->title), left, y, 0);
    y += STYLE_CAPTION.line_height + TITLE_GAP;
    struct plot plot = {.document = document,
        .chart = chart,
        .left = left,
        .right = right,
        .top = document->y + above_height(chart)};
    plot.bottom = plot.top + plot_height(chart);
    cairo_save(document->cr);
    if (has_legend(chart)) {
        draw_legend(&plot, y);
        y += LEGEND_HEIGHT;
    }
    if (has_axes(chart->kind)) {
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

static void draw_anchored(
    struct document *document, const struct chart *chart, double left, double right)
{
    page_anchor(document, chart->id, document->y);
    contents_mark(document->contents, document->page, document->y);
    if (document->cr != NULL) {
        draw(document, chart, left, right);
    }
}

enum status chart_draw(
    struct document *document, const struct chart *chart, const struct chart *beside)
{
    double middle = (PAGE_LEFT + PAGE_RIGHT) / 2;
    double height = chart_height(chart);
    if (beside == NULL) {
        draw_anchored(document, chart, PAGE_LEFT, PAGE_RIGHT);
    } else {
        draw_anchored(document, chart, PAGE_LEFT, middle - HALF_GAP);
        draw_anchored(document, beside, middle + HALF_GAP, PAGE_RIGHT);
        height = fmax(height, chart_height(beside));
    }
    document->y += height;
    return STATUS_OK;
}
