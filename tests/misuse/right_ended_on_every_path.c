/* By hand, once on each path.
 * expect: nothing */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    struct ctx_scope *scope = ctx_with_cancel(ctx);
    if (!is_wanted(n)) {
        ctx_scope_end(scope);
        return STATUS_NOT_FOUND;
    }
    enum status status = work(scope->ctx);
    ctx_scope_end(scope);
    return status;
}
