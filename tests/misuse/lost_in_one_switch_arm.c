/* One arm of a switch forgets the end.
 * expect: -Wanalyzer-malloc-leak */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    struct ctx_scope *scope = ctx_with_cancel(ctx);
    switch (n) {
    case 0:
        ctx_scope_end(scope);
        return STATUS_OK;
    case 1:
        return STATUS_NOT_FOUND; /* HERE */
    default:
        ctx_scope_end(scope);
        return STATUS_INTERNAL;
    }
}
