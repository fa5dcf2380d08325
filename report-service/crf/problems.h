/* The problems that a validation has found: in a file without a name, since there may be many, in
 * runs of one subject each. Private to crf/.
 *
 *     status = problems_open(folder, &problems, &error);
 *     status = problems_add(problems, &problem, value, &error);
 *     status = problems_seek(problems, subject->problems_at, &error);
 *     status = problems_next(problems, &problem, value, &error);
 *
 * Adding comes before reading. One thread at a time. */
#ifndef WALKIE_CRF_PROBLEMS_H
#define WALKIE_CRF_PROBLEMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum {
    PROBLEMS_MAX = 5000000,  /* of one validation */
    PROBLEM_VALUE_MAX = 256, /* bytes of a value as the result shows it, with the NUL */
    PROBLEM_DATE_MAX = 24,   /* bytes of a visit's date, with the NUL */
};

#define PROBLEM_NO_ITEM UINT32_MAX

struct crf_problem {
    uint64_t number; /* from 0, as they were found */
    uint32_t check;  /* number in study.checks */
    uint32_t subject;
    uint32_t visit; /* number in schema.events */
    uint32_t form;  /* number in schema.forms */
    uint32_t item;  /* number in study.items; PROBLEM_NO_ITEM: no value of the form is to blame */
    uint32_t value_size; /* bytes of the value that follow, with the NUL; 0: nothing was entered */
    int64_t visit_repeat;
    int64_t form_repeat;
    int64_t item_repeat; /* 0: there is no value */
    int64_t form_id;
    int64_t item_id;                 /* 0: there is no value */
    char visit_on[PROBLEM_DATE_MAX]; /* "": no date */
};

struct problems;

/* Errors: UNAVAILABLE (the folder; names it), RESOURCE_EXHAUSTED. */
MUST_USE enum status problems_open(
    const char *folder, struct problems **ret_problems, struct error *ret_error);
void problems_free(struct problems *problems); /* accepts NULL */

/* `value` is cut to PROBLEM_VALUE_MAX; NULL: none. Fills in problem->number.
 * Errors: RESOURCE_EXHAUSTED (PROBLEMS_MAX), UNAVAILABLE (the disk is full or fails). */
MUST_USE enum status problems_add(struct problems *problems, struct crf_problem *problem,
    const char *value, struct error *ret_error);

/* Throw all of them away. */
void problems_clear(struct problems *problems);

uint64_t problems_count(const struct problems *problems);

/* Where the next one will be. */
uint64_t problems_end(const struct problems *problems);

/* Read from there on. Errors: UNAVAILABLE. */
MUST_USE enum status problems_seek(
    struct problems *problems, uint64_t place, struct error *ret_error);
MUST_USE enum status problems_next(struct problems *problems, struct crf_problem *ret_problem,
    char ret_value[PROBLEM_VALUE_MAX], struct error *ret_error);

/* Whether a query was opened for it (else one told it already); false before that was noted.
 * Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status problems_note_opened(struct problems *problems, uint64_t number);
bool problems_is_opened(const struct problems *problems, uint64_t number);

#endif
