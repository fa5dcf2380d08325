/* A helper ends the scope, and its caller as well.
 * expect: -Wanalyzer-double-free also: -Wuse-after-free */
#include "program.h"

static enum status finish(struct ctx_scope *scope)
{
    enum status status = work(scope->ctx);
    ctx_scope_end(scope);
    return status;
}

enum status program(const struct ctx *ctx, int n)
{
    struct ctx_scope *scope = ctx_with_cancel(ctx);
    enum status status = finish(scope);
    ctx_scope_end(scope); /* HERE */
    return is_wanted(n) ? status : STATUS_OK;
}
