#include "audit/sources/fetch.h"

#include <string.h>

#include "audit/sources/dates.h"
#include "ctx/checkpoint.h"
#include "obs/span.h"

enum status fetch_rows(const struct ctx *ctx, struct fetch *fetch, const char *sql,
    const struct db_value *values, size_t n_values, fetch_row_fn *on_row)
{
    struct db_rows *rows;
    enum status status = db_query(ctx, fetch->session, sql, values, n_values, &rows, &fetch->error);
    if (status != STATUS_OK) {
        return status;
    }
    bool has_row = true;
    while (status == STATUS_OK) {
        status = db_next(ctx, rows, &has_row, &fetch->error);
        if (status != STATUS_OK || !has_row) {
            break;
        }
        status = on_row(fetch, rows);
        if (++fetch->base->n_rows % FETCH_ROWS_PER_CHECKPOINT == 0 && status == STATUS_OK) {
            status = ctx_checkpoint(ctx, fetch->stage, fetch->base->n_rows, 0);
        }
    }
    db_rows_free(rows);
    return status;
}

enum status fetch_out_of_memory(struct fetch *fetch)
{
    return error_set(&fetch->error, STATUS_RESOURCE_EXHAUSTED,
        "%s: the site's rows do not fit the memory of one report", fetch->base->source);
}

void *fetch_new(struct fetch *fetch, size_t size)
{
    return arena_alloc(fetch->base->arena, size);
}

const char *fetch_text(struct fetch *fetch, const struct db_rows *rows, int column)
{
    return arena_copy_text(fetch->base->arena, db_column_text(rows, column));
}

const char *fetch_date(struct fetch *fetch, const struct db_rows *rows, int column)
{
    int64_t day;
    const char *text = db_column_text(rows, column);
    return date_first_day(text, &day) ? arena_copy_text(fetch->base->arena, text) : NULL;
}

int64_t fetch_stamp(const struct fetch *fetch, const struct db_rows *rows, int column)
{
    int64_t at = db_column_integer(rows, column);
    return at <= fetch->facts->as_of_end_ms ? at : 0;
}

bool fetch_is_word(const struct db_rows *rows, int column, const char *word)
{
    const char *text = db_column_text(rows, column);
    return text != NULL && strcmp(text, word) == 0;
}

const struct subject *fetch_subject(
    const struct fetch *fetch, const struct subject *before, int64_t subject_id)
{
    if (before != NULL && before->id == subject_id) {
        return before;
    }
    LIST_EACH(const struct subject, subject, &fetch->facts->edc.subjects) {
        if (subject->id == subject_id) {
            return subject;
        }
    }
    return NULL;
}

bool fetch_has_come(const struct fetch *fetch, const char *date, bool when_unknown)
{
    int64_t day;
    return date_first_day(date, &day) ? day <= fetch->facts->as_of_day : when_unknown;
}

enum status fetch_say_missing(struct fetch *fetch, const char *name, const char *note)
{
    struct not_provided *missing = fetch_new(fetch, sizeof(*missing));
    if (missing == NULL) {
        return fetch_out_of_memory(fetch);
    }
    missing->name = name;
    missing->note = note;
    list_add(&fetch->base->not_provided, &missing->node);
    return STATUS_OK;
}

bool fetch_has_summary(const struct fetch *fetch)
{
    return fetch->summary_version > 0 && fetch->summary_version == fetch->base->data_version;
}

static enum status run_steps(
    const struct ctx *ctx, struct fetch *fetch, const struct fetch_step *steps, size_t n_steps)
{
    for (size_t i = 0; i < n_steps; i++) {
        if ((steps[i].sections & fetch->facts->sections) == 0) {
            continue;
        }
        enum status status = ctx_checkpoint(ctx, fetch->stage, fetch->base->n_rows, 0);
        if (status == STATUS_OK) {
            status = steps[i].run(ctx, fetch);
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    return arena_has_failed(fetch->base->arena) ? fetch_out_of_memory(fetch) : STATUS_OK;
}

enum status fetch_run_steps(
    const struct ctx *ctx, struct fetch *fetch, const struct fetch_step *steps, size_t n_steps)
{
    struct span span;
    span_begin(ctx, fetch->stage, &span);
    enum status status = run_steps(span.ctx, fetch, steps, n_steps);
    span_end(&span, status,
        &(struct span_facts){.text_key = SPAN_CACHE,
            .text = fetch->cache_outcome,
            .numbers = {{SPAN_ROWS, fetch->base->n_rows}}});
    return status;
}
