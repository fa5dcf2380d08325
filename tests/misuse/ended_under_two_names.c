/* Two variables, one scope.
 * expect: -Wanalyzer-double-free also: -Wuse-after-free */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    (void)n;
    struct ctx_scope *scope = ctx_with_cancel(ctx);
    struct ctx_scope *same = scope;
    enum status status = work(scope->ctx);
    ctx_scope_end(scope);
    ctx_scope_end(same); /* HERE */
    return status;
}
