/* The request's JSON: from the command line, a file, or standard input.
 *
 *     status = body_read("@request.json", &json, &error);
 */
#ifndef WALKIE_CALL_BODY_H
#define WALKIE_CALL_BODY_H

#include "base/bytes.h"
#include "base/error.h"

/* `word`: JSON itself, "@FILE", or "-" for standard input; NULL: nothing. Appends.
 * Errors: INVALID_ARGUMENT (no such file, too long), RESOURCE_EXHAUSTED. */
MUST_USE enum status body_read(const char *word, struct buffer *ret_json, struct error *ret_error);

#endif
