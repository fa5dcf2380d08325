/* How far a report is, as clients see it: one bar that never goes back, the section and the page.
 *
 *     progress_take(&progress, told);                     in the call's on_progress
 *     status = progress_write(&progress, remaining_ns, &buffer);
 *     {"stage":"render","section":"safety","page":12,"done":690,"total":1000,"remaining_ms":2100.5}
 *
 * The service tells stages, each with a count of its own; which share of the whole a stage has is a
 * table here, from measured reports (progress.c). A whole-study run counts its sites. Not here:
 * sending it. */
#ifndef WALKIE_GATEWAY_PROGRESS_H
#define WALKIE_GATEWAY_PROGRESS_H

#include "base/bytes.h"
#include "rpc/channel.h"

enum {
    PROGRESS_TOTAL = 1000, /* of one report */
    PROGRESS_JSON_MAX = 1024,
};

struct progress {
    char stage[RPC_STAGE_MAX];
    char section[RPC_STAGE_MAX]; /* "": none yet */
    uint32_t page;               /* 0: none yet */
    uint64_t done;
    uint64_t total;    /* 0: nothing was told yet */
    bool counts_sites; /* of a study's run; else thousandths of one report */
};

/* One thread at a time. `done` never goes back. */
void progress_take(struct progress *progress, const struct rpc_progress *told);

/* All of it is done. */
void progress_complete(struct progress *progress);

/* One line of JSON. `remaining_ns` CLOCK_NEVER: no deadline. Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status progress_write(
    const struct progress *progress, uint64_t remaining_ns, struct buffer *buffer);

#endif
