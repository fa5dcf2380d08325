/* Boxes: the strip of indicator flags and the heat map. Each box carries its number, so that the
 * colour is never alone. */
#include <math.h>
#include <stdio.h>

#include "audit/document/chart.h"

enum { STRIP_COLUMNS_NUMBERED = 12 };  /* up to so many each box has its number */
static const double LABEL_WIDTH = 150; /* of the strip's indicator names */
static const double MAP_LABEL_WIDTH = 62;
static const double STRIP_BAND_MAX = 42; /* of a column, where there are few */

/* Towards amber and red above the study, towards blue below it. */
static unsigned int flag_fill(double flag)
{
    if (flag >= 2.5) {
        return palette_fill(TONE_ALARM, 0);
    }
    if (flag >= 1.5) {
        return palette_fill(TONE_WARNING, 0);
    }
    if (flag >= 0.5) {
        return 0xF6DFB4;
    }
    if (flag > -0.5) {
        return 0xE9EEF2;
    }
    return flag > -1.5 ? 0xBCD6EA : palette_fill(TONE_NOTICE, 0);
}

static void format_flag(double flag, char *text, size_t size)
{
    int value = (int)lround(flag);
    if (value < 0) {
        snprintf(text, size, "−%d", -value);
    } else {
        snprintf(text, size, value > 0 ? "+%d" : "%d", value);
    }
}

static void draw_absent(struct document *document, double x, double y, double width, double height)
{
    palette_set(document->cr, COLOR_HAIRLINE);
    cairo_set_line_width(document->cr, 0.6);
    cairo_rectangle(document->cr, x + 0.3, y + 0.3, width - 0.6, height - 0.6);
    cairo_stroke(document->cr);
    page_text(document, &STYLE_TINY, COLOR_QUIET, "–", x + width / 2,
        y + (height - STYLE_TINY.line_height) / 2, 0.5);
}

static double flag_of(const struct chart_series *series, size_t row)
{
    double flag = row < series->n_points ? series->points[row].y : NAN;
    return chart_is_value(flag) ? flag : NAN;
}

static bool is_same_fill(double a, double b)
{
    return isnan(a) ? isnan(b) : !isnan(b) && flag_fill(a) == flag_fill(b);
}

/* One row: neighbours of one fill are one box, since a report has thousands. Lines of paper go
 * between them afterwards. */
static void draw_flag_row(const struct plot *plot, size_t row, double left, double band)
{
    double y = plot->top + HEAT_ROW_HEIGHT * (double)(row + 1);
    double x = left;
    const struct chart_series *first = plot->chart->first;
    while (first != NULL) {
        double flag = flag_of(first, row);
        const struct chart_series *after = first;
        double width = 0;
        for (; after != NULL && is_same_fill(flag_of(after, row), flag); after = after->next) {
            width += band;
        }
        if (!isnan(flag)) {
            page_box(plot->document, x, y, width, HEAT_ROW_HEIGHT, flag_fill(flag));
        }
        x += width;
        first = after;
    }
}

static void draw_flag_gaps(const struct plot *plot, size_t n_rows, double left, double band)
{
    cairo_t *cr = plot->document->cr;
    double right = left + band * (double)plot->chart->n_series;
    palette_set(cr, COLOR_PAPER);
    cairo_set_line_width(cr, 1.5);
    for (size_t row = 0; row <= n_rows; row++) {
        double y = plot->top + HEAT_ROW_HEIGHT * (double)(row + 1);
        cairo_move_to(cr, left, y);
        cairo_line_to(cr, right, y);
    }
    for (size_t i = 0; i <= plot->chart->n_series; i++) {
        double x = left + band * (double)i;
        cairo_move_to(cr, x, plot->top + HEAT_ROW_HEIGHT);
        cairo_line_to(cr, x, plot->top + HEAT_ROW_HEIGHT * (double)(n_rows + 1));
    }
    cairo_stroke(cr);
}

/* The number; a dash where there is none. Among many sites a box without one is a 0. */
static void draw_flag(
    const struct plot *plot, double flag, double x, double y, double band, bool is_crowded)
{
    y += (HEAT_ROW_HEIGHT - STYLE_SMALL.line_height) / 2;
    if (isnan(flag)) {
        page_text(plot->document, &STYLE_TINY, COLOR_QUIET, "–", x + band / 2, y, 0.5);
    } else if (!is_crowded || lround(flag) != 0) {
        char label[16];
        format_flag(flag, label, sizeof(label));
        page_text(plot->document, &STYLE_SMALL_BOLD, palette_on(flag_fill(flag)), label,
            x + band / 2, y, 0.5);
    }
}

static bool is_strip_highlighted(const struct chart_series *series)
{
    return series->n_points > 0 && series->points[0].is_highlighted;
}

/* The head of a site's column; this report's stands out. */
static void draw_strip_head(const struct plot *plot, const struct chart_series *series, double x,
    double band, size_t n_columns)
{
    struct document *document = plot->document;
    bool is_highlighted = is_strip_highlighted(series);
    if (is_highlighted) {
        double height = HEAT_ROW_HEIGHT * (double)(1 + plot->chart->n_categories);
        palette_set(document->cr, COLOR_BRAND);
        cairo_set_line_width(document->cr, 1.1);
        cairo_rectangle(document->cr, x, plot->top + 1.5, band, height - 1.5);
        cairo_stroke(document->cr);
    }
    page_text_fit(document, is_highlighted ? &STYLE_SMALL_BOLD : &STYLE_TINY,
        is_highlighted ? COLOR_BRAND : COLOR_QUIET, series_name(document, series), x + band / 2,
        plot->top + (is_highlighted ? 3 : 4), band * (double)n_columns - 0.5, 0.5);
}

/* How many columns share one name: as many as it is wide, so that names never touch. */
static size_t columns_a_head(const struct plot *plot, double band)
{
    static const double GAP = 4;
    double width = 0;
    for (const struct chart_series *series = plot->chart->first; series != NULL;
         series = series->next) {
        double head =
            text_measure(plot->document->text, &STYLE_TINY, series_name(plot->document, series))
                .line_width;
        width = head > width ? head : width;
    }
    return width + GAP <= band ? 1 : (size_t)ceil((width + GAP) / band);
}

/* Indicators run down the page with their names beside them, sites across: names of indicators are
 * long, and a strip holds few sites. */
void chart_draw_strip(struct plot *plot)
{
    struct document *document = plot->document;
    const struct chart *chart = plot->chart;
    size_t n_rows = chart->n_categories < CHART_ROWS_MAX ? chart->n_categories : CHART_ROWS_MAX;
    double left = plot->left + LABEL_WIDTH;
    double room = plot->right - left;
    double band = chart->n_series == 0 ? room : room / (double)chart->n_series;
    band = band > STRIP_BAND_MAX ? STRIP_BAND_MAX : band;
    for (size_t row = 0; row < n_rows; row++) {
        draw_flag_row(plot, row, left, band);
    }
    draw_flag_gaps(plot, n_rows, left, band);
    double x = left;
    size_t n_columns = columns_a_head(plot, band);
    size_t at = 0;
    for (const struct chart_series *series = chart->first; series != NULL; series = series->next) {
        size_t to_last = chart->n_series - 1 - at++; /* the newest of a trend has its name */
        if (is_strip_highlighted(series) || to_last % n_columns == 0) {
            draw_strip_head(plot, series, x, band, n_columns);
        }
        for (size_t row = 0; row < n_rows; row++) {
            draw_flag(plot, flag_of(series, row), x,
                plot->top + HEAT_ROW_HEIGHT * (double)(row + 1), band,
                chart->n_series > STRIP_COLUMNS_NUMBERED);
        }
        x += band;
    }
    for (size_t row = 0; row < n_rows; row++) {
        char label[CELL_TEXT_MAX];
        double y = plot->top + HEAT_ROW_HEIGHT * (double)(row + 1);
        page_text_fit(document, &STYLE_SMALL, COLOR_INK, category_name(document, chart, row, label),
            plot->left, y + (HEAT_ROW_HEIGHT - STYLE_SMALL.line_height) / 2, LABEL_WIDTH - 8, 0);
    }
}

/* From paper to the darkest blue; the eye sees equal steps of the square root as more even. */
static unsigned int heat_fill(double value, double maximum)
{
    double fraction = maximum > 0 && value > 0 ? sqrt(value / maximum) : 0;
    return palette_mix(0xEEF3F7, 0x16365C, fraction);
}

static void draw_heat_box(
    const struct plot *plot, double value, double maximum, double x, double y, double width)
{
    struct document *document = plot->document;
    double height = HEAT_ROW_HEIGHT - 1;
    if (!chart_is_value(value)) {
        draw_absent(document, x, y, width, height);
        return;
    }
    unsigned int fill = heat_fill(value, maximum);
    char room[CELL_TEXT_MAX];
    struct cell cell = plot->chart->y_is_percent ? cell_percent(value, 0)
                                                 : cell_number(value, step_decimals(value) > 0);
    const char *label = format_cell(&cell, document->language, room);
    page_box(document, x, y, width, height, fill);
    if (value != 0 && text_measure(document->text, &STYLE_TINY, label).line_width <= width - 1) {
        page_text(document, &STYLE_TINY, palette_on(fill), label, x + width / 2,
            y + (height - STYLE_TINY.line_height) / 2, 0.5);
    }
}

static void draw_heat_scale(const struct plot *plot, double maximum)
{
    enum { STEPS = 24 };
    struct document *document = plot->document;
    double width = 96.0 / STEPS;
    double x = plot->right - 96 - 26;
    double y = plot->bottom - 9;
    for (int i = 0; i < STEPS; i++) {
        page_box(document, x + i * width, y, width + 0.2, 6,
            heat_fill(maximum * (i + 0.5) / STEPS, maximum));
    }
    char label[32];
    format_number(
        maximum, step_decimals(maximum) > 1 ? 2 : step_decimals(maximum), label, sizeof(label));
    page_text(document, &STYLE_TINY, COLOR_QUIET, "0", x - 4, y - 1, 1);
    page_text(document, &STYLE_TINY, COLOR_QUIET, label, plot->right - 22, y - 1, 0);
}

void chart_draw_map(struct plot *plot)
{
    struct document *document = plot->document;
    const struct chart *chart = plot->chart;
    size_t n = chart->n_categories == 0 ? 1 : chart->n_categories;
    double maximum = chart_y_max(chart);
    double left = plot->left + MAP_LABEL_WIDTH;
    double band = (plot->right - left) / (double)n;
    size_t every = band >= 12 ? 1 : (size_t)ceil(12 / band);
    for (size_t i = 0; i < chart->n_categories; i += every) {
        char room[CELL_TEXT_MAX];
        page_text_fit(document, &STYLE_TINY, COLOR_QUIET, category_name(document, chart, i, room),
            left + ((double)i + 0.5) * band, plot->top + 4, band * (double)every, 0.5);
    }
    size_t row = 0;
    for (const struct chart_series *series = chart->first; series != NULL && row < CHART_ROWS_MAX;
         series = series->next, row++) {
        double y = plot->top + HEAT_ROW_HEIGHT * (double)(row + 1);
        page_text_fit(document, &STYLE_SMALL, COLOR_INK, series_name(document, series), plot->left,
            y + (HEAT_ROW_HEIGHT - 1 - STYLE_SMALL.line_height) / 2, MAP_LABEL_WIDTH - 6, 0);
        for (size_t i = 0; i < chart->n_categories; i++) {
            double value = i < series->n_points ? series->points[i].y : NAN;
            draw_heat_box(plot, value, maximum, left + (double)i * band, y, band - 1);
        }
    }
    draw_heat_scale(plot, maximum);
}
