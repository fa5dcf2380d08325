/* Duplicates: by identifier, by content, by due date; and what is an amendment of what. */
#include <stdio.h>
#include <string.h>

#include "audit/sources/dates.h"
#include "epro/validate.h"

enum { WHY_MAX = 160 };

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

/* Whether two responses of one job cannot both be stored. */
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
    bool is_same_time = slot->has_due_day ? slot->due_day == other->due_day
                                          : response->moment.at_ms == before->moment.at_ms;
    return is_same_time ? "the same instrument and due date as response" : NULL;
}

static void compare_with_batch(struct epro_job *job, struct epro_response *response)
{
    char why[WHY_MAX];
    for (const struct epro_response *before = job->responses; before < response; before++) {
        const char *clash = before->is_rejected ? NULL : clash_of(job, response, before);
        if (clash != NULL) {
            snprintf(why, sizeof(why), "%s %zu", clash, before->result->index);
            note_duplicate(job, response, why);
            return;
        }
    }
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

static void place_new(struct epro_job *job, struct epro_response *response)
{
    const struct epro_state *state = &job->state;
    char why[WHY_MAX];
    char at[EPRO_MOMENT_MAX];
    char due[DATE_TEXT_MAX] = "-";
    epro_schedule_find(state, response->instrument, response->moment.day, &response->slot);
    const struct epro_stored *taken = response->slot.stored;
    if (taken == NULL && !response->slot.has_due_day) {
        taken = find_unscheduled(state, response);
    }
    if (taken == NULL || taken->submitted_at == 0) {
        response->result->response_id = taken == NULL ? 0 : taken->id;
        return;
    }
    epro_moment_format(taken->submitted_at, at);
    if (taken->has_due_day) {
        date_format(taken->due_day, due);
    }
    snprintf(why, sizeof(why), "due %s, submitted %s", due, at);
    note_duplicate(job, response, why);
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
    if (!response->is_rejected) {
        compare_with_batch(job, response);
    }
}
