/* Step 1: the patient, what is stored, and the responses. */

#include "base/clock.h"
#include "epro/internal.h"
#include "schema/schema.h"

static bool make_responses(struct epro_job *job, size_t n_responses)
{
    struct epro_result *results =
        arena_alloc_array(job->arena, n_responses + 1, sizeof(struct epro_result));
    job->responses = arena_alloc_array(job->arena, n_responses + 1, sizeof(struct epro_response));
    job->seats = arena_alloc_array(job->arena, n_responses + 1, sizeof(struct epro_response *));
    if (results == NULL || job->responses == NULL || job->seats == NULL) {
        return false;
    }
    for (size_t i = 0; i < n_responses; i++) {
        job->responses[i].result = &results[i];
        results[i].index = i;
    }
    job->n_responses = n_responses;
    job->report.results = results;
    job->report.n_results = n_responses;
    return true;
}

static enum status take_submission(
    const struct ctx *ctx, struct epro_job *job, struct error *ret_error)
{
    struct epro_batch batch;
    enum status status = epro_fhir_read(ctx, job->request->fhir, job->arena, &batch, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    if (!make_responses(job, batch.n_responses)) {
        return epro_out_of_memory(ret_error);
    }
    for (size_t i = 0; i < batch.n_responses; i++) {
        struct epro_result *result = job->responses[i].result;
        job->responses[i].fhir = batch.responses[i];
        result->external_id = batch.responses[i].external_id;
        result->instrument = batch.responses[i].questionnaire;
    }
    job->report.n_ignored = batch.n_ignored;
    return STATUS_OK;
}

/* A row of the database as if it had just come. */
static void take_stored(
    struct epro_job *job, struct epro_response *response, struct epro_stored *stored)
{
    size_t n_answers = 0;
    struct epro_fhir *fhir = &response->fhir;
    for (struct epro_stored_answer *answer = stored->answers; answer != NULL;
         answer = answer->next) {
        n_answers++;
    }
    fhir->external_id = stored->external_id;
    fhir->questionnaire = stored->instrument_word;
    fhir->status = "completed";
    fhir->answers = arena_alloc_array(job->arena, n_answers + 1, sizeof(*fhir->answers));
    for (struct epro_stored_answer *answer = stored->answers;
         answer != NULL && fhir->answers != NULL; answer = answer->next) {
        if (answer->value != NULL) {
            fhir->answers[fhir->n_answers++] = (struct epro_answer){.link_id = answer->link_id,
                .kind = EPRO_ANSWER_TEXT,
                .type = "text",
                .text = answer->value};
        }
    }
    if (n_answers > EPRO_ANSWERS_MAX) {
        fhir->fault = EPRO_REASON_ANSWERS_MAX;
        fhir->fault_about = arena_printf(job->arena, "%d", EPRO_ANSWERS_MAX);
    }
    response->slot.stored = stored;
    response->result->external_id = stored->external_id;
    response->result->instrument = stored->instrument_word;
    response->result->response_id = stored->id;
}

static enum status take_database(struct epro_job *job, struct error *ret_error)
{
    struct epro_state *state = &job->state;
    size_t n_responses = 0;
    for (size_t i = 0; i < state->n_stored; i++) {
        n_responses += state->stored[i].submitted_at != 0;
    }
    if (n_responses > EPRO_PROCESSED_MAX) {
        return error_set(ret_error, STATUS_FAILED_PRECONDITION,
            "patient \"%.80s\" has %zu responses, more than the %d that are processed at once: "
            "send "
            "those that need it in again (epro-responses, up to %d in a batch)",
            state->patient.subject_no, n_responses, EPRO_PROCESSED_MAX, EPRO_RESPONSES_MAX);
    }
    if (!make_responses(job, n_responses)) {
        return epro_out_of_memory(ret_error);
    }
    size_t index = 0;
    for (size_t i = 0; i < state->n_stored; i++) {
        if (state->stored[i].submitted_at != 0) {
            take_stored(job, &job->responses[index++], &state->stored[i]);
        }
    }
    return STATUS_OK;
}

static enum status read_patient(
    const struct ctx *ctx, struct epro_job *job, struct error *ret_error)
{
    struct db_session *session = NULL;
    int64_t subject_id = 0;
    enum status status = db_begin(ctx, job->db, DB_READ, &session, ret_error);
    if (status == STATUS_OK) {
        status = epro_patient_find(ctx, session, job->request, &subject_id, ret_error);
    }
    if (status == STATUS_OK) {
        status = epro_state_read(ctx, session, subject_id, job->arena, &job->state, ret_error);
    }
    if (status == STATUS_OK) {
        status = schema_data_version(ctx, session, &job->report.data_version, ret_error);
    }
    db_end(session);
    return status;
}

enum status epro_load(const struct ctx *ctx, struct epro_job *job, struct error *ret_error)
{
    job->step = 1;
    job->now_ms = job->request->now_ms == 0 ? clock_epoch_us() / 1000 : job->request->now_ms;
    enum status status = epro_poll(ctx, job, 0, ret_error);
    if (status == STATUS_OK) {
        status = read_patient(ctx, job, ret_error);
    }
    if (status == STATUS_OK) {
        status = job->is_from_database ? take_database(job, ret_error)
                                       : take_submission(ctx, job, ret_error);
    }
    if (status == STATUS_OK) {
        job->report.patient = &job->state.patient;
        for (size_t i = 0; i < job->state.n_stored; i++) {
            job->report.n_outstanding += job->state.stored[i].submitted_at == 0;
        }
        status = epro_poll(ctx, job, 0, ret_error);
    }
    return status;
}
