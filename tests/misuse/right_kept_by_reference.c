/* A context that must stay valid after its scope has ended.
 * expect: nothing */
#include "program.h"

static const struct ctx *ended(const struct ctx *ctx)
{
    CTX_SCOPE(scope, ctx_with_cancel(ctx));
    return ctx_ref(scope->ctx);
}

enum status program(const struct ctx *ctx, int n)
{
    const struct ctx *held = ended(ctx);
    enum status status = is_wanted(n) ? ctx_err(held) : STATUS_OK;
    ctx_unref(held);
    return status;
}
