/* A group without an owner.
 * expect: -Wunused-result */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    (void)n;
    ctx_group_new(ctx); /* HERE */
    return work(ctx);
}
