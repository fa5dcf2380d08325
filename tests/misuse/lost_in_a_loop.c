/* One turn of a loop goes on to the next without ending its scope.
 * expect: -Wanalyzer-malloc-leak */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    for (int i = 0; i < n; i++) {
        struct ctx_scope *scope = ctx_with_timeout(ctx, CTX_MS(300));
        if (!is_wanted(i)) {
            continue;
        }
        ctx_scope_end(scope);
    }
    return STATUS_OK; /* HERE */
}
