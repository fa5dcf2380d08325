/* A function that wants a context which is not const gets none.
 * expect: -Wdiscarded-qualifiers */
#include "program.h"

enum status impatient(struct ctx *ctx);

enum status program(const struct ctx *ctx, int n)
{
    CTX_SCOPE(scope, ctx_with_cancel(ctx));
    return is_wanted(n) ? impatient(scope->ctx) : STATUS_OK; /* HERE */
}
