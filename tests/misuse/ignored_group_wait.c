/* The tasks' failure is lost.
 * expect: -Wunused-result */
#include "program.h"

static enum status task(const struct ctx *ctx, void *arg)
{
    (void)arg;
    return work(ctx);
}

enum status program(const struct ctx *ctx, int n)
{
    struct ctx_group *group = ctx_group_new(ctx);
    ctx_group_run(group, task, &n);
    ctx_group_wait(group); /* HERE */
    return STATUS_OK;
}
