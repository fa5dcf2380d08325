/* scope->ctx of a scope that has ended.
 * expect: -Wanalyzer-use-after-free also: -Wuse-after-free */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    (void)n;
    struct ctx_scope *scope = ctx_with_cancel(ctx);
    ctx_scope_end(scope);
    return work(scope->ctx); /* HERE */
}
