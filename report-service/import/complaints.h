/* What is wrong with an input, place by place: the first COMPLAINTS_SHOWN_MAX in full, the others
 * counted, so that a person can repair a file in one go instead of one error at a time.
 *
 *     complain(complaints, "study.xml", line, "unknown item \"%.40s\"", oid);
 *     status = complaints_end(complaints, "study.xml", &error);       one is enough to fail
 *
 * Not here: logs (a tool's user reads stderr). One thread. */
#ifndef WALKIE_IMPORT_COMPLAINTS_H
#define WALKIE_IMPORT_COMPLAINTS_H

#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

enum { COMPLAINTS_SHOWN_MAX = 20, COMPLAINT_TEXT_MAX = 256 };

struct progress;

struct complaints {
    FILE *output;              /* NULL: only counted */
    struct progress *progress; /* is wiped away first; NULL: none */
    uint64_t n;
    char first[COMPLAINT_TEXT_MAX]; /* "file:line: text" of the first one */
};

void complain(struct complaints *complaints, const char *file, uint64_t line, const char *format,
    ...) PRINTF_LIKE(4, 5);

/* OK without complaints; else DATA_LOSS, after saying how many were not shown. */
MUST_USE enum status complaints_end(
    struct complaints *complaints, const char *input, struct error *ret_error);

#endif
