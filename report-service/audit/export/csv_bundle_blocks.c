/* A section's files: one a table, one a chart. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "audit/document/format_cell.h"
#include "audit/export/csv_bundle_internal.h"

static const char ANCHOR_HEAD[] = "anchor";

/* "04_enrolment/subjects.csv", "04_enrolment/chart_curve.csv"; the second of one name becomes
 * "…-2.csv". NULL when out of memory. */
static const char *file_name(
    struct bundle *bundle, const struct section *section, const char *prefix, const char *id)
{
    for (int n = 1;; n++) {
        char suffix[16] = "";
        if (n > 1) {
            snprintf(suffix, sizeof(suffix), "-%d", n);
        }
        const char *name = arena_printf(
            bundle->arena, "%02d_%s/%s%s%s.csv", section->number, section->id, prefix, id, suffix);
        bool is_taken = false;
        for (const struct bundle_file *file = bundle->first; file != NULL && name != NULL;
             file = file->next) {
            is_taken = is_taken || strcmp(file->name, name) == 0;
        }
        if (!is_taken) {
            return name;
        }
    }
}

static bool has_anchors(const struct table *table)
{
    for (const struct table_row *row = table->first; row != NULL; row = row->next) {
        if (row->anchor != NULL) {
            return true;
        }
    }
    return false;
}

static enum status write_table(
    struct bundle *bundle, const struct section *section, const struct table *table)
{
    struct bundle_file *file =
        bundle_begin(bundle, file_name(bundle, section, "", table->id), table->title, NULL);
    if (file == NULL) {
        return bundle->error.status;
    }
    struct csv_writer *csv = &bundle->csv;
    file->table = table;
    file->has_anchors = has_anchors(table);
    for (size_t i = 0; i < table->n_columns; i++) {
        csv_plain(csv, table->columns[i].id);
    }
    if (file->has_anchors) {
        csv_plain(csv, ANCHOR_HEAD);
    }
    csv_end_row(csv);
    for (const struct table_row *row = table->first; row != NULL && csv->status == STATUS_OK;
         row = row->next) {
        for (size_t i = 0; i < table->n_columns; i++) {
            bundle_cell(bundle, &row->cells[i]);
        }
        if (file->has_anchors) {
            csv_text(csv, row->anchor);
        }
        bundle_end_row(bundle, file);
    }
    return bundle_end(bundle, file);
}

static void write_coordinate(struct bundle *bundle, bool is_date, double value)
{
    char day[32];
    if (!is_date || !isfinite(value) || fabs(value) > 1e7) {
        bundle_number(bundle, value);
        return;
    }
    format_day((int64_t)floor(value), day, sizeof(day));
    csv_plain(&bundle->csv, day);
}

static void write_point(struct bundle *bundle, const struct chart *chart,
    const struct chart_series *series, size_t index)
{
    const struct chart_point *point = &series->points[index];
    const char *name =
        series->name == WORD_NONE ? series->name_text : word_text(series->name, bundle->language);
    bool is_span = chart->kind == CHART_TIMELINE; /* from x to y, both of them days */
    bool has_category = index < chart->n_categories;
    csv_text(&bundle->csv, name);
    if (has_category) {
        bundle_cell(bundle, &chart->categories[index]);
    } else {
        csv_plain(&bundle->csv, "");
    }
    if (has_category && !is_span) {
        csv_plain(&bundle->csv, "");
    } else {
        write_coordinate(bundle, chart->x_is_date || is_span, point->x);
    }
    write_coordinate(bundle, is_span, point->y);
    csv_text(&bundle->csv, point->label);
    csv_plain(&bundle->csv, point->is_highlighted ? "1" : "");
}

static enum status write_chart(
    struct bundle *bundle, const struct section *section, const struct chart *chart)
{
    static const char *const HEADS[] = {
        "series", "category", "x", "y", "label", "is_highlighted", NULL};
    struct bundle_file *file =
        bundle_begin(bundle, file_name(bundle, section, "chart_", chart->id), chart->title, HEADS);
    if (file == NULL) {
        return bundle->error.status;
    }
    for (const struct chart_series *series = chart->first;
         series != NULL && bundle->csv.status == STATUS_OK; series = series->next) {
        for (size_t i = 0; i < series->n_points; i++) {
            write_point(bundle, chart, series, i);
            bundle_end_row(bundle, file);
        }
    }
    return bundle_end(bundle, file);
}

enum status bundle_section(struct bundle *bundle, const struct section *section)
{
    enum status status = STATUS_OK;
    for (const struct block *block = section->first; block != NULL && status == STATUS_OK;
         block = block->next) {
        switch (block->kind) {
        case BLOCK_TABLE:
            status = write_table(bundle, section, block->table);
            break;
        case BLOCK_CHART:
            status = write_chart(bundle, section, block->chart);
            break;
        case BLOCK_PARAGRAPH:
        case BLOCK_HEADING:
        case BLOCK_NOT_PROVIDED:
        case BLOCK_FACTS:
            break;
        }
    }
    return status;
}
