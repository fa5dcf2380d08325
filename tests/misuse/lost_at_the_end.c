/* Nobody ends the scope.
 * expect: -Wanalyzer-malloc-leak */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    (void)n;
    struct ctx_scope *scope = ctx_with_timeout(ctx, CTX_SECONDS(3));
    return work(scope->ctx); /* HERE */
}
