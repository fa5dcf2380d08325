/* Submitters, takers-back and workers at once, some jobs with pauses: each job comes to exactly one
 * end, and the last one leaves nothing behind. Meant for ThreadSanitizer and AddressSanitizer above
 * all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>

#include "base/clock.h"
#include "rpc/admission.h"

enum { N_THREADS = 4, N_ROUNDS = 2000, CHAIN_MAX = 8, N_CLASSES = 3 };

struct storm_job {
    struct admission_job job;
    uint64_t deadline_ns;
    uint64_t random;
    unsigned int n_pauses; /* left */
    _Atomic unsigned int n_ends;
};

struct storm {
    struct admission *admission;
    struct method_times times[N_CLASSES];
    _Atomic uint64_t n_run;
    _Atomic uint64_t n_dropped;
    _Atomic uint64_t n_refused;
    _Atomic uint64_t n_taken_back;
    _Atomic uint64_t n_ended;
    _Atomic uint64_t n_wrong; /* ended twice, or in a state that its end does not have */
};

struct storm_thread {
    struct storm *storm;
    pthread_t thread;
    uint64_t random;
    struct storm_job *jobs; /* N_ROUNDS * CHAIN_MAX */
    unsigned int n_jobs;
};

static uint64_t draw(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static struct storm_job *job_of(struct admission_job *job)
{
    return CONTAINER_OF(job, struct storm_job, job);
}

static void end(struct storm *storm, struct storm_job *job, _Atomic uint64_t *count)
{
    atomic_fetch_add(&storm->n_wrong, atomic_fetch_add(&job->n_ends, 1) == 0 ? 0 : 1);
    atomic_fetch_add(count, 1);
    atomic_fetch_add(&storm->n_ended, 1);
}

static enum scheduler_outcome run(void *arg, struct admission_job *admission_job)
{
    struct storm *storm = arg;
    struct storm_job *job = job_of(admission_job);
    uint64_t until_ns = clock_now_ns() + CLOCK_US(job->random % 20);
    while (clock_now_ns() < until_ns) {
    }
    if (job->n_pauses > 0) {
        job->n_pauses--;
        admission_pause(storm->admission, &job->job);
        admission_resume(storm->admission, &job->job); /* another worker may have it now */
        return SCHEDULER_PAUSED;
    }
    enum scheduler_outcome outcome = (enum scheduler_outcome)(job->random >> 8 & 3);
    if (outcome == SCHEDULER_DEFERRED) {
        admission_learn(storm->admission, &job->job, CLOCK_US(50), SCHEDULER_COMPLETED);
    }
    end(storm, job, &storm->n_run);
    return outcome;
}

static void drop(void *arg, struct admission_job *job)
{
    struct storm *storm = arg;
    end(storm, job_of(job), &storm->n_dropped);
}

static uint64_t deadline_ns(const struct scheduler_job *job)
{
    const struct admission_job *owner = CONTAINER_OF(job, struct admission_job, scheduled);
    return CONTAINER_OF(owner, struct storm_job, job)->deadline_ns;
}

static struct storm_job *make_job(struct storm_thread *self)
{
    struct storm_job *job = &self->jobs[self->n_jobs++];
    uint64_t random = draw(&self->random);
    job->random = random;
    job->n_pauses = (unsigned int)(random >> 56 & 3);
    job->deadline_ns =
        random >> 16 & 1 ? CLOCK_NEVER : clock_now_ns() + CLOCK_US(random >> 20 & 0x7ff);
    job->job.class_index = (unsigned int)(random >> 32) % N_CLASSES;
    job->job.offer = (struct scheduler_offer){.principal_id = random >> 40 & 15,
        .principal_name = bytes_of("somebody"),
        .times = &self->storm->times[job->job.class_index],
        .size = random >> 50 & 3};
    return job;
}

static void end_refused(struct storm *storm, struct admission_job *refused)
{
    struct admission_job *next;
    for (; refused != NULL; refused = next) {
        next = refused->next;
        bool is_refused = refused->state == ADMISSION_REFUSED;
        atomic_fetch_add(
            &storm->n_wrong, is_refused || refused->state == ADMISSION_TAKEN_BACK ? 0 : 1);
        end(storm, job_of(refused), is_refused ? &storm->n_refused : &storm->n_taken_back);
    }
}

static void *storm_main(void *arg)
{
    struct storm_thread *self = arg;
    struct storm *storm = self->storm;
    for (unsigned int round = 0; round < N_ROUNDS; round++) {
        struct storm_job *made[CHAIN_MAX];
        unsigned int n = 1 + (unsigned int)draw(&self->random) % CHAIN_MAX;
        struct admission_job *chain = NULL;
        for (unsigned int i = 0; i < n; i++) {
            made[i] = make_job(self);
            made[i]->job.next = chain;
            chain = &made[i]->job;
        }
        if (draw(&self->random) % 4 == 0 && admission_take_back(storm->admission, chain)) {
            atomic_fetch_add(&storm->n_wrong, 1); /* it was not offered yet */
        }
        end_refused(storm, admission_submit(storm->admission, chain));
        for (unsigned int i = 0; i < n; i++) {
            if (draw(&self->random) % 3 == 0 &&
                admission_take_back(storm->admission, &made[i]->job)) {
                end(storm, made[i], &storm->n_taken_back);
            }
            (void)admission_has_run(storm->admission, &made[i]->job);
        }
        if (round % 64 == 0) {
            sched_yield();
        }
    }
    return NULL;
}

static bool has_ended(struct storm *storm, uint64_t n_jobs)
{
    uint64_t limit_ns = clock_now_ns() + CLOCK_SECONDS(20);
    while (atomic_load(&storm->n_ended) < n_jobs && clock_now_ns() < limit_ns) {
        sched_yield();
    }
    return atomic_load(&storm->n_ended) == n_jobs;
}

static void every_job_of_a_storm_comes_to_one_end(void **state)
{
    (void)state;
    static struct storm storm;
    const struct admission_class classes[N_CLASSES] = {
        {"one", 1, 20}, {"two", 2, 5}, {"three", 3, 1000}};
    struct admission_options options = {.classes = classes,
        .n_classes = N_CLASSES,
        .run = run,
        .drop = drop,
        .deadline_ns = deadline_ns,
        .arg = &storm};
    assert_int_equal(admission_new(&options, &storm.admission), STATUS_OK);
    struct storm_thread threads[N_THREADS];
    for (unsigned int i = 0; i < N_THREADS; i++) {
        threads[i] = (struct storm_thread){
            .storm = &storm, .random = UINT64_C(0x9e3779b97f4a7c15) * (i + 1)};
        threads[i].jobs = calloc((size_t)N_ROUNDS * CHAIN_MAX, sizeof(*threads[i].jobs));
        assert_non_null(threads[i].jobs);
        assert_int_equal(pthread_create(&threads[i].thread, NULL, storm_main, &threads[i]), 0);
    }
    uint64_t n_jobs = 0;
    for (unsigned int i = 0; i < N_THREADS; i++) {
        pthread_join(threads[i].thread, NULL);
        n_jobs += threads[i].n_jobs;
    }
    assert_true(has_ended(&storm, n_jobs));
    admission_free(storm.admission);
    assert_int_equal(atomic_load(&storm.n_wrong), 0);
    for (unsigned int i = 0; i < N_THREADS; i++) {
        for (unsigned int k = 0; k < threads[i].n_jobs; k++) {
            assert_int_equal(atomic_load(&threads[i].jobs[k].n_ends), 1);
        }
        free(threads[i].jobs);
    }
    for (unsigned int i = 0; i < N_CLASSES; i++) {
        method_times_finish(&storm.times[i]);
    }
    /* The storm has been everywhere. */
    assert_true(atomic_load(&storm.n_run) > 100);
    assert_true(atomic_load(&storm.n_refused) > 100);
    assert_true(atomic_load(&storm.n_taken_back) > 100);
    assert_true(atomic_load(&storm.n_dropped) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_job_of_a_storm_comes_to_one_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
