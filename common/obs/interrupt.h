/* Ctrl-C for a tool: the first SIGINT or SIGTERM cancels a context, the second ends the process.
 *
 *     CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
 *     struct interrupt *interrupt = interrupt_start(scope);
 *     ... work under scope->ctx ...
 *     interrupt_stop(interrupt);
 *
 * Called from main before other threads start, so that they inherit the blocked signals.
 * Not here: services (they drain). */
#ifndef WALKIE_OBS_INTERRUPT_H
#define WALKIE_OBS_INTERRUPT_H

#include "ctx/ctx.h"

struct interrupt;

/* Borrows the scope until interrupt_stop. NULL when it could not be set up: signals then end the
 * process as they always do. */
struct interrupt *interrupt_start(const struct ctx_scope *scope);
void interrupt_stop(struct interrupt *interrupt); /* accepts NULL */

#endif
