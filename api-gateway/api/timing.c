#include "api/timing.h"

#include <stdio.h>
#include <string.h>

void timing_respond(struct http_exchange *exchange, const struct timing *timings, size_t n_timings)
{
    char value[512] = "";
    for (size_t i = 0; i < n_timings; i++) {
        size_t len = strlen(value);
        snprintf(value + len, sizeof(value) - len, "%s%.32s;dur=%.3f", i == 0 ? "" : ", ",
            timings[i].name, (double)timings[i].ns / 1e6);
    }
    http_respond_header(exchange, "Server-Timing", value);
}
