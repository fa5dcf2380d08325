/* A function that takes the scope ends it.
 * expect: nothing */
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
    if (is_wanted(n)) {
        return finish(scope);
    }
    ctx_scope_end(scope);
    return STATUS_OK;
}
