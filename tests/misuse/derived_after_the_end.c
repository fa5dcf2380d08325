/* A child of a scope that has ended.
 * expect: -Wanalyzer-use-after-free also: -Wuse-after-free */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    (void)n;
    struct ctx_scope *scope = ctx_with_cancel(ctx);
    ctx_scope_end(scope);
    CTX_SCOPE(child, ctx_with_timeout(scope->ctx, CTX_MS(300))); /* HERE */
    return work(child->ctx);
}
