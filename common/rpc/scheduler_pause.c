/* Jobs that leave their places for a while: a line of those that want to go on, served before
 * everybody who has not begun. */
#include <assert.h>
#include <stddef.h>

#include "rpc/scheduler_internal.h"

/* What a job that has had a place already is still expected to take. */
static uint64_t rest_ns(const struct scheduler_job *job)
{
    uint64_t cost_ns = job->node.value;
    return cost_ns > job->held_ns ? cost_ns - job->held_ns : 0;
}

bool scheduler_may_pause(const struct scheduler *scheduler)
{
    return scheduler->n_paused + scheduler->n_resumed < scheduler->options.queue_max;
}

void scheduler_pause(struct scheduler *scheduler, struct scheduler_job *job, uint64_t now_ns)
{
    job->principal->n_away++; /* which keeps it */
    scheduler->n_paused++;
    job->held_ns = scheduler_vacate(scheduler, STEAL(job->running), now_ns);
}

void scheduler_resume(struct scheduler *scheduler, struct scheduler_job *job)
{
    assert(scheduler->n_paused > 0 && job->running == NULL);
    scheduler->n_paused--;
    job->next_resumed = NULL;
    if (scheduler->resumed == NULL) {
        scheduler->resumed = job;
    } else {
        scheduler->resumed_last->next_resumed = job;
    }
    scheduler->resumed_last = job;
    scheduler->n_resumed++;
    scheduler->resumed_ns += rest_ns(job);
}

struct scheduler_job *resumed_next(
    struct scheduler *scheduler, uint64_t now_ns, struct scheduler_running **ret_running)
{
    struct scheduler_job *job = scheduler->resumed;
    if (job == NULL) {
        return NULL;
    }
    scheduler->resumed = job->next_resumed;
    scheduler->n_resumed--;
    scheduler->resumed_ns -= rest_ns(job);
    scheduler->n_probing += job->is_probe ? 1 : 0;
    struct scheduler_principal *principal = job->principal;
    uint64_t deadline_ns = scheduler->options.deadline_ns(job);
    *ret_running = scheduler_occupy(scheduler, job, rest_ns(job), deadline_ns, now_ns);
    principal->n_away--;
    principal_settle(scheduler, principal);
    return job;
}
