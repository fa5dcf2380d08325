/* ctx_cancel of a scope that has ended.
 * expect: -Wuse-after-free */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    struct ctx_scope *scope = ctx_with_cancel(ctx);
    enum status status = work(scope->ctx);
    ctx_scope_end(scope);
    if (is_wanted(n)) {
        ctx_cancel(scope, CTX_CAUSE_CANCELLED); /* HERE */
    }
    return status;
}
