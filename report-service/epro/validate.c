/* Step 2: what is wrong with each response, by itself and beside the others. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/sources/dates.h"
#include "epro/internal.h"
#include "epro/validate.h"

/* What a status of FHIR means here. */
static void check_status(struct epro_job *job, struct epro_response *response)
{
    static const struct {
        const char *status;
        bool is_good;
        enum epro_issue_kind kind;
    } ROWS[] = {
        {"completed", true, EPRO_ISSUE_KINDS},
        {"amended", true, EPRO_ISSUE_KINDS},
        {"in-progress", false, EPRO_ISSUE_UNFINISHED},
        {"stopped", false, EPRO_ISSUE_UNFINISHED},
        {"entered-in-error", false, EPRO_ISSUE_ENTERED_IN_ERROR},
    };
    const char *status = response->fhir.status;
    for (size_t i = 0; i < LENGTH_OF(ROWS); i++) {
        if (status != NULL && strcmp(status, ROWS[i].status) == 0) {
            if (!ROWS[i].is_good) {
                epro_note(job, response, ROWS[i].kind, NULL, status, NULL);
            }
            return;
        }
    }
    epro_note_reason(job, response, EPRO_ISSUE_MALFORMED,
        status == NULL ? EPRO_REASON_STATUS_MISSING : EPRO_REASON_STATUS, status, NULL);
}

static void check_moment(struct epro_job *job, struct epro_response *response)
{
    const char *authored = response->fhir.authored;
    struct epro_moment *moment = &response->moment;
    char text[EPRO_MOMENT_MAX];
    if (job->is_from_database) {
        moment->at_ms = response->slot.stored->submitted_at;
        moment->day = date_day_of_ms(moment->at_ms);
    } else if (authored == NULL) {
        moment->at_ms = job->now_ms;
        moment->day = date_day_of_ms(job->now_ms);
        epro_note(job, response, EPRO_ISSUE_UNDATED, NULL, NULL, NULL);
    } else if (!epro_moment_read(authored, moment) || moment->at_ms <= 0) {
        epro_note(job, response, EPRO_ISSUE_BAD_DATE, NULL, authored, NULL);
    }
    int64_t ahead_s =
        moment->has_time || job->is_from_database ? EPRO_CLOCK_SKEW_S : EPRO_DAY_AHEAD_S;
    if (moment->at_ms > job->now_ms + ahead_s * 1000) {
        epro_moment_format(moment->at_ms, text);
        epro_note(job, response, EPRO_ISSUE_FUTURE, NULL, text, NULL);
    }
    response->result->submitted_at = moment->at_ms;
}

static void check_head(struct epro_job *job, struct epro_response *response)
{
    const struct epro_fhir *fhir = &response->fhir;
    response->instrument =
        fhir->questionnaire == NULL ? NULL : epro_instrument_of(fhir->questionnaire);
    if (response->instrument == NULL) {
        epro_note(job, response, EPRO_ISSUE_UNKNOWN_INSTRUMENT, NULL,
            fhir->questionnaire == NULL ? "" : fhir->questionnaire, NULL);
    } else if (!job->is_from_database) {
        response->result->instrument = response->instrument->word;
    }
    if (fhir->subject != NULL && strcmp(fhir->subject, job->state.patient.subject_no) != 0) {
        epro_note(job, response, EPRO_ISSUE_WRONG_PATIENT, NULL, fhir->subject, NULL);
    }
    check_status(job, response);
    check_moment(job, response);
}

static void hash_number(struct sha256 *digest, bool is_there, double value)
{
    char text[40];
    int len = is_there ? snprintf(text, sizeof(text), "%.17g;", value)
                       : snprintf(text, sizeof(text), "-;");
    sha256_update(digest, text, (size_t)len);
}

/* What it says, whatever its identifier: instrument, time and values. */
static void hash_content(struct epro_job *job, struct epro_response *response)
{
    const struct epro_instrument *instrument = response->instrument;
    bool is_dated = response->fhir.authored != NULL || job->is_from_database;
    sha256_update(job->digest, instrument->word, strlen(instrument->word));
    hash_number(job->digest, is_dated, (double)response->moment.at_ms);
    for (size_t i = 0; i < instrument->n_items; i++) {
        hash_number(job->digest, response->has_value[i], response->values[i]);
    }
    hash_number(job->digest, response->result->has_vas, response->result->vas);
    sha256_finish_hex(job->digest, response->content_hash);
}

static void note_window(struct epro_job *job, struct epro_response *response)
{
    const struct epro_slot *slot = &response->slot;
    const struct epro_event *event = slot->event;
    char days[24];
    char day[DATE_TEXT_MAX];
    date_format(response->moment.day, day);
    if (!slot->has_due_day) {
        epro_note(job, response, EPRO_ISSUE_UNSCHEDULED, NULL, day, NULL);
        return;
    }
    date_format(slot->due_day, day);
    response->result->due_on = arena_copy_text(job->arena, day);
    response->result->is_late = slot->days_off > 0;
    if (slot->days_off != 0) {
        int64_t n_days = slot->days_off > 0 ? slot->days_off : -slot->days_off;
        snprintf(days, sizeof(days), "%" PRId64, n_days);
        epro_note(job, response, slot->days_off > 0 ? EPRO_ISSUE_LATE : EPRO_ISSUE_EARLY, NULL,
            days, event == NULL || event->name == NULL ? day : event->name);
    }
}

static void check_response(struct epro_job *job, struct epro_response *response)
{
    if (response->fhir.fault != EPRO_REASON_NONE) {
        epro_note_reason(job, response, EPRO_ISSUE_MALFORMED, response->fhir.fault,
            response->fhir.fault_about, NULL);
        return;
    }
    check_head(job, response);
    if (response->instrument == NULL) {
        return;
    }
    epro_read_items(job, response);
    if (response->is_rejected) {
        return;
    }
    hash_content(job, response);
    epro_place(job, response);
}

static void settle(struct epro_job *job, struct epro_response *response)
{
    epro_settle(job, response);
    if (!response->is_rejected) {
        note_window(job, response);
    }
}

static void settle_in_place(struct epro_job *job, struct epro_response *response)
{
    if (!response->is_rejected && epro_is_in_place(response)) {
        settle(job, response);
    }
}

static void settle_others(struct epro_job *job, struct epro_response *response)
{
    if (!response->is_rejected && !response->is_settled) {
        settle(job, response);
    }
}

typedef void pass_fn(struct epro_job *job, struct epro_response *response);

/* Whoever is inside a window has its place before whoever is outside of all, whatever the order. */
static pass_fn *const PASSES[] = {check_response, settle_in_place, settle_others};

enum status epro_validate(const struct ctx *ctx, struct epro_job *job, struct error *ret_error)
{
    job->step = 2;
    enum status status = STATUS_OK;
    size_t n_responses = job->n_responses;
    for (size_t i = 0; i < LENGTH_OF(PASSES) * n_responses && status == STATUS_OK; i++) {
        status = epro_poll(ctx, job, i / LENGTH_OF(PASSES), ret_error);
        if (status == STATUS_OK) {
            PASSES[i / n_responses](job, &job->responses[i % n_responses]);
        }
    }
    return status == STATUS_OK ? epro_poll(ctx, job, 0, ret_error) : status;
}
