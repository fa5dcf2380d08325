/* Two ends in a row.
 * expect: -Wanalyzer-double-free also: -Wuse-after-free */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    (void)n;
    struct ctx_scope *scope = ctx_with_cancel(ctx);
    enum status status = work(scope->ctx);
    ctx_scope_end(scope);
    ctx_scope_end(scope); /* HERE */
    return status;
}
