/* A thread that does small jobs one after the other, in the order in which they were posted: for
 * what may block and therefore must not run on a loop's or a connection's thread.
 *
 *     worker_job_init(&operation->file_job, write_pieces, operation);
 *     worker_post(worker, &operation->file_job);
 *
 * A job is embedded in what it works on, so posting never fails; one that waits already is not
 * posted twice. How many there can be is limited by who makes them. Not here: several threads. */
#ifndef WALKIE_GATEWAY_OPERATIONS_WORKER_H
#define WALKIE_GATEWAY_OPERATIONS_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/status.h"

struct worker;

typedef void worker_fn(void *arg);
struct worker_job {
    struct worker_job *next; /* the worker's, guarded by its lock; do not touch */
    bool is_waiting;
    worker_fn *run;
    void *arg;
};

/* What is to be done from time to time: returns when (monotonic ns) it wants to be asked next. It
 * is asked after every job, too. */
typedef uint64_t worker_tick_fn(void *arg);

/* `name`: at most 15 bytes. `tick` may be NULL. Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status worker_start(
    const char *name, worker_tick_fn *tick, void *arg, struct worker **ret_worker);

/* Do all jobs that wait and those that they post, then end. Accepts NULL. Not from a job. */
void worker_stop(struct worker *worker);

void worker_job_init(struct worker_job *job, worker_fn *run, void *arg);

/* Have the job run once, soon; while it waits it is not posted again. It may be freed by its own
 * function. Returns whether it was posted now. Threads: any, until worker_stop. */
bool worker_post(struct worker *worker, struct worker_job *job);

#endif
