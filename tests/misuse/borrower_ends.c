/* A borrower has no owner's handle: its context cannot be ended.
 * expect: -Wincompatible-pointer-types */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    enum status status = work(ctx);
    if (is_wanted(n)) {
        ctx_scope_end(ctx); /* HERE */
    }
    return status;
}
