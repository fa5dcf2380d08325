#include "rpc/scheduler.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "rpc/scheduler_internal.h"

struct scheduler *scheduler_new(const struct scheduler_options *options)
{
    assert(options->max_running >= 1 && options->max_running <= SCHEDULER_RUNNING_MAX);
    struct scheduler *scheduler = calloc(1, sizeof(*scheduler));
    if (scheduler == NULL) {
        return NULL;
    }
    scheduler->options = *options;
    for (unsigned int i = 0; i < options->max_running; i++) {
        scheduler->free_places[i] = &scheduler->places[i];
    }
    return scheduler;
}

void scheduler_free(struct scheduler *scheduler)
{
    if (scheduler != NULL) {
        assert(scheduler->n_queued == 0 && scheduler->n_running == 0);
        principals_forget(scheduler);
        assert(scheduler->principals.root == NULL);
        free(scheduler);
    }
}

/* --- jobs in -------------------------------------------------------------------------------- */

static struct scheduler_job *job_of(struct sum_tree_node *node)
{
    return CONTAINER_OF(node, struct scheduler_job, node);
}

static bool is_full(const struct scheduler *scheduler)
{
    /* A worker that is free takes one at once: such a job does not wait. */
    uint64_t n_free = scheduler->options.max_running - scheduler->n_running;
    n_free -= scheduler->n_resumed < n_free ? scheduler->n_resumed : n_free;
    return scheduler->n_queued >= scheduler->options.queue_max + n_free;
}

/* The principal that has more waiting than anybody, if that is more than the newcomer would have.
 */
static struct scheduler_principal *longest(
    const struct scheduler *scheduler, const struct scheduler_principal *newcomer)
{
    struct sum_tree_node *node = sum_tree_last(&scheduler->lengths);
    uint64_t n_own = newcomer == NULL ? 0 : sum_tree_all(&newcomer->queue).count;
    return node == NULL || node->key <= n_own + 1
               ? NULL
               : CONTAINER_OF(node, struct scheduler_principal, by_length);
}

static void forget_probe(struct scheduler *scheduler, struct scheduler_job *job)
{
    scheduler->n_probing -= job->is_probe ? 1 : 0;
}

static struct scheduler_job *evict(
    struct scheduler *scheduler, struct scheduler_principal *principal)
{
    struct scheduler_job *job = job_of(sum_tree_last(&principal->queue));
    principal_remove(scheduler, job);
    principal_settle(scheduler, principal);
    forget_probe(scheduler, job);
    job->verdict = SCHEDULER_QUEUE_FULL;
    scheduler->counts.n_dropped[SCHEDULER_QUEUE_FULL]++;
    return job;
}

/* Whether a job would start at once and leave a worker free for the next one. */
static bool has_worker_to_spare(const struct scheduler *scheduler)
{
    return scheduler->n_queued + scheduler->n_resumed + scheduler->n_running + 1 <
           scheduler->options.max_running;
}

/* Whether a job that seems doomed is let in to see. */
static bool is_probe_due(
    const struct scheduler *scheduler, const struct method_cell *cell, uint64_t now_ns)
{
    return scheduler->n_probing == 0 && cell != NULL &&
           now_ns >= cell->tried_ns + CLOCK_MS(SCHEDULER_PROBE_EVERY_MS);
}

/* Whether a job fits into its time: the wait that is forecast, with something for its being a
 * forecast, what such jobs take, and the way of the answer to who waits for it. */
static bool fits(uint64_t wait_ns, uint64_t quantile_ns, uint64_t remaining_ns)
{
    uint64_t way_back_ns = remaining_ns / SCHEDULER_WAY_BACK_PART;
    if (way_back_ns > CLOCK_US(SCHEDULER_WAY_BACK_MAX_US)) {
        way_back_ns = CLOCK_US(SCHEDULER_WAY_BACK_MAX_US);
    }
    uint64_t needed_ns = clock_add_ns(wait_ns + wait_ns / SCHEDULER_DOUBT_PART, quantile_ns);
    return needed_ns <= remaining_ns - way_back_ns;
}

static enum scheduler_verdict judge(struct scheduler *scheduler, uint64_t now_ns,
    struct scheduler_job *job, const struct scheduler_principal *principal, uint64_t deadline_ns)
{
    job->n_queued = scheduler->n_queued;
    job->quantile_ns = job->cell == NULL ? 0 : service_time_quantile_ns(&job->cell->time);
    job->wait_ns = forecast_wait_ns(scheduler, now_ns, principal, deadline_ns);
    job->remaining_ns = CLOCK_NEVER;
    if (deadline_ns != CLOCK_NEVER) {
        if (deadline_ns <= now_ns) {
            job->remaining_ns = 0;
            return SCHEDULER_EXPIRED;
        }
        job->remaining_ns = deadline_ns - now_ns;
        if (!fits(job->wait_ns, job->quantile_ns, job->remaining_ns)) {
            job->is_spare = has_worker_to_spare(scheduler);
            job->is_probe = !job->is_spare && is_probe_due(scheduler, job->cell, now_ns);
            if (!job->is_spare && !job->is_probe) {
                return SCHEDULER_DOOMED;
            }
        }
    }
    if (is_full(scheduler) && longest(scheduler, principal) == NULL) {
        return SCHEDULER_QUEUE_FULL;
    }
    return SCHEDULER_ADMITTED;
}

static enum scheduler_verdict admit(struct scheduler *scheduler, uint64_t now_ns,
    struct scheduler_job *job, const struct scheduler_offer *offer, uint64_t deadline_ns,
    struct scheduler_job **ret_evicted)
{
    struct scheduler_principal *principal = principal_find(scheduler, offer->principal_id);
    enum scheduler_verdict verdict = judge(scheduler, now_ns, job, principal, deadline_ns);
    if (verdict != SCHEDULER_ADMITTED) {
        return verdict;
    }
    if (is_full(scheduler)) {
        *ret_evicted = evict(scheduler, longest(scheduler, principal));
    }
    if (principal == NULL) {
        principal = principal_new(scheduler, offer->principal_id, offer->principal_name);
    }
    if (principal == NULL) {
        return SCHEDULER_NO_MEMORY;
    }
    uint64_t cost_ns = method_times_cost_ns(offer->times, job->cell);
    principal_push(scheduler, principal, job, deadline_ns, cost_ns);
    if (job->is_probe) {
        scheduler->n_probing++;
        scheduler->counts.n_probes++;
        job->cell->tried_ns = now_ns;
    }
    return SCHEDULER_ADMITTED;
}

enum scheduler_verdict scheduler_offer(struct scheduler *scheduler, uint64_t now_ns,
    struct scheduler_job *job, const struct scheduler_offer *offer,
    struct scheduler_job **ret_evicted)
{
    *ret_evicted = NULL;
    job->times = offer->times;
    job->cell = method_times_at(offer->times, offer->size);
    job->is_probe = false;
    job->is_spare = false;
    job->held_ns = 0;
    uint64_t deadline_ns = scheduler->options.deadline_ns(job);
    job->verdict = admit(scheduler, now_ns, job, offer, deadline_ns, ret_evicted);
    scheduler->counts.n_offers[job->verdict]++;
    return job->verdict;
}

void scheduler_take_back(struct scheduler *scheduler, struct scheduler_job *job)
{
    struct scheduler_principal *principal = job->principal;
    principal_remove(scheduler, job);
    principal_settle(scheduler, principal);
    principals_forget(scheduler);
    forget_probe(scheduler, job);
}

/* --- jobs out ------------------------------------------------------------------------------- */

/* Whether it can still be done in its time; what that is may have changed since it was let in. */
static enum scheduler_verdict judge_again(
    struct scheduler_job *job, uint64_t deadline_ns, uint64_t now_ns)
{
    if (deadline_ns == CLOCK_NEVER) {
        return SCHEDULER_ADMITTED;
    }
    if (deadline_ns <= now_ns) {
        return SCHEDULER_EXPIRED;
    }
    uint64_t quantile_ns = job->cell == NULL ? 0 : service_time_quantile_ns(&job->cell->time);
    if (job->is_probe || job->is_spare || fits(0, quantile_ns, deadline_ns - now_ns)) {
        return SCHEDULER_ADMITTED;
    }
    job->wait_ns = 0;
    job->quantile_ns = quantile_ns;
    job->remaining_ns = deadline_ns - now_ns;
    return SCHEDULER_DOOMED;
}

struct scheduler_running *scheduler_occupy(struct scheduler *scheduler, struct scheduler_job *job,
    uint64_t cost_ns, uint64_t deadline_ns, uint64_t now_ns)
{
    struct scheduler_principal *principal = job->principal;
    principal->tag += cost_ns;
    principal->n_running++;
    unsigned int n_free = scheduler->options.max_running - scheduler->n_running;
    struct scheduler_running *running = scheduler->free_places[n_free - 1];
    scheduler->n_running++;
    *running = (struct scheduler_running){
        .principal = principal,
        .cell = job->cell,
        .is_probe = job->is_probe,
        .started_ns = now_ns,
        .held_before_ns = job->held_ns,
        .cost_ns = cost_ns,
        .quantile_ns = job->cell == NULL ? 0 : service_time_quantile_ns(&job->cell->time),
        .deadline_ns = deadline_ns,
    };
    job->running = running;
    return running;
}

static struct scheduler_running *start(
    struct scheduler *scheduler, struct scheduler_job *job, uint64_t deadline_ns, uint64_t now_ns)
{
    if (job->principal->tag > scheduler->virtual_ns) {
        scheduler->virtual_ns = job->principal->tag;
    }
    if (job->cell != NULL) {
        job->cell->tried_ns = now_ns;
    }
    return scheduler_occupy(scheduler, job, job->node.value, deadline_ns, now_ns);
}

bool scheduler_can_start(const struct scheduler *scheduler)
{
    return (scheduler->n_queued > 0 || scheduler->n_resumed > 0) &&
           scheduler->n_running < scheduler->options.max_running;
}

struct scheduler_job *scheduler_next(struct scheduler *scheduler, uint64_t now_ns,
    struct scheduler_running **ret_running, struct scheduler_job **dropped)
{
    while (scheduler_can_start(scheduler)) {
        struct scheduler_job *resumed = resumed_next(scheduler, now_ns, ret_running);
        if (resumed != NULL) {
            return resumed;
        }
        struct scheduler_principal *principal =
            CONTAINER_OF(sum_tree_first(&scheduler->tags), struct scheduler_principal, by_tag);
        struct scheduler_job *job = job_of(sum_tree_first(&principal->queue));
        uint64_t deadline_ns = scheduler->options.deadline_ns(job);
        job->verdict = judge_again(job, deadline_ns, now_ns);
        principal_remove(scheduler, job);
        if (job->verdict == SCHEDULER_ADMITTED) {
            *ret_running = start(scheduler, job, deadline_ns, now_ns);
        }
        principal_settle(scheduler, principal);
        principals_forget(scheduler);
        if (job->verdict == SCHEDULER_ADMITTED) {
            return job;
        }
        forget_probe(scheduler, job);
        scheduler->counts.n_dropped[job->verdict]++;
        job->next_dropped = NULL;
        while (*dropped != NULL) {
            dropped = &(*dropped)->next_dropped;
        }
        *dropped = job;
    }
    return NULL;
}

void scheduler_learn(struct method_cell *cell, bool is_probe, uint64_t now_ns, uint64_t run_ns,
    enum scheduler_outcome outcome)
{
    assert(outcome == SCHEDULER_COMPLETED || outcome == SCHEDULER_CUT_SHORT);
    if (cell == NULL) {
        return;
    }
    if (outcome == SCHEDULER_CUT_SHORT) {
        service_time_at_least(&cell->time, now_ns, run_ns);
        return;
    }
    if (is_probe && run_ns < service_time_quantile_ns(&cell->time)) {
        service_time_doubt(&cell->time);
    }
    service_time_completed(&cell->time, now_ns, run_ns);
}

/* What was cut short says nothing about how soon a worker is free when nobody cuts. */
static void learn_held(struct method_cell *cell, uint64_t held_ns, enum scheduler_outcome outcome)
{
    if (cell == NULL || outcome == SCHEDULER_NOT_RUN ||
        (outcome == SCHEDULER_CUT_SHORT && held_ns < service_time_held_ns(&cell->time))) {
        return;
    }
    service_time_held(&cell->time, held_ns);
}

uint64_t scheduler_vacate(
    struct scheduler *scheduler, struct scheduler_running *running, uint64_t now_ns)
{
    struct scheduler_principal *principal = running->principal;
    uint64_t held_ns = now_ns > running->started_ns ? now_ns - running->started_ns : 0;
    scheduler->n_probing -= running->is_probe ? 1 : 0;
    running->principal = NULL;
    scheduler->n_running--;
    scheduler->free_places[scheduler->options.max_running - scheduler->n_running - 1] = running;
    principal->n_running--;
    principal->tag = principal->tag - running->cost_ns + held_ns;
    if (principal->tag > scheduler->tag_max) {
        scheduler->tag_max = principal->tag;
    }
    principal_settle(scheduler, principal);
    principals_forget(scheduler);
    return running->held_before_ns + held_ns;
}

void scheduler_finish(struct scheduler *scheduler, struct scheduler_running *running,
    uint64_t now_ns, enum scheduler_outcome outcome)
{
    assert(outcome != SCHEDULER_PAUSED);
    struct method_cell *cell = running->cell;
    uint64_t held_ns = scheduler_vacate(scheduler, running, now_ns);
    learn_held(cell, held_ns, outcome);
    if (outcome == SCHEDULER_COMPLETED || outcome == SCHEDULER_CUT_SHORT) {
        scheduler_learn(cell, running->is_probe, now_ns, held_ns, outcome);
    }
}

/* --- questions ------------------------------------------------------------------------------ */

uint64_t scheduler_wait_ns(
    struct scheduler *scheduler, uint64_t now_ns, uint64_t principal_id, uint64_t deadline_ns)
{
    return forecast_wait_ns(
        scheduler, now_ns, principal_find(scheduler, principal_id), deadline_ns);
}

void scheduler_counts(const struct scheduler *scheduler, struct scheduler_counts *ret_counts)
{
    *ret_counts = scheduler->counts;
    ret_counts->max_running = scheduler->options.max_running;
    ret_counts->queue_max = scheduler->options.queue_max;
    ret_counts->n_running = scheduler->n_running;
    ret_counts->n_queued = scheduler->n_queued;
    ret_counts->n_paused = scheduler->n_paused;
    ret_counts->n_resumed = scheduler->n_resumed;
    ret_counts->n_principals = sum_tree_all(&scheduler->principals).count;
    ret_counts->queued_ns = scheduler->queued_ns;
}
