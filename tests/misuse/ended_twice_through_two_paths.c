/* An early end under a condition, then the end for everybody.
 * expect: -Wanalyzer-double-free */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    struct ctx_scope *scope = ctx_with_cancel(ctx);
    enum status status = work(scope->ctx);
    if (is_wanted(n)) {
        ctx_scope_end(scope);
    }
    ctx_scope_end(scope); /* HERE */
    return status;
}
