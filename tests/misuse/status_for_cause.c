/* A status is no cause: their numbers differ.
 * expect: -Wenum-conversion */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    (void)n;
    CTX_SCOPE(scope, ctx_with_cancel(ctx));
    ctx_cancel(scope, STATUS_CANCELLED); /* HERE */
    return work(scope->ctx);
}
