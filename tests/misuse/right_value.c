/* A value that lives longer than the scope which carries it.
 * expect: nothing */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    static const struct ctx_key KEY = {"n"};
    CTX_SCOPE(scope, ctx_with_value(ctx, &KEY, &n));
    const int *there = ctx_value(scope->ctx, &KEY);
    return there != NULL && is_wanted(*there) ? work(scope->ctx) : STATUS_NOT_FOUND;
}
