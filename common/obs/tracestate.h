/* W3C tracestate: what other tracing systems want to be passed on with a trace, unread.
 *
 *     char state[TRACESTATE_TEXT_MAX];
 *     if (tracestate_read(http_header(exchange, "tracestate"), state)) { pass it on }
 *
 * Checked as https://www.w3.org/TR/trace-context/ says (Recommendation, level 1): at most 32
 * members, each key once, keys and values within their alphabets and lengths. What breaks a rule
 * is dropped whole. Members of our own are not added.
 *
 * Not here: traceparent (trace.h), without which a tracestate means nothing. */
#ifndef WALKIE_OBS_TRACESTATE_H
#define WALKIE_OBS_TRACESTATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

enum {
    TRACESTATE_TEXT_MAX = 513,    /* bytes that are passed on, with the NUL */
    TRACESTATE_MEMBERS_MAX = 32,  /* more: dropped whole */
    TRACESTATE_MEMBER_LONG = 128, /* bytes: where all is too long, longer members go first */
};

/* Read a header (several joined by commas) and write it in one spelling: no blanks around members,
 * no empty ones. What is longer than TRACESTATE_TEXT_MAX loses its long members, then its last
 * ones, as the recommendation advises. False: it breaks a rule, or nothing is left; the result is
 * then "". */
MUST_USE bool tracestate_read(const char *header, char ret_state[TRACESTATE_TEXT_MAX]);

#endif
