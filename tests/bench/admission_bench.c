/* What the scheduler costs, on the thread that asks: letting a call in and having it run and end,
 * and refusing one, with so many calls of so many principals waiting.
 *
 *     admission_bench [--json FILE] */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rpc/scheduler.h"

enum { N_OPERATIONS = 20000, N_RUNS = 9, QUEUED_MAX = 10000 };

struct bench_job {
    struct scheduler_job job;
    uint64_t deadline_ns;
};

struct bench {
    struct scheduler *scheduler;
    struct method_times times;
    uint64_t now_ns;
    uint64_t random;
    struct bench_job queued[QUEUED_MAX];
    unsigned int n_queued;
    unsigned int n_principals;
};

static uint64_t deadline_ns(const struct scheduler_job *job)
{
    return CONTAINER_OF(job, struct bench_job, job)->deadline_ns;
}

static uint64_t draw(struct bench *bench)
{
    bench->random ^= bench->random << 13;
    bench->random ^= bench->random >> 7;
    bench->random ^= bench->random << 17;
    return bench->random;
}

static enum scheduler_verdict offer(struct bench *bench, struct bench_job *job, uint64_t left_ns)
{
    job->deadline_ns = bench->now_ns + left_ns;
    struct scheduler_offer offer = {.principal_id = draw(bench) % bench->n_principals,
        .principal_name = bytes_of("principal"),
        .times = &bench->times,
        .size = 8};
    struct scheduler_job *evicted = NULL;
    return scheduler_offer(bench->scheduler, bench->now_ns, &job->job, &offer, &evicted);
}

static void set_up(struct bench *bench, unsigned int n_queued, unsigned int n_principals)
{
    memset(bench, 0, sizeof(*bench));
    bench->random = 88172645463325252U;
    bench->now_ns = CLOCK_SECONDS(1000);
    bench->n_principals = n_principals;
    struct scheduler_options options = {
        .max_running = 1, .queue_max = 2 * QUEUED_MAX, .deadline_ns = deadline_ns};
    bench->scheduler = scheduler_new(&options);
    struct method_cell *cell = method_times_at(&bench->times, 8);
    if (bench->scheduler == NULL || cell == NULL) {
        exit(1);
    }
    for (unsigned int i = 0; i < SERVICE_TIME_SAMPLES; i++) {
        scheduler_learn(cell, false, bench->now_ns, CLOCK_MS(10), SCHEDULER_COMPLETED);
        service_time_held(&cell->time, CLOCK_MS(10));
    }
    for (unsigned int i = 0; i < n_queued; i++) {
        uint64_t left_ns = CLOCK_SECONDS(10000) + draw(bench) % CLOCK_SECONDS(1000);
        if (offer(bench, &bench->queued[i], left_ns) != SCHEDULER_ADMITTED) {
            exit(1);
        }
    }
}

/* One comes, one runs and ends: the queue stays as long as it is. */
static void admit_and_run(struct bench *bench, struct bench_job *job)
{
    if (offer(bench, job, CLOCK_SECONDS(10000) + draw(bench) % CLOCK_SECONDS(1000)) !=
        SCHEDULER_ADMITTED) {
        exit(1);
    }
    struct scheduler_running *running = NULL;
    struct scheduler_job *dropped = NULL;
    if (scheduler_next(bench->scheduler, bench->now_ns, &running, &dropped) == NULL) {
        exit(1);
    }
    bench->now_ns += CLOCK_MS(10);
    scheduler_finish(bench->scheduler, running, bench->now_ns, SCHEDULER_COMPLETED);
}

static void refuse(struct bench *bench, struct bench_job *job)
{
    if (offer(bench, job, CLOCK_MS(5)) != SCHEDULER_DOOMED) {
        exit(1);
    }
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double measure(void (*operation)(struct bench *bench, struct bench_job *job),
    unsigned int n_queued, unsigned int n_principals)
{
    static struct bench bench;
    static struct bench_job jobs[N_OPERATIONS + 1];
    double ns[N_RUNS];
    for (unsigned int run = 0; run < N_RUNS; run++) {
        set_up(&bench, n_queued, n_principals);
        admit_and_run(&bench, &jobs[N_OPERATIONS]); /* so that no probe is due */
        uint64_t start_ns = clock_now_ns();
        for (unsigned int i = 0; i < N_OPERATIONS; i++) {
            operation(&bench, &jobs[i]);
        }
        ns[run] = (double)(clock_now_ns() - start_ns) / N_OPERATIONS;
        struct scheduler_running *running = NULL;
        struct scheduler_job *dropped = NULL;
        while (scheduler_next(bench.scheduler, bench.now_ns, &running, &dropped) != NULL) {
            scheduler_finish(bench.scheduler, running, bench.now_ns, SCHEDULER_NOT_RUN);
        }
        scheduler_free(bench.scheduler);
        method_times_finish(&bench.times);
    }
    qsort(ns, N_RUNS, sizeof(ns[0]), compare);
    return ns[N_RUNS / 2];
}

int main(int argc, char **argv)
{
    FILE *out = argc == 3 && strcmp(argv[1], "--json") == 0 ? fopen(argv[2], "a") : stdout;
    if (out == NULL || (argc != 1 && out == stdout)) {
        fprintf(stderr, "usage: admission_bench [--json FILE]\n");
        return 2;
    }
    static const struct {
        unsigned int n_queued;
        unsigned int n_principals;
    } states[] = {{1, 1}, {1000, 1}, {10000, 1}, {1000, 1000}, {10000, 10000}};
    for (size_t i = 0; i < LENGTH_OF(states); i++) {
        static const char *const names[] = {"admit_run_end", "refuse"};
        for (size_t k = 0; k < LENGTH_OF(names); k++) {
            double ns = measure(
                k == 0 ? admit_and_run : refuse, states[i].n_queued, states[i].n_principals);
            fprintf(out,
                "{\"bench\":\"admission\",\"variant\":\"walkie\",\"op\":\"%s\",\"queued\":%u,"
                "\"principals\":%u,\"ns\":%.0f,\"runs\":%d}\n",
                names[k], states[i].n_queued, states[i].n_principals, ns, N_RUNS);
        }
    }
    return fclose(out) == 0 ? 0 : 1;
}
