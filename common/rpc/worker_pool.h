/* Threads that run jobs from one bounded first-in-first-out queue. A job can be taken back as long
 * as no worker has it: a call that is cancelled while it waits never costs a worker.
 *
 *     worker_pool_new(4, 1024, run, server, &pool);
 *     refused = worker_pool_submit(pool, first);      a chain, one lock for all of them
 *     if (worker_pool_take_back(pool, job)) { … it is ours again … }
 *
 * The job is embedded in its user's struct. Not here: priorities, fairness (admission comes next).
 */
#ifndef WALKIE_RPC_WORKER_POOL_H
#define WALKIE_RPC_WORKER_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/status.h"

struct worker_pool;

enum worker_job_state {
    WORKER_JOB_FRESH, /* not submitted yet */
    WORKER_JOB_QUEUED,
    WORKER_JOB_RUNNING,    /* a worker has it, or has had it */
    WORKER_JOB_TAKEN_BACK, /* it will not run */
    WORKER_JOB_REFUSED,    /* the queue was full */
};

struct worker_job {
    struct worker_job *next; /* the submitter's chain, then the queue's */
    struct worker_job *previous;
    enum worker_job_state state; /* guarded by the pool */
};

typedef void worker_run_fn(void *arg, struct worker_job *job);

MUST_USE enum status worker_pool_new(unsigned int n_workers, unsigned int queue_max,
    worker_run_fn *run, void *arg, struct worker_pool **ret_pool);

/* Queue a chain of fresh jobs. Returns the chain of those that will not run: REFUSED, or TAKEN_BACK
 * before they were queued; the submitter ends both. Threads: any. */
MUST_USE struct worker_job *worker_pool_submit(struct worker_pool *pool, struct worker_job *chain);

/* True: the job was queued and will not run; the caller ends it. False: it runs or ran, or it was
 * not queued yet: its submitter then gets it back. */
bool worker_pool_take_back(struct worker_pool *pool, struct worker_job *job);

/* Whether a worker has the job or had it. */
bool worker_pool_has_run(struct worker_pool *pool, const struct worker_job *job);

/* Wait for the running jobs, then free. The queue must be empty. Accepts NULL. */
void worker_pool_free(struct worker_pool *pool);

#endif
