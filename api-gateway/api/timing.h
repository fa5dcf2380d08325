/* Server-Timing: where the time of an answer went, in milliseconds, as browsers show it.
 *
 *     timing_respond(exchange, (struct timing[]){{"queue", 120000}, {"run", 3400000}}, 2);
 */
#ifndef WALKIE_GATEWAY_TIMING_H
#define WALKIE_GATEWAY_TIMING_H

#include <stddef.h>
#include <stdint.h>

#include "http/server.h"

struct timing {
    const char *name; /* a token */
    uint64_t ns;
};

enum { TIMINGS_MAX = 16 };

/* Add the header to the answer that is about to be made. */
void timing_respond(struct http_exchange *exchange, const struct timing *timings, size_t n_timings);

#endif
