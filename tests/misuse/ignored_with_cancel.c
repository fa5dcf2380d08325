/* The new scope is thrown away: it can never be ended.
 * expect: -Wunused-result */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    (void)n;
    ctx_with_cancel(ctx); /* HERE */
    return work(ctx);
}
