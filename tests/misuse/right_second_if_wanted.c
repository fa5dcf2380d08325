/* A second scope that exists on one path only.
 * expect: nothing */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    struct ctx_scope *extra = NULL;
    CTX_SCOPE(scope, ctx_with_cancel(ctx));
    if (is_wanted(n)) {
        extra = ctx_with_timeout(scope->ctx, CTX_MS(300));
    }
    enum status status = work(extra != NULL ? extra->ctx : scope->ctx);
    ctx_scope_end(extra);
    return status;
}
