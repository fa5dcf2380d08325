/* Duplicates: by identifier, by content, by due date; and what is an amendment of what. */
#include <stdio.h>
#include <string.h>

#include "audit/sources/dates.h"
#include "epro/validate.h"

enum { WHY_MAX = 240 };

/* What helps when two of one day are both meant. */
#define TIMES_OF_DAY "two of one day need their times in authored"

static bool is_identified_as(
    const struct epro_response *response, const char *external_id, const char *content_hash)
{
    if (response->fhir.external_id != NULL || external_id != NULL) {
        return epro_is_same_text(response->fhir.external_id, external_id);
    }
    return content_hash != NULL && strcmp(response->content_hash, content_hash) == 0;
}

static void note_duplicate(struct epro_job *job, struct epro_response *response, const char *why)
{
    epro_note(job, response, EPRO_ISSUE_DUPLICATE_RESPONSE, NULL, why, NULL);
}

/* Why two responses of one job cannot both be stored. */
static const char *clash_of(const struct epro_job *job, const struct epro_response *response,
    const struct epro_response *before)
{
    const struct epro_slot *slot = &response->slot;
    const struct epro_slot *other = &before->slot;
    if (!job->is_from_database &&
        is_identified_as(response, before->fhir.external_id, before->content_hash)) {
        return "the same identifier or content as response";
    }
    if (before->instrument != response->instrument || slot->has_due_day != other->has_due_day) {
        return NULL;
    }
    if (slot->has_due_day) {
        return slot->due_day == other->due_day ? "the same instrument and due date as response"
                                               : NULL;
    }
    return response->moment.at_ms == before->moment.at_ms
               ? "nothing was due, and " TIMES_OF_DAY "; the same instrument and time as response"
               : NULL;
}

/* The first of those that have their place already which this one cannot be stored beside. */
static const struct epro_response *find_clash(
    const struct epro_job *job, const struct epro_response *response, const char **ret_clash)
{
    for (size_t i = 0; i < job->n_responses; i++) {
        const struct epro_response *other = &job->responses[i];
        *ret_clash = other->is_settled ? clash_of(job, response, other) : NULL;
        if (*ret_clash != NULL) {
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
        note_duplicate(job, response,
            "its identifier is stored with other answers; status amended would replace them");
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
    char why[WHY_MAX];
    char at[EPRO_MOMENT_MAX];
    char due[DATE_TEXT_MAX];
    bool is_amended = strcmp(response->fhir.status, "amended") == 0;
    const char *help = is_amended ? "; an amendment needs the identifier of what it amends" : "";
    epro_moment_format(taken->submitted_at, at);
    if (taken->has_due_day) {
        date_format(taken->due_day, due);
        snprintf(why, sizeof(why), "due %s, submitted %s%s", due, at, help);
    } else {
        snprintf(why, sizeof(why), "submitted %s, when nothing was due%s", at,
            is_amended ? help : "; " TIMES_OF_DAY);
    }
    note_duplicate(job, response, why);
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
    char why[WHY_MAX];
    const char *clash = NULL;
    const struct epro_response *other = find_clash(job, response, &clash);
    bool is_elsewhere = !job->is_from_database && !epro_is_in_place(response);
    if (other != NULL && is_elsewhere && other->slot.has_due_day) {
        response->slot = (struct epro_slot){.stored = NULL};
        reject_if_taken(job, response);
        other = find_clash(job, response, &clash);
    }
    if (other != NULL && !response->is_rejected) {
        snprintf(why, sizeof(why), "%s %zu", clash, other->result->index);
        note_duplicate(job, response, why);
    }
    response->is_settled = !response->is_rejected;
}
