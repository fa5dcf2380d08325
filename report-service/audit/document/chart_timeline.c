/* The timeline: a row a category, spans of days in it, marks on single days. Spans of the first
 * name run in the upper lane of a row, those of other names in the lower one; marks stand between.
 */
#include <math.h>

#include "audit/document/chart.h"

static const double ROW_LABEL_WIDTH = 150;
static const double LANE_HEIGHT = 4.2;
static const double UPPER_LANE = 2.6; /* below the top of the row */
static const double LOWER_LANE = 8.0;
static const double MARK_RADIUS = 1.9;
static const double SPAN_WIDTH_MIN = 1.2; /* a day must be seen */

static bool is_mark(const struct chart_point *point)
{
    return point->x == point->y;
}

static bool is_drawn(const struct chart_point *point)
{
    return chart_is_value(point->x) && chart_is_value(point->y) && point->y >= point->x;
}

static void find_range(const struct chart *chart, double *ret_min, double *ret_max)
{
    *ret_min = INFINITY;
    *ret_max = -INFINITY;
    for (const struct chart_series *series = chart->first; series != NULL; series = series->next) {
        for (size_t i = 0; i < series->n_points; i++) {
            if (is_drawn(&series->points[i])) {
                *ret_min = fmin(*ret_min, series->points[i].x);
                *ret_max = fmax(*ret_max, series->points[i].y);
            }
        }
    }
}

static void draw_rows(const struct plot *plot, double label_left)
{
    struct document *document = plot->document;
    const struct chart *chart = plot->chart;
    for (size_t i = 0; i < chart->n_categories && i < CHART_ROWS_MAX; i++) {
        char room[CELL_TEXT_MAX];
        double y = plot->top + HEAT_ROW_HEIGHT * (double)i;
        page_text_fit(document, &STYLE_SMALL, COLOR_INK, category_name(document, chart, i, room),
            label_left, y + (HEAT_ROW_HEIGHT - STYLE_SMALL.line_height) / 2, ROW_LABEL_WIDTH - 8,
            0);
        page_rule(document, label_left, plot->right, y, 0.4, COLOR_HAIRLINE);
    }
    page_rule(document, plot->left, plot->right, plot->bottom, 0.8, COLOR_RULE);
    page_flush_rules(document); /* spans lie on the grid */
}

static void draw_spans(const struct plot *plot, const struct chart_series *series)
{
    const struct chart *chart = plot->chart;
    double lane = series->name == chart->first->name ? UPPER_LANE : LOWER_LANE;
    unsigned int fill = series_fill(chart, series);
    for (size_t i = 0; i < series->n_points && i < CHART_ROWS_MAX; i++) {
        const struct chart_point *point = &series->points[i];
        if (!is_drawn(point) || is_mark(point)) {
            continue;
        }
        double x = plot_x(plot, point->x);
        double width = fmax(plot_x(plot, point->y) - x, SPAN_WIDTH_MIN);
        page_box(plot->document, x, plot->top + HEAT_ROW_HEIGHT * (double)i + lane, width,
            LANE_HEIGHT, fill);
    }
}

static void draw_marks(const struct plot *plot, const struct chart_series *series)
{
    for (size_t i = 0; i < series->n_points && i < CHART_ROWS_MAX; i++) {
        const struct chart_point *point = &series->points[i];
        if (!is_drawn(point) || !is_mark(point)) {
            continue;
        }
        double x = plot_x(plot, point->x);
        double y = plot->top + HEAT_ROW_HEIGHT * ((double)i + 0.5);
        palette_set(plot->document->cr, COLOR_PAPER);
        chart_marker(plot->document->cr, TIMELINE_MARK, x, y, MARK_RADIUS + 0.8);
        palette_set(plot->document->cr, series_fill(plot->chart, series));
        chart_marker(plot->document->cr, TIMELINE_MARK, x, y, MARK_RADIUS);
    }
}

void chart_draw_timeline(struct plot *plot)
{
    const struct chart *chart = plot->chart;
    double label_left = plot->left;
    double minimum;
    double maximum;
    if (chart->first == NULL) {
        return;
    }
    find_range(chart, &minimum, &maximum);
    plot->left += ROW_LABEL_WIDTH;
    plot->right -= 8; /* the last label is centred under its tick */
    draw_rows(plot, label_left);
    plot_draw_x_axis(plot, minimum, maximum);
    for (const struct chart_series *series = chart->first; series != NULL; series = series->next) {
        draw_spans(plot, series);
    }
    for (const struct chart_series *series = chart->first; series != NULL; series = series->next) {
        draw_marks(plot, series);
    }
}
