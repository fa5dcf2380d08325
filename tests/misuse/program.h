/* What the programs of tests/misuse share: they are compiled, never linked or run.
 *
 *     enum status program(const struct ctx *ctx, int n)
 *     {
 *         CTX_SCOPE(scope, ctx_with_timeout(ctx, CTX_MS(300)));
 *         return work(scope->ctx);
 *     }
 *
 * Not here: bodies. What a function of another file does is what the analyzer cannot know. */
#ifndef WALKIE_MISUSE_PROGRAM_H
#define WALKIE_MISUSE_PROGRAM_H

#include <stdbool.h>

#include "ctx/checkpoint.h"
#include "ctx/ctx.h"
#include "ctx/group.h"

/* What each program defines. */
enum status program(const struct ctx *ctx, int n);

/* Something long that listens to its context. */
enum status work(const struct ctx *ctx);

/* For branches that the compiler cannot foresee. */
bool is_wanted(int n);

#endif
