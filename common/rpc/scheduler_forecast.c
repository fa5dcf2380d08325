/* How long a job would wait.
 *
 * The jobs that run before it are, of its own principal, those with earlier deadlines; they move
 * the tag at which it starts to `start`. Of every other principal they are what begins at a smaller
 * tag: all of its queue, or as much of it as lies before `start`. With tag t and end e (the tag
 * after its whole queue) that is
 *
 *     min(e, start) - min(t, start)  =  max(0, start - t) - max(0, start - e)
 *
 * and the sum over all principals needs only counts and sums of tags and ends below `start`: two
 * look-ups, however many principals there are. Where a queue is cut, its last job is on average cut
 * in the middle, and runs whole: half a job more. Principals with the same tag go first with one
 * job each.
 *
 * Jobs that were resumed go before all of these. What is still paused is left out: when it will go
 * on, and whether, is its own affair. */
#include <assert.h>

#include "base/clock.h"
#include "rpc/scheduler_internal.h"

struct ahead {
    uint64_t work_ns;
    uint64_t job_ns; /* the mean of what is queued */
};

static struct ahead work_ahead(const struct scheduler *scheduler,
    const struct scheduler_principal *principal, uint64_t deadline_ns)
{
    uint64_t start = principal == NULL || principal->tag < scheduler->virtual_ns
                         ? scheduler->virtual_ns
                         : principal->tag;
    bool is_active = principal != NULL && principal->place == PRINCIPAL_ACTIVE;
    if (is_active) {
        start = principal->tag + sum_tree_up_to(&principal->queue, deadline_ns).sum;
    }
    struct sum_tree_total tags = sum_tree_up_to(&scheduler->tags, start);
    struct sum_tree_total ends = sum_tree_up_to(&scheduler->ends, start);
    uint64_t work_ns = (tags.count * start - tags.sum) - (ends.count * start - ends.sum);
    uint64_t job_ns = scheduler->n_queued == 0 ? 0 : scheduler->queued_ns / scheduler->n_queued;
    uint64_t n_before =
        start == 0 ? 0 : sum_tree_up_to(&scheduler->tags, start - 1).count; /* a smaller tag */
    uint64_t n_done = ends.count < n_before ? ends.count : n_before;
    uint64_t n_tied = tags.count - n_before;
    uint64_t n_cut = n_before - n_done;
    /* Its own principal is cut exactly where it stands. */
    if (is_active && principal->tag < start && n_cut > 0) {
        n_cut -= principal->by_end.key > start ? 1 : 0;
    } else if (is_active && principal->tag == start && n_tied > 0) {
        n_tied--;
    }
    return (struct ahead){work_ns + n_cut * job_ns / 2 + n_tied * job_ns, job_ns};
}

/* How long a running job will go on: the rest of what such jobs take; past that, the rest of the
 * 0.9 quantile; past that, as long as it has run already. Its deadline cuts it off. */
static uint64_t rest_ns(const struct scheduler_running *running, uint64_t now_ns)
{
    uint64_t elapsed_ns = now_ns > running->started_ns ? now_ns - running->started_ns : 0;
    if (elapsed_ns < running->cost_ns) {
        return running->cost_ns - elapsed_ns;
    }
    if (elapsed_ns < running->quantile_ns) {
        return running->quantile_ns - elapsed_ns;
    }
    if (now_ns >= running->deadline_ns) {
        return now_ns - running->deadline_ns; /* it should have stopped, and does not listen */
    }
    uint64_t left_ns = running->deadline_ns - now_ns;
    return elapsed_ns < left_ns ? elapsed_ns : left_ns;
}

/* When `work_ns` has been poured into the workers, each of which is free after its rest: the level
 * at which they all stand. Workers whose rest lies above it take no part; the one that is free
 * first always does, since no mean is below the least. */
static uint64_t fill(uint64_t rests_ns[], unsigned int n, uint64_t work_ns)
{
    for (;;) {
        assert(n > 0);
        uint64_t sum_ns = work_ns;
        for (unsigned int i = 0; i < n; i++) {
            sum_ns += rests_ns[i];
        }
        uint64_t level_ns = sum_ns / n;
        unsigned int n_below = 0;
        for (unsigned int i = 0; i < n; i++) {
            if (rests_ns[i] <= level_ns) {
                rests_ns[n_below++] = rests_ns[i];
            }
        }
        if (n_below == n) {
            return level_ns;
        }
        n = n_below;
    }
}

uint64_t forecast_wait_ns(const struct scheduler *scheduler, uint64_t now_ns,
    const struct scheduler_principal *principal, uint64_t deadline_ns)
{
    unsigned int max_running = scheduler->options.max_running;
    if (scheduler->n_queued + scheduler->n_resumed < max_running - scheduler->n_running) {
        return 0;
    }
    uint64_t rests_ns[SCHEDULER_RUNNING_MAX];
    unsigned int n = 0;
    for (unsigned int i = 0; i < max_running; i++) {
        const struct scheduler_running *running = &scheduler->places[i];
        rests_ns[n++] = running->principal == NULL ? 0 : rest_ns(running, now_ns);
    }
    struct ahead ahead = work_ahead(scheduler, principal, deadline_ns);
    /* Jobs are no liquid: a worker takes the next one while others still run. */
    uint64_t solid_ns = (max_running - 1) * ahead.job_ns / 2;
    uint64_t queued_ns = ahead.work_ns > solid_ns ? ahead.work_ns - solid_ns : 0;
    return fill(rests_ns, n, scheduler->resumed_ns + queued_ns);
}
