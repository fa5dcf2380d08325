/* A scope whose deadline can be moved is lost on one path.
 * expect: -Wanalyzer-malloc-leak */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    struct ctx_scope *flight = ctx_with_moving_deadline(ctx, CTX_ORIGIN_CALLER, CLOCK_NEVER);
    if (is_wanted(n) && !ctx_move_deadline(flight, CTX_ORIGIN_CALLER, clock_now_ns())) {
        return STATUS_DEADLINE_EXCEEDED; /* HERE */
    }
    enum status status = work(flight->ctx);
    ctx_scope_end(flight);
    return status;
}
