/* FHIR's dateTime: "2026-03-12T22:51:31.735+08:00", or a date alone.
 *
 *     if (epro_moment_read(text, &moment)) { moment.at_ms, moment.day }
 *
 * The day is the writer's own, by the zone in the text; a time without a zone is none. Not here:
 * partial dates, which say too little of a response. */
#ifndef WALKIE_EPRO_MOMENT_H
#define WALKIE_EPRO_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

struct epro_moment {
    int64_t at_ms; /* epoch ms; of a date alone its first moment, UTC */
    int64_t day;   /* since 1970-01-01, local */
    bool has_time;
};

/* False (result untouched): not one of the two forms, or it does not exist. */
bool epro_moment_read(const char *text, struct epro_moment *ret_moment);

enum { EPRO_MOMENT_MAX = 25 };

/* "2026-03-12T22:51:31Z". Years outside 0000 … 9999 are clamped. */
void epro_moment_format(int64_t at_ms, char ret_text[EPRO_MOMENT_MAX]);

#endif
