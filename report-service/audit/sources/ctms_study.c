/* Deviations of every site of the study, as of nine days at once. */
#include <stdlib.h>
#include <string.h>

#include "audit/sources/study.h"

/* A deviation is known from the day it was found; undated ones always were. */
static const char DEVIATIONS_SQL[] =
    "SELECT site_id, " STUDY_FIRST_DAY ", sum(is_important),"
    " count(*) FROM (SELECT i.site_id AS site_id, coalesce(d.found_on, d.occurred_on) AS at,"
    " CASE WHEN d.important <> 0 THEN 1 ELSE 0 END AS is_important"
    " FROM site i JOIN deviation d ON d.site_id = i.site_id WHERE i.study_id = $1) AS found"
    " WHERE at IS NULL OR at <= $10 GROUP BY site_id, first_day ORDER BY site_id, first_day";

static const char SITES_SQL[] =
    "SELECT site_id, site_no FROM site WHERE study_id = $1 ORDER BY site_id";

static enum status on_site(struct fetch *fetch, const struct db_rows *rows)
{
    struct study_run *run = fetch->study;
    struct study_deviations_row *row = arena_alloc(run->scratch, sizeof(*row));
    if (row == NULL) {
        return fetch_out_of_memory(fetch);
    }
    row->site.id = db_column_integer(rows, 0);
    row->site.site_no = arena_copy_text(run->made->arena, db_column_text(rows, 1));
    list_add(&run->rows, &row->node);
    return row->site.site_no == NULL ? fetch_out_of_memory(fetch) : STATUS_OK;
}

/* Rows come in the order of the sites' ids, as the list has them. */
static enum status on_deviations(struct fetch *fetch, const struct db_rows *rows)
{
    struct study_run *run = fetch->study;
    struct study_deviations_row *row = (struct study_deviations_row *)run->at;
    while (row != NULL && row->site.id != db_column_integer(rows, 0)) {
        row = (struct study_deviations_row *)row->node.next;
    }
    run->at = row == NULL ? NULL : &row->node;
    for (size_t day = (size_t)db_column_integer(rows, 1); day < STUDY_DAYS && row != NULL; day++) {
        row->site.n_important[day] += db_column_integer(rows, 2);
        row->site.n_other[day] += db_column_integer(rows, 3) - db_column_integer(rows, 2);
    }
    return STATUS_OK;
}

static int compare_numbers(const void *a, const void *b)
{
    return strcmp(
        ((const struct site_deviations *)a)->site_no, ((const struct site_deviations *)b)->site_no);
}

enum status fetch_ctms_study(const struct ctx *ctx, struct fetch *fetch)
{
    struct study_run *run = fetch->study;
    struct study_deviations *study = CONTAINER_OF(run->made, struct study_deviations, facts);
    struct db_value values[STUDY_DAYS + 1] = {db_integer(fetch->base->study_id)};
    for (size_t i = 0; i < STUDY_DAYS; i++) {
        values[i + 1] = db_text(run->dates[i]);
    }
    enum status status = fetch_rows(ctx, fetch, SITES_SQL, values, 1, on_site);
    run->at = run->rows.first;
    if (status == STATUS_OK) {
        status = fetch_rows(ctx, fetch, DEVIATIONS_SQL, values, LENGTH_OF(values), on_deviations);
    }
    if (status != STATUS_OK) {
        return status;
    }
    study->sites = arena_alloc_array(run->made->arena, run->rows.count + 1, sizeof(*study->sites));
    if (study->sites == NULL) {
        return fetch_out_of_memory(fetch);
    }
    LIST_EACH(const struct study_deviations_row, row, &run->rows) {
        study->sites[study->n_sites++] = row->site;
    }
    qsort(study->sites, study->n_sites, sizeof(*study->sites), compare_numbers);
    return STATUS_OK;
}
