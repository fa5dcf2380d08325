/* A break leaves the loop with its scope open.
 * expect: -Wanalyzer-malloc-leak */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    for (int i = 0; i < n; i++) {
        struct ctx_scope *scope = ctx_with_cancel(ctx);
        if (work(scope->ctx) != STATUS_OK) {
            break;
        }
        ctx_scope_end(scope);
    }
    return ctx_err(ctx); /* HERE */
}
