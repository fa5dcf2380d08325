/* A scope inside another, each with its block.
 * expect: nothing */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    CTX_SCOPE(outer, ctx_with_timeout(ctx, CTX_SECONDS(3)));
    enum status status = work(outer->ctx);
    if (status == STATUS_OK && is_wanted(n)) {
        CTX_SCOPE(inner, ctx_with_timeout(outer->ctx, CTX_MS(300)));
        status = work(inner->ctx);
        if (status != STATUS_OK) {
            ctx_cancel(outer, CTX_CAUSE_CANCELLED);
        }
    }
    return status;
}
