/* Any bytes as a submission: no crash, what is read keeps to the limits, and every answer that
 * counts on an item is in its range. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "epro/epro.h"
#include "epro/fhir.h"
#include "epro/moment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_MAX = 32 << 20 };

static void check_text(const char *text, size_t size)
{
    if (text != NULL && (*text == '\0' || strlen(text) >= size)) {
        abort();
    }
}

static void check_answer(const struct epro_instrument *instrument, const struct epro_answer *answer)
{
    double value;
    check_text(answer->link_id, EPRO_TEXT_MAX);
    check_text(answer->code, EPRO_TEXT_MAX);
    check_text(answer->text, EPRO_TEXT_MAX);
    int place = epro_instrument_item(instrument, answer->link_id);
    if (place > (int)instrument->n_items || place < EPRO_PLACE_EXTRA) {
        abort();
    }
    for (size_t i = 0; i < instrument->n_items; i++) {
        const struct epro_item *item = &instrument->items[i];
        if (epro_coding_value(instrument, item, answer, &value) == EPRO_CODING_OK &&
            !(value >= item->low && value <= item->high)) {
            abort();
        }
    }
}

static void check_response(const struct epro_fhir *fhir)
{
    static const char *const NAMES[] = {"PHQ-9", "GAD-7", "EQ-5D", "SWLS", "ADAS-Cog"};
    struct epro_moment moment;
    check_text(fhir->questionnaire, EPRO_TEXT_MAX);
    check_text(fhir->status, EPRO_TEXT_MAX);
    check_text(fhir->external_id, (size_t)2 * EPRO_TEXT_MAX);
    if (fhir->n_answers > EPRO_ANSWERS_MAX) {
        abort();
    }
    if (fhir->questionnaire != NULL) {
        (void)epro_instrument_of(fhir->questionnaire);
    }
    if (fhir->authored != NULL) {
        (void)epro_moment_read(fhir->authored, &moment);
    }
    for (size_t i = 0; i < fhir->n_answers; i++) {
        for (size_t n = 0; n < sizeof(NAMES) / sizeof(NAMES[0]); n++) {
            check_answer(epro_instrument_of(NAMES[n]), &fhir->answers[i]);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(ARENA_MAX);
    struct epro_batch batch;
    struct error error = ERROR_NONE;
    if (arena == NULL) {
        return 0;
    }
    if (epro_fhir_read(ctx_background(), (struct bytes){data, size}, arena, &batch, &error) ==
        STATUS_OK) {
        if (batch.n_responses == 0 || batch.n_responses > EPRO_RESPONSES_MAX) {
            abort();
        }
        for (size_t i = 0; i < batch.n_responses; i++) {
            check_response(&batch.responses[i]);
        }
    } else if (error.text[0] == '\0') {
        abort();
    }
    arena_free(arena);
    return 0;
}
