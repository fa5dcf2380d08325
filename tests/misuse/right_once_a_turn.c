/* Each turn of a loop has its own scope; continue, break and return end it.
 * expect: nothing */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    for (int i = 0; i < n; i++) {
        CTX_SCOPE(scope, ctx_with_timeout(ctx, CTX_MS(300)));
        if (!is_wanted(i)) {
            continue;
        }
        enum status status = work(scope->ctx);
        if (status == STATUS_CANCELLED) {
            return status;
        }
        if (status == STATUS_OK) {
            break;
        }
    }
    return ctx_err(ctx);
}
