/* The author believes that it protects ctx.
 * expect: -Wunused-result */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    (void)n;
    ctx_without_cancel(ctx); /* HERE */
    return work(ctx);
}
