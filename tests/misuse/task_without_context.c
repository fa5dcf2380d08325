/* A task gets the group's context: one that takes none would not listen.
 * expect: -Wincompatible-pointer-types */
#include "program.h"

static enum status task(void *arg)
{
    return is_wanted(*(int *)arg) ? STATUS_OK : STATUS_NOT_FOUND;
}

enum status program(const struct ctx *ctx, int n)
{
    struct ctx_group *group = ctx_group_new(ctx);
    ctx_group_run(group, task, &n); /* HERE */
    return ctx_group_wait(group);
}
