/* A key is its address: two equal texts would be one key, or two.
 * expect: -Wincompatible-pointer-types */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    CTX_SCOPE(scope, ctx_with_value(ctx, "n", &n)); /* HERE */
    return work(scope->ctx);
}
