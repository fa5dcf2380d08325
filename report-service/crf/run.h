/* What the parts of a validation share. Private to crf/. */
#ifndef WALKIE_CRF_RUN_H
#define WALKIE_CRF_RUN_H

#include "crf/binding.h"
#include "crf/crf.h"
#include "crf/problems.h"
#include "ctx/budget.h"

enum {
    RUN_FORMS_PER_CHECKPOINT = 32,
    RUN_PROBLEMS_PER_CHECKPOINT = 256,
    RUN_WRITE_NS = 12000, /* what a query with its audit row takes to write, about; measured */
    RUN_RENDER_NS = 1500, /* what a problem takes to print, about; measured */
};

struct crf_run {
    const struct crf_options *options; /* while crf_validate runs */
    struct arena *arena;               /* of the study and the names of subjects */
    struct crf_study study;
    struct crf_subjects subjects;
    struct problems *problems;
    struct crf_counts counts;
    struct db_session *session; /* holds the write lock until crf_commit; NULL: nothing to write */
    int64_t data_version;
    bool is_written;
    struct ctx_budget budget;
    uint64_t phase_ns[CRF_PHASES];
};

/* check.c: read definitions, checks and the list of subjects; what an earlier call found is thrown
 * away. Then read and check the forms, in the same snapshot. Errors: those of crf_validate. */
MUST_USE enum status run_load(struct crf_run *run, const struct reader *reader, void *arg);
MUST_USE enum status run_check(struct crf_run *run, const struct reader *reader, void *arg);

/* write.c: which problems no open or answered query tells (problems_is_opened), with the write lock
 * held; and open a query for each of them, in the same transaction. Errors: those of crf_validate.
 */
MUST_USE enum status run_match(struct crf_run *run, const struct reader *reader);
MUST_USE enum status run_write(struct crf_run *run, const struct reader *reader, void *arg);

/* Go through the problems by site, subject, visit, form and check. Not called again after anything
 * but OK. Errors: the context's, UNAVAILABLE, what `on_problem` returned. */
typedef enum status run_problem_fn(void *arg, const struct crf_problem *problem, const char *value);
MUST_USE enum status run_each_problem(struct crf_run *run, const struct ctx *ctx, const char *stage,
    run_problem_fn *on_problem, void *arg, struct error *ret_error);

/* Whether the rest can be done in the time left, `done` of `total` forms being checked. Said of
 * whole batches only: within one, time was spent on forms that are not counted yet.
 * Errors: RESOURCE_EXHAUSTED, in the budget's words. */
MUST_USE enum status run_forecast(struct crf_run *run, const struct ctx *ctx, uint64_t done,
    uint64_t total, struct error *ret_error);

/* One phase of the budget, as a span. */
typedef enum status run_phase_fn(struct crf_run *run, const struct reader *reader, void *arg);
MUST_USE enum status run_enter(struct crf_run *run, const struct reader *reader,
    enum crf_phase phase, run_phase_fn *work, void *arg);

#endif
