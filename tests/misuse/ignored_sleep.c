/* A sleep that was cut short looks like one that was not.
 * expect: -Wunused-result */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    while (is_wanted(n)) {
        ctx_sleep(ctx, CTX_MS(20)); /* HERE */
    }
    return work(ctx);
}
