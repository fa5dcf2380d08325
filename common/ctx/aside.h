/* A step of a library that listens to nobody, run aside: on a thread that goes on alone when the
 * context ends first.
 *
 *     struct step *step = ...;                          all that it needs, nothing borrowed
 *     status = ctx_aside(ctx, step_run, step_free, step);
 *     if (status == STATUS_OK) { it has run; step is ours again: look at it, step_free(step) }
 *     else { told to stop: step_free(step) will be called when it has run }
 *
 * Whoever waits leaves within the time of a wake-up. What is left behind is bounded: when
 * CTX_ASIDE_LEFT_MAX go on alone, the next step runs on the caller's own thread and is waited for.
 * A process that ends gives them a little time with ctx_aside_drain.
 *
 * Not here: work that can listen (ctx/group.h), or work whose result is wanted later. */
#ifndef WALKIE_CTX_ASIDE_H
#define WALKIE_CTX_ASIDE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "ctx/ctx.h"

enum { CTX_ASIDE_LEFT_MAX = 4 }; /* steps that go on alone, in the whole process */

/* `is_left` becomes true when nobody waits any more; a step that can stop half-way may look at it.
 * NULL: it runs on the caller's own thread, where it may use what is the caller's. */
typedef void ctx_aside_run_fn(void *arg, const _Atomic bool *is_left);
typedef void ctx_aside_release_fn(void *arg);

/* Call run(arg) and wait for it or for the end of ctx.
 *
 * Ownership: OK: `arg` is the caller's. Else it has been given away: release(arg) is called once,
 *            on the other thread as soon as run(arg) has returned, or here when it never ran.
 * Threads:   any. Away from the caller's thread both functions must not use the context or anything
 * else of the caller's. Errors:    the context's, also at once. Never fails for want of memory or
 * threads: the step then runs here. */
MUST_USE enum status ctx_aside(
    const struct ctx *ctx, ctx_aside_run_fn *run, ctx_aside_release_fn *release, void *arg);

/* Steps that go on alone now. */
unsigned int ctx_aside_left(void);

/* Wait until there are none. Errors: the context's. For the end of a process. */
enum status ctx_aside_drain(const struct ctx *ctx);

#endif
