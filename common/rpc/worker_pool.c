#include "rpc/worker_pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "rpc/server.h"

struct worker_pool {
    worker_run_fn *run;
    void *arg;
    unsigned int queue_max;

    pthread_mutex_t mutex; /* innermost; guards what follows and every job's fields */
    pthread_cond_t has_work;
    struct worker_job *first;
    struct worker_job *last;
    unsigned int n_queued;
    unsigned int n_idle; /* workers that wait */
    bool is_stopping;

    unsigned int n_workers;
    pthread_t workers[RPC_WORKERS_MAX];
};

static void unlink_locked(struct worker_pool *pool, struct worker_job *job)
{
    *(job->previous == NULL ? &pool->first : &job->previous->next) = job->next;
    *(job->next == NULL ? &pool->last : &job->next->previous) = job->previous;
    job->next = NULL;
    job->previous = NULL;
    pool->n_queued--;
}

static void append_locked(struct worker_pool *pool, struct worker_job *job)
{
    job->next = NULL;
    job->previous = pool->last;
    *(pool->last == NULL ? &pool->first : &pool->last->next) = job;
    pool->last = job;
    job->state = WORKER_JOB_QUEUED;
    pool->n_queued++;
}

/* The next job, NULL when the pool stops. */
static struct worker_job *wait_for_job(struct worker_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    while (pool->first == NULL && !pool->is_stopping) {
        pool->n_idle++;
        pthread_cond_wait(&pool->has_work, &pool->mutex);
        pool->n_idle--;
    }
    struct worker_job *job = pool->first;
    if (job != NULL) {
        unlink_locked(pool, job);
        job->state = WORKER_JOB_RUNNING;
    }
    pthread_mutex_unlock(&pool->mutex);
    return job;
}

static void *worker_main(void *arg)
{
    struct worker_pool *pool = arg;
    struct worker_job *job;
    while ((job = wait_for_job(pool)) != NULL) {
        pool->run(pool->arg, job);
    }
    return NULL;
}

enum status worker_pool_new(unsigned int n_workers, unsigned int queue_max, worker_run_fn *run,
    void *arg, struct worker_pool **ret_pool)
{
    struct worker_pool *pool = calloc(1, sizeof(*pool));
    if (pool == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    pool->run = run;
    pool->arg = arg;
    pool->queue_max = queue_max;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->has_work, NULL);
    while (pool->n_workers < n_workers) {
        if (pthread_create(&pool->workers[pool->n_workers], NULL, worker_main, pool) != 0) {
            worker_pool_free(pool);
            return STATUS_RESOURCE_EXHAUSTED;
        }
        pool->n_workers++;
    }
    *ret_pool = pool;
    return STATUS_OK;
}

struct worker_job *worker_pool_submit(struct worker_pool *pool, struct worker_job *chain)
{
    struct worker_job *refused = NULL;
    struct worker_job **refused_end = &refused;
    struct worker_job *next;
    unsigned int n_added = 0;
    pthread_mutex_lock(&pool->mutex);
    for (struct worker_job *job = chain; job != NULL; job = next) {
        next = job->next;
        if (job->state == WORKER_JOB_FRESH && pool->n_queued < pool->queue_max) {
            append_locked(pool, job);
            n_added++;
            continue;
        }
        if (job->state == WORKER_JOB_FRESH) {
            job->state = WORKER_JOB_REFUSED;
        }
        job->next = NULL;
        *refused_end = job;
        refused_end = &job->next;
    }
    unsigned int n_woken = n_added < pool->n_idle ? n_added : pool->n_idle;
    for (unsigned int i = 0; i < n_woken; i++) {
        pthread_cond_signal(&pool->has_work);
    }
    pthread_mutex_unlock(&pool->mutex);
    return refused;
}

bool worker_pool_take_back(struct worker_pool *pool, struct worker_job *job)
{
    pthread_mutex_lock(&pool->mutex);
    bool was_queued = job->state == WORKER_JOB_QUEUED;
    if (was_queued) {
        unlink_locked(pool, job);
    }
    if (was_queued || job->state == WORKER_JOB_FRESH) {
        job->state = WORKER_JOB_TAKEN_BACK;
    }
    pthread_mutex_unlock(&pool->mutex);
    return was_queued;
}

bool worker_pool_has_run(struct worker_pool *pool, const struct worker_job *job)
{
    pthread_mutex_lock(&pool->mutex);
    bool has_run = job->state == WORKER_JOB_RUNNING;
    pthread_mutex_unlock(&pool->mutex);
    return has_run;
}

void worker_pool_free(struct worker_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    pthread_mutex_lock(&pool->mutex);
    pool->is_stopping = true;
    pthread_cond_broadcast(&pool->has_work);
    pthread_mutex_unlock(&pool->mutex);
    for (unsigned int i = 0; i < pool->n_workers; i++) {
        pthread_join(pool->workers[i], NULL);
    }
    pthread_mutex_destroy(&pool->mutex);
    pthread_cond_destroy(&pool->has_work);
    free(pool);
}
