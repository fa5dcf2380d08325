/* Scales and axes: nice numbers, dates, categories. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "audit/document/chart.h"

bool chart_is_value(double value)
{
    return fabs(value) <= CHART_VALUE_MAX; /* false for NaN */
}

/* Far outside the plot is as good as outside it, and cairo's coordinates have 24 bits. */
static double bounded(double coordinate)
{
    return fmax(-2 * PAGE_HEIGHT, fmin(coordinate, 3 * PAGE_HEIGHT));
}

double plot_x(const struct plot *plot, double x)
{
    double range = plot->x_max - plot->x_min;
    return bounded(plot->left + (x - plot->x_min) / range * (plot->right - plot->left));
}

double plot_y(const struct plot *plot, double y)
{
    double range = plot->y_max - plot->y_min;
    return bounded(plot->bottom - (y - plot->y_min) / range * (plot->bottom - plot->top));
}

double nice_step(double range, int n)
{
    double raw = range / n;
    if (!(raw > 0) || !chart_is_value(raw)) {
        return 1;
    }
    double power = pow(10, floor(log10(raw)));
    static const double STEPS[] = {1, 2, 2.5, 5};
    for (size_t i = 0; i < LENGTH_OF(STEPS); i++) {
        if (STEPS[i] * power >= raw * 0.999999) {
            return STEPS[i] * power;
        }
    }
    return 10 * power;
}

int step_decimals(double step)
{
    int decimals = 0;
    while (decimals < 6 && fabs(step - round(step)) > 1e-6 * fabs(step)) {
        step *= 10;
        decimals++;
    }
    return decimals;
}

static bool is_whole(const struct chart *chart)
{
    for (const struct chart_series *series = chart->first; series != NULL; series = series->next) {
        for (size_t i = 0; i < series->n_points; i++) {
            double y = series->points[i].y;
            if (chart_is_value(y) && y != floor(y)) {
                return false;
            }
        }
    }
    return true;
}

double chart_y_max(const struct chart *chart)
{
    double maximum = 0;
    for (const struct chart_series *series = chart->first; series != NULL; series = series->next) {
        for (size_t i = 0; i < series->n_points; i++) {
            double y = series->points[i].y;
            maximum = chart_is_value(y) && y > maximum ? y : maximum;
        }
    }
    return maximum;
}

double chart_y_min(const struct chart *chart)
{
    double minimum = 0;
    for (const struct chart_series *series = chart->first; series != NULL; series = series->next) {
        for (size_t i = 0; i < series->n_points; i++) {
            double y = series->points[i].y;
            minimum = chart_is_value(y) && y < minimum ? y : minimum;
        }
    }
    return minimum;
}

void plot_scale_y(struct plot *plot, double minimum, double maximum)
{
    if (!(maximum > minimum)) {
        maximum = minimum + 1;
    }
    /* Below this a step would vanish in the value it is added to. */
    maximum = fmax(maximum, minimum + fmax(1e-9, fabs(minimum) * 1e-9));
    double step = nice_step(maximum - minimum, 5);
    if (step < 1 && !plot->chart->y_is_percent && is_whole(plot->chart)) {
        step = 1; /* there is no half patient */
    }
    plot->y_step = step;
    plot->y_min = floor(minimum / step + 1e-9) * step;
    plot->y_max = ceil(maximum / step - 1e-9) * step;
}

static void format_tick(double value, double step, bool is_percent, char *text, size_t size)
{
    double scale = is_percent ? 100 : 1;
    format_number(value * scale, step_decimals(step * scale), text, size);
    if (is_percent) {
        size_t len = strlen(text);
        snprintf(text + len, size - len, " %%");
    }
}

void plot_draw_y_axis(const struct plot *plot)
{
    struct document *document = plot->document;
    int n = (int)round((plot->y_max - plot->y_min) / plot->y_step);
    for (int i = 0; i <= n && i <= TICKS_MAX; i++) {
        double value = plot->y_min + i * plot->y_step;
        double y = plot_y(plot, value);
        bool is_base = fabs(value) < plot->y_step / 1000;
        char label[32];
        format_tick(value, plot->y_step, plot->chart->y_is_percent, label, sizeof(label));
        page_rule(document, plot->left, plot->right, y, is_base ? 0.8 : 0.4,
            is_base ? COLOR_RULE : COLOR_HAIRLINE);
        page_text(document, &STYLE_TINY, COLOR_QUIET, label, plot->left - 4,
            y - STYLE_TINY.line_height / 2, 1);
    }
    page_flush_rules(document); /* bars and lines lie on the grid */
}

static void draw_x_tick(const struct plot *plot, double x, const char *label)
{
    double at = plot_x(plot, x);
    palette_set(plot->document->cr, COLOR_RULE);
    cairo_set_line_width(plot->document->cr, 0.6);
    cairo_move_to(plot->document->cr, at, plot->bottom);
    cairo_line_to(plot->document->cr, at, plot->bottom + 3);
    cairo_stroke(plot->document->cr);
    page_text(plot->document, &STYLE_TINY, COLOR_QUIET, label, at, plot->bottom + 4, 0.5);
}

/* As many labels as stand under the plot: eight across the page. */
static int x_labels_max(const struct plot *plot)
{
    return plot->right - plot->left < 0.6 * BODY_WIDTH ? 4 : 8;
}

static void draw_number_ticks(struct plot *plot, double minimum, double maximum)
{
    double step = nice_step(maximum - minimum, x_labels_max(plot));
    plot->x_min = floor(minimum / step + 1e-9) * step;
    plot->x_max = ceil(maximum / step - 1e-9) * step;
    int n = (int)round((plot->x_max - plot->x_min) / step);
    for (int i = 0; i <= n && i <= TICKS_MAX; i++) {
        char label[32];
        double value = plot->x_min + i * step;
        format_tick(value, step, false, label, sizeof(label));
        draw_x_tick(plot, value, label);
    }
}

/* Months between ticks, so that their labels ("2019-10") stand side by side. */
static int month_step(double days, int n_labels_max)
{
    static const int STEPS[] = {1, 2, 3, 6, 12, 24, 60, 120};
    for (size_t i = 0; i < LENGTH_OF(STEPS); i++) {
        if (days / 30.4 / STEPS[i] <= n_labels_max) {
            return STEPS[i];
        }
    }
    return 240;
}

static void draw_day_ticks(struct plot *plot)
{
    double step = fmax(1, ceil((plot->x_max - plot->x_min) / x_labels_max(plot)));
    for (double day = ceil(plot->x_min); day <= plot->x_max; day += step) {
        char label[32];
        format_day((int64_t)day, label, sizeof(label));
        draw_x_tick(plot, day, label);
    }
}

static void draw_date_ticks(struct plot *plot, double minimum, double maximum)
{
    plot->x_min = minimum;
    plot->x_max = maximum;
    if (maximum - minimum < 62) {
        draw_day_ticks(plot);
        return;
    }
    int step = month_step(maximum - minimum, x_labels_max(plot) * 10 / 8);
    int64_t year;
    int month;
    civil_from_day((int64_t)minimum, &year, &month, NULL);
    int64_t index = (year * 12 + month - 1 + step - 1) / step * step;
    for (int i = 0; i <= TICKS_MAX; i++, index += step) {
        int64_t day = day_from_civil(index / 12, (int)(index % 12) + 1, 1);
        if ((double)day > maximum) {
            break;
        }
        char label[32];
        format_day(day, label, sizeof(label));
        if (strlen(label) == sizeof("2019-10-01") - 1) {
            label[step >= 12 ? 4 : 7] = '\0';
        }
        if ((double)day >= minimum) {
            draw_x_tick(plot, (double)day, label);
        }
    }
}

void plot_draw_x_axis(struct plot *plot, double minimum, double maximum)
{
    /* The negated form also catches NaN, which an empty chart brings. */
    if (!(maximum > minimum) || !chart_is_value(minimum) || !chart_is_value(maximum)) {
        minimum = chart_is_value(minimum) ? minimum : 0;
        maximum = minimum + fmax(1, fabs(minimum) * 1e-3);
    }
    if (plot->chart->x_is_date) {
        minimum = fmax(minimum, -CHART_DAY_MAX);
        maximum = fmin(fmax(maximum, minimum + 1), CHART_DAY_MAX);
        draw_date_ticks(plot, minimum, maximum);
    } else {
        draw_number_ticks(plot, minimum, maximum);
    }
}

void plot_draw_categories(const struct plot *plot)
{
    struct document *document = plot->document;
    size_t n = plot->chart->n_categories;
    double band = (plot->right - plot->left) / (double)(n == 0 ? 1 : n);
    /* Where bands are narrower than a short word, only every so many get a name. */
    size_t every = band >= 18 ? 1 : (size_t)ceil(18 / band);
    for (size_t i = 0; i < n; i += every) {
        char room[CELL_TEXT_MAX];
        const char *name = category_name(document, plot->chart, i, room);
        double middle = plot->left + ((double)i + 0.5) * band;
        double width = band * (double)every - 3;
        struct paragraph label = text_layout(document->text, &STYLE_TINY, name, width);
        if (label.n_lines > CATEGORY_LABEL_LINES) {
            page_text_fit(
                document, &STYLE_TINY, COLOR_INK, name, middle, plot->bottom + 4, width, 0.5);
            continue;
        }
        for (uint32_t line = 0; line < label.n_lines; line++) {
            page_line(document, &label, line, COLOR_INK, middle - width / 2,
                plot->bottom + 4 + line * STYLE_TINY.line_height, 0.5);
        }
    }
}
