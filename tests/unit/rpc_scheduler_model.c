#include "rpc_scheduler_model.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

static const uint64_t START_NS = CLOCK_SECONDS(1000);

static struct model_job *job_of(const struct scheduler_job *job)
{
    return CONTAINER_OF(job, struct model_job, job);
}

static uint64_t deadline_ns(const struct scheduler_job *job)
{
    return job_of(job)->deadline_ns;
}

struct model *model_new(unsigned int max_running, unsigned int queue_max)
{
    struct model *model = calloc(1, sizeof(*model));
    if (model == NULL) {
        abort();
    }
    struct scheduler_options options = {
        .max_running = max_running, .queue_max = queue_max, .deadline_ns = deadline_ns};
    model->scheduler = scheduler_new(&options);
    if (model->scheduler == NULL) {
        abort();
    }
    model->n_workers = max_running;
    model->now_ns = START_NS;
    return model;
}

void model_free(struct model *model)
{
    scheduler_free(model->scheduler);
    method_times_finish(&model->times);
    free(model);
}

void model_teach(struct model *model, unsigned int n, uint64_t ms)
{
    struct method_cell *cell = method_times_at(&model->times, ms);
    for (unsigned int i = 0; i < n; i++) {
        scheduler_learn(
            cell, false, model->now_ns, CLOCK_MS(ms) - CLOCK_US(1), SCHEDULER_COMPLETED);
        service_time_held(&cell->time, CLOCK_MS(ms));
    }
}

struct model_job *model_offer(
    struct model *model, const char *principal, uint64_t work_ms, uint64_t deadline_ms)
{
    struct model_job *job = &model->jobs[model->n_jobs++];
    job->work_ns = CLOCK_MS(work_ms);
    job->outcome = SCHEDULER_COMPLETED;
    job->deadline_ns =
        deadline_ms == MODEL_FOREVER ? CLOCK_NEVER : START_NS + CLOCK_MS(deadline_ms);
    uint64_t id = 0;
    for (const char *at = principal; *at != '\0'; at++) {
        id = id * 257 + (uint8_t)*at;
    }
    struct scheduler_offer offer = {.principal_id = id,
        .principal_name = bytes_of(principal),
        .times = &model->times,
        .size = work_ms};
    struct scheduler_job *evicted = NULL;
    job->verdict = scheduler_offer(model->scheduler, model->now_ns, &job->job, &offer, &evicted);
    if (evicted != NULL) {
        job_of(evicted)->is_evicted = true;
        job_of(evicted)->verdict = evicted->verdict;
    }
    return job;
}

static void start_what_can(struct model *model)
{
    for (unsigned int i = 0; i < model->n_workers; i++) {
        if (model->workers[i].running != NULL) {
            continue;
        }
        struct scheduler_job *dropped = NULL;
        struct scheduler_job *job =
            scheduler_next(model->scheduler, model->now_ns, &model->workers[i].running, &dropped);
        for (; dropped != NULL; dropped = dropped->next_dropped) {
            job_of(dropped)->is_dropped = true;
            job_of(dropped)->verdict = dropped->verdict;
        }
        if (job != NULL) {
            model->n_started++;
            model->workers[i].job = job_of(job);
            model->workers[i].job->started_ns = model->now_ns;
        }
    }
}

/* The worker that is free next, if that is not after `until_ns`. */
static int next_free(const struct model *model, uint64_t until_ns)
{
    int next = -1;
    for (unsigned int i = 0; i < model->n_workers; i++) {
        if (model->workers[i].running == NULL) {
            continue;
        }
        uint64_t end_ns = model->workers[i].job->started_ns + model->workers[i].job->work_ns;
        if (end_ns <= until_ns) {
            until_ns = end_ns;
            next = (int)i;
        }
    }
    return next;
}

void model_run_until(struct model *model, uint64_t ms)
{
    uint64_t until_ns = START_NS + CLOCK_MS(ms);
    int worker;
    start_what_can(model);
    while ((worker = next_free(model, until_ns)) >= 0) {
        struct model_job *job = model->workers[worker].job;
        model->now_ns = job->started_ns + job->work_ns;
        job->finished_ns = model->now_ns;
        scheduler_finish(
            model->scheduler, model->workers[worker].running, model->now_ns, job->outcome);
        model->workers[worker].running = NULL;
        start_what_can(model);
    }
    if (ms != MODEL_FOREVER) {
        model->now_ns = until_ns;
    }
}

uint64_t model_started_ms(const struct model_job *job)
{
    return job->started_ns == 0 ? UINT64_MAX : (job->started_ns - START_NS) / CLOCK_MS(1);
}
