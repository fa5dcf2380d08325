#include "crf/subjects.h"

#include <stdlib.h>
#include <string.h>

#include "ctx/ctx.h"

/* $2 is a site's key, or 0 for all, $3 a subject's number, or '' for all: the second branch of OR
 * costs nothing where the parameter is a constant. */
static const char SUBJECTS_SQL[] = "SELECT s.subject_id, s.site_id, s.subject_no FROM site i"
                                   " JOIN subject s ON s.site_id = i.site_id"
                                   " WHERE i.study_id = $1 AND (i.site_id = $2 OR $2 = 0)"
                                   " AND (s.subject_no = $3 OR $3 = '') ORDER BY s.subject_id";

/* From the two indexes alone. */
static const char FORMS_SQL[] =
    "SELECT s.subject_id, count(*), min(f.form_id), max(f.form_id) FROM site i"
    " JOIN subject s ON s.site_id = i.site_id JOIN subject_event e ON e.subject_id = s.subject_id"
    " JOIN form f ON f.event_id = e.event_id"
    " WHERE i.study_id = $1 AND (i.site_id = $2 OR $2 = 0)"
    " AND (s.subject_no = $3 OR $3 = '') GROUP BY s.subject_id";

struct loading {
    const struct crf_study *study;
    struct crf_subjects *subjects;
    struct arena *arena;
};

static enum status on_subject(void *arg, const struct db_rows *rows)
{
    const struct loading *loading = arg;
    struct crf_subjects *subjects = loading->subjects;
    size_t number = subjects_count(subjects);
    struct crf_subject *subject =
        number < SUBJECTS_MAX ? array_add(&subjects->list, sizeof(*subject)) : NULL;
    if (subject == NULL ||
        !id_index_find(&loading->study->site_index, db_column_integer(rows, 1), &subject->site)) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    subject->id = db_column_integer(rows, 0);
    enum status status = reader_text(loading->arena, rows, 2, &subject->subject_no);
    return status == STATUS_OK ? id_index_add(&subjects->index, subject->id, (uint32_t)number)
                               : status;
}

static enum status on_forms(void *arg, const struct db_rows *rows)
{
    const struct loading *loading = arg;
    uint32_t number;
    if (!id_index_find(&loading->subjects->index, db_column_integer(rows, 0), &number)) {
        return STATUS_OK;
    }
    struct crf_subject *subject = subjects_at(loading->subjects, number);
    subject->n_forms = (uint64_t)db_column_integer(rows, 1);
    subject->first_form = db_column_integer(rows, 2);
    subject->last_form = db_column_integer(rows, 3);
    loading->subjects->n_forms += subject->n_forms;
    return STATUS_OK;
}

enum status subjects_load(const struct reader *reader, const struct crf_study *study,
    struct arena *arena, struct crf_subjects *subjects)
{
    *subjects =
        (struct crf_subjects){.list = BUFFER_EMPTY(SUBJECTS_MAX * sizeof(struct crf_subject))};
    struct loading loading = {study, subjects, arena};
    const struct db_value values[] = {db_integer(study->id), db_integer(study->site_id),
        db_text(study->subject_no == NULL ? "" : study->subject_no)};
    enum status status =
        reader_rows(reader, SUBJECTS_SQL, values, LENGTH_OF(values), on_subject, &loading);
    if (status == STATUS_OK) {
        status = reader_rows(reader, FORMS_SQL, values, LENGTH_OF(values), on_forms, &loading);
    }
    if (status == STATUS_RESOURCE_EXHAUSTED && reader->error != NULL &&
        reader->error->status == STATUS_OK) {
        return error_set(reader->error, status,
            "more than %d subjects: validate the study site by site", SUBJECTS_MAX);
    }
    return status;
}

bool subjects_next_batch(struct crf_subjects *subjects, struct crf_range *ret_range)
{
    size_t n_subjects = subjects_count(subjects);
    struct crf_range range = {.first = subjects->n_batched};
    while (subjects->n_batched < n_subjects && range.n_forms < BATCH_FORMS) {
        const struct crf_subject *subject = subjects_at(subjects, subjects->n_batched++);
        range.n++;
        if (subject->n_forms == 0) {
            continue;
        }
        bool is_first = range.n_forms == 0;
        range.n_forms += subject->n_forms;
        range.first_form = is_first || subject->first_form < range.first_form ? subject->first_form
                                                                              : range.first_form;
        range.last_form =
            is_first || subject->last_form > range.last_form ? subject->last_form : range.last_form;
    }
    uint64_t span = (uint64_t)range.last_form - (uint64_t)range.first_form;
    range.is_dense = span / BATCH_DENSE_PART < range.n_forms;
    *ret_range = range;
    return range.n > 0;
}

struct sorting {
    const struct crf_study *study;
    const struct crf_subjects *subjects;
};

static int compare(const struct sorting *sorting, uint32_t left, uint32_t right)
{
    const struct crf_subject *a = subjects_at(sorting->subjects, left);
    const struct crf_subject *b = subjects_at(sorting->subjects, right);
    const struct crf_site *sites = study_sites(sorting->study);
    int order = strcmp(sites[a->site].site_no, sites[b->site].site_no);
    order = order != 0 ? order : strcmp(a->subject_no, b->subject_no);
    return order != 0 ? order : (a->id > b->id) - (a->id < b->id);
}

/* One step of a merge sort: pairs of sorted runs become one. */
static void merge(
    const struct sorting *sorting, const uint32_t *from, uint32_t *to, size_t n, size_t run_len)
{
    for (size_t start = 0; start < n; start += 2 * run_len) {
        size_t middle = start + run_len < n ? start + run_len : n;
        size_t end = middle + run_len < n ? middle + run_len : n;
        size_t left = start;
        size_t right = middle;
        for (size_t i = start; i < end; i++) {
            bool is_left =
                right == end || (left < middle && compare(sorting, from[left], from[right]) <= 0);
            to[i] = is_left ? from[left++] : from[right++];
        }
    }
}

uint32_t *subjects_in_order(
    const struct ctx *ctx, const struct crf_study *study, const struct crf_subjects *subjects)
{
    const struct sorting sorting = {study, subjects};
    size_t n = subjects_count(subjects);
    uint32_t *from = calloc(n + 1, sizeof(*from));
    uint32_t *to = calloc(n + 1, sizeof(*to));
    for (size_t i = 0; from != NULL && i < n; i++) {
        from[i] = (uint32_t)i;
    }
    bool is_told_to_stop = from == NULL || to == NULL;
    for (size_t run_len = 1; run_len < n && !is_told_to_stop; run_len *= 2) {
        merge(&sorting, from, to, n, run_len);
        uint32_t *merged = to;
        to = from;
        from = merged;
        is_told_to_stop = ctx_err(ctx) != STATUS_OK;
    }
    free(to);
    if (is_told_to_stop) {
        free(from);
        return NULL;
    }
    return from;
}

void subjects_finish(struct crf_subjects *subjects)
{
    buffer_finish(&subjects->list);
    id_index_finish(&subjects->index);
}
