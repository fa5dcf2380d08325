/* The values of a batch's forms. Most of the time of a validation is spent in the rows here. */
#include <stdlib.h>
#include <string.h>

#include "crf/batch.h"

/* Forms whose keys lie close together are read by a range of keys, which both databases do in one
 * walk over the index of (form_id, …); the others subject by subject. */
#define COLUMNS "SELECT d.form_id, d.item_def_id, d.repeat_no, d.value, d.item_id"

static const char DENSE_SQL[] = COLUMNS " FROM item_data d WHERE d.form_id BETWEEN $1 AND $2";

static const char SPARSE_SQL[] =
    COLUMNS " FROM subject s JOIN subject_event e ON e.subject_id = s.subject_id"
            " JOIN form f ON f.event_id = e.event_id JOIN item_data d ON d.form_id = f.form_id"
            " WHERE s.subject_id BETWEEN $1 AND $2 AND (s.site_id = $3 OR $3 = 0)";

struct items {
    const struct crf_study *study;
    struct crf_batch *batch;
    int64_t form_id; /* of the row before */
    bool has_form;   /* it is of the batch */
    uint32_t form;
};

static enum status take(struct items *items, const struct db_rows *rows)
{
    struct crf_batch *batch = items->batch;
    int64_t form_id = db_column_integer(rows, 0);
    if (form_id != items->form_id) {
        items->form_id = form_id;
        items->has_form = id_index_find(&batch->form_index, form_id, &items->form);
    }
    if (!items->has_form) {
        return STATUS_OK; /* of others, or of a page that is missing */
    }
    batch->n_items++;
    uint32_t number;
    if (!id_index_find(&items->study->item_index, db_column_integer(rows, 1), &number)) {
        return STATUS_OK;
    }
    const struct crf_item *item = &study_items(items->study)[number];
    struct crf_form *form = &batch_forms(batch)[items->form];
    if (item->slot == STUDY_NO_SLOT || item->form != form->def) {
        return STATUS_OK; /* no check asks for it */
    }
    uint32_t cell_number = (uint32_t)(batch->cells.len / sizeof(struct crf_cell)) + 1;
    struct crf_cell *cell = array_add(&batch->cells, sizeof(*cell));
    if (cell == NULL || reader_text(batch->arena, rows, 3, &cell->text) != STATUS_OK) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    cell->slot = item->slot;
    cell->repeat = db_column_integer(rows, 2);
    cell->item_id = db_column_integer(rows, 4);
    cell->next = form->first_cell;
    form->first_cell = cell_number;
    form->n_cells++;
    check_value_parse(item->kind, cell->text, &cell->value);
    return STATUS_OK;
}

static enum status read_rows(const struct reader *reader, struct db_rows *rows, struct items *items)
{
    for (uint64_t n_rows = 1;; n_rows++) {
        bool has_row = false;
        enum status status = n_rows % BATCH_ROWS_PER_POLL == 0 ? ctx_err(reader->ctx) : STATUS_OK;
        if (status == STATUS_OK) {
            status = db_next(reader->ctx, rows, &has_row, reader->error);
        }
        if (status != STATUS_OK || !has_row) {
            return status;
        }
        status = take(items, rows);
        if (status != STATUS_OK) {
            return status;
        }
    }
}

static int compare_repeats(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* The different repeats of the form's cells, in ascending order. */
static int64_t *find_repeats(struct crf_batch *batch, struct crf_form *form)
{
    const struct crf_cell *cells = batch_cells(batch);
    int64_t *repeats = arena_alloc_array(batch->arena, form->n_cells, sizeof(*repeats));
    if (repeats == NULL) {
        return NULL;
    }
    size_t n = 0;
    for (uint32_t at = form->first_cell; at != 0; at = cells[at - 1].next) {
        repeats[n++] = cells[at - 1].repeat;
    }
    qsort(repeats, n, sizeof(*repeats), compare_repeats);
    size_t n_rows = 0;
    for (size_t i = 0; i < n; i++) {
        if (n_rows == 0 || repeats[n_rows - 1] != repeats[i]) {
            repeats[n_rows++] = repeats[i];
        }
    }
    form->n_rows = (uint32_t)n_rows;
    return repeats;
}

/* Values by row and slot. Nearly all forms have one row only. */
static enum status place_cells(
    const struct crf_study *study, struct crf_batch *batch, struct crf_form *form)
{
    if (form->n_cells == 0) {
        return STATUS_OK;
    }
    const struct crf_cell *cells = batch_cells(batch);
    int64_t repeat = cells[form->first_cell - 1].repeat;
    const int64_t *repeats = &repeat;
    form->n_rows = 1;
    for (uint32_t at = form->first_cell; at != 0; at = cells[at - 1].next) {
        if (cells[at - 1].repeat != repeat) {
            repeats = find_repeats(batch, form);
            break;
        }
    }
    uint32_t n_slots = study_forms(study)[form->def].n_slots;
    form->cell_of = repeats == NULL ? NULL
                                    : arena_alloc_array(batch->arena,
                                          (size_t)form->n_rows * n_slots, sizeof(*form->cell_of));
    if (form->cell_of == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    for (uint32_t at = form->first_cell; at != 0; at = cells[at - 1].next) {
        const struct crf_cell *cell = &cells[at - 1];
        const int64_t *row =
            bsearch(&cell->repeat, repeats, form->n_rows, sizeof(*repeats), compare_repeats);
        if (row != NULL) {
            form->cell_of[(size_t)(row - repeats) * n_slots + cell->slot] = at;
        }
    }
    return STATUS_OK;
}

static enum status read_items(const struct reader *reader, const struct crf_subjects *subjects,
    const struct crf_range *range, struct items *items)
{
    const struct crf_subject *first = subjects_at(subjects, range->first);
    const struct crf_subject *last = subjects_at(subjects, range->first + range->n - 1);
    const struct db_value dense[] = {db_integer(range->first_form), db_integer(range->last_form)};
    const struct db_value sparse[] = {
        db_integer(first->id), db_integer(last->id), db_integer(items->study->site_id)};
    struct db_rows *rows = NULL;
    enum status status = range->is_dense ? db_query(reader->ctx, reader->session, DENSE_SQL, dense,
                                               LENGTH_OF(dense), &rows, reader->error)
                                         : db_query(reader->ctx, reader->session, SPARSE_SQL,
                                               sparse, LENGTH_OF(sparse), &rows, reader->error);
    if (status == STATUS_OK) {
        status = read_rows(reader, rows, items);
    }
    db_rows_free(rows);
    return status;
}

enum status batch_read_items(const struct reader *reader, const struct crf_study *study,
    const struct crf_subjects *subjects, const struct crf_range *range, struct crf_batch *batch)
{
    if (!study->has_values || range->n_forms == 0) {
        return STATUS_OK;
    }
    struct items items = {.study = study, .batch = batch, .form_id = INT64_MIN};
    enum status status = read_items(reader, subjects, range, &items);
    for (size_t i = 0; i < batch_n_forms(batch) && status == STATUS_OK; i++) {
        status = i % BATCH_ROWS_PER_POLL == 0 ? ctx_err(reader->ctx) : STATUS_OK;
        if (status == STATUS_OK) {
            status = place_cells(study, batch, &batch_forms(batch)[i]);
        }
    }
    return status;
}
