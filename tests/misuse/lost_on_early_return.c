/* A return between the making and the end.
 * expect: -Wanalyzer-malloc-leak */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    struct ctx_scope *scope = ctx_with_cancel(ctx);
    if (!is_wanted(n)) {
        return STATUS_NOT_FOUND; /* HERE */
    }
    enum status status = work(scope->ctx);
    ctx_scope_end(scope);
    return status;
}
