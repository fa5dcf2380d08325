/* Step 5. The happy path: decide what changes, begin the only transaction, see that the patient's
 * data are those that were loaded, change rows, add rows, count one data version up, commit. What
 * goes wrong anywhere before the commit rolls all of it back. */
#include "epro/store.h"

#include "schema/schema.h"
#include "schema/site_total.h"

static bool is_computed_so(const struct epro_stored *stored, const struct epro_result *result)
{
    return stored->has_score == result->has_score &&
           (!result->has_score || stored->score == result->score) &&
           epro_is_same_text(stored->severity, result->severity) &&
           epro_is_same_text(stored->profile, result->profile) && stored->has_n_missing &&
           stored->n_missing == result->n_missing;
}

enum epro_action epro_action_of(const struct epro_job *job, const struct epro_response *response)
{
    const struct epro_stored *stored = response->slot.stored;
    bool is_without_answers = job->is_from_database && response->fhir.n_answers == 0;
    if (response->is_rejected || is_without_answers) {
        return EPRO_ACTION_NONE; /* a source may bring scores alone: they stay */
    }
    if (stored == NULL) {
        return EPRO_ACTION_INSERT;
    }
    if (response->is_amendment) {
        return EPRO_ACTION_AMEND;
    }
    if (!job->is_from_database && !response->is_same) {
        return EPRO_ACTION_FILL;
    }
    return is_computed_so(stored, response->result) && !epro_alerts_change(response)
               ? EPRO_ACTION_NONE
               : EPRO_ACTION_RESCORE;
}

static enum status check_unchanged(struct epro_writing *writing)
{
    const struct epro_state *loaded = &writing->job->state;
    struct epro_state now = {.n_events = 0};
    CLEANUP(arena_free_at) struct arena *arena = arena_new(EPRO_STATE_MEMORY_MAX);
    if (arena == NULL) {
        return epro_out_of_memory(writing->error);
    }
    enum status status = epro_state_read(
        writing->ctx, writing->session, loaded->patient.subject_id, arena, &now, writing->error);
    if (status == STATUS_OK && !epro_is_same_text(now.digest, loaded->digest)) {
        status = error_set(writing->error, STATUS_ABORTED,
            "the data of patient \"%.80s\" were changed while its responses were processed: nothing"
            " was written, try again",
            loaded->patient.subject_no);
    }
    return status;
}

/* Rows first changed, then added, in two passes over the responses. */
static enum status write_rows(struct epro_writing *writing)
{
    struct epro_job *job = writing->job;
    size_t n_responses = job->n_responses;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < 2 * n_responses && status == STATUS_OK; i++) {
        struct epro_response *response = &job->responses[i < n_responses ? i : i - n_responses];
        enum epro_action action = epro_action_of(job, response);
        status = epro_poll(writing->ctx, job, i / 2, writing->error);
        if (status == STATUS_OK) {
            status = i < n_responses ? epro_write_change(writing, response, action)
                                     : epro_write_addition(writing, response, action);
        }
    }
    return status;
}

/* A source that had no questionnaires has some now. */
static enum status say_provided(struct epro_writing *writing)
{
    static const char SQL[] = "DELETE FROM provided WHERE is_provided = 0"
                              " AND table_name IN ('epro_response', 'epro_answer', 'epro_alert')";
    return writing->has_inserted
               ? db_exec(writing->ctx, writing->session, SQL, NULL, 0, writing->error)
               : STATUS_OK;
}

static enum status write_all(struct epro_writing *writing)
{
    const struct ctx *ctx = writing->ctx;
    enum status status = check_unchanged(writing);
    if (status == STATUS_OK) {
        status = epro_writing_open(writing);
    }
    if (status == STATUS_OK) {
        status = write_rows(writing);
    }
    if (status == STATUS_OK) {
        status = db_bulk_flush(ctx, writing->session, writing->error);
    }
    if (status == STATUS_OK) {
        status = say_provided(writing);
    }
    epro_writing_close(writing);
    if (status == STATUS_OK) {
        status = site_total_keep(ctx, writing->session, writing->error);
    }
    if (status == STATUS_OK) {
        status = schema_data_version(
            ctx, writing->session, &writing->job->report.data_version, writing->error);
    }
    return status == STATUS_OK ? db_commit(ctx, writing->session, writing->error) : status;
}

static enum status write_in_transaction(
    const struct ctx *ctx, struct epro_job *job, struct epro_writing *writing)
{
    const struct epro_request *request = job->request;
    CLEANUP(arena_free_at) struct arena *texts = arena_new(EPRO_JOB_MEMORY_MAX);
    if (texts == NULL) {
        return epro_out_of_memory(writing->error);
    }
    writing->texts = texts;
    writing->reason = arena_printf(texts, "%s, for %.80s",
        job->is_from_database ? "ePRO processing" : "ePRO response received",
        request->principal == NULL ? "anonymous" : request->principal);
    enum status status = db_begin(ctx, job->db, DB_WRITE, &writing->session, writing->error);
    if (status == STATUS_OK) {
        status = write_all(writing);
    }
    db_end(writing->session);
    writing->session = NULL;
    if (status == STATUS_FAILED_PRECONDITION) {
        error_prefix(writing->error,
            "nothing was stored, the EDC cannot be written (give the service's user write access "
            "to "
            "the file and its folder, or its role INSERT, UPDATE and DELETE)");
    }
    return status;
}

static size_t count_actions(const struct epro_job *job)
{
    size_t count = 0;
    for (size_t i = 0; i < job->n_responses; i++) {
        count += epro_action_of(job, &job->responses[i]) != EPRO_ACTION_NONE;
    }
    return count;
}

static void tell_outcomes(struct epro_job *job)
{
    struct epro_report *report = &job->report;
    for (size_t i = 0; i < job->n_responses; i++) {
        const struct epro_response *response = &job->responses[i];
        bool is_written = epro_action_of(job, response) != EPRO_ACTION_NONE;
        response->result->outcome = response->is_rejected ? EPRO_REJECTED
                                    : is_written          ? EPRO_STORED
                                                          : EPRO_UNCHANGED;
        report->n_rejected += response->is_rejected;
        report->n_stored += is_written;
        report->n_unchanged += !response->is_rejected && !is_written;
    }
}

enum status epro_store(const struct ctx *ctx, struct epro_job *job, struct error *ret_error)
{
    job->step = EPRO_STEPS;
    struct epro_writing writing = {.ctx = ctx, .job = job, .error = ret_error};
    int64_t version_before = job->report.data_version;
    enum status status = epro_poll(ctx, job, 0, ret_error);
    if (status == STATUS_OK && count_actions(job) > 0) {
        status = write_in_transaction(ctx, job, &writing);
    }
    if (status != STATUS_OK) {
        job->report.data_version = version_before;
        return status;
    }
    job->report.n_alerts_new = writing.n_alerts;
    job->report.n_alerts_closed = writing.n_alerts_closed;
    tell_outcomes(job);
    return STATUS_OK;
}
