/* What one answer is worth on an item of an instrument.
 *
 *     outcome = epro_coding_value(instrument, &instrument->items[8], &answer, &value);
 *
 * A number counts as it is. Of a coding its code, its words and its weight (ordinalValue,
 * itemWeight) are looked at; those that say something must say the same. A code that is a plain
 * number counts where nothing else does. Not here: reading FHIR (fhir.h). */
#ifndef WALKIE_EPRO_CODING_H
#define WALKIE_EPRO_CODING_H

#include "epro/instrument.h"

enum epro_answer_kind {
    EPRO_ANSWER_NUMBER, /* valueInteger, valueDecimal, valueQuantity */
    EPRO_ANSWER_CODING, /* valueCoding */
    EPRO_ANSWER_TEXT,   /* valueString, and what the database holds */
    EPRO_ANSWER_OTHER,  /* valueBoolean, valueDate, …: never an item's answer */
};

struct epro_answer {
    const char *link_id;
    enum epro_answer_kind kind;
    const char *type; /* "valueCoding": for messages; NULL: more than one value */
    double number;    /* NUMBER */
    const char *code; /* CODING; NULL: none */
    const char *text; /* TEXT; the display of a CODING; NULL: none */
    bool has_weight;
    double weight;
};

enum epro_coding_outcome {
    EPRO_CODING_OK,
    EPRO_CODING_OUT_OF_RANGE,
    EPRO_CODING_WRONG_KIND,
    EPRO_CODING_CONTRADICTORY,
};

/* *ret_value is set with OK, and with OUT_OF_RANGE when it is a number (else NaN). */
enum epro_coding_outcome epro_coding_value(const struct epro_instrument *instrument,
    const struct epro_item *item, const struct epro_answer *answer, double *ret_value);

#endif
