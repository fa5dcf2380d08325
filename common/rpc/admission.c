#include "rpc/admission.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"

struct admission {
    struct admission_options options;
    struct admission_class classes[ADMISSION_CLASSES_MAX];

    pthread_mutex_t mutex; /* innermost; guards what follows and every job's fields */
    pthread_cond_t has_work;
    struct scheduler *schedulers[ADMISSION_CLASSES_MAX];
    unsigned int n_idle; /* workers that wait */
    bool is_stopping;

    unsigned int n_workers;
    pthread_t workers[];
};

static struct admission_job *job_of(struct scheduler_job *job)
{
    return job == NULL ? NULL : CONTAINER_OF(job, struct admission_job, scheduled);
}

/* --- workers -------------------------------------------------------------------------------- */

/* What a worker has in its hands. */
struct turn {
    struct admission_job *job; /* to run; NULL: none */
    struct scheduler *scheduler;
    struct scheduler_running *running;
    struct scheduler_job *dropped; /* to end */
};

static bool find_turn_locked(struct admission *admission, uint64_t now_ns, struct turn *turn)
{
    turn->job = NULL;
    turn->dropped = NULL;
    for (unsigned int i = 0; i < admission->options.n_classes && turn->job == NULL; i++) {
        turn->scheduler = admission->schedulers[i];
        turn->job = job_of(scheduler_next(turn->scheduler, now_ns, &turn->running, &turn->dropped));
    }
    for (struct scheduler_job *job = turn->dropped; job != NULL; job = job->next_dropped) {
        job_of(job)->state = ADMISSION_REFUSED;
    }
    if (turn->job != NULL) {
        turn->job->state = ADMISSION_RUNNING;
    }
    return turn->job != NULL || turn->dropped != NULL;
}

static enum scheduler_outcome take_turn(struct admission *admission, struct turn *turn)
{
    struct scheduler_job *next;
    for (struct scheduler_job *job = turn->dropped; job != NULL; job = next) {
        next = job->next_dropped; /* the job is gone after this */
        admission->options.drop(admission->options.arg, job_of(job));
    }
    return turn->job == NULL ? SCHEDULER_NOT_RUN
                             : admission->options.run(admission->options.arg, turn->job);
}

static void *worker_main(void *arg)
{
    struct admission *admission = arg;
    struct turn turn;
    pthread_mutex_lock(&admission->mutex);
    uint64_t now_ns = clock_now_ns(); /* read anew after whatever takes time */
    for (;;) {
        if (find_turn_locked(admission, now_ns, &turn)) {
            pthread_mutex_unlock(&admission->mutex);
            enum scheduler_outcome outcome = take_turn(admission, &turn);
            now_ns = clock_now_ns();
            pthread_mutex_lock(&admission->mutex);
            if (turn.job != NULL && outcome != SCHEDULER_PAUSED) {
                scheduler_finish(turn.scheduler, turn.running, now_ns, outcome);
            }
        } else if (admission->is_stopping) {
            break;
        } else {
            admission->n_idle++;
            pthread_cond_wait(&admission->has_work, &admission->mutex);
            admission->n_idle--;
            now_ns = clock_now_ns();
        }
    }
    pthread_mutex_unlock(&admission->mutex);
    return NULL;
}

/* --- life ----------------------------------------------------------------------------------- */

static bool make_schedulers(struct admission *admission)
{
    for (unsigned int i = 0; i < admission->options.n_classes; i++) {
        struct scheduler_options options = {
            .max_running = admission->classes[i].max_running,
            .queue_max = admission->classes[i].queue_max,
            .deadline_ns = admission->options.deadline_ns,
        };
        admission->schedulers[i] = scheduler_new(&options);
        if (admission->schedulers[i] == NULL) {
            return false;
        }
    }
    return true;
}

enum status admission_new(const struct admission_options *options, struct admission **ret_admission)
{
    assert(options->n_classes >= 1 && options->n_classes <= ADMISSION_CLASSES_MAX);
    unsigned int n_workers = 0;
    for (unsigned int i = 0; i < options->n_classes; i++) {
        n_workers += options->classes[i].max_running;
    }
    struct admission *admission =
        calloc(1, sizeof(*admission) + n_workers * sizeof(admission->workers[0]));
    if (admission == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    admission->options = *options;
    for (unsigned int i = 0; i < options->n_classes; i++) {
        admission->classes[i] = options->classes[i];
    }
    admission->options.classes = admission->classes;
    pthread_mutex_init(&admission->mutex, NULL);
    pthread_cond_init(&admission->has_work, NULL);
    bool is_ready = make_schedulers(admission);
    while (is_ready && admission->n_workers < n_workers) {
        is_ready = pthread_create(&admission->workers[admission->n_workers], NULL, worker_main,
                       admission) == 0;
        admission->n_workers += is_ready ? 1 : 0;
    }
    if (!is_ready) {
        admission_free(admission);
        return STATUS_RESOURCE_EXHAUSTED;
    }
    *ret_admission = admission;
    return STATUS_OK;
}

void admission_free(struct admission *admission)
{
    if (admission == NULL) {
        return;
    }
    pthread_mutex_lock(&admission->mutex);
    admission->is_stopping = true;
    pthread_cond_broadcast(&admission->has_work);
    pthread_mutex_unlock(&admission->mutex);
    for (unsigned int i = 0; i < admission->n_workers; i++) {
        pthread_join(admission->workers[i], NULL);
    }
    for (unsigned int i = 0; i < admission->options.n_classes; i++) {
        scheduler_free(admission->schedulers[i]);
    }
    pthread_mutex_destroy(&admission->mutex);
    pthread_cond_destroy(&admission->has_work);
    free(admission);
}

/* --- jobs ----------------------------------------------------------------------------------- */

static void offer_locked(struct admission *admission, struct admission_job *job, uint64_t now_ns,
    struct admission_job **ret_evicted)
{
    struct scheduler_job *evicted = NULL;
    enum scheduler_verdict verdict = scheduler_offer(
        admission->schedulers[job->class_index], now_ns, &job->scheduled, &job->offer, &evicted);
    job->state = verdict == SCHEDULER_ADMITTED ? ADMISSION_QUEUED : ADMISSION_REFUSED;
    *ret_evicted = job_of(evicted);
    if (evicted != NULL) {
        job_of(evicted)->state = ADMISSION_REFUSED;
    }
}

static void refuse(struct admission_job ***end, struct admission_job *job)
{
    job->next = NULL;
    **end = job;
    *end = &job->next;
}

struct admission_job *admission_submit(struct admission *admission, struct admission_job *chain)
{
    struct admission_job *refused = NULL;
    struct admission_job **refused_end = &refused;
    struct admission_job *next;
    unsigned int n_added = 0;
    uint64_t now_ns = clock_now_ns();
    pthread_mutex_lock(&admission->mutex);
    for (struct admission_job *job = chain; job != NULL; job = next) {
        next = job->next;
        struct admission_job *evicted = NULL;
        if (job->state == ADMISSION_FRESH) {
            offer_locked(admission, job, now_ns, &evicted);
        }
        if (job->state == ADMISSION_QUEUED) {
            n_added++;
        } else {
            refuse(&refused_end, job);
        }
        if (evicted != NULL) {
            refuse(&refused_end, evicted);
        }
    }
    unsigned int n_woken = n_added < admission->n_idle ? n_added : admission->n_idle;
    for (unsigned int i = 0; i < n_woken; i++) {
        pthread_cond_signal(&admission->has_work);
    }
    pthread_mutex_unlock(&admission->mutex);
    return refused;
}

bool admission_take_back(struct admission *admission, struct admission_job *job)
{
    pthread_mutex_lock(&admission->mutex);
    bool was_queued = job->state == ADMISSION_QUEUED;
    if (was_queued) {
        scheduler_take_back(admission->schedulers[job->class_index], &job->scheduled);
    }
    if (was_queued || job->state == ADMISSION_FRESH) {
        job->state = ADMISSION_TAKEN_BACK;
    }
    pthread_mutex_unlock(&admission->mutex);
    return was_queued;
}

bool admission_has_run(struct admission *admission, const struct admission_job *job)
{
    pthread_mutex_lock(&admission->mutex);
    bool has_run = job->state == ADMISSION_RUNNING || job->state == ADMISSION_PAUSED;
    pthread_mutex_unlock(&admission->mutex);
    return has_run;
}

bool admission_may_pause(struct admission *admission, const struct admission_job *job)
{
    pthread_mutex_lock(&admission->mutex);
    bool may_pause = scheduler_may_pause(admission->schedulers[job->class_index]);
    pthread_mutex_unlock(&admission->mutex);
    return may_pause;
}

void admission_pause(struct admission *admission, struct admission_job *job)
{
    uint64_t now_ns = clock_now_ns();
    pthread_mutex_lock(&admission->mutex);
    assert(job->state == ADMISSION_RUNNING);
    scheduler_pause(admission->schedulers[job->class_index], &job->scheduled, now_ns);
    job->state = ADMISSION_PAUSED;
    pthread_mutex_unlock(&admission->mutex);
}

void admission_resume(struct admission *admission, struct admission_job *job)
{
    pthread_mutex_lock(&admission->mutex);
    assert(job->state == ADMISSION_PAUSED);
    scheduler_resume(admission->schedulers[job->class_index], &job->scheduled);
    if (admission->n_idle > 0) {
        pthread_cond_signal(&admission->has_work);
    }
    pthread_mutex_unlock(&admission->mutex);
}

void admission_learn(struct admission *admission, const struct admission_job *job, uint64_t run_ns,
    enum scheduler_outcome outcome)
{
    uint64_t now_ns = clock_now_ns();
    pthread_mutex_lock(&admission->mutex);
    scheduler_learn(job->scheduled.cell, job->scheduled.is_probe, now_ns, run_ns, outcome);
    pthread_mutex_unlock(&admission->mutex);
}

void admission_each_class(struct admission *admission,
    void (*visit)(void *arg, const char *name, const struct scheduler *scheduler), void *arg)
{
    pthread_mutex_lock(&admission->mutex);
    for (unsigned int i = 0; i < admission->options.n_classes; i++) {
        visit(arg, admission->classes[i].name, admission->schedulers[i]);
    }
    pthread_mutex_unlock(&admission->mutex);
}
