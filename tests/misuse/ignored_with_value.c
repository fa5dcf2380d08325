/* The author believes that it adds the value to ctx.
 * expect: -Wunused-result */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    static const struct ctx_key KEY = {"n"};
    ctx_with_value(ctx, &KEY, &n); /* HERE */
    return work(ctx);
}
