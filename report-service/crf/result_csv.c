/* The problems as CSV: a row each. The heads are the ids of the JSON, the same in every language.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/csv_writer.h"
#include "crf/result.h"

struct csv_result {
    struct crf_run *run;
    enum language language;
    struct csv_writer csv;
};

enum { NUMBER_MAX = 24 };

static void put_cell(struct csv_result *result, enum result_column column,
    const struct result_cell cells[RESULT_COLUMNS])
{
    const struct result_cell *cell = &cells[column];
    char number[NUMBER_MAX];
    char statement[RESULT_STATEMENT_MAX];
    switch (cell->kind) {
    case RESULT_NULL:
        csv_plain(&result->csv, "");
        break;
    case RESULT_TEXT:
        csv_text(&result->csv, cell->text);
        break;
    case RESULT_INTEGER:
        snprintf(number, sizeof(number), "%" PRId64, cell->integer);
        csv_plain(&result->csv, number);
        break;
    case RESULT_WORD:
        if (column != RESULT_STATEMENT) {
            csv_plain(&result->csv, word_id(cell->word));
            break;
        }
        result_statement(cell->word, result->language, cells[RESULT_CHECK].text,
            cells[RESULT_VALUE].text, statement);
        csv_text(&result->csv, statement);
        break;
    }
}

static enum status on_problem(void *arg, const struct crf_problem *problem, const char *value)
{
    struct csv_result *result = arg;
    struct result_cell cells[RESULT_COLUMNS];
    result_cells(result->run, problem, value, cells);
    for (int column = 0; column < RESULT_COLUMNS; column++) {
        put_cell(result, (enum result_column)column, cells);
    }
    csv_end_row(&result->csv);
    return result->csv.status;
}

static enum status write(struct crf_run *run, const struct reader *reader, void *arg)
{
    struct csv_result *result = arg;
    for (int column = 0; column < RESULT_COLUMNS; column++) {
        csv_plain(&result->csv, RESULT_HEADS[column].id);
    }
    csv_end_row(&result->csv);
    enum status status =
        run_each_problem(run, reader->ctx, "render", on_problem, result, reader->error);
    return status == STATUS_OK ? csv_finish(&result->csv) : status;
}

enum status crf_write_csv(struct crf_run *run, const struct ctx *ctx, enum language language,
    crf_write_fn *write_piece, void *arg, struct error *ret_error)
{
    struct csv_result result = {.run = run, .language = language};
    csv_init(&result.csv, write_piece, arg);
    const struct reader reader = {ctx, NULL, ret_error};
    return run_enter(run, &reader, CRF_RENDER, write, &result);
}
