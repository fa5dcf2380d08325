/* Whose turn it is: start-time fair queueing.
 *
 * Each principal has a tag: the virtual time at which its next job may start. It grows by what its
 * jobs cost; the smallest tag is served next. Who comes new, or comes back, starts at the class's
 * virtual time (the tag of the job started last), so that nobody saves up turns by staying away and
 * nobody pays for having used what no one else wanted. Who leaves with a tag beyond that is
 * remembered until virtual time has caught up, or nothing is left to do. */
#include <stdlib.h>

#include "rpc/scheduler_internal.h"

struct scheduler_principal *principal_find(const struct scheduler *scheduler, uint64_t id)
{
    struct sum_tree_node *node = sum_tree_find(&scheduler->principals, id);
    return node == NULL ? NULL : CONTAINER_OF(node, struct scheduler_principal, by_id);
}

/* The name is shown to people, in JSON and elsewhere, and comes from anywhere. */
static void copy_name(char to[SCHEDULER_PRINCIPAL_MAX], struct bytes name)
{
    size_t len = name.len < SCHEDULER_PRINCIPAL_MAX - 1 ? name.len : SCHEDULER_PRINCIPAL_MAX - 1;
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = name.data[i];
        bool is_plain = byte >= ' ' && byte <= '~' && byte != '"' && byte != '\\';
        to[i] = is_plain ? (char)byte : '?';
    }
    to[len] = '\0';
}

struct scheduler_principal *principal_new(
    struct scheduler *scheduler, uint64_t id, struct bytes name)
{
    struct scheduler_principal *principal = calloc(1, sizeof(*principal));
    if (principal != NULL) {
        copy_name(principal->name, name);
        sum_tree_insert(&scheduler->principals, &principal->by_id, id, 0);
    }
    return principal;
}

static void principal_free(struct scheduler *scheduler, struct scheduler_principal *principal)
{
    sum_tree_remove(&scheduler->principals, &principal->by_id);
    free(principal);
}

/* Out of the trees that its place puts it into. */
static void lift(struct scheduler *scheduler, struct scheduler_principal *principal)
{
    switch (principal->place) {
    case PRINCIPAL_NOWHERE:
        break;
    case PRINCIPAL_ACTIVE:
        sum_tree_remove(&scheduler->tags, &principal->by_tag);
        sum_tree_remove(&scheduler->ends, &principal->by_end);
        sum_tree_remove(&scheduler->lengths, &principal->by_length);
        break;
    case PRINCIPAL_RESTING:
        sum_tree_remove(&scheduler->resting, &principal->by_tag);
        break;
    }
    principal->place = PRINCIPAL_NOWHERE;
}

static void settle_active(struct scheduler *scheduler, struct scheduler_principal *principal,
    struct sum_tree_total queued)
{
    uint64_t tag = principal->tag;
    uint64_t end = tag + queued.sum;
    if (principal->place == PRINCIPAL_ACTIVE) {
        sum_tree_move(&scheduler->tags, &principal->by_tag, tag, tag);
        /* A start leaves the end where it is, the end of a job the length. Among equal tags the
         * order matters: who has had a turn goes behind the others. */
        if (principal->by_end.key != end) {
            sum_tree_move(&scheduler->ends, &principal->by_end, end, end);
        }
        if (principal->by_length.key != queued.count) {
            sum_tree_move(&scheduler->lengths, &principal->by_length, queued.count, 0);
        }
        return;
    }
    lift(scheduler, principal);
    principal->place = PRINCIPAL_ACTIVE;
    sum_tree_insert(&scheduler->tags, &principal->by_tag, tag, tag);
    sum_tree_insert(&scheduler->ends, &principal->by_end, end, end);
    sum_tree_insert(&scheduler->lengths, &principal->by_length, queued.count, 0);
}

void principal_settle(struct scheduler *scheduler, struct scheduler_principal *principal)
{
    struct sum_tree_total queued = sum_tree_all(&principal->queue);
    if (queued.count > 0) {
        settle_active(scheduler, principal, queued);
        return;
    }
    lift(scheduler, principal);
    if (principal->n_running > 0 || principal->n_away > 0) {
        return;
    }
    if (principal->tag > scheduler->virtual_ns) {
        principal->place = PRINCIPAL_RESTING;
        sum_tree_insert(&scheduler->resting, &principal->by_tag, principal->tag, 0);
        principals_forget(scheduler);
    } else {
        principal_free(scheduler, principal);
    }
}

void principal_push(struct scheduler *scheduler, struct scheduler_principal *principal,
    struct scheduler_job *job, uint64_t deadline_ns, uint64_t cost_ns)
{
    if (principal->tag < scheduler->virtual_ns) {
        principal->tag = scheduler->virtual_ns;
    }
    sum_tree_insert(&principal->queue, &job->node, deadline_ns, cost_ns);
    job->principal = principal;
    scheduler->n_queued++;
    scheduler->queued_ns += cost_ns;
    principal_settle(scheduler, principal);
}

void principal_remove(struct scheduler *scheduler, struct scheduler_job *job)
{
    sum_tree_remove(&job->principal->queue, &job->node);
    scheduler->n_queued--;
    scheduler->queued_ns -= job->node.value;
}

void principals_forget(struct scheduler *scheduler)
{
    bool is_idle =
        scheduler->n_queued == 0 && scheduler->n_running == 0 && scheduler->n_resumed == 0;
    if (is_idle) {
        scheduler->virtual_ns = scheduler->tag_max; /* nor do those remember who pause */
    }
    struct sum_tree_node *node;
    while ((node = sum_tree_first(&scheduler->resting)) != NULL &&
           (is_idle || node->key <= scheduler->virtual_ns ||
               sum_tree_all(&scheduler->resting).count > SCHEDULER_RESTING_MAX)) {
        sum_tree_remove(&scheduler->resting, node);
        principal_free(scheduler, CONTAINER_OF(node, struct scheduler_principal, by_tag));
    }
}

struct visit {
    void (*visit)(void *arg, const char *name, uint64_t n_queued, uint64_t queued_ns);
    void *arg;
    unsigned int n_left;
};

static void visit_longest_first(const struct sum_tree_node *node, struct visit *visit)
{
    if (node == NULL || visit->n_left == 0) {
        return;
    }
    visit_longest_first(node->right, visit);
    if (visit->n_left > 0) {
        visit->n_left--;
        const struct scheduler_principal *principal =
            CONTAINER_OF(node, struct scheduler_principal, by_length);
        struct sum_tree_total queued = sum_tree_all(&principal->queue);
        visit->visit(visit->arg, principal->name, queued.count, queued.sum);
    }
    visit_longest_first(node->left, visit);
}

void scheduler_each_principal(const struct scheduler *scheduler, unsigned int n_max,
    void (*visit)(void *arg, const char *name, uint64_t n_queued, uint64_t queued_ns), void *arg)
{
    struct visit visits = {visit, arg, n_max};
    visit_longest_first(scheduler->lengths.root, &visits);
}
