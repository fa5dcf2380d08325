/* The duration stands where the context should.
 * expect: -Wint-conversion */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    enum status status = ctx_sleep(CTX_MS(20), ctx); /* HERE */
    return is_wanted(n) ? status : STATUS_OK;
}
