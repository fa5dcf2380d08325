/* The second of two scopes is lost where only the first is ended.
 * expect: -Wanalyzer-malloc-leak */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    struct ctx_scope *outer = ctx_with_cancel(ctx);
    struct ctx_scope *inner = ctx_with_timeout(outer->ctx, CTX_MS(300));
    enum status status = work(inner->ctx);
    if (is_wanted(n)) {
        ctx_scope_end(outer);
        return status; /* HERE */
    }
    ctx_scope_end(inner);
    ctx_scope_end(outer);
    return status;
}
