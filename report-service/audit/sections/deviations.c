/* Section 8: protocol deviations, the important ones first. */
#include <stdlib.h>
#include <string.h>

#include "audit/sections/sections.h"

static const struct column DEVIATION_COLUMNS[] = {
    {"subject_no", WORD_HEAD_SUBJECT, ALIGN_START, 3},
    {"category", WORD_HEAD_CATEGORY, ALIGN_START, 4},
    {"occurred_on", WORD_HEAD_OCCURRED, ALIGN_START, 3},
    {"found_on", WORD_HEAD_FOUND, ALIGN_START, 3},
    {"reported_ec_on", WORD_HEAD_REPORTED_EC, ALIGN_START, 3},
    {"description", WORD_HEAD_DESCRIPTION, ALIGN_START, 7},
    {"capa", WORD_HEAD_CAPA, ALIGN_START, 5},
    {"status", WORD_HEAD_STATUS, ALIGN_START, 2},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

enum { CATEGORIES_MAX = 32 };

struct category {
    const char *code; /* "" when it has none */
    int64_t count;
};

static void add_facts(struct section_build *build)
{
    int64_t n_important = 0;
    int64_t n_undated = 0;
    int64_t n_open = 0;
    const struct ctms_facts *ctms = &build->facts->ctms;
    LIST_EACH(const struct deviation, deviation, &ctms->deviations) {
        n_important += deviation->is_important;
        n_undated += deviation->occurred_on == NULL;
        n_open += deviation->is_open;
    }
    struct section *section = build->section;
    struct block *facts = section_add_facts(section, "deviations");
    facts_add(
        section, facts, "total", WORD_DEVIATIONS, cell_integer((int64_t)ctms->deviations.count));
    facts_add(section, facts, "important", WORD_IMPORTANT, cell_integer(n_important));
    facts_add(section, facts, "undated", WORD_UNDATED, cell_integer(n_undated));
    facts_add(section, facts, "open", WORD_OPEN,
        section_cell(&ctms->base, "deviation", "status", cell_integer(n_open)));
}

/* Largest first; equal ones by code, so that equal data gives equal charts. */
static int by_count(const void *a, const void *b)
{
    const struct category *left = a;
    const struct category *right = b;
    if (left->count != right->count) {
        return left->count < right->count ? 1 : -1;
    }
    return strcmp(left->code, right->code);
}

static size_t count_categories(
    const struct audit_facts *facts, struct category categories[CATEGORIES_MAX])
{
    size_t n_categories = 0;
    LIST_EACH(const struct deviation, deviation, &facts->ctms.deviations) {
        const char *code = deviation->category == NULL ? "" : deviation->category;
        size_t i = 0;
        while (i < n_categories && strcmp(categories[i].code, code) != 0) {
            i++;
        }
        if (i < CATEGORIES_MAX) {
            n_categories += i == n_categories;
            categories[i].code = code;
            categories[i].count++;
        }
    }
    qsort(categories, n_categories, sizeof(*categories), by_count);
    return n_categories;
}

static void add_pareto(struct section_build *build)
{
    struct category categories[CATEGORIES_MAX] = {0};
    size_t n_categories = count_categories(build->facts, categories);
    if (n_categories == 0) {
        return;
    }
    struct chart *chart = section_add_chart(
        build->section, "deviation_categories", CHART_PARETO, WORD_CHART_DEVIATIONS);
    chart->x_title = WORD_HEAD_CATEGORY;
    chart->y_title = WORD_COUNT_AXIS;
    chart_set_categories(chart, n_categories);
    struct chart_series *series =
        chart_add_series(chart, WORD_DEVIATIONS, TONE_NOTICE, n_categories);
    for (size_t i = 0; i < n_categories; i++) {
        chart_set_category(chart, i,
            categories[i].code[0] == '\0' ? cell_word(WORD_UNKNOWN)
                                          : cell_code(VOCABULARY_DEVIATION, categories[i].code));
        *chart_point_at(series, i) =
            (struct chart_point){.x = (double)i, .y = (double)categories[i].count};
    }
}

static void add_rows(struct section_build *build, const char *id, enum word title, bool important)
{
    const struct ctms_facts *ctms = &build->facts->ctms;
    struct table *table = section_add_table(
        build->section, id, title, DEVIATION_COLUMNS, LENGTH_OF(DEVIATION_COLUMNS));
    size_t n_rows = 0;
    LIST_EACH(const struct deviation, deviation, &ctms->deviations) {
        if (deviation->is_important != important || n_rows++ >= SECTION_TABLE_ROWS_MAX) {
            continue;
        }
        struct cell *cells = section_add_evidence_row(build, table, deviation->marks);
        cells[0] = deviation->subject_no == NULL ? cell_word(WORD_WHOLE_SITE)
                                                 : cell_text(deviation->subject_no);
        cells[1] = cell_code(VOCABULARY_DEVIATION, deviation->category);
        cells[2] = deviation->occurred_on == NULL ? cell_tone(cell_word(WORD_UNDATED), TONE_NOTICE)
                                                  : cell_date(deviation->occurred_on);
        cells[3] =
            section_cell(&ctms->base, "deviation", "found_on", cell_date(deviation->found_on));
        cells[4] = section_cell(
            &ctms->base, "deviation", "reported_ec_on", cell_date(deviation->reported_ec_on));
        cells[5] = section_cell(
            &ctms->base, "deviation", "description", cell_text(deviation->description));
        cells[6] = section_cell(&ctms->base, "deviation", "capa", cell_text(deviation->capa));
        cells[7] = section_cell(&ctms->base, "deviation", "status",
            cell_word(deviation->is_open ? WORD_OPEN : WORD_CLOSED));
    }
    section_say_cut(build, n_rows);
}

void section_deviations(struct section_build *build)
{
    if (section_lacks(build, &build->facts->ctms.base, "deviation", NULL, WORD_DEVIATIONS)) {
        return;
    }
    add_facts(build);
    add_pareto(build);
    add_rows(build, "important_deviations", WORD_TABLE_IMPORTANT_DEVIATIONS, true);
    add_rows(build, "other_deviations", WORD_TABLE_OTHER_DEVIATIONS, false);
}
