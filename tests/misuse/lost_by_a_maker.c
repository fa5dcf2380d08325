/* A function that makes and returns a scope: its caller forgets the end.
 * expect: -Wanalyzer-malloc-leak */
#include "program.h"

static struct ctx_scope *soon(const struct ctx *ctx)
{
    return ctx_with_timeout(ctx, CTX_MS(300));
}

enum status program(const struct ctx *ctx, int n)
{
    struct ctx_scope *scope = soon(ctx);
    if (is_wanted(n)) {
        return STATUS_CANCELLED; /* HERE */
    }
    ctx_scope_end(scope);
    return STATUS_OK;
}
