/* The model's one canonical form. The document that people get wraps it: {"schema":…,
 * "content_hash":…,"language":…,"report":<canonical>,"words":{…}}; the hash is that of the bytes of
 * "report". Keys and their order are the schema in report-service/audit/README.md. */
#include "audit/model/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/model/json_writer.h"
#include "crypto/sha256.h"
#include "ctx/checkpoint.h"

enum { ROWS_PER_CHECKPOINT = 64, INSTANT_MAX = 64 };

/* What goes on while a report is written: the words that it used, and whether to go on. */
struct writing {
    struct json_writer json;
    const struct ctx *ctx;
    uint64_t n_done;
    bool is_used[WORD_COUNT];
};

static void listen(struct writing *writing)
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

static void put_word_at(struct writing *writing, const char *key, enum word word)
{
    json_key(&writing->json, key);
    put_word(writing, word);
}

static void put_text_at(struct writing *writing, const char *key, const char *text)
{
    json_key(&writing->json, key);
    json_text(&writing->json, text);
}

/* "2019-10-26T08:30:00.000Z": days to civil date as in Howard Hinnant's algorithms. */
static void format_instant(int64_t epoch_ms, char ret_text[INSTANT_MAX])
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
    snprintf(ret_text, INSTANT_MAX, "%04" PRId64 "-%02d-%02dT%02d:%02d:%02d.%03dZ", year,
        (int)month, (int)day, (int)(ms / 3600000), (int)(ms / 60000 % 60), (int)(ms / 1000 % 60),
        (int)(ms % 1000));
}

static void put_instant(struct writing *writing, int64_t epoch_ms)
{
    char text[INSTANT_MAX];
    if (epoch_ms == 0) {
        json_null(&writing->json);
        return;
    }
    format_instant(epoch_ms, text);
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
        put_text_at(writing, "not_provided", cell->text);
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
        put_instant(writing, cell->integer);
        return;
    case CELL_WORD:
        json_begin(json, '{');
        put_word_at(writing, "word", cell->word);
        json_end(json, '}');
        return;
    }
}

static void put_cells(
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
        put_text_at(writing, table->columns[i].id, is_tone ? tone_text(cell->tone) : cell->anchor);
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
        put_text_at(writing, "anchor", row->anchor);
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
    put_word_at(writing, "title", table->title);
    put_word_at(writing, "when_empty", table->when_empty);
    json_key(json, "columns");
    json_begin(json, '[');
    for (size_t i = 0; i < table->n_columns; i++) {
        json_begin(json, '{');
        put_text_at(writing, "id", table->columns[i].id);
        put_word_at(writing, "head", table->columns[i].head);
        put_text_at(writing, "align", align_text(table->columns[i].align));
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
            listen(writing);
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
    }
    return NULL;
}

static void put_series(struct writing *writing, const struct chart_series *series)
{
    struct json_writer *json = &writing->json;
    json_begin(json, '{');
    put_word_at(writing, "name", series->name);
    if (series->name_text != NULL) {
        put_text_at(writing, "name_text", series->name_text);
    }
    put_text_at(writing, "tone", tone_text(series->tone));
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
            put_text_at(writing, "label", point->label);
        }
        json_end(json, '}');
    }
    json_end(json, ']');
    json_end(json, '}');
}

static void put_chart(struct writing *writing, const struct chart *chart)
{
    struct json_writer *json = &writing->json;
    put_text_at(writing, "chart", chart_text(chart->kind));
    put_word_at(writing, "title", chart->title);
    put_word_at(writing, "x_title", chart->x_title);
    put_word_at(writing, "y_title", chart->y_title);
    json_key(json, "x_is_date");
    json_bool(json, chart->x_is_date);
    json_key(json, "y_is_percent");
    json_bool(json, chart->y_is_percent);
    put_cells(writing, "categories", chart->categories, chart->n_categories);
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
        put_text_at(writing, "id", fact->id);
        put_word_at(writing, "label", fact->label);
        json_key(json, "value");
        put_cell(writing, &fact->value);
        if (fact->value.anchor != NULL) {
            put_text_at(writing, "link", fact->value.anchor);
        }
        json_end(json, '}');
    }
    json_end(json, ']');
}

static const char *block_text(enum block_kind kind)
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

static void put_block_body(struct writing *writing, const struct block *block)
{
    switch (block->kind) {
    case BLOCK_PARAGRAPH:
        put_word_at(writing, "word", block->word);
        put_cells(writing, "arguments", block->arguments, block->n_arguments);
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
        put_word_at(writing, "word", block->word);
        put_text_at(writing, "source", block->source);
        return;
    case BLOCK_HEADING:
        put_word_at(writing, "word", block->word);
        return;
    }
}

static void put_section(struct writing *writing, const struct section *section)
{
    struct json_writer *json = &writing->json;
    json_begin(json, '{');
    json_key(json, "number");
    json_integer(json, section->number);
    put_text_at(writing, "id", section->id);
    put_word_at(writing, "title", section->title);
    put_text_at(writing, "anchor", section->anchor);
    json_key(json, "blocks");
    json_begin(json, '[');
    for (const struct block *block = section->first; block != NULL; block = block->next) {
        json_begin(json, '{');
        put_text_at(writing, "kind", block_text(block->kind));
        if (block->id != NULL) {
            put_text_at(writing, "id", block->id);
        }
        put_block_body(writing, block);
        json_end(json, '}');
        listen(writing);
    }
    json_end(json, ']');
    json_end(json, '}');
}

static const char *grade_text(enum grade grade)
{
    switch (grade) {
    case GRADE_CRITICAL:
        return "critical";
    case GRADE_MAJOR:
        return "major";
    case GRADE_MINOR:
        return "minor";
    case GRADE_RECOMMENDATION:
        return "recommendation";
    }
    return NULL;
}

static void put_finding(struct writing *writing, const struct finding *finding)
{
    struct json_writer *json = &writing->json;
    json_begin(json, '{');
    put_text_at(writing, "rule", finding->rule_code);
    put_text_at(writing, "grade", grade_text(finding->grade));
    put_word_at(writing, "area", finding->area);
    put_word_at(writing, "statement", finding->statement);
    put_cells(writing, "arguments", finding->arguments, finding->n_arguments);
    put_text_at(writing, "reference", finding->reference);
    put_text_at(writing, "anchor", finding->anchor);
    put_text_at(writing, "evidence", finding->evidence_anchor);
    json_key(json, "n_evidence");
    json_integer(json, finding->n_evidence);
    json_key(json, "section");
    json_integer(json, finding->section_number);
    json_end(json, '}');
}

static void put_cover(struct writing *writing, const struct report *report)
{
    struct json_writer *json = &writing->json;
    put_text_at(writing, "study", report->study_protocol);
    put_text_at(writing, "study_title", report->study_title);
    put_text_at(writing, "site_no", report->site_no);
    put_text_at(writing, "site_name", report->site_name);
    put_text_at(writing, "investigator", report->investigator);
    put_text_at(writing, "country", report->country);
    put_text_at(writing, "requester", report->requester);
    put_text_at(writing, "as_of", report->as_of);
    put_text_at(writing, "period_from", report->period_from);
    json_key(json, "is_final");
    json_bool(json, report->is_final);
    json_key(json, "snapshots");
    json_begin(json, '[');
    for (size_t i = 0; i < report->n_snapshots; i++) {
        json_begin(json, '{');
        put_text_at(writing, "source", report->snapshots[i].source);
        json_key(json, "at");
        put_instant(writing, report->snapshots[i].at);
        json_key(json, "data_version");
        json_integer(json, report->snapshots[i].data_version);
        json_end(json, '}');
    }
    json_end(json, ']');
}

static void put_report(struct writing *writing, const struct report *report)
{
    struct json_writer *json = &writing->json;
    json_begin(json, '{');
    put_cover(writing, report);
    json_key(json, "findings");
    json_begin(json, '[');
    for (const struct finding *finding = report->first_finding; finding != NULL;
         finding = finding->next) {
        put_finding(writing, finding);
    }
    json_end(json, ']');
    json_key(json, "sections");
    json_begin(json, '[');
    for (const struct section *section = report->first; section != NULL; section = section->next) {
        put_section(writing, section);
    }
    json_end(json, ']');
    json_end(json, '}');
}

static void put_words(struct writing *writing, enum language language)
{
    json_key(&writing->json, "words");
    json_begin(&writing->json, '{');
    for (int word = 0; word < WORD_COUNT; word++) {
        if (writing->is_used[word]) {
            put_text_at(writing, word_id((enum word)word), word_text((enum word)word, language));
        }
    }
    json_end(&writing->json, '}');
}

static struct writing *writing_new(const struct ctx *ctx, model_write_fn *write, void *arg)
{
    struct writing *writing = calloc(1, sizeof(*writing));
    if (writing != NULL) {
        json_init(&writing->json, write, arg);
        writing->ctx = ctx;
    }
    return writing;
}

static enum status hash_piece(void *arg, struct bytes piece)
{
    sha256_update(arg, piece.data, piece.len);
    return STATUS_OK;
}

enum status model_hash(const struct ctx *ctx, struct report *report)
{
    CLEANUP(sha256_free_at) struct sha256 *digest = sha256_new();
    struct writing *writing = writing_new(ctx, hash_piece, digest);
    if (digest == NULL || writing == NULL) {
        free(writing);
        return STATUS_RESOURCE_EXHAUSTED;
    }
    put_report(writing, report);
    enum status status = json_finish(&writing->json);
    free(writing);
    if (status == STATUS_OK) {
        sha256_finish_hex(digest, report->content_hash);
    }
    return status;
}

enum status model_write_json(const struct ctx *ctx, const struct report *report,
    enum language language, model_write_fn *write, void *arg)
{
    struct writing *writing = writing_new(ctx, write, arg);
    if (writing == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    json_begin(&writing->json, '{');
    put_text_at(writing, "schema", "walkie.audit-report/1");
    put_text_at(
        writing, "content_hash", report->content_hash[0] == '\0' ? NULL : report->content_hash);
    put_text_at(writing, "language", language_tag(language));
    json_key(&writing->json, "report");
    put_report(writing, report);
    put_words(writing, language);
    json_end(&writing->json, '}');
    enum status status = json_finish(&writing->json);
    free(writing);
    return status;
}
