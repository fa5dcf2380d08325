/* A made-up report of what is hard to set: rare and combining names, right-to-left texts, scripts
 * without blanks, characters that no font has, cells of 300 lines, words that never end.
 *
 *     struct report *report = sample_hostile_new();
 *     ... document_write_pdf(ctx, report, ...);
 *     report_free(report);
 *
 * The same at every call. No data of any person: names are invented. */
#ifndef WALKIE_TESTS_SUPPORT_SAMPLE_HOSTILE_H
#define WALKIE_TESTS_SUPPORT_SAMPLE_HOSTILE_H

#include "audit/model/model.h"

enum { HOSTILE_LINES = 300 }; /* of the tallest cell */

struct hostile_text {
    const char *what;
    const char *text;
};

/* The names of the first table, each alone in a cell: what must be seen, and come back as text. */
extern const struct hostile_text HOSTILE_TEXTS[];
extern const size_t HOSTILE_TEXTS_COUNT;

/* Never NULL: aborts when out of memory. Freed with report_free. */
struct report *sample_hostile_new(void);

#endif
