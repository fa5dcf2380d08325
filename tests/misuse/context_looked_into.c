/* A context is opaque: nobody moves its deadline from outside.
 * expect: undefined type */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    (void)n;
    ctx->deadline_ns = CLOCK_NEVER; /* HERE */
    return work(ctx);
}
