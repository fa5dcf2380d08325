/* The detached-call detector: a call that a handler makes under a context that is not its own is
 * not heard when the handler's caller leaves. Functions that reach another process or a database
 * check what they are given:
 *
 *     enum status db_begin_from(struct ctx_site site, const struct ctx *ctx, …)
 *     {
 *         detached_check(site, ctx, "sql");
 *
 *     #define db_begin(...) db_begin_from(CTX_HERE, __VA_ARGS__)
 *
 * Inside a handler (ctx/current.h; tasks of a group are inside, too) a context that does not stem
 * from the handler's logs ctx.detached with file and line of the call, at most once a place and
 * DETACHED_INTERVAL_NS, and counts in walkie_ctx_detached_total. Meaning it is said by
 * ctx_without_cancel() of the handler's context. Code that runs work of one call under a context
 * made elsewhere (a single flight) makes that context current for the time.
 *
 * Not here: stopping the call; it goes on as it would have. */
#ifndef WALKIE_OBS_DETACHED_H
#define WALKIE_OBS_DETACHED_H

#include "ctx/ctx.h"

#define DETACHED_INTERVAL_NS CLOCK_SECONDS(10) /* between two lines of one place */

/* Report a call made at `site` with `ctx` when that is detached. `what` is a literal: "rpc", "sql",
 * "http". Threads: any. Outside a handler it costs one look at a thread's variable. */
void detached_check(struct ctx_site site, const struct ctx *ctx, const char *what);

/* Show the metric before anything is counted: as 0, so that the first one is an increase. */
void detached_declare(void);

#endif
