/* Only the duration is said.
 * expect: too few arguments also: -Wint-conversion */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    enum status status = ctx_sleep(CTX_MS(20)); /* HERE */
    return is_wanted(n) ? status : work(ctx);
}
