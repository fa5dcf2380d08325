/* Threads that run calls in the order that each class's scheduler gives them. A job can be taken
 * back as long as no worker has it: a call that is cancelled while it waits never costs a worker.
 *
 *     admission_new(&options, &admission);
 *     refused = admission_submit(admission, first);    a chain, one lock for all of them
 *     if (admission_take_back(admission, job)) { … it is ours again … }
 *
 * There are as many threads as the classes may use together, and any of them runs any job: no class
 * can take another's. The job is embedded in its user's struct. Not here: what order and whom to
 * refuse (scheduler.h).
 *
 * One lock, innermost: it guards the schedulers and every job. `deadline_ns` runs under it; `run`
 * and `drop` run without. */
#ifndef WALKIE_RPC_ADMISSION_H
#define WALKIE_RPC_ADMISSION_H

#include "rpc/scheduler.h"

struct admission;

enum admission_state {
    ADMISSION_FRESH, /* not submitted yet */
    ADMISSION_QUEUED,
    ADMISSION_RUNNING,    /* a worker has it, or has had it */
    ADMISSION_PAUSED,     /* a worker has had it, and will have it again */
    ADMISSION_TAKEN_BACK, /* it will not run */
    ADMISSION_REFUSED,    /* nor will this: scheduled.verdict says why */
};

struct admission_job {
    struct admission_job *next; /* the submitter's chain */
    enum admission_state state; /* guarded by the admission's lock */
    unsigned int class_index;
    struct scheduler_offer offer;
    struct scheduler_job scheduled;
};

struct admission_class {
    const char *name; /* borrowed */
    unsigned int max_running;
    unsigned int queue_max;
};

enum { ADMISSION_CLASSES_MAX = 16 };

struct admission_options {
    const struct admission_class *classes;
    unsigned int n_classes; /* 1 … ADMISSION_CLASSES_MAX */
    /* Run a job; the job may be gone when it returns. Says how the job left its worker. */
    enum scheduler_outcome (*run)(void *arg, struct admission_job *job);
    /* End a job that was REFUSED after it had been queued. On a worker. */
    void (*drop)(void *arg, struct admission_job *job);
    /* A job's deadline as it is now. Under the lock: it must only read. */
    uint64_t (*deadline_ns)(const struct scheduler_job *job);
    void *arg;
};

/* Errors: RESOURCE_EXHAUSTED (memory, threads). */
MUST_USE enum status admission_new(
    const struct admission_options *options, struct admission **ret_admission);

/* Offer a chain of fresh jobs, whose class and offer are set. Returns the chain of those that will
 * not run: REFUSED (also others that had to make room), or TAKEN_BACK before they were offered; the
 * submitter ends both. Threads: any. */
MUST_USE struct admission_job *admission_submit(
    struct admission *admission, struct admission_job *chain);

/* True: the job was queued and will not run; the caller ends it. False: it runs or ran, or was
 * refused, or was not offered yet: its submitter then gets it back. */
bool admission_take_back(struct admission *admission, struct admission_job *job);

/* Whether a running job may pause (scheduler_may_pause). Workers that ask at the same moment may
 * all be told so: there may be one more than is allowed for each. */
MUST_USE bool admission_may_pause(struct admission *admission, const struct admission_job *job);

/* From within `run`, which then returns SCHEDULER_PAUSED: the job leaves its worker, and `run` gets
 * it again after admission_resume. It cannot be taken back any more. */
void admission_pause(struct admission *admission, struct admission_job *job);

/* Once a pause, from any thread: the job is run again as soon as its class has a worker free,
 * before those that have not begun. The job may be gone when this returns. */
void admission_resume(struct admission *admission, struct admission_job *job);

/* Whether a worker has the job or had it. */
bool admission_has_run(struct admission *admission, const struct admission_job *job);

/* What a DEFERRED call took in all: COMPLETED or CUT_SHORT. */
void admission_learn(struct admission *admission, const struct admission_job *job, uint64_t run_ns,
    enum scheduler_outcome outcome);

/* Look at a class under the lock. */
void admission_each_class(struct admission *admission,
    void (*visit)(void *arg, const char *name, const struct scheduler *scheduler), void *arg);

/* Wait for the running jobs, then free. The queues must be empty. Accepts NULL. */
void admission_free(struct admission *admission);

#endif
