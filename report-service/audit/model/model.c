#include "audit/model/model.h"

#include <assert.h>
#include <stdlib.h>

/* Where builders write when memory has run out. Shared and never read: report_is_complete keeps
 * such a report from being used. Thread-local so that two failing builders do not race. */
static _Thread_local struct {
    struct section section;
    struct finding finding;
    struct block block;
    struct table table;
    struct chart chart;
    struct chart_series series;
    struct chart_point point;
    struct cell cells[64];
} spill;

enum { TABLE_COLUMNS_MAX = LENGTH_OF(spill.cells) };

struct report *report_new(size_t memory_max)
{
    struct arena *arena = arena_new(memory_max);
    if (arena == NULL) {
        return NULL;
    }
    struct report *report = arena_alloc(arena, sizeof(*report));
    if (report == NULL) {
        arena_free(arena);
        return NULL;
    }
    report->arena = arena;
    return report;
}

void report_free(struct report *report)
{
    if (report == NULL) {
        return;
    }
    for (size_t i = 0; i < report->n_kept_arenas; i++) {
        arena_free(report->kept_arenas[i]);
    }
    arena_free(report->arena); /* the report itself lives in it: last */
}

void report_keep_arena(struct report *report, struct arena *arena)
{
    assert(report->n_kept_arenas < REPORT_ARENAS_MAX);
    report->kept_arenas[report->n_kept_arenas++] = arena;
}

enum status report_is_complete(const struct report *report)
{
    return arena_has_failed(report->arena) ? STATUS_RESOURCE_EXHAUSTED : STATUS_OK;
}

struct section *report_add_section(
    struct report *report, int number, const char *id, enum word title)
{
    struct section *section = arena_alloc(report->arena, sizeof(*section));
    if (section == NULL) {
        spill.section = (struct section){.report = report};
        return &spill.section;
    }
    section->number = number;
    section->id = id;
    section->title = title;
    section->anchor = arena_printf(report->arena, "section-%d", number);
    section->report = report;
    if (report->last == NULL) {
        report->first = section;
    } else {
        report->last->next = section;
    }
    report->last = section;
    return section;
}

struct finding *report_add_finding(struct report *report, const char *rule_code, enum grade grade)
{
    struct finding *finding = arena_alloc(report->arena, sizeof(*finding));
    if (finding == NULL) {
        spill.finding = (struct finding){.rule_code = rule_code};
        return &spill.finding;
    }
    finding->rule_code = rule_code;
    finding->grade = grade;
    finding->anchor = arena_printf(report->arena, "finding-%s", rule_code);
    if (report->last_finding == NULL) {
        report->first_finding = finding;
    } else {
        report->last_finding->next = finding;
    }
    report->last_finding = finding;
    report->n_findings++;
    return finding;
}

static struct block *section_add_block(struct section *section, enum block_kind kind)
{
    struct block *block = arena_alloc(section->report->arena, sizeof(*block));
    if (block == NULL) {
        spill.block = (struct block){.kind = kind};
        return &spill.block;
    }
    block->kind = kind;
    if (section->last == NULL) {
        section->first = block;
    } else {
        section->last->next = block;
    }
    section->last = block;
    return block;
}

struct block *section_add_paragraph(struct section *section, enum word template_word,
    const struct cell *arguments, size_t n_arguments)
{
    struct block *block = section_add_block(section, BLOCK_PARAGRAPH);
    block->word = template_word;
    for (size_t i = 0; i < n_arguments && i < PARAGRAPH_ARGUMENTS_MAX; i++) {
        block->arguments[block->n_arguments++] = arguments[i];
    }
    return block;
}

struct block *section_add_heading(struct section *section, enum word word)
{
    struct block *block = section_add_block(section, BLOCK_HEADING);
    block->word = word;
    return block;
}

struct block *section_add_not_provided(struct section *section, enum word what, const char *source)
{
    struct block *block = section_add_block(section, BLOCK_NOT_PROVIDED);
    block->word = what;
    block->source = source;
    return block;
}

struct block *section_add_facts(struct section *section, const char *id)
{
    struct block *block = section_add_block(section, BLOCK_FACTS);
    block->id = id;
    return block;
}

void facts_add(struct section *section, struct block *facts, const char *id, enum word label,
    struct cell value)
{
    struct fact *fact = arena_alloc(section->report->arena, sizeof(*fact));
    if (fact == NULL) {
        return;
    }
    fact->id = id;
    fact->label = label;
    fact->value = value;
    if (facts->last_fact == NULL) {
        facts->first_fact = fact;
    } else {
        facts->last_fact->next = fact;
    }
    facts->last_fact = fact;
}

struct table *section_add_table(struct section *section, const char *id, enum word title,
    const struct column *columns, size_t n_columns)
{
    struct block *block = section_add_block(section, BLOCK_TABLE);
    struct table *table = arena_alloc(section->report->arena, sizeof(*table));
    if (table == NULL) {
        table = &spill.table;
    }
    *table = (struct table){.id = id,
        .title = title,
        .columns = columns,
        .n_columns = n_columns < TABLE_COLUMNS_MAX ? n_columns : TABLE_COLUMNS_MAX,
        .when_empty = WORD_NO_ROWS,
        .report = section->report};
    block->id = id;
    block->table = table;
    return table;
}

struct cell *table_add_row(struct table *table)
{
    struct table_row *row =
        arena_alloc(table->report->arena, sizeof(*row) + table->n_columns * sizeof(row->cells[0]));
    if (row == NULL) {
        return spill.cells;
    }
    if (table->last == NULL) {
        table->first = row;
    } else {
        table->last->next = row;
    }
    table->last = row;
    table->n_rows++;
    return row->cells;
}

struct chart *section_add_chart(
    struct section *section, const char *id, enum chart_kind kind, enum word title)
{
    struct block *block = section_add_block(section, BLOCK_CHART);
    struct chart *chart = arena_alloc(section->report->arena, sizeof(*chart));
    if (chart == NULL) {
        chart = &spill.chart;
    }
    *chart = (struct chart){.id = id, .kind = kind, .title = title, .report = section->report};
    block->id = id;
    block->chart = chart;
    return chart;
}

struct chart_series *chart_add_series(
    struct chart *chart, enum word name, enum tone tone, size_t n_points)
{
    struct arena *arena = chart->report->arena;
    struct chart_series *series = arena_alloc(arena, sizeof(*series));
    struct chart_point *points = arena_alloc_array(arena, n_points + 1, sizeof(*points));
    if (series == NULL || points == NULL) {
        spill.series = (struct chart_series){.name = name};
        return &spill.series;
    }
    series->name = name;
    series->tone = tone;
    series->n_points = n_points;
    series->points = points;
    if (chart->last == NULL) {
        chart->first = series;
    } else {
        chart->last->next = series;
    }
    chart->last = series;
    chart->n_series++;
    return series;
}

void chart_set_categories(struct chart *chart, size_t n_categories)
{
    chart->categories =
        arena_alloc_array(chart->report->arena, n_categories + 1, sizeof(*chart->categories));
    chart->n_categories = chart->categories == NULL ? 0 : n_categories;
}

void chart_set_category(struct chart *chart, size_t index, struct cell category)
{
    if (index < chart->n_categories) {
        chart->categories[index] = category;
    }
}

struct chart_point *chart_point_at(struct chart_series *series, size_t index)
{
    return index < series->n_points ? &series->points[index] : &spill.point;
}
