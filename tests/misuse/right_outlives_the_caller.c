/* Work that goes on when the caller has left, with a limit of its own.
 * expect: nothing */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    CTX_SCOPE(detached, ctx_without_cancel(ctx));
    CTX_SCOPE(scope, ctx_with_deadline_origin(detached->ctx, CTX_ORIGIN_CODE,
                         clock_add_ns(clock_now_ns(), CTX_SECONDS(3))));
    return is_wanted(n) ? work(scope->ctx) : STATUS_OK;
}
