/* A deadline is moved by its owner; a borrower only asks.
 * expect: nothing */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    CTX_SCOPE(flight, ctx_with_moving_deadline(ctx, CTX_ORIGIN_CALLER, CLOCK_NEVER));
    if (is_wanted(n)) {
        ctx_move_deadline(flight, CTX_ORIGIN_CALLER, clock_add_ns(clock_now_ns(), CTX_MS(300)));
    }
    CTX_SCOPE(part, ctx_with_deadline_from_peer(flight->ctx, CTX_ORIGIN_CALLER, CTX_SOURCE_HERE,
                        clock_add_ns(clock_now_ns(), CTX_MS(100))));
    return work(part->ctx);
}
