/* A context cannot be copied.
 * expect: incomplete type|undefined type|size of also: -Wunused-variable|-Wreturn-type */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    (void)n;
    struct ctx copy = *ctx; /* HERE */
    return work(&copy);
}
