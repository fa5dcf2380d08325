/* The order in which the calls of one class run, and which of them need not wait at all because
 * they would wait in vain.
 *
 *     enum scheduler_verdict verdict = scheduler_offer(scheduler, now_ns, &job, &offer, &evicted);
 *     …
 *     struct scheduler_job *job = scheduler_next(scheduler, now_ns, &running, &dropped);
 *     … run it …
 *     scheduler_finish(scheduler, running, now_ns, SCHEDULER_COMPLETED);
 *
 * Order: principals share the class's workers fairly by time used (start-time fair queueing over
 * the learnt cost of each job, corrected by what it took in the end); among one principal's jobs
 * the earliest deadline goes first, equal ones as they came.
 *
 * Admission: a job is let in when the wait that this order gives it, plus the 0.9 quantile of what
 * such calls took lately, fits into its time; it is asked again when its turn has come. Jobs
 * without a deadline are bounded by the queue only. What was learnt can be wrong, so one that seems
 * doomed is let in all the same when it takes nobody's place (it starts at once and leaves a worker
 * free), and otherwise when no call of its kind has run for SCHEDULER_PROBE_EVERY.
 *
 * A full queue takes a principal's call in exchange for one of the principal that has most waiting,
 * the one with the latest deadline.
 *
 * A job may leave its place for a while and go on later (scheduler_pause, scheduler_resume): it is
 * let in already, so it goes before all that wait, is not judged again, and has no place in the
 * queue. Its principal pays for the time that it has a place, and that time in all is what is
 * learnt.
 *
 * Everything is O(log n) in jobs and principals, but for the running jobs, which are looked at one
 * by one. Times are passed in; no clock, no lock, no thread. One at a time. Not here: threads
 * (admission.h). */
#ifndef WALKIE_RPC_SCHEDULER_H
#define WALKIE_RPC_SCHEDULER_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/status.h"
#include "rpc/method_times.h"
#include "rpc/sum_tree.h"

enum {
    SCHEDULER_RUNNING_MAX = 256,  /* jobs of one class at once */
    SCHEDULER_RESTING_MAX = 1024, /* principals remembered for what they used, with nothing here */
    SCHEDULER_PRINCIPAL_MAX = 48, /* bytes of a principal's name kept, with the NUL */
    SCHEDULER_PROBE_EVERY_MS = 1000,
    SCHEDULER_DOUBT_PART = 32,        /* a forecast wait counts one part in so many longer */
    SCHEDULER_WAY_BACK_MAX_US = 1000, /* kept for the way of the answer, */
    SCHEDULER_WAY_BACK_PART = 16,     /* but no more than one part in so many of the time left */
};

struct scheduler;
struct scheduler_principal;
struct scheduler_running; /* one that runs; a place among max_running */

enum scheduler_verdict {
    SCHEDULER_ADMITTED,
    SCHEDULER_QUEUE_FULL, /* also: it was evicted */
    SCHEDULER_DOOMED,     /* it cannot be done in its time */
    SCHEDULER_EXPIRED,    /* its time is over */
    SCHEDULER_NO_MEMORY,
    SCHEDULER_VERDICTS,
};

/* Embedded in its user's struct; the scheduler's own while it is queued. */
struct scheduler_job {
    struct sum_tree_node node; /* in its principal's queue, by deadline */
    struct scheduler_principal *principal;
    struct scheduler_job *next_dropped;
    struct scheduler_job *next_resumed;
    struct scheduler_running *running; /* its place, while it has one */
    uint64_t held_ns;                  /* it has had places for, when it was paused last */
    struct method_times *times;
    struct method_cell *cell; /* NULL: nothing is learnt from it */
    bool is_probe;
    bool is_spare; /* let in although it seems doomed, because there is a worker to spare */
    enum scheduler_verdict verdict;
    /* What was expected, for words and logs: when it was offered, or dropped. */
    uint64_t wait_ns;
    uint64_t quantile_ns;
    uint64_t remaining_ns; /* CLOCK_NEVER: no deadline */
    uint64_t n_queued;     /* before it */
};

struct scheduler_options {
    unsigned int max_running; /* 1 … SCHEDULER_RUNNING_MAX */
    unsigned int queue_max;
    /* The deadline as it is now: it may have moved since the offer. */
    uint64_t (*deadline_ns)(const struct scheduler_job *job);
};

struct scheduler_offer {
    uint64_t principal_id;       /* a hash of the name: equal ids are one principal */
    struct bytes principal_name; /* for people; copied, what is not printable as '?' */
    struct method_times *times;  /* of its method; outlives the scheduler's use of the job */
    uint64_t size;
};

/* Ownership: the caller's, until scheduler_free. NULL: out of memory. */
MUST_USE struct scheduler *scheduler_new(const struct scheduler_options *options);
/* Nothing may be queued or running. Accepts NULL. */
void scheduler_free(struct scheduler *scheduler);

/* Queue a job, or say why not. `*ret_evicted` is a job that had to make room, or NULL; it is the
 * caller's again. */
MUST_USE enum scheduler_verdict scheduler_offer(struct scheduler *scheduler, uint64_t now_ns,
    struct scheduler_job *job, const struct scheduler_offer *offer,
    struct scheduler_job **ret_evicted);

/* A queued job that will not run; it is the caller's again. */
void scheduler_take_back(struct scheduler *scheduler, struct scheduler_job *job);

/* The job whose turn it is, with its place among the running; NULL: none may run now. Those found
 * expired or doomed on the way are chained to the end of `*dropped`, and the caller's again; so is
 * the one returned. */
MUST_USE struct scheduler_job *scheduler_next(struct scheduler *scheduler, uint64_t now_ns,
    struct scheduler_running **ret_running, struct scheduler_job **dropped);

/* How a job left its worker. */
enum scheduler_outcome {
    SCHEDULER_COMPLETED, /* its time is a sample */
    SCHEDULER_CUT_SHORT, /* cancelled or failed: it would have taken at least so long */
    SCHEDULER_DEFERRED,  /* the worker is free, the call goes on: scheduler_learn comes later */
    SCHEDULER_NOT_RUN,   /* it was found cancelled: nothing is learnt */
    SCHEDULER_PAUSED,    /* it has left its place by scheduler_pause: nothing to finish */
};
void scheduler_finish(struct scheduler *scheduler, struct scheduler_running *running,
    uint64_t now_ns, enum scheduler_outcome outcome);

/* Whether another may pause: those that do, or wait for a place to go on, hold memory as those do
 * that are queued, and are at most as many. */
bool scheduler_may_pause(const struct scheduler *scheduler);

/* A running job leaves its place, which is free now, and will be resumed; it has no
 * scheduler_finish for this place. */
void scheduler_pause(struct scheduler *scheduler, struct scheduler_job *job, uint64_t now_ns);

/* A paused job waits for a place: scheduler_next will return it, in the order of these calls. */
void scheduler_resume(struct scheduler *scheduler, struct scheduler_job *job);

/* The end of a call that left its worker before: COMPLETED or CUT_SHORT. */
void scheduler_learn(struct method_cell *cell, bool is_probe, uint64_t now_ns, uint64_t run_ns,
    enum scheduler_outcome outcome);

/* The wait that a new job of this principal would have before it. */
uint64_t scheduler_wait_ns(
    struct scheduler *scheduler, uint64_t now_ns, uint64_t principal_id, uint64_t deadline_ns);

bool scheduler_can_start(const struct scheduler *scheduler);

struct scheduler_counts {
    unsigned int max_running;
    unsigned int queue_max;
    unsigned int n_running;
    uint64_t n_queued;
    uint64_t n_paused;  /* jobs that have left their places … */
    uint64_t n_resumed; /* … and wait for another */
    uint64_t n_principals;
    uint64_t queued_ns;                     /* work that waits, as estimated */
    uint64_t n_offers[SCHEDULER_VERDICTS];  /* by verdict at arrival */
    uint64_t n_dropped[SCHEDULER_VERDICTS]; /* by verdict afterwards: evicted, doomed, expired */
    uint64_t n_probes;
};
void scheduler_counts(const struct scheduler *scheduler, struct scheduler_counts *ret_counts);

/* The principals with most waiting, at most `n_max`. */
void scheduler_each_principal(const struct scheduler *scheduler, unsigned int n_max,
    void (*visit)(void *arg, const char *name, uint64_t n_queued, uint64_t queued_ns), void *arg);

#endif
