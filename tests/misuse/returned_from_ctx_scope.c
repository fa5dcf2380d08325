/* The owner of a CTX_SCOPE variable is returned: it has ended by then.
 * expect: -Wanalyzer-use-after-free also: -Wuse-after-free */
#include "program.h"

static struct ctx_scope *soon(const struct ctx *ctx)
{
    CTX_SCOPE(scope, ctx_with_timeout(ctx, CTX_MS(300)));
    return scope;
}

enum status program(const struct ctx *ctx, int n)
{
    (void)n;
    const struct ctx_scope *scope = soon(ctx);
    return work(scope->ctx); /* HERE */
}
