/* Every arm ends.
 * expect: nothing */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    struct ctx_scope *scope = ctx_with_cancel(ctx);
    enum status status = STATUS_INTERNAL;
    switch (n) {
    case 0:
        ctx_scope_end(scope);
        return STATUS_OK;
    case 1:
        status = work(scope->ctx);
        break;
    default:
        break;
    }
    ctx_scope_end(scope);
    return status;
}
