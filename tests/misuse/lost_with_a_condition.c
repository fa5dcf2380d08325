/* Making and ending are under conditions that differ.
 * expect: -Wanalyzer-malloc-leak */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    struct ctx_scope *scope = NULL;
    if (n > 0) {
        scope = ctx_with_cancel(ctx);
    }
    enum status status = work(scope != NULL ? scope->ctx : ctx);
    if (n > 1) {
        ctx_scope_end(scope);
    }
    return status; /* HERE */
}
