/* A loop that asks, and returns what it is told.
 * expect: nothing */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    CTX_SCOPE(scope, ctx_with_cancel(ctx));
    for (int i = 0; i < n; i++) {
        enum status status = ctx_checkpoint(scope->ctx, "render", (uint64_t)i, (uint64_t)n);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}
