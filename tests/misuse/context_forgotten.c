/* Work that may block is called without a context.
 * expect: too few arguments */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    (void)ctx;
    enum status status = work(); /* HERE */
    return is_wanted(n) ? status : STATUS_OK;
}
