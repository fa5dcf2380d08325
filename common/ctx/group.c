/* Groups: see group.h. Only the owner touches the list of tasks; the tasks share `failure`. */
#include "ctx/group.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "ctx/current.h"
#include "ctx/node.h"

struct task {
    pthread_t thread;
    struct ctx_group *group;
    ctx_task_fn *function;
    void *arg;
    const struct ctx *handler; /* the starter's ctx_current */
};

struct ctx_group {
    struct ctx_scope *scope;
    _Atomic uint32_t failure; /* enum status of the first failure in time */
    size_t n_tasks;
    struct task tasks[CTX_GROUP_TASKS_MAX];
};

static void group_fail(struct ctx_group *group, enum status status)
{
    uint32_t none = STATUS_OK;
    if (atomic_compare_exchange_strong(&group->failure, &none, status)) {
        ctx_cancel(group->scope, CTX_CAUSE_SIBLING_FAILED);
    }
}

static void *task_run(void *arg)
{
    struct task *task = arg;
    ctx_current_set(task->handler);
    enum status status = task->function(task->group->scope->ctx, task->arg);
    if (status != STATUS_OK) {
        group_fail(task->group, status);
    }
    return NULL;
}

struct ctx_group *ctx_group_new(const struct ctx *ctx)
{
    struct ctx_group *group = calloc(1, sizeof *group);
    if (group == NULL) {
        return NULL;
    }
    group->scope = ctx_with_cancel(ctx);
    if (node_of(group->scope->ctx)->is_static) {
        ctx_scope_end(group->scope);
        free(group);
        return NULL;
    }
    return group;
}

enum status ctx_group_run(struct ctx_group *group, ctx_task_fn *function, void *arg)
{
    if (group == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    if (group->n_tasks < CTX_GROUP_TASKS_MAX) {
        struct task *task = &group->tasks[group->n_tasks];
        *task = (struct task){
            .group = group, .function = function, .arg = arg, .handler = ctx_current()};
        if (pthread_create(&task->thread, NULL, task_run, task) == 0) {
            group->n_tasks++;
            return STATUS_OK;
        }
    }
    group_fail(group, STATUS_RESOURCE_EXHAUSTED);
    return STATUS_RESOURCE_EXHAUSTED;
}

enum status ctx_group_wait(struct ctx_group *group)
{
    if (group == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    for (size_t i = 0; i < group->n_tasks; i++) {
        pthread_join(group->tasks[i].thread, NULL);
    }
    enum status status = (enum status)atomic_load(&group->failure);
    ctx_scope_end(group->scope);
    free(group);
    return status;
}
