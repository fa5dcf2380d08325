/* One exit ends what was made, and ending NULL is allowed.
 * expect: nothing */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    enum status status = STATUS_NOT_FOUND;
    struct ctx_scope *scope = NULL;
    if (!is_wanted(n)) {
        goto out;
    }
    scope = ctx_with_cancel(ctx);
    status = work(scope->ctx);
out:
    ctx_scope_end(scope);
    return status;
}
