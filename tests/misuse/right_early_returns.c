/* CTX_SCOPE ends the scope on every way out.
 * expect: nothing */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    CTX_SCOPE(scope, ctx_with_timeout(ctx, CTX_SECONDS(3)));
    if (!is_wanted(n)) {
        return STATUS_NOT_FOUND;
    }
    enum status status = work(scope->ctx);
    if (status != STATUS_OK) {
        return status;
    }
    return ctx_sleep(scope->ctx, CTX_MS(20));
}
