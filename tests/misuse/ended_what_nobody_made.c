/* A scope on the stack is none of ctx_with_*'s.
 * expect: -Wfree-nonheap-object|-Wanalyzer-free-of-non-heap */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    (void)n;
    struct ctx_scope own = {ctx};
    enum status status = work(own.ctx);
    ctx_scope_end(&own); /* HERE */
    return status;
}
