/* A CTX_SCOPE variable is set to NULL before its end.
 * expect: -Wanalyzer-malloc-leak */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    CTX_SCOPE(scope, ctx_with_cancel(ctx));
    enum status status = work(scope->ctx);
    if (is_wanted(n)) {
        scope = NULL; /* HERE */
    }
    return status;
}
