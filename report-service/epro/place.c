/* Duplicates: by identifier, by content, by due date; and what is an amendment of what. */
#include <stdio.h>
#include <string.h>

#include "audit/sources/dates.h"
#include "epro/validate.h"

enum { INDEX_TEXT_MAX = 24 };

static bool is_identified_as(
    const struct epro_response *response, const char *external_id, const char *content_hash)
{
    if (response->fhir.external_id != NULL || external_id != NULL) {
        return epro_is_same_text(response->fhir.external_id, external_id);
    }
    return content_hash != NULL && strcmp(response->content_hash, content_hash) == 0;
}

static void note_duplicate(struct epro_job *job, struct epro_response *response,
    enum epro_reason why, const char *zero, const char *one)
{
    epro_note_reason(job, response, EPRO_ISSUE_DUPLICATE_RESPONSE, why, zero, one);
}

/* Why two responses of one job cannot both be stored; EPRO_REASON_NONE: they can. */
static enum epro_reason clash_of(const struct epro_job *job, const struct epro_response *response,
    const struct epro_response *before)
{
    const struct epro_slot *slot = &response->slot;
    const struct epro_slot *other = &before->slot;
    if (!job->is_from_database &&
        is_identified_as(response, before->fhir.external_id, before->content_hash)) {
        return EPRO_REASON_SAME_IDENTITY;
    }
    if (before->instrument != response->instrument || slot->has_due_day != other->has_due_day) {
        return EPRO_REASON_NONE;
    }
    if (slot->has_due_day) {
        return slot->due_day == other->due_day ? EPRO_REASON_SAME_DUE_DATE : EPRO_REASON_NONE;
    }
    return response->moment.at_ms == before->moment.at_ms ? EPRO_REASON_SAME_TIME
                                                          : EPRO_REASON_NONE;
}

/* Where the table of places has those of the response's day, or its time where nothing was due. */
static struct epro_response **seat_of(
    const struct epro_job *job, const struct epro_response *response)
{
    static const uint64_t SPREAD = UINT64_C(0x9E3779B97F4A7C15); /* Fibonacci hashing */
    const struct epro_slot *slot = &response->slot;
    int64_t place = slot->has_due_day ? slot->due_day : response->moment.at_ms;
    return &job->seats[((uint64_t)place * SPREAD >> 32) % job->n_responses];
}

/* A patient's rows are many, and have no identity to compare: only those of one seat can clash. */
static const struct epro_response *find_clash_of_stored(
    const struct epro_job *job, const struct epro_response *response, enum epro_reason *ret_clash)
{
    const struct epro_response *other = *seat_of(job, response);
    *ret_clash = EPRO_REASON_NONE;
    while (other != NULL) {
        *ret_clash = clash_of(job, response, other);
        if (*ret_clash != EPRO_REASON_NONE) {
            return other;
        }
        other = other->same_seat;
    }
    return NULL;
}

/* The first of those that have their place already which this one cannot be stored beside. */
static const struct epro_response *find_clash(
    const struct epro_job *job, const struct epro_response *response, enum epro_reason *ret_clash)
{
    if (job->is_from_database) {
        return find_clash_of_stored(job, response, ret_clash);
    }
    for (size_t i = 0; i < job->n_responses; i++) {
        const struct epro_response *other = &job->responses[i];
        *ret_clash = other->is_settled ? clash_of(job, response, other) : EPRO_REASON_NONE;
        if (*ret_clash != EPRO_REASON_NONE) {
            return other;
        }
    }
    return NULL;
}

/* The row that has the response's identifier, or, where it has none, its content. */
static struct epro_stored *find_identified(
    const struct epro_state *state, const struct epro_response *response)
{
    for (size_t i = 0; i < state->n_stored; i++) {
        struct epro_stored *stored = &state->stored[i];
        if (stored->submitted_at != 0 &&
            is_identified_as(response, stored->external_id, stored->content_hash)) {
            return stored;
        }
    }
    return NULL;
}

static void place_known(
    struct epro_job *job, struct epro_response *response, struct epro_stored *stored)
{
    epro_schedule_of(stored, response->moment.day, &response->slot);
    response->is_same =
        stored->content_hash != NULL && strcmp(stored->content_hash, response->content_hash) == 0;
    response->is_amendment = !response->is_same && strcmp(response->fhir.status, "amended") == 0 &&
                             stored->instrument == response->instrument;
    response->result->response_id = stored->id;
    if (!response->is_same && !response->is_amendment) {
        note_duplicate(job, response, EPRO_REASON_OTHER_ANSWERS, NULL, NULL);
    }
}

/* A response that is there already, where nothing was due, is one sent at the same moment. */
static const struct epro_stored *find_unscheduled(
    const struct epro_state *state, const struct epro_response *response)
{
    for (size_t i = 0; i < state->n_stored; i++) {
        const struct epro_stored *stored = &state->stored[i];
        if (!stored->has_due_day && stored->instrument == response->instrument &&
            stored->submitted_at == response->moment.at_ms) {
            return stored;
        }
    }
    return NULL;
}

static void note_taken(
    struct epro_job *job, struct epro_response *response, const struct epro_stored *taken)
{
    char at[EPRO_MOMENT_MAX];
    char due[DATE_TEXT_MAX];
    bool is_amended = strcmp(response->fhir.status, "amended") == 0;
    epro_moment_format(taken->submitted_at, at);
    if (taken->has_due_day) {
        date_format(taken->due_day, due);
        note_duplicate(
            job, response, is_amended ? EPRO_REASON_TAKEN_AMENDED : EPRO_REASON_TAKEN, due, at);
    } else {
        note_duplicate(job, response,
            is_amended ? EPRO_REASON_TAKEN_UNPLANNED_AMENDED : EPRO_REASON_TAKEN_UNPLANNED, at,
            NULL);
    }
}

static void reject_if_taken(struct epro_job *job, struct epro_response *response)
{
    const struct epro_stored *row = response->slot.stored;
    if (row == NULL && !response->slot.has_due_day) {
        row = find_unscheduled(&job->state, response);
    }
    if (row != NULL && row->submitted_at != 0) {
        note_taken(job, response, row);
    } else {
        response->result->response_id = row == NULL ? 0 : row->id;
    }
}

static void place_new(struct epro_job *job, struct epro_response *response)
{
    const struct epro_state *state = &job->state;
    epro_schedule_find(state, response->instrument, response->moment.day, &response->slot);
    const struct epro_stored *row = response->slot.stored;
    if (row != NULL && row->submitted_at != 0 && response->slot.days_off != 0) {
        response->slot = (struct epro_slot){.stored = NULL}; /* that one was answered: not meant */
    }
    reject_if_taken(job, response);
}

void epro_place(struct epro_job *job, struct epro_response *response)
{
    if (job->is_from_database) {
        epro_schedule_of(response->slot.stored, response->moment.day, &response->slot);
    } else {
        struct epro_stored *stored = find_identified(&job->state, response);
        if (stored != NULL) {
            place_known(job, response, stored);
        } else {
            place_new(job, response);
        }
    }
}

bool epro_is_in_place(const struct epro_response *response)
{
    return response->slot.days_off == 0 || response->is_same || response->is_amendment;
}

void epro_settle(struct epro_job *job, struct epro_response *response)
{
    char index[INDEX_TEXT_MAX];
    enum epro_reason clash = EPRO_REASON_NONE;
    const struct epro_response *other = find_clash(job, response, &clash);
    bool is_elsewhere = !job->is_from_database && !epro_is_in_place(response);
    if (other != NULL && is_elsewhere && other->slot.has_due_day) {
        response->slot = (struct epro_slot){.stored = NULL};
        reject_if_taken(job, response);
        other = find_clash(job, response, &clash);
    }
    if (other != NULL && !response->is_rejected) {
        snprintf(index, sizeof(index), "%zu", other->result->index);
        note_duplicate(job, response, clash, index, NULL);
    }
    response->is_settled = !response->is_rejected;
    if (response->is_settled) {
        struct epro_response **seat = seat_of(job, response);
        response->same_seat = *seat;
        *seat = response;
    }
}
