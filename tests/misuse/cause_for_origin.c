/* What an expiry gives is not who set the deadline.
 * expect: -Wenum-conversion */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    (void)n;
    CTX_SCOPE(scope, /* HERE */
        ctx_with_deadline_origin(ctx, CTX_CAUSE_DEADLINE_EXCEEDED, CLOCK_NEVER));
    return work(scope->ctx);
}
