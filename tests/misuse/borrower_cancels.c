/* A borrower cannot cancel what its caller shares with others.
 * expect: -Wincompatible-pointer-types */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    if (is_wanted(n)) {
        ctx_cancel(ctx, CTX_CAUSE_CANCELLED); /* HERE */
    }
    return work(ctx);
}
