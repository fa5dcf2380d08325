/* A class of calls whose work takes exactly what a test says, run against the scheduler by numbers:
 * no clock, no thread.
 *
 *     struct model *model = model_new(1, 100);
 *     model_offer(model, "alice", 10, deadline_ms);     the id of the job
 *     model_run_until(model, 500);
 *     model->jobs[id].started_ms … */
#ifndef WALKIE_TESTS_RPC_SCHEDULER_MODEL_H
#define WALKIE_TESTS_RPC_SCHEDULER_MODEL_H

#include "rpc/scheduler.h"

enum { MODEL_JOBS_MAX = 4096, MODEL_FOREVER = 1 << 30 };

struct model_job {
    struct scheduler_job job;
    enum scheduler_verdict verdict; /* at the offer; afterwards why it was dropped */
    uint64_t deadline_ns;
    uint64_t work_ns;
    uint64_t started_ns; /* 0: not yet */
    uint64_t finished_ns;
    bool is_dropped;
    bool is_evicted;
    enum scheduler_outcome outcome; /* as which it will finish */
};

struct model {
    struct scheduler *scheduler;
    struct method_times times;
    uint64_t now_ns;
    struct {
        struct scheduler_running *running; /* NULL: free */
        struct model_job *job;
    } workers[SCHEDULER_RUNNING_MAX];
    unsigned int n_workers;
    unsigned int n_jobs;
    unsigned int n_started;
    struct model_job jobs[MODEL_JOBS_MAX];
};

struct model *model_new(unsigned int max_running, unsigned int queue_max);
void model_free(struct model *model);

/* Teach that work of this many ms takes so long, as if `n` calls had completed. */
void model_teach(struct model *model, unsigned int n, uint64_t ms);

/* Offer a job at the model's now; deadline MODEL_FOREVER: none. Times from the start of the test.
 * The job's size is its ms. */
struct model_job *model_offer(
    struct model *model, const char *principal, uint64_t work_ms, uint64_t deadline_ms);

/* Give work to free workers, then go on to each end of a job until `ms`. */
void model_run_until(struct model *model, uint64_t ms);

uint64_t model_started_ms(const struct model_job *job);

#endif
