#include "audit/document/table_plan.h"

#include <stdlib.h>
#include <string.h>

struct demand {
    double word; /* of the widest word, padding included */
    double line; /* of the widest content on one line */
    double weight;
};

double table_inset(const struct table *table, const struct table_plan *plan, size_t column)
{
    static const double INSET = 9;
    if (column == 0) {
        return 0;
    }
    enum align before = table->columns[plan->columns[column - 1]].align;
    enum align here = table->columns[plan->columns[column]].align;
    return before == ALIGN_END && here == ALIGN_START ? INSET : 0;
}

static void widen(struct demand *demand, struct text_measure measure, double inset)
{
    double word = measure.word_width + 2 * CELL_PADDING_X + inset;
    double line = measure.line_width + 2 * CELL_PADDING_X + inset;
    demand->word = word > demand->word ? word : demand->word;
    demand->line = line > demand->line ? line : demand->line;
}

static void find_demands(struct document *document, const struct table *table,
    const struct table_plan *plan, struct demand *demands)
{
    for (size_t i = 0; i < plan->n_columns; i++) {
        const struct column *column = &table->columns[plan->columns[i]];
        demands[i] = (struct demand){.weight = column->weight > 0 ? column->weight : 1};
        widen(&demands[i],
            text_measure(document->text, plan->head_style, document_word(document, column->head)),
            table_inset(table, plan, i));
    }
    size_t step = table->n_rows / PLAN_SAMPLE_ROWS + 1;
    size_t index = 0;
    for (const struct table_row *row = table->first; row != NULL; row = row->next, index++) {
        if (index % step != 0) {
            continue;
        }
        for (size_t i = 0; i < plan->n_columns; i++) {
            char room[CELL_TEXT_MAX];
            const char *string =
                format_cell(&row->cells[plan->columns[i]], document->language, room);
            widen(&demands[i], text_measure(document->text, plan->cell_style, string),
                table_inset(table, plan, i));
        }
    }
}

static double sum_words(const struct demand *demands, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += demands[i].word;
    }
    return sum;
}

static double sum_lines(const struct demand *demands, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += demands[i].line;
    }
    return sum;
}

/* Everything fits on one line: each column gets that, and the rest is spread evenly by size. */
static void spread_all(struct table_plan *plan, const struct demand *demands, double lines)
{
    for (size_t i = 0; i < plan->n_columns; i++) {
        plan->widths[i] = demands[i].line * BODY_WIDTH / lines;
    }
}

/* Share the width by weight, but give no column more than its longest line needs or less than its
 * longest word does. A column that hits a bound is settled, and the rest shared anew. */
static void share_by_weight(struct table_plan *plan, const struct demand *demands)
{
    bool is_settled[DOCUMENT_COLUMNS_MAX] = {false};
    double left = BODY_WIDTH;
    bool is_changed = true;
    while (is_changed) {
        is_changed = false;
        double weights = 0;
        double excess = 0; /* what raising to the words would take more than capping gives back */
        for (size_t i = 0; i < plan->n_columns; i++) {
            weights += is_settled[i] ? 0 : demands[i].weight;
        }
        for (size_t i = 0; i < plan->n_columns; i++) {
            if (!is_settled[i]) {
                double share = left * demands[i].weight / weights;
                double width = share < demands[i].word ? demands[i].word : share;
                width = width > demands[i].line ? demands[i].line : width;
                plan->widths[i] = width;
                excess += width - share;
            }
        }
        for (size_t i = 0; i < plan->n_columns; i++) {
            double share = is_settled[i] ? 0 : left * demands[i].weight / weights;
            bool is_raised = !is_settled[i] && plan->widths[i] > share;
            bool is_capped = !is_settled[i] && plan->widths[i] < share;
            if ((excess >= 0 && is_raised) || (excess <= 0 && is_capped)) {
                is_settled[i] = true;
                is_changed = true;
            }
        }
        if (is_changed) {
            left = BODY_WIDTH;
            for (size_t i = 0; i < plan->n_columns; i++) {
                left -= is_settled[i] ? plan->widths[i] : 0;
            }
        }
    }
}

/* Not even the longest words fit side by side: the widest columns are cut down to one width, at
 * which all of them fit, and break their words; the narrower ones keep theirs whole. */
static void squeeze(struct table_plan *plan, const struct demand *demands)
{
    size_t n_cut = plan->n_columns;
    double width = BODY_WIDTH / (double)n_cut;
    bool is_changed = true;
    while (is_changed) {
        is_changed = false;
        double kept = 0;
        size_t n_wide = 0;
        for (size_t i = 0; i < plan->n_columns; i++) {
            kept += demands[i].word <= width ? demands[i].word : 0;
            n_wide += demands[i].word > width ? 1 : 0;
        }
        if (n_wide > 0 && n_wide < n_cut) {
            n_cut = n_wide;
            width = (BODY_WIDTH - kept) / (double)n_wide;
            is_changed = true;
        }
    }
    for (size_t i = 0; i < plan->n_columns; i++) {
        plan->widths[i] = demands[i].word <= width ? demands[i].word : width;
    }
}

/* One very long word (a hash, a list without blanks) must not starve the other columns. */
static void limit_words(struct demand *demands, size_t n)
{
    double limit = n > 2 ? BODY_WIDTH * 0.4 : BODY_WIDTH * 0.7;
    for (size_t i = 0; i < n; i++) {
        demands[i].word = demands[i].word > limit ? limit : demands[i].word;
    }
}

static void decide(struct document *document, const struct table *table, struct table_plan *plan)
{
    struct demand demands[DOCUMENT_COLUMNS_MAX];
    plan->cell_style = &STYLE_CELL;
    plan->head_style = &STYLE_HEAD;
    find_demands(document, table, plan, demands);
    limit_words(demands, plan->n_columns);
    if (sum_words(demands, plan->n_columns) > BODY_WIDTH) {
        plan->cell_style = &STYLE_TINY;
        plan->head_style = &STYLE_TINY_BOLD;
        find_demands(document, table, plan, demands);
        limit_words(demands, plan->n_columns);
    }
    double words = sum_words(demands, plan->n_columns);
    double lines = sum_lines(demands, plan->n_columns);
    if (lines <= BODY_WIDTH) {
        spread_all(plan, demands, lines);
    } else if (words >= BODY_WIDTH) {
        squeeze(plan, demands);
    } else {
        share_by_weight(plan, demands);
    }
}

const struct table_plan *table_plan_get(struct document *document, const struct table *table)
{
    if (document->cr != NULL) {
        const struct table_plan *plan = document->next_plan;
        document->next_plan = plan->next;
        return plan;
    }
    size_t shown[DOCUMENT_COLUMNS_MAX];
    size_t n_columns = table_find_shown(table, shown);
    struct table_plan *plan = calloc(1, sizeof(*plan) + n_columns * sizeof(plan->widths[0]));
    if (plan == NULL) {
        return NULL;
    }
    plan->n_columns = n_columns;
    memcpy(plan->columns, shown, n_columns * sizeof(shown[0]));
    decide(document, table, plan);
    if (document->last_plan == NULL) {
        document->first_plan = plan;
    } else {
        document->last_plan->next = plan;
    }
    document->last_plan = plan;
    return plan;
}

void table_plans_free(struct document *document)
{
    struct table_plan *next;
    for (struct table_plan *plan = document->first_plan; plan != NULL; plan = next) {
        next = plan->next;
        free(plan);
    }
    document->first_plan = NULL;
    document->last_plan = NULL;
}
