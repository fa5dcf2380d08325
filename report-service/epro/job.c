#include <stdlib.h>
#include <string.h>

#include "ctx/checkpoint.h"
#include "epro/internal.h"

static const char *const STEP_NAMES[EPRO_STEPS] = {"load", "validate", "score", "alert", "store"};

const char *epro_step_name(int step)
{
    return step >= 1 && step <= EPRO_STEPS ? STEP_NAMES[step - 1] : "";
}

const char *epro_outcome_word(enum epro_outcome outcome)
{
    switch (outcome) {
    case EPRO_STORED:
        return "stored";
    case EPRO_UNCHANGED:
        return "unchanged";
    case EPRO_REJECTED:
        return "rejected";
    }
    return "";
}

struct epro_job *epro_job_new(struct db *db, const struct epro_request *request)
{
    struct epro_job *job = calloc(1, sizeof(*job));
    if (job == NULL) {
        return NULL;
    }
    job->db = db;
    job->request = request;
    job->is_from_database = request->fhir.len == 0;
    job->arena = arena_new(EPRO_JOB_MEMORY_MAX);
    job->digest = sha256_new();
    if (job->arena == NULL || job->digest == NULL) {
        epro_job_free(job);
        return NULL;
    }
    return job;
}

void epro_job_free(struct epro_job *job)
{
    if (job != NULL) {
        sha256_free(job->digest);
        arena_free(job->arena);
        free(job);
    }
}

const struct epro_report *epro_job_report(const struct epro_job *job)
{
    return &job->report;
}

enum status epro_out_of_memory(struct error *ret_error)
{
    return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "ePRO: out of memory");
}

enum status epro_poll(
    const struct ctx *ctx, struct epro_job *job, uint64_t done, struct error *ret_error)
{
    const struct epro_request *request = job->request;
    if (done % EPRO_POLL_RESPONSES != 0) {
        return STATUS_OK;
    }
    enum status status = ctx_checkpoint(ctx, epro_step_name(job->step), done, job->n_responses);
    if (status != STATUS_OK) {
        return error_set(ret_error, status, "ePRO: stopped in step %d (%s) of %d (%s)", job->step,
            epro_step_name(job->step), EPRO_STEPS, ctx_cause_word(ctx_cause(ctx)));
    }
    if (request->poll != NULL) {
        status = request->poll(ctx, request->poll_arg, done, job->n_responses, ret_error);
    }
    if (status == STATUS_OK && arena_has_failed(job->arena)) {
        status = epro_out_of_memory(ret_error);
    }
    return status;
}

bool epro_is_same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}
