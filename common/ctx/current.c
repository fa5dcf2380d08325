#include "ctx/current.h"

#include <stddef.h>

static _Thread_local const struct ctx *current;

const struct ctx *ctx_current_set(const struct ctx *ctx)
{
    const struct ctx *before = current;
    current = ctx;
    return before;
}

const struct ctx *ctx_current(void)
{
    return current;
}
