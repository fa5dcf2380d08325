#include "audit/model/json_blocks.h"

#include <inttypes.h>
#include <stdio.h>

#include "ctx/checkpoint.h"

enum { ROWS_PER_CHECKPOINT = 64 };

void json_listen(struct writing *writing)
{
    if (writing->json.status == STATUS_OK) {
        writing->json.status = ctx_checkpoint(writing->ctx, "json", ++writing->n_done, 0);
    }
}

static void put_word(struct writing *writing, enum word word)
{
    if (word == WORD_NONE) {
        json_null(&writing->json);
        return;
    }
    writing->is_used[word] = true;
    json_text(&writing->json, word_id(word));
}

void json_put_word(struct writing *writing, const char *key, enum word word)
{
    json_key(&writing->json, key);
    put_word(writing, word);
}

void json_put_text(struct writing *writing, const char *key, const char *text)
{
    json_key(&writing->json, key);
    json_text(&writing->json, text);
}

/* "2019-10-26T08:30:00.000Z": days to civil date as in Howard Hinnant's algorithms. */
void model_format_instant(int64_t epoch_ms, char ret_text[MODEL_INSTANT_MAX])
{
    int64_t ms = epoch_ms % 86400000 + (epoch_ms % 86400000 < 0 ? 86400000 : 0);
    int64_t shifted = (epoch_ms - ms) / 86400000 + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t day = shifted - era * 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day -= 365 * year + year / 4 - year / 100;
    int64_t month = (5 * day + 2) / 153;
    day -= (153 * month + 2) / 5 - 1;
    month += month < 10 ? 3 : -9;
    year += era * 400 + (month <= 2);
    snprintf(ret_text, MODEL_INSTANT_MAX, "%04" PRId64 "-%02d-%02dT%02d:%02d:%02d.%03dZ", year,
        (int)month, (int)day, (int)(ms / 3600000), (int)(ms / 60000 % 60), (int)(ms / 1000 % 60),
        (int)(ms % 1000));
}

void json_put_instant(struct writing *writing, int64_t epoch_ms)
{
    char text[MODEL_INSTANT_MAX];
    if (epoch_ms == 0) {
        json_null(&writing->json);
        return;
    }
    model_format_instant(epoch_ms, text);
    json_text(&writing->json, text);
}

static void put_cell(struct writing *writing, const struct cell *cell)
{
    struct json_writer *json = &writing->json;
    switch (cell->kind) {
    case CELL_NONE:
        json_null(json);
        return;
    case CELL_NOT_PROVIDED:
        json_begin(json, '{');
        json_put_text(writing, "not_provided", cell->text);
        json_end(json, '}');
        return;
    case CELL_TEXT:
    case CELL_DATE:
        json_text(json, cell->text);
        return;
    case CELL_INTEGER:
        json_integer(json, cell->integer);
        return;
    case CELL_NUMBER:
    case CELL_PERCENT:
        json_number(json, cell->number);
        return;
    case CELL_INSTANT:
        json_put_instant(writing, cell->integer);
        return;
    case CELL_WORD:
        json_begin(json, '{');
        json_put_word(writing, "word", cell->word);
        json_end(json, '}');
        return;
    case CELL_BLINDED:
        json_begin(json, '{');
        json_key(json, "blinded");
        json_bool(json, true);
        json_end(json, '}');
        return;
    }
}

void json_put_cells(
    struct writing *writing, const char *key, const struct cell *cells, size_t n_cells)
{
    json_key(&writing->json, key);
    json_begin(&writing->json, '[');
    for (size_t i = 0; i < n_cells; i++) {
        put_cell(writing, &cells[i]);
    }
    json_end(&writing->json, ']');
}

static const char *align_text(enum align align)
{
    switch (align) {
    case ALIGN_START:
        return "start";
    case ALIGN_CENTER:
        return "center";
    case ALIGN_END:
        return "end";
    }
    return NULL;
}

static const char *tone_text(enum tone tone)
{
    switch (tone) {
    case TONE_PLAIN:
        return "plain";
    case TONE_MUTED:
        return "muted";
    case TONE_GOOD:
        return "good";
    case TONE_NOTICE:
        return "notice";
    case TONE_WARNING:
        return "warning";
    case TONE_ALARM:
        return "alarm";
    }
    return NULL;
}

/* {column: anchor} or {column: tone} of those cells that have one; nothing when none has. */
static void put_marks(
    struct writing *writing, const struct table *table, const struct table_row *row, bool is_tone)
{
    bool is_open = false;
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct cell *cell = &row->cells[i];
        if (is_tone ? cell->tone == TONE_PLAIN : cell->anchor == NULL) {
            continue;
        }
        if (!is_open) {
            json_key(&writing->json, is_tone ? "tones" : "links");
            json_begin(&writing->json, '{');
            is_open = true;
        }
        json_put_text(
            writing, table->columns[i].id, is_tone ? tone_text(cell->tone) : cell->anchor);
    }
    if (is_open) {
        json_end(&writing->json, '}');
    }
}

static void put_row(struct writing *writing, const struct table *table, const struct table_row *row)
{
    struct json_writer *json = &writing->json;
    json_begin(json, '{');
    if (row->anchor != NULL) {
        json_put_text(writing, "anchor", row->anchor);
    }
    json_key(json, "cells");
    json_begin(json, '{');
    for (size_t i = 0; i < table->n_columns; i++) {
        json_key(json, table->columns[i].id);
        put_cell(writing, &row->cells[i]);
    }
    json_end(json, '}');
    put_marks(writing, table, row, false);
    put_marks(writing, table, row, true);
    json_end(json, '}');
}

static void put_table(struct writing *writing, const struct table *table)
{
    struct json_writer *json = &writing->json;
    json_put_word(writing, "title", table->title);
    json_put_word(writing, "when_empty", table->when_empty);
    json_key(json, "columns");
    json_begin(json, '[');
    for (size_t i = 0; i < table->n_columns; i++) {
        json_begin(json, '{');
        json_put_text(writing, "id", table->columns[i].id);
        json_put_word(writing, "head", table->columns[i].head);
        json_put_text(writing, "align", align_text(table->columns[i].align));
        json_end(json, '}');
    }
    json_end(json, ']');
    json_key(json, "rows");
    json_begin(json, '[');
    size_t n_rows = 0;
    for (const struct table_row *row = table->first; row != NULL && json->status == STATUS_OK;
         row = row->next) {
        put_row(writing, table, row);
        if (++n_rows % ROWS_PER_CHECKPOINT == 0) {
            json_listen(writing);
        }
    }
    json_end(json, ']');
}

static const char *chart_text(enum chart_kind kind)
{
    switch (kind) {
    case CHART_STACKED_BAR:
        return "stacked_bar";
    case CHART_BARS:
        return "bars";
    case CHART_LINES:
        return "lines";
    case CHART_PARETO:
        return "pareto";
    case CHART_FUNNEL:
        return "funnel";
    case CHART_HEAT_STRIP:
        return "heat_strip";
    case CHART_HEAT_MAP:
        return "heat_map";
    case CHART_TIMELINE:
        return "timeline";
    }
    return NULL;
}

static void put_series(struct writing *writing, const struct chart_series *series)
{
    struct json_writer *json = &writing->json;
    json_begin(json, '{');
    json_put_word(writing, "name", series->name);
    if (series->name_text != NULL) {
        json_put_text(writing, "name_text", series->name_text);
    }
    json_put_text(writing, "tone", tone_text(series->tone));
    json_key(json, "is_step");
    json_bool(json, series->is_step);
    json_key(json, "is_dashed");
    json_bool(json, series->is_dashed);
    json_key(json, "points");
    json_begin(json, '[');
    for (size_t i = 0; i < series->n_points; i++) {
        const struct chart_point *point = &series->points[i];
        json_begin(json, '{');
        json_key(json, "x");
        json_number(json, point->x);
        json_key(json, "y");
        json_number(json, point->y);
        if (point->is_highlighted) {
            json_key(json, "is_highlighted");
            json_bool(json, true);
        }
        if (point->label != NULL) {
            json_put_text(writing, "label", point->label);
        }
        json_end(json, '}');
    }
    json_end(json, ']');
    json_end(json, '}');
}

static void put_chart(struct writing *writing, const struct chart *chart)
{
    struct json_writer *json = &writing->json;
    json_put_text(writing, "chart", chart_text(chart->kind));
    json_put_word(writing, "title", chart->title);
    json_put_word(writing, "x_title", chart->x_title);
    json_put_word(writing, "y_title", chart->y_title);
    json_key(json, "x_is_date");
    json_bool(json, chart->x_is_date);
    json_key(json, "y_is_percent");
    json_bool(json, chart->y_is_percent);
    json_put_cells(writing, "categories", chart->categories, chart->n_categories);
    json_key(json, "series");
    json_begin(json, '[');
    for (const struct chart_series *series = chart->first; series != NULL; series = series->next) {
        put_series(writing, series);
    }
    json_end(json, ']');
}

static void put_facts(struct writing *writing, const struct block *block)
{
    struct json_writer *json = &writing->json;
    json_key(json, "facts");
    json_begin(json, '[');
    for (const struct fact *fact = block->first_fact; fact != NULL; fact = fact->next) {
        json_begin(json, '{');
        json_put_text(writing, "id", fact->id);
        json_put_word(writing, "label", fact->label);
        json_key(json, "value");
        put_cell(writing, &fact->value);
        if (fact->value.anchor != NULL) {
            json_put_text(writing, "link", fact->value.anchor);
        }
        json_end(json, '}');
    }
    json_end(json, ']');
}

const char *model_block_kind(enum block_kind kind)
{
    switch (kind) {
    case BLOCK_PARAGRAPH:
        return "paragraph";
    case BLOCK_FACTS:
        return "facts";
    case BLOCK_TABLE:
        return "table";
    case BLOCK_CHART:
        return "chart";
    case BLOCK_NOT_PROVIDED:
        return "not_provided";
    case BLOCK_HEADING:
        return "heading";
    }
    return NULL;
}

void json_put_block(struct writing *writing, const struct block *block)
{
    switch (block->kind) {
    case BLOCK_PARAGRAPH:
        json_put_word(writing, "word", block->word);
        json_put_cells(writing, "arguments", block->arguments, block->n_arguments);
        return;
    case BLOCK_FACTS:
        put_facts(writing, block);
        return;
    case BLOCK_TABLE:
        put_table(writing, block->table);
        return;
    case BLOCK_CHART:
        put_chart(writing, block->chart);
        return;
    case BLOCK_NOT_PROVIDED:
        json_put_word(writing, "word", block->word);
        json_put_text(writing, "source", block->source);
        return;
    case BLOCK_HEADING:
        json_put_word(writing, "word", block->word);
        return;
    }
}
