/* Where the answer goes: standard output, or a file that appears under its name only when it is
 * whole.
 *
 *     status = output_open("report.pdf", &output, &error);
 *     status = output_write(output, piece, &error);
 *     status = output_close(output, &error);          or output_abandon(output)
 *
 * A file is written beside its place and renamed at the end; without success nothing is left of it.
 * What is no regular file (a pipe, a device) is written to directly. Not here: threads; one at a
 * time. */
#ifndef WALKIE_CALL_OUTPUT_H
#define WALKIE_CALL_OUTPUT_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/error.h"

struct output;

/* `path`: a file, or "-" for standard output.
 * Errors: UNAVAILABLE (cannot be opened: the text says why), RESOURCE_EXHAUSTED. */
MUST_USE enum status output_open(
    const char *path, struct output **ret_output, struct error *ret_error);

/* Errors: UNAVAILABLE with words (disk full, nobody reads the pipe, …). */
MUST_USE enum status output_write(
    struct output *output, struct bytes piece, struct error *ret_error);

/* What was written is all of it: finish, give the file its name, free.
 * Errors: UNAVAILABLE; then the file is not there, or still the one of before. */
MUST_USE enum status output_close(struct output *output, struct error *ret_error);

/* Free, without success: a file is not left behind. Accepts NULL. */
void output_abandon(struct output *output);

bool output_is_terminal(const struct output *output);

#endif
