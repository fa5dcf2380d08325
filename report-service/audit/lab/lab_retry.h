/* Whether a request to the laboratory is made again, and after how long.
 *
 *     verdict = lab_retry_judge_status(503, CLOCK_SECONDS(1));
 *     while (lab_retry_next(&retry, &verdict, ctx_remaining_ns(ctx), &pause_ns)) …
 *
 * All requests are GETs, which may be made any number of times. Repeated is what may go better the
 * next time: a connection that was refused or lost, and the statuses 429, 502, 503, 504. The pause
 * doubles, is jittered (half of it to all of it), and is never shorter than what the laboratory
 * asks for (Retry-After). A pause that would end behind the deadline is not begun.
 *
 * Pure. Not here: making the request (lab.c). */
#ifndef WALKIE_AUDIT_LAB_RETRY_H
#define WALKIE_AUDIT_LAB_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"

struct lab_retry {
    unsigned int n_repeats; /* of the fetch so far */
    uint64_t random;
};

struct lab_verdict {
    bool may_repeat;
    uint64_t pause_min_ns; /* what the laboratory asks for; CLOCK_NEVER: longer than we can wait */
};

/* `seed`: anything that differs from one fetch to the next. */
void lab_retry_init(struct lab_retry *retry, uint64_t seed);

struct lab_verdict lab_retry_judge_status(int status_code, uint64_t retry_after_ns);

/* Whether to go on, after *ret_pause_ns. Counts the repeat. */
MUST_USE bool lab_retry_next(struct lab_retry *retry, const struct lab_verdict *verdict,
    uint64_t remaining_ns, uint64_t *ret_pause_ns);

#endif
