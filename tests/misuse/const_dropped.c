/* A borrowed context is const and stays it.
 * expect: -Wdiscarded-qualifiers */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    (void)n;
    struct ctx *mine = ctx; /* HERE */
    return work(mine);
}
