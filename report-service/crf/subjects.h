/* Whose forms are validated, in which order, and in which batches they are read. Private to crf/.
 *
 *     status = subjects_load(&reader, &study, arena, &subjects);
 *     while (subjects_next_batch(&subjects, &range)) { … }
 *
 * Subjects are read in the order of their keys, which is nearly that of their forms' on the disk;
 * the result lists them by site and subject number (subjects_in_order). */
#ifndef WALKIE_CRF_SUBJECTS_H
#define WALKIE_CRF_SUBJECTS_H

#include "crf/study.h"

enum {
    SUBJECTS_MAX = 200000, /* of one validation */
    BATCH_FORMS = 1024,    /* a batch is full once it has so many */
    BATCH_DENSE_PART = 2,  /* forms are read by a range of keys that holds at most so many times
                              as many as are wanted */
};

struct crf_subject {
    int64_t id;
    uint32_t site; /* number in study.sites */
    const char *subject_no;
    uint64_t n_forms;
    int64_t first_form; /* the least and the greatest key of its forms */
    int64_t last_form;
    uint64_t problems_at; /* where its problems begin: problems.h */
    uint64_t n_problems;
};

struct crf_subjects {
    struct buffer list; /* of crf_subject, in the order of keys */
    struct id_index index;
    uint64_t n_forms; /* of all */
    size_t n_batched; /* of them have been in a batch */
};

/* Consecutive subjects of the list. */
struct crf_range {
    size_t first;
    size_t n;
    uint64_t n_forms;
    int64_t first_form;
    int64_t last_form;
    bool is_dense; /* reading all forms from first_form to last_form reads few others */
};

/* Errors: RESOURCE_EXHAUSTED (SUBJECTS_MAX), the context's and the database's. */
MUST_USE enum status subjects_load(const struct reader *reader, const struct crf_study *study,
    struct arena *arena, struct crf_subjects *subjects);

/* The next subjects to be read; false when there are no more. */
bool subjects_next_batch(struct crf_subjects *subjects, struct crf_range *ret_range);

/* Numbers of subjects by site and subject number, bytewise. The caller frees it; NULL: out of
 * memory, or the context is done. */
MUST_USE uint32_t *subjects_in_order(
    const struct ctx *ctx, const struct crf_study *study, const struct crf_subjects *subjects);

void subjects_finish(struct crf_subjects *subjects);

static inline struct crf_subject *subjects_at(const struct crf_subjects *subjects, size_t number)
{
    return (struct crf_subject *)subjects->list.data + number;
}
static inline size_t subjects_count(const struct crf_subjects *subjects)
{
    return subjects->list.len / sizeof(struct crf_subject);
}

#endif
