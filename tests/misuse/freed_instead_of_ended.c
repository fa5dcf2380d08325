/* free() is not the end of a scope.
 * expect: -Wmismatched-dealloc|-Wanalyzer-mismatching-deallocation */
#include <stdlib.h>

#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    struct ctx_scope *scope = ctx_with_cancel(ctx);
    enum status status = work(scope->ctx);
    free(scope); /* HERE */
    return is_wanted(n) ? status : STATUS_OK;
}
