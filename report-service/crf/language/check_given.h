/* Values of a program that somebody gives by name: "SYSBP=300", "COMMON/AE.AESER=Y".
 *
 *     status = check_given_new(&schema, form, &program, arena, &given);
 *     status = check_given_set(given, "SYSBP=300", &error);
 *     check_evaluate(machine, &program, check_given_values(given), &result);
 *
 * What is not given is missing. A name that is given again is the next row of a reference within
 * any(), all() or count(), and an error elsewhere. For trying and testing expressions.
 * Threads: one. Memory: the arena's. */
#ifndef WALKIE_CRF_LANGUAGE_CHECK_GIVEN_H
#define WALKIE_CRF_LANGUAGE_CHECK_GIVEN_H

#include "crf/language/check.h"

enum {
    CHECK_GIVEN_ROWS_MAX = 100, /* rows of one reference */
    CHECK_NAME_MAX = 256,       /* bytes of a reference's name, with the NUL */
};

struct check_given;

/* NULL: out of memory. */
MUST_USE struct check_given *check_given_new(const struct check_schema *schema, size_t form,
    const struct check_program *program, struct arena *arena);

/* NAME=TEXT; the name as it would be written in an expression, the text as it would be entered.
 * Errors: INVALID_ARGUMENT (no "=", a name that is none or that the program does not refer to),
 * OUT_OF_RANGE (too many rows), RESOURCE_EXHAUSTED. */
MUST_USE enum status check_given_set(
    struct check_given *given, const char *assignment, struct error *ret_error);

const struct check_value *check_given_values(const struct check_given *given);

/* A reference as it is written in an expression. Cut when it is longer. */
void check_reference_name(const struct check_schema *schema,
    const struct check_reference *reference, char ret_name[CHECK_NAME_MAX]);

#endif
