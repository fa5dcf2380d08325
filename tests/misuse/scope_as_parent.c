/* The owner's handle is no parent.
 * expect: -Wincompatible-pointer-types */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    (void)n;
    CTX_SCOPE(outer, ctx_with_cancel(ctx));
    CTX_SCOPE(inner, ctx_with_cancel(outer)); /* HERE */
    return work(inner->ctx);
}
