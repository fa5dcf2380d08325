/* The label that everything jumps to lies after the end.
 * expect: -Wanalyzer-malloc-leak */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    enum status status = STATUS_NOT_FOUND;
    struct ctx_scope *scope = ctx_without_cancel(ctx);
    if (!is_wanted(n)) {
        goto out;
    }
    status = work(scope->ctx);
    ctx_scope_end(scope);
out:
    return status; /* HERE */
}
