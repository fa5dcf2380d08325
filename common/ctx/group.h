/* Groups: structured concurrency. Tasks run in threads under one context; the first that fails
 * cancels the others (cause sibling_failed); wait joins them all.
 *
 *     struct ctx_group *group = ctx_group_new(ctx);
 *     ctx_group_run(group, fetch_edc, &edc);
 *     ctx_group_run(group, fetch_ctms, &ctms);
 *     status = ctx_group_wait(group);          // the first failure, or OK; frees the group
 *
 * A task gets the group's context, which derives from the caller's: deadline, cancellation, values
 * and the handler's identity come along. Not here: thread pools; a task is a thread. */
#ifndef WALKIE_CTX_GROUP_H
#define WALKIE_CTX_GROUP_H

#include "ctx/ctx.h"

struct ctx_group;
typedef enum status ctx_task_fn(const struct ctx *ctx, void *arg);

enum { CTX_GROUP_TASKS_MAX = 16 };

/* Never NULL is not promised: NULL when out of memory. `ctx` is pinned until wait returns. */
MUST_USE struct ctx_group *ctx_group_new(const struct ctx *ctx);

/* Start one task on a thread of its own. `arg` is borrowed until wait returns.
 * Errors: RESOURCE_EXHAUSTED (too many tasks, no thread): counts as that task's failure, so wait
 * returns it too; the result may be ignored. Threads: the group's owner. */
enum status ctx_group_run(struct ctx_group *group, ctx_task_fn *function, void *arg);

/* Join all tasks, free the group. Returns the first failure in time, or OK. Accepts NULL
 * (RESOURCE_EXHAUSTED), so that a failed new needs no special path. */
MUST_USE enum status ctx_group_wait(struct ctx_group *group);

#endif
