/* Asking whether to stop, and not hearing the answer.
 * expect: -Wunused-result */
#include "program.h"

enum status program(const struct ctx *ctx, int n)
{
    for (int i = 0; i < n; i++) {
        ctx_checkpoint(ctx, "render", (uint64_t)i, (uint64_t)n); /* HERE */
    }
    return STATUS_OK;
}
