/* CTX_SCOPE ends it once more, at the end of the block.
 * expect: -Wanalyzer-double-free */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    CTX_SCOPE(scope, ctx_with_cancel(ctx));
    enum status status = work(scope->ctx);
    if (is_wanted(n)) {
        ctx_scope_end(scope);
    }
    return status;
}
