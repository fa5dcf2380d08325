/* A registration that cannot be given back.
 * expect: -Wunused-result */
#include "program.h"

static void wake(void *arg)
{
    *(bool *)arg = true;
}

enum status program(const struct ctx *ctx, int n)
{
    static bool woken;
    (void)n;
    ctx_after_func(ctx, wake, &woken); /* HERE */
    return work(ctx);
}
