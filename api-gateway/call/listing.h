/* What --list and --describe print.
 *
 *     status = listing_methods(view, backend, is_json, output, &error);
 *     status = listing_describe(view, "Echo", output, &error);
 */
#ifndef WALKIE_CALL_LISTING_H
#define WALKIE_CALL_LISTING_H

#include "call/output.h"
#include "call/service_view.h"

enum { LISTING_LEN_MAX = 8 << 20 }; /* bytes printed */

/* A line a method, or one line of JSON. Errors: the output's; RESOURCE_EXHAUSTED. */
MUST_USE enum status listing_methods(
    const struct service_view *view, bool is_json, struct output *output, struct error *ret_error);

/* A method with its messages, or a message or enum alone, as a .proto has them, with comments.
 * Errors: those of service_view_find and of the output; RESOURCE_EXHAUSTED. */
MUST_USE enum status listing_describe(const struct service_view *view, const char *word,
    struct output *output, struct error *ret_error);

#endif
