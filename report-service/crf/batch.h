/* Some subjects with all their visits, forms and values in memory: as many as make a good read, and
 * no more. Private to crf/.
 *
 *     while (subjects_next_batch(&subjects, &range)) {
 *         status = batch_read(&reader, &study, &subjects, &range, &batch);
 *         … batch_patients(&batch) … batch_events(&batch) … batch_forms(&batch) …
 *
 * What one batch has used the next one uses again: memory does not grow with their number. Values
 * that no check needs are not kept; those that are kept are parsed, once. Not here: checks. */
#ifndef WALKIE_CRF_BATCH_H
#define WALKIE_CRF_BATCH_H

#include "crf/subjects.h"

enum {
    BATCH_MEMORY_MAX = 256 << 20, /* bytes of one batch, which is one subject at least */
    BATCH_ROWS_PER_POLL = 256,
};

struct crf_cell {
    int64_t item_id;
    int64_t repeat;   /* of its item group */
    const char *text; /* as entered; NULL: nothing was */
    struct check_value value;
    uint32_t slot;
    uint32_t next; /* of the same form, +1; 0: none */
};

struct crf_form {
    int64_t id;
    int64_t repeat;
    const char *status;
    struct check_value entered_on;
    uint32_t def;
    uint32_t n_cells;
    uint32_t first_cell; /* +1; 0: none */
    uint32_t n_rows;     /* different repeats of its cells, in ascending order */
    uint32_t *cell_of;   /* [row * n_slots + slot]: number of the cell, +1; 0: none */
};

struct crf_event {
    int64_t id;
    int64_t repeat;
    int64_t ordinal;
    const char *visit_on; /* NULL: no date */
    const char *status;
    struct check_value date;
    uint32_t def;
    uint32_t first_form; /* entered ones only, by definition and repeat */
    uint32_t n_forms;
};

struct crf_patient {
    size_t subject;       /* number in the list of subjects */
    uint32_t first_event; /* in the order of the schedule, then of dates and repeats */
    uint32_t n_events;
    struct check_value properties[CHECK_PROPERTY_COUNT]; /* of "subject." and "study." */
};

struct crf_batch {
    struct arena *arena;
    struct buffer patients;
    struct buffer events;
    struct buffer forms;
    struct buffer cells;
    struct id_index form_index;
    uint64_t n_items;   /* rows read of wanted forms, of all batches */
    uint64_t n_missing; /* forms that were expected and not entered, of all batches */
};

/* Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status batch_init(struct crf_batch *batch);
void batch_finish(struct crf_batch *batch);

/* Errors: RESOURCE_EXHAUSTED (BATCH_MEMORY_MAX; names the subjects), the context's and the
 * database's. */
MUST_USE enum status batch_read(const struct reader *reader, const struct crf_study *study,
    const struct crf_subjects *subjects, const struct crf_range *range, struct crf_batch *batch);

/* batch_items.c: the values of the forms that were read. Errors: as above. */
MUST_USE enum status batch_read_items(const struct reader *reader, const struct crf_study *study,
    const struct crf_subjects *subjects, const struct crf_range *range, struct crf_batch *batch);

static inline struct crf_patient *batch_patients(const struct crf_batch *batch)
{
    return (struct crf_patient *)batch->patients.data;
}
static inline size_t batch_n_patients(const struct crf_batch *batch)
{
    return batch->patients.len / sizeof(struct crf_patient);
}
static inline struct crf_event *batch_events(const struct crf_batch *batch)
{
    return (struct crf_event *)batch->events.data;
}
static inline struct crf_form *batch_forms(const struct crf_batch *batch)
{
    return (struct crf_form *)batch->forms.data;
}
static inline size_t batch_n_forms(const struct crf_batch *batch)
{
    return batch->forms.len / sizeof(struct crf_form);
}
static inline struct crf_cell *batch_cells(const struct crf_batch *batch)
{
    return (struct crf_cell *)batch->cells.data;
}

#endif
