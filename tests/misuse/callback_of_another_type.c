/* ctx_after_func's function returns nothing: there is nobody to hear it.
 * expect: -Wincompatible-pointer-types */
#include "program.h"

static enum status stop(const struct ctx *ctx)
{
    return work(ctx);
}

enum status program(const struct ctx *ctx, int n)
{
    struct ctx_after *after = ctx_after_func(ctx, stop, &n); /* HERE */
    ctx_stop_wait(after);
    return STATUS_OK;
}
