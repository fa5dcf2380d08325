/* CTX_SCOPE of a borrowed context.
 * expect: -Wincompatible-pointer-types */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    (void)n;
    CTX_SCOPE(scope, ctx_ref(ctx)); /* HERE */
    return work(scope->ctx);
}
