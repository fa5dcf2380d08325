#include "epro/coding.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_TEXT_MAX = 16 }; /* bytes of a number in a text */

/* What one look at an answer says. */
struct reading {
    bool is_there;
    double value;
};

static struct reading nothing(void)
{
    return (struct reading){false, 0};
}

static struct reading read_option(
    const struct epro_instrument *instrument, const char *code, const char *words)
{
    char key[EPRO_KEY_MAX];
    bool has_key = words != NULL && epro_normalise(words, key, sizeof(key));
    for (size_t i = 0; i < instrument->n_options; i++) {
        const struct epro_option *option = &instrument->options[i];
        bool is_code = code != NULL && option->code != NULL && strcmp(code, option->code) == 0;
        bool is_word =
            has_key && (strcmp(key, option->words[0]) == 0 || strcmp(key, option->words[1]) == 0);
        if (is_code || is_word) {
            return (struct reading){true, option->value};
        }
    }
    return nothing();
}

/* A plain decimal number and nothing else: "2", "6.67", "-1". */
static struct reading read_number(const char *text)
{
    if (text == NULL || strlen(text) >= NUMBER_TEXT_MAX) {
        return nothing();
    }
    const char *at = text + (*text == '-');
    size_t n_whole = strspn(at, "0123456789");
    at += n_whole;
    if (n_whole > 0 && *at == '.') {
        size_t n_part = strspn(at + 1, "0123456789");
        at += n_part > 0 ? n_part + 1 : 0;
    }
    if (n_whole == 0 || *at != '\0') {
        return nothing();
    }
    return (struct reading){true, strtod(text, NULL)};
}

static enum epro_coding_outcome read_coding(const struct epro_instrument *instrument,
    const struct epro_answer *answer, struct reading *ret_reading)
{
    struct reading readings[] = {
        read_option(instrument, answer->code, NULL),
        read_option(instrument, NULL, answer->code), /* some systems have words as codes */
        read_option(instrument, NULL, answer->text),
        {answer->has_weight, answer->weight},
    };
    struct reading agreed = nothing();
    for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
        if (!readings[i].is_there) {
            continue;
        }
        if (agreed.is_there && agreed.value != readings[i].value) {
            return EPRO_CODING_CONTRADICTORY;
        }
        agreed = readings[i];
    }
    *ret_reading = agreed.is_there ? agreed : read_number(answer->code);
    return EPRO_CODING_OK;
}

static enum epro_coding_outcome read_answer(const struct epro_instrument *instrument,
    const struct epro_answer *answer, struct reading *ret_reading)
{
    *ret_reading = nothing();
    switch (answer->kind) {
    case EPRO_ANSWER_NUMBER:
        *ret_reading = (struct reading){true, answer->number};
        return EPRO_CODING_OK;
    case EPRO_ANSWER_CODING:
        return read_coding(instrument, answer, ret_reading);
    case EPRO_ANSWER_TEXT:
        *ret_reading = read_number(answer->text);
        if (!ret_reading->is_there) {
            *ret_reading = read_option(instrument, NULL, answer->text);
        }
        return EPRO_CODING_OK;
    case EPRO_ANSWER_OTHER:
        return EPRO_CODING_WRONG_KIND;
    }
    return EPRO_CODING_WRONG_KIND;
}

enum epro_coding_outcome epro_coding_value(const struct epro_instrument *instrument,
    const struct epro_item *item, const struct epro_answer *answer, double *ret_value)
{
    struct reading reading;
    enum epro_coding_outcome outcome = read_answer(instrument, answer, &reading);
    if (outcome != EPRO_CODING_OK) {
        return outcome;
    }
    *ret_value = reading.is_there ? reading.value : (double)NAN;
    if (!reading.is_there) {
        return EPRO_CODING_OUT_OF_RANGE;
    }
    bool is_in_range = reading.value >= item->low && reading.value <= item->high;
    bool is_whole = item->is_fractional || reading.value == floor(reading.value);
    return is_in_range && is_whole ? EPRO_CODING_OK : EPRO_CODING_OUT_OF_RANGE;
}
