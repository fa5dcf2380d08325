/* Some of the problems, for people. */
#include "crf/run.h"

struct telling {
    const struct crf_run *run;
    uint64_t n_left;
    crf_example_fn *on_example;
    void *arg;
};

static enum status tell(void *arg, const struct crf_problem *problem, const char *value)
{
    struct telling *telling = arg;
    const struct crf_study *study = &telling->run->study;
    const struct crf_subject *subject = subjects_at(&telling->run->subjects, problem->subject);
    const struct check_item *items = (const struct check_item *)study->check_items.data;
    if (telling->n_left == 0) {
        return STATUS_OUT_OF_RANGE; /* enough */
    }
    telling->n_left--;
    const struct crf_example example = {
        .site_no = study_sites(study)[subject->site].site_no,
        .subject_no = subject->subject_no,
        .visit = study->schema.events[problem->visit].oid,
        .visit_on = problem->visit_on,
        .form = study->schema.forms[problem->form].oid,
        .form_repeat = problem->form_repeat,
        .item = problem->item == PROBLEM_NO_ITEM ? NULL : items[problem->item].oid,
        .value = value,
    };
    telling->on_example(telling->arg, &example);
    return STATUS_OK;
}

enum status crf_each_example(struct crf_run *run, const struct ctx *ctx, uint64_t n_max,
    crf_example_fn *on_example, void *arg, struct error *ret_error)
{
    struct telling telling = {run, n_max, on_example, arg};
    enum status status = run_each_problem(run, ctx, "examples", tell, &telling, ret_error);
    return status == STATUS_OUT_OF_RANGE ? STATUS_OK : status;
}
