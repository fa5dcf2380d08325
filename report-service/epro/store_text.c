/* What the audit trail says of a response: one line that begins with the table and key. */
#include <inttypes.h>
#include <stdio.h>

#include "epro/store.h"

enum { ROW_TEXT_MAX = 128 << 10, NUMBER_MAX = 32 };

/* What both kinds of row have. */
struct row_words {
    int64_t id;
    const char *instrument;
    const char *due_on;
    int64_t submitted_at;
    const char *status;
    bool has_score;
    double score;
    const char *severity;
    const char *profile;
    bool has_n_missing;
    int64_t n_missing;
};

static enum status append_words(struct buffer *text, const struct row_words *words)
{
    char at[EPRO_MOMENT_MAX] = "";
    char score[NUMBER_MAX] = "";
    char missing[NUMBER_MAX] = "";
    if (words->submitted_at != 0) {
        epro_moment_format(words->submitted_at, at);
    }
    if (words->has_score) {
        snprintf(score, sizeof(score), "%.10g", words->score);
    }
    if (words->has_n_missing) {
        snprintf(missing, sizeof(missing), "%" PRId64, words->n_missing);
    }
    return buffer_printf(text,
        "epro_response/%" PRId64 ": instrument=%s; due_on=%s; submitted_at=%s; status=%s;"
        " score=%s; severity=%s; profile=%s; n_missing=%s; answers=",
        words->id, words->instrument == NULL ? "" : words->instrument,
        words->due_on == NULL ? "" : words->due_on, at, words->status == NULL ? "" : words->status,
        score, words->severity == NULL ? "" : words->severity,
        words->profile == NULL ? "" : words->profile, missing);
}

/* A copy in the arena; NULL when out of memory, which the arena then shows, too. */
static const char *finish_text(struct arena *arena, struct buffer *text, enum status status)
{
    const char *copy = status == STATUS_OK
                           ? arena_printf(arena, "%.*s", (int)text->len, (char *)text->data)
                           : NULL;
    buffer_finish(text);
    return copy;
}

const char *epro_text_of_stored(struct arena *arena, const struct epro_stored *stored)
{
    struct buffer text = BUFFER_EMPTY(ROW_TEXT_MAX);
    const struct row_words words = {stored->id, stored->instrument_word, stored->due_on,
        stored->submitted_at, stored->status, stored->has_score, stored->score, stored->severity,
        stored->profile, stored->has_n_missing, stored->n_missing};
    enum status status = append_words(&text, &words);
    for (const struct epro_stored_answer *answer = stored->answers;
         answer != NULL && status == STATUS_OK; answer = answer->next) {
        status = buffer_printf(&text, "%s%s:%.*s", answer == stored->answers ? "" : " ",
            answer->link_id, EPRO_TEXT_MAX, answer->value == NULL ? "" : answer->value);
    }
    return finish_text(arena, &text, status);
}

const char *epro_text_of_response(
    struct arena *arena, const struct epro_response *response, int64_t id, const char *status_word)
{
    struct buffer text = BUFFER_EMPTY(ROW_TEXT_MAX);
    const struct epro_result *result = response->result;
    const struct row_words words = {id, result->instrument, result->due_on, result->submitted_at,
        status_word, result->has_score, result->score, result->severity, result->profile, true,
        result->n_missing};
    enum status status = append_words(&text, &words);
    const char *gap = "";
    for (size_t i = 0; i < response->instrument->n_items && status == STATUS_OK; i++) {
        if (response->has_value[i]) {
            status = buffer_printf(&text, "%sq%zu:%.10g", gap, i + 1, response->values[i]);
            gap = " ";
        }
    }
    if (status == STATUS_OK && result->has_vas) {
        status = buffer_printf(&text, "%svas:%.10g", gap, result->vas);
    }
    return finish_text(arena, &text, status);
}
