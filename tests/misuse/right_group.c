/* Tasks under a scope of their own, joined before it ends.
 * expect: nothing */
#include "program.h"

static enum status task(const struct ctx *ctx, void *arg)
{
    return is_wanted(*(int *)arg) ? work(ctx) : STATUS_OK;
}

enum status program(const struct ctx *ctx, int n)
{
    CTX_SCOPE(scope, ctx_with_timeout(ctx, CTX_SECONDS(3)));
    int more = n + 1;
    struct ctx_group *group = ctx_group_new(scope->ctx);
    ctx_group_run(group, task, &n);
    ctx_group_run(group, task, &more);
    return ctx_group_wait(group);
}
