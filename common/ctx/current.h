/* The handler's context of this thread: set by the server around a handler, carried over by groups.
 * It serves the detached-call detector and nothing else; passing contexts is done by arguments. */
#ifndef WALKIE_CTX_CURRENT_H
#define WALKIE_CTX_CURRENT_H

#include "ctx/ctx.h"

/* Set this thread's handler context (NULL: none); returns the one before, to be put back. */
const struct ctx *ctx_current_set(const struct ctx *ctx);

/* This thread's handler context, NULL outside a handler. Borrowed. */
const struct ctx *ctx_current(void);

#endif
