/* The owner's handle is passed on where the context should be.
 * expect: -Wincompatible-pointer-types */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    CTX_SCOPE(scope, ctx_with_cancel(ctx));
    return is_wanted(n) ? work(scope) : STATUS_OK; /* HERE */
}
