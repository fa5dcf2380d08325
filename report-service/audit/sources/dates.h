/* Clinical dates: ISO 8601 text that may be partial ("2004", "2004-03"), and days since 1970-01-01.
 *
 *     int64_t day;
 *     if (date_first_day("2004-03", &day)) …            2004-03-01
 *     date_days_between("2004-03-01", "2004-03-11", &n)  10
 *
 * One rule for partial dates: where dates are compared or sorted, a partial date counts as its
 * first day; where days are counted between two dates, both must be complete, else there is no
 * number. A time after the date ("2004-03-01T08:30") is ignored. Not here: time zones; a clinical
 * date is the site's own, a system stamp's date is UTC. */
#ifndef WALKIE_AUDIT_SOURCES_DATES_H
#define WALKIE_AUDIT_SOURCES_DATES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"

enum { DATE_TEXT_MAX = 11 }; /* "2004-03-01" and the NUL */

#define DAY_MS INT64_C(86400000)

/* The first day of a date. False (result untouched) for NULL, or when it is no date. */
MUST_USE bool date_first_day(const char *iso_date, int64_t *ret_day);

/* Whether year, month and day are there and exist. */
bool date_is_complete(const char *iso_date);

/* `to` - `from` in days. False unless both are complete. */
MUST_USE bool date_days_between(const char *from, const char *to, int64_t *ret_days);

/* The UTC day of a stamp; works before 1970 too. */
int64_t date_day_of_ms(int64_t epoch_ms);

/* "2004-03-01" for a day. Years outside 0000 … 9999 are clamped. */
void date_format(int64_t day, char ret_text[DATE_TEXT_MAX]);

#endif
