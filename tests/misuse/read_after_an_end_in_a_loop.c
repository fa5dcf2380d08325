/* The turn after the one that ended the scope uses it.
 * expect: -Wanalyzer-use-after-free */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    struct ctx_scope *scope = ctx_with_cancel(ctx);
    enum status status = STATUS_OK;
    do {
        status = work(scope->ctx); /* HERE */
        ctx_scope_end(scope);
    } while (is_wanted(n));
    return status;
}
