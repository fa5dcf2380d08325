/* Made before the loop, ended in each turn.
 * expect: -Wanalyzer-double-free */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    struct ctx_scope *scope = ctx_with_cancel(ctx);
    do {
        ctx_scope_end(scope); /* HERE */
        n--;
    } while (is_wanted(n));
    return STATUS_OK;
}
