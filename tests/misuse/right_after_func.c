/* A registration that is given back before its scope ends.
 * expect: nothing */
#include "program.h"

static void wake(void *arg)
{
    *(bool *)arg = true;
}

enum status program(const struct ctx *ctx, int n)
{
    bool woken = false;
    CTX_SCOPE(scope, ctx_with_timeout(ctx, CTX_MS(300)));
    struct ctx_after *after = ctx_after_func(scope->ctx, wake, &woken);
    if (after == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    enum status status = is_wanted(n) ? work(scope->ctx) : STATUS_OK;
    return ctx_stop_wait(after) || !woken ? status : ctx_err(scope->ctx);
}
