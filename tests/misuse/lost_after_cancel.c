/* Cancelling is not ending.
 * expect: -Wanalyzer-malloc-leak */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    struct ctx_scope *scope = ctx_with_cancel(ctx);
    enum status status = work(scope->ctx);
    ctx_cancel(scope, CTX_CAUSE_CANCELLED);
    return is_wanted(n) ? status : STATUS_NOT_FOUND; /* HERE */
}
