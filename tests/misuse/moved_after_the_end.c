/* A deadline is moved whose scope has ended.
 * expect: -Wuse-after-free */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    struct ctx_scope *flight = ctx_with_moving_deadline(ctx, CTX_ORIGIN_CALLER, CLOCK_NEVER);
    enum status status = work(flight->ctx);
    ctx_scope_end(flight);
    if (is_wanted(n)) {
        ctx_move_deadline(flight, CTX_ORIGIN_CALLER, CLOCK_NEVER); /* HERE */
    }
    return status;
}
