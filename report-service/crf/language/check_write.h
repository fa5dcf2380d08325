/* Expressions that are made by programs: whatever stands in a name or a value, it is one when it is
 * read.
 *
 *     arena_printf(arena, "%s >= %s", check_write_name("I.SYSBP", arena),
 *         check_write_literal(CHECK_NUMBER, "80", arena));              [I.SYSBP] >= 80
 *
 * Results are the arena's, NULL when it is out of memory. */
#ifndef WALKIE_CRF_LANGUAGE_CHECK_WRITE_H
#define WALKIE_CRF_LANGUAGE_CHECK_WRITE_H

#include "crf/language/check.h"

/* In brackets where it needs them. */
char *check_write_name(const char *name, struct arena *arena);

/* A text, or a date, in quotes. A number or boolean as one, where the text is one; else in quotes,
 * which then does not compile. */
char *check_write_literal(enum check_kind kind, const char *text, struct arena *arena);

#endif
