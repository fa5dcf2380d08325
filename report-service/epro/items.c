/* The answers of a response as values of its instrument's items. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "epro/internal.h"

enum { NUMBER_MAX = 32 };

static void note_answer(struct epro_job *job, struct epro_response *response,
    const struct epro_answer *answer, enum epro_coding_outcome outcome)
{
    char number[NUMBER_MAX];
    snprintf(number, sizeof(number), "%.6g", answer->number);
    const char *said = answer->kind == EPRO_ANSWER_NUMBER ? number
                       : answer->text != NULL             ? answer->text
                       : answer->code != NULL             ? answer->code
                                                          : answer->type;
    const char *several = epro_reason_text(
        job->arena, EPRO_REASON_SEVERAL_VALUES, job->request->language, NULL, NULL);
    switch (outcome) {
    case EPRO_CODING_OK:
        return;
    case EPRO_CODING_OUT_OF_RANGE:
        epro_note(job, response, EPRO_ISSUE_OUT_OF_RANGE, answer->link_id, said, answer->link_id);
        return;
    case EPRO_CODING_WRONG_KIND:
        epro_note(job, response, EPRO_ISSUE_WRONG_KIND, answer->link_id, answer->link_id,
            answer->type != NULL ? answer->type : several);
        return;
    case EPRO_CODING_CONTRADICTORY:
        epro_note(
            job, response, EPRO_ISSUE_CONTRADICTORY_ANSWER, answer->link_id, answer->link_id, NULL);
        return;
    }
}

static void read_item(struct epro_job *job, struct epro_response *response,
    const struct epro_answer *answer, size_t index, bool is_answered[])
{
    double value = 0;
    if (is_answered[index]) {
        epro_note(job, response, EPRO_ISSUE_DUPLICATE_ITEM, answer->link_id, answer->link_id, NULL);
        return;
    }
    is_answered[index] = true;
    enum epro_coding_outcome outcome = epro_coding_value(
        response->instrument, &response->instrument->items[index], answer, &value);
    note_answer(job, response, answer, outcome);
    response->has_value[index] = outcome == EPRO_CODING_OK;
    response->values[index] = outcome == EPRO_CODING_OK ? value : 0;
}

static void read_vas(
    struct epro_job *job, struct epro_response *response, const struct epro_answer *answer)
{
    static const struct epro_item SCALE = {0, 100, true, {NULL}};
    double value = 0;
    if (response->result->has_vas) {
        epro_note(job, response, EPRO_ISSUE_DUPLICATE_ITEM, answer->link_id, answer->link_id, NULL);
        return;
    }
    enum epro_coding_outcome outcome =
        epro_coding_value(response->instrument, &SCALE, answer, &value);
    note_answer(job, response, answer, outcome);
    response->result->has_vas = outcome == EPRO_CODING_OK;
    response->result->vas = outcome == EPRO_CODING_OK ? value : 0;
}

/* What it says its own total is; compared when there is one (score). */
static void read_total(struct epro_response *response, const struct epro_answer *answer)
{
    if (answer->kind == EPRO_ANSWER_NUMBER) {
        response->has_said_total = true;
        response->said_total = answer->number;
    }
}

static void note_missing(
    struct epro_job *job, struct epro_response *response, const bool is_answered[])
{
    char link_id[NUMBER_MAX];
    for (size_t i = 0; i < response->instrument->n_items; i++) {
        if (!is_answered[i]) {
            snprintf(link_id, sizeof(link_id), "q%zu", i + 1);
            const char *copy = arena_copy_text(job->arena, link_id);
            epro_note(job, response, EPRO_ISSUE_MISSING_ITEM, copy, link_id, NULL);
            response->result->n_missing++;
        }
    }
}

void epro_read_items(struct epro_job *job, struct epro_response *response)
{
    bool is_answered[EPRO_ITEMS_MAX] = {false};
    const struct epro_instrument *instrument = response->instrument;
    for (size_t i = 0; i < response->fhir.n_answers; i++) {
        const struct epro_answer *answer = &response->fhir.answers[i];
        int place = epro_instrument_item(instrument, answer->link_id);
        if (place > 0) {
            read_item(job, response, answer, (size_t)place - 1, is_answered);
        } else if (place == EPRO_PLACE_VAS) {
            read_vas(job, response, answer);
        } else if (place == EPRO_PLACE_TOTAL) {
            read_total(response, answer);
        } else if (place == EPRO_PLACE_UNKNOWN) {
            epro_note(job, response, EPRO_ISSUE_UNKNOWN_ITEM, answer->link_id, answer->link_id,
                instrument->word);
        }
    }
    note_missing(job, response, is_answered);
    if (response->result->n_missing > instrument->missing_max) {
        char missing[NUMBER_MAX];
        char allowed[NUMBER_MAX];
        snprintf(missing, sizeof(missing), "%d", response->result->n_missing);
        snprintf(allowed, sizeof(allowed), "%d", instrument->missing_max);
        epro_note(job, response, EPRO_ISSUE_NOT_SCORABLE, NULL, missing, allowed);
    }
}
