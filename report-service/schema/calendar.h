/* Calendar days as numbers, and as the ISO text that the databases hold.
 *
 *     int day;
 *     if (calendar_parse("2025-06-30", &day)) { ... }
 *     calendar_text(day + 14, text);                    "2025-07-14"
 *
 * Day 0 is 1970-01-01, proleptic Gregorian. Not here: time zones. */
#ifndef WALKIE_SCHEMA_CALENDAR_H
#define WALKIE_SCHEMA_CALENDAR_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

enum {
    CALENDAR_TEXT_MAX = 16,  /* "2025-06-30" and the NUL; a year is from 1 to 9999 */
    CALENDAR_NONE = INT_MIN, /* no day: NULL in the database */
};

#define CALENDAR_DAY_MS INT64_C(86400000)

int calendar_day(int year, int month, int day);
void calendar_text(int day, char ret_text[CALENDAR_TEXT_MAX]);

/* "YYYY-MM-DD" exactly, and a day that exists. False leaves `ret_day` alone. */
MUST_USE bool calendar_parse(const char *text, int *ret_day);

/* A date that may be partial: "2024", "2024-03" or "2024-03-01". */
MUST_USE bool calendar_is_date(const char *text);

/* The same of the first `len` bytes, with the first and the last day that it can be. A full date
 * may have a time behind it ("T" or a blank, then digits), which does not count. */
MUST_USE bool calendar_parse_partial(const char *text, size_t len, int *ret_first, int *ret_last);

/* The year, month and day of a day. */
void calendar_civil(int day, int *ret_year, int *ret_month, int *ret_day);

/* "YYYY-MM-DDTHH:MM[:SS]" (or a space for the T) as epoch ms, taken as UTC. */
MUST_USE bool calendar_parse_stamp(const char *text, int64_t *ret_ms);

/* "YYYY-MM-DDThh:mm:ss[.f][Z|+hh:mm|-hhmm]" as epoch ms. Without a zone it is taken for UTC. */
MUST_USE bool calendar_parse_instant(const char *text, int64_t *ret_ms);

#endif
