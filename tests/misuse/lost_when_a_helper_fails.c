/* The failure of a step returns at once.
 * expect: -Wanalyzer-malloc-leak */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    struct ctx_scope *scope = ctx_with_deadline(ctx, CLOCK_NEVER);
    enum status status = work(scope->ctx);
    if (status != STATUS_OK) {
        return status; /* HERE */
    }
    ctx_cancel(scope, CTX_CAUSE_CANCELLED);
    ctx_scope_end(scope);
    return is_wanted(n) ? STATUS_OK : STATUS_NOT_FOUND;
}
