/* The author believes that it changes ctx.
 * expect: -Wunused-result */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    (void)n;
    ctx_with_timeout(ctx, CTX_MS(300)); /* HERE */
    return work(ctx);
}
