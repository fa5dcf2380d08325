/* A cell as text: the same digits in every locale.
 *
 *     char room[CELL_TEXT_MAX];
 *     const char *text = format_cell(&cell, LANGUAGE_EN, room);
 *
 * Text and dates pass through untouched and unmeasured; everything else fits in the room. Not
 * here: colours and links. */
#ifndef WALKIE_AUDIT_DOCUMENT_FORMAT_CELL_H
#define WALKIE_AUDIT_DOCUMENT_FORMAT_CELL_H

#include "audit/model/model.h"

enum { CELL_TEXT_MAX = 400 };           /* bytes of a formatted number, instant or notice */
enum { TEMPLATE_TEXT_MAX = 16 * 1024 }; /* bytes of a sentence with its arguments filled in */

/* The text, in `room` or elsewhere; valid as long as the cell and the room. */
const char *format_cell(const struct cell *cell, enum language language, char room[CELL_TEXT_MAX]);

/* Fill {0} … {5} of a template; arguments that are missing leave nothing. Cut at
 * TEMPLATE_TEXT_MAX, at a character. */
void format_template(const char *template_text, const struct cell *arguments, size_t n_arguments,
    enum language language, char *text, size_t size);

/* A number with so many decimals and a point, whatever the locale. */
void format_number(double value, int decimals, char *text, size_t size);

/* The proleptic Gregorian calendar, days since 1970-01-01; month and day from 1. NULL: not asked.
 */
void civil_from_day(int64_t day, int64_t *ret_year, int *ret_month, int *ret_day);
int64_t day_from_civil(int64_t year, int month, int day);

/* The day (since 1970-01-01) as ISO 8601: "2019-10-26". */
void format_day(int64_t day, char *text, size_t size);

#endif
