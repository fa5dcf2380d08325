/* The variable gets a second scope while it holds the first.
 * expect: -Wanalyzer-malloc-leak */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    struct ctx_scope *scope = ctx_with_timeout(ctx, CTX_MS(300));
    enum status status = work(scope->ctx);
    if (status != STATUS_OK && is_wanted(n)) {
        scope = ctx_with_timeout(ctx, CTX_SECONDS(3));
        status = work(scope->ctx);
    }
    ctx_scope_end(scope);
    return status; /* HERE */
}
