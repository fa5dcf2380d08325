/* A maker keeps the scope until everything went well, then its caller has it.
 * expect: nothing */
#include "program.h"

static struct ctx_scope *ready(const struct ctx *ctx)
{
    CTX_SCOPE(scope, ctx_with_timeout(ctx, CTX_MS(300)));
    if (work(scope->ctx) != STATUS_OK) {
        return NULL;
    }
    return STEAL(scope);
}

enum status program(const struct ctx *ctx, int n)
{
    CTX_SCOPE(scope, ready(ctx));
    return scope != NULL && is_wanted(n) ? work(scope->ctx) : STATUS_NOT_FOUND;
}
