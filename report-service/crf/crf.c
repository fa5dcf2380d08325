#include "crf/crf.h"

#include <stdlib.h>

#include "crf/run.h"
#include "ctx/checkpoint.h"
#include "obs/job_budget.h"
#include "obs/span.h"
#include "schema/schema.h"

static const struct ctx_phase PHASES[CRF_PHASES] = {
    [CRF_LOAD] = {"load", 1},
    [CRF_CHECK] = {"check", 12},
    [CRF_MATCH] = {"match", 1},
    [CRF_RENDER] = {"render", 1},
    [CRF_WRITE] = {"write", 2},
};

const char *crf_phase_name(enum crf_phase phase)
{
    return PHASES[phase].name;
}

enum status run_forecast(struct crf_run *run, const struct ctx *ctx, uint64_t done, uint64_t total,
    struct error *ret_error)
{
    uint64_t n_problems = problems_count(run->problems);
    if (run->budget.phase != CRF_CHECK) {
        return STATUS_OK; /* read again with the lock held: what it takes is known by now */
    }
    if (run->options->is_written) {
        ctx_budget_expect(&run->budget, CRF_WRITE, n_problems * RUN_WRITE_NS);
    }
    ctx_budget_expect(&run->budget, CRF_RENDER, n_problems * RUN_RENDER_NS);
    return ctx_budget_check(ctx, &run->budget, done, total, "forms checked", ret_error);
}

static enum status run_new(
    const struct crf_options *options, struct crf_run **ret_run, struct error *ret_error)
{
    struct crf_run *run = calloc(1, sizeof(*run));
    if (run == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    run->options = options;
    run->is_written = options->is_written;
    run->arena = arena_new(STUDY_MEMORY_MAX);
    enum status status = run->arena == NULL
                             ? error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory")
                             : problems_open(options->folder, &run->problems, ret_error);
    if (status != STATUS_OK) {
        crf_run_free(run);
        return status;
    }
    *ret_run = run;
    return STATUS_OK;
}

void crf_run_free(struct crf_run *run)
{
    if (run != NULL) {
        db_end(run->session);
        problems_free(run->problems);
        subjects_finish(&run->subjects);
        study_finish(&run->study);
        arena_free(run->arena);
        free(run);
    }
}

enum status run_enter(struct crf_run *run, const struct reader *reader, enum crf_phase phase,
    run_phase_fn *work, void *arg)
{
    struct span span;
    job_budget_enter(reader->ctx, &run->budget, phase);
    span_begin(reader->ctx, crf_phase_name(phase), &span);
    const struct reader inside = {span.ctx, reader->session, reader->error};
    enum status status = work(run, &inside, arg);
    const uint64_t n_rows[CRF_PHASES] = {
        [CRF_LOAD] = subjects_count(&run->subjects),
        [CRF_CHECK] = run->counts.n_items,
        [CRF_MATCH] = run->counts.n_problems,
        [CRF_RENDER] = run->counts.n_problems,
        [CRF_WRITE] = run->counts.n_opened,
    };
    span_end(&span, status, &(struct span_facts){.numbers = {{SPAN_ROWS, n_rows[phase]}}});
    run->phase_ns[phase] = ctx_budget_used_ns(&run->budget);
    return status;
}

/* One snapshot, read from beginning to end. */
static enum status check_in_snapshot(
    struct crf_run *run, const struct ctx *ctx, struct db *edc, struct error *ret_error)
{
    struct db_session *session = NULL;
    enum status status = db_begin(ctx, edc, DB_READ, &session, ret_error);
    const struct reader reader = {ctx, session, ret_error};
    if (status == STATUS_OK) {
        status = run_enter(run, &reader, CRF_LOAD, run_load, NULL);
    }
    if (status == STATUS_OK) {
        status = run_enter(run, &reader, CRF_CHECK, run_check, NULL);
    }
    db_end(session);
    run->data_version = run->study.data_version;
    return status;
}

/* With the lock held nobody else writes. Who has written before that may have changed what the
 * forms say: they are read again. */
static enum status match(struct crf_run *run, const struct reader *reader, void *arg)
{
    int64_t version = 0;
    enum status status = schema_data_version(reader->ctx, reader->session, &version, reader->error);
    if (status == STATUS_OK && version != run->study.data_version) {
        status = run_load(run, reader, arg);
        if (status == STATUS_OK) {
            status = run_check(run, reader, arg);
        }
    }
    if (status == STATUS_OK) {
        status = run_match(run, reader);
        run->data_version = version + (run->counts.n_opened > 0);
    }
    return status;
}

/* The lock is kept until crf_commit, unless there is nothing to write. */
static enum status match_queries(
    struct crf_run *run, const struct ctx *ctx, struct db *edc, struct error *ret_error)
{
    enum status status = db_begin(ctx, edc, DB_WRITE, &run->session, ret_error);
    const struct reader reader = {ctx, run->session, ret_error};
    if (status == STATUS_OK) {
        status = run_enter(run, &reader, CRF_MATCH, match, NULL);
    }
    if (run->counts.n_opened == 0) {
        db_end(run->session);
        run->session = NULL;
    }
    return status;
}

enum status crf_commit(struct crf_run *run, const struct ctx *ctx, struct error *ret_error)
{
    if (run->session == NULL) {
        return STATUS_OK;
    }
    const struct reader reader = {ctx, run->session, ret_error};
    enum status status = run_enter(run, &reader, CRF_WRITE, run_write, NULL);
    if (status == STATUS_OK) {
        status = db_commit(ctx, run->session, ret_error);
    }
    db_end(run->session);
    run->session = NULL;
    return status;
}

enum status crf_validate(const struct ctx *ctx, struct db *edc, const struct crf_options *options,
    struct crf_run **ret_run, struct error *ret_error)
{
    struct crf_run *run = NULL;
    struct error error = ERROR_NONE;
    if (options->is_written && db_why_read_only(edc) != NULL) {
        return error_set(ret_error, STATUS_FAILED_PRECONDITION, "edc: %s", db_why_read_only(edc));
    }
    enum status status = run_new(options, &run, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    job_budget_begin(ctx, &run->budget, PHASES, CRF_PHASES);
    status = check_in_snapshot(run, ctx, edc, &error);
    if (status == STATUS_OK && options->is_written && run->counts.n_problems > 0) {
        status = match_queries(run, ctx, edc, &error);
    }
    run->options = NULL;
    if (status != STATUS_OK) {
        crf_run_free(run);
        return error.status == STATUS_OK ? status : error_set(ret_error, status, "%s", error.text);
    }
    *ret_run = run;
    return STATUS_OK;
}

struct crf_counts crf_run_counts(const struct crf_run *run)
{
    return run->counts;
}

const struct crf_study *crf_run_study(const struct crf_run *run)
{
    return &run->study;
}

int64_t crf_run_data_version(const struct crf_run *run)
{
    return run->data_version;
}

uint64_t crf_run_phase_ns(const struct crf_run *run, enum crf_phase phase)
{
    return run->phase_ns[phase];
}

struct problem_reading {
    struct crf_run *run;
    const struct ctx *ctx;
    const char *stage;
    run_problem_fn *on_problem;
    void *arg;
    uint64_t n_done;
    struct error *error;
};

static enum status each_of_subject(
    struct problem_reading *reading, const struct crf_subject *subject)
{
    struct problems *problems = reading->run->problems;
    enum status status = subject->n_problems == 0
                             ? STATUS_OK
                             : problems_seek(problems, subject->problems_at, reading->error);
    for (uint64_t i = 0; i < subject->n_problems && status == STATUS_OK; i++) {
        struct crf_problem problem;
        char value[PROBLEM_VALUE_MAX];
        status = problems_next(problems, &problem, value, reading->error);
        if (status == STATUS_OK) {
            status =
                reading->on_problem(reading->arg, &problem, problem.value_size == 0 ? NULL : value);
        }
        if (status == STATUS_OK && ++reading->n_done % RUN_PROBLEMS_PER_CHECKPOINT == 0) {
            status = ctx_checkpoint(
                reading->ctx, reading->stage, reading->n_done, problems_count(problems));
        }
    }
    return status;
}

enum status run_each_problem(struct crf_run *run, const struct ctx *ctx, const char *stage,
    run_problem_fn *on_problem, void *arg, struct error *ret_error)
{
    struct problem_reading reading = {run, ctx, stage, on_problem, arg, 0, ret_error};
    uint32_t *order = subjects_in_order(ctx, &run->study, &run->subjects);
    enum status status = ctx_err(ctx);
    if (order == NULL) {
        return status != STATUS_OK
                   ? status
                   : error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    size_t n_subjects = subjects_count(&run->subjects);
    for (size_t i = 0; i < n_subjects && status == STATUS_OK; i++) {
        status = each_of_subject(&reading, subjects_at(&run->subjects, order[i]));
    }
    free(order);
    return status;
}
