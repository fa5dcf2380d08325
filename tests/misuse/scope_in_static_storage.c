/* A scope belongs to a piece of work, not to the program.
 * expect: not constant */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    static struct ctx_scope *scope = ctx_with_cancel(ctx_background()); /* HERE */
    return is_wanted(n) ? work(scope->ctx) : work(ctx);
}
