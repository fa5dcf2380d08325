/* pthread_setname_np is a GNU extra. */
#define _GNU_SOURCE
#include "operations/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

struct worker {
    pthread_t thread;
    worker_tick_fn *tick;
    void *arg;
    pthread_mutex_t mutex; /* guards: */
    pthread_cond_t changed;
    struct worker_job *first;
    struct worker_job *last;
    bool is_stopping;
};

void worker_job_init(struct worker_job *job, worker_fn *run, void *arg)
{
    *job = (struct worker_job){.run = run, .arg = arg};
}

bool worker_post(struct worker *worker, struct worker_job *job)
{
    pthread_mutex_lock(&worker->mutex);
    bool is_new = !job->is_waiting;
    if (is_new) {
        job->is_waiting = true;
        job->next = NULL;
        if (worker->last == NULL) {
            worker->first = job;
        } else {
            worker->last->next = job;
        }
        worker->last = job;
        pthread_cond_signal(&worker->changed);
    }
    pthread_mutex_unlock(&worker->mutex);
    return is_new;
}

static struct worker_job *take_locked(struct worker *worker)
{
    struct worker_job *job = worker->first;
    if (job != NULL) {
        worker->first = job->next;
        worker->last = worker->first == NULL ? NULL : worker->last;
        job->is_waiting = false;
    }
    return job;
}

static void wait_locked(struct worker *worker, uint64_t due_ns)
{
    if (due_ns == CLOCK_NEVER) {
        pthread_cond_wait(&worker->changed, &worker->mutex);
        return;
    }
    const uint64_t second_ns = CLOCK_SECONDS(1);
    const struct timespec due = {
        .tv_sec = (time_t)(due_ns / second_ns), .tv_nsec = (long)(due_ns % second_ns)};
    (void)pthread_cond_timedwait(&worker->changed, &worker->mutex, &due);
}

static void *run(void *arg)
{
    struct worker *worker = arg;
    uint64_t due_ns = worker->tick == NULL ? CLOCK_NEVER : 0;
    pthread_mutex_lock(&worker->mutex);
    while (worker->first != NULL || !worker->is_stopping) {
        struct worker_job *job = take_locked(worker);
        if (job == NULL && clock_now_ns() < due_ns) {
            wait_locked(worker, due_ns);
            continue;
        }
        pthread_mutex_unlock(&worker->mutex);
        if (job != NULL) {
            job->run(job->arg);
        }
        due_ns = worker->tick == NULL ? CLOCK_NEVER : worker->tick(worker->arg);
        pthread_mutex_lock(&worker->mutex);
    }
    pthread_mutex_unlock(&worker->mutex);
    return NULL;
}

static enum status start_thread(struct worker *worker, const char *name)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the main thread's */
    int result = pthread_create(&worker->thread, NULL, run, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (result != 0) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    (void)pthread_setname_np(worker->thread, name);
    return STATUS_OK;
}

enum status worker_start(
    const char *name, worker_tick_fn *tick, void *arg, struct worker **ret_worker)
{
    struct worker *worker = calloc(1, sizeof(*worker));
    if (worker == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    worker->tick = tick;
    worker->arg = arg;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&worker->mutex, NULL);
    pthread_cond_init(&worker->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    enum status status = start_thread(worker, name);
    if (status != STATUS_OK) {
        pthread_mutex_destroy(&worker->mutex);
        pthread_cond_destroy(&worker->changed);
        free(worker);
        return status;
    }
    *ret_worker = worker;
    return STATUS_OK;
}

void worker_stop(struct worker *worker)
{
    if (worker == NULL) {
        return;
    }
    pthread_mutex_lock(&worker->mutex);
    worker->is_stopping = true;
    pthread_cond_signal(&worker->changed);
    pthread_mutex_unlock(&worker->mutex);
    pthread_join(worker->thread, NULL);
    pthread_mutex_destroy(&worker->mutex);
    pthread_cond_destroy(&worker->changed);
    free(worker);
}
