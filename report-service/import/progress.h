/* How far an import is: one line on a terminal that is written over, nothing elsewhere.
 *
 *     struct progress *progress = progress_new(stderr, "study.xml", size);
 *     progress_at(progress, position, n_rows);          as often as one likes
 *     progress_free(progress);                          takes the line away
 *
 *     study.xml  [=========>          ]  47 %  81,300 rows/s  12 s left
 *
 * At most PROGRESS_PER_SECOND_MAX lines a second. Colour only where NO_COLOR is not set. Not here:
 * a library's progress (ctx/checkpoint.h). One thread. */
#ifndef WALKIE_IMPORT_PROGRESS_H
#define WALKIE_IMPORT_PROGRESS_H

#include <stdint.h>
#include <stdio.h>

#include "base/attributes.h"

enum { PROGRESS_PER_SECOND_MAX = 10, PROGRESS_NAME_MAX = 32, PROGRESS_LINE_MAX = 160 };

struct progress;

/* NULL when `output` is not a terminal or memory has run out: every function accepts that.
 * `total`: bytes; 0 where it is not known, then bytes read are told instead of a percentage. */
struct progress *progress_new(FILE *output, const char *name, uint64_t total);

/* Another piece of work on the same line. `name` is copied. */
void progress_begin(struct progress *progress, const char *name, uint64_t total);

void progress_at(struct progress *progress, uint64_t done, uint64_t n_rows);

/* Take the line away, so that other text can be written. */
void progress_wipe(struct progress *progress);
void progress_free(struct progress *progress);

/* The line at `elapsed_ns`, without colour and cursor movements. For tests. */
void progress_line(const char *name, uint64_t done, uint64_t total, uint64_t n_rows,
    uint64_t elapsed_ns, char ret_line[PROGRESS_LINE_MAX]);

#endif
