/* The context: a deadline, a cancellation and values that travel with a piece of work.
 *
 *     CTX_SCOPE(scope, ctx_with_timeout(parent, CTX_SECONDS(3)));
 *     enum status status = report_build(scope->ctx, &request, &report);
 *
 * Two types keep owner and borrower apart. `struct ctx_scope` is the owner's: whoever made it ends
 * it, once, on every path (gcc -fanalyzer reports the one that does not). `const struct ctx` is the
 * borrower's: it can be asked and waited for, not ended. Functions that may block take one first.
 *
 * Semantics are Go's (context, 1.21): a child is done when its parent is; its deadline is never
 * later than its parent's; the first cause wins and stays. cancel() kills nothing: it tells. Work
 * stops because it asks (ctx_done, ctx_checkpoint), waits (ctx_wait, ctx_sleep, ctx_done_fd) or is
 * called (ctx_after_func).
 *
 * Lifetimes: nodes are reference-counted and a child pins its parent. When its scope has ended a
 * borrowed context is valid only for those who hold a ctx_ref, and then it is done.
 *
 * Memory: when it runs out the ctx_with_* functions return a static scope that is done already
 * (cause out_of_memory, status RESOURCE_EXHAUSTED), never NULL; ending it is harmless.
 *
 * Not here: killing threads, priorities, or carrying a function's ordinary arguments. */
#ifndef WALKIE_CTX_CTX_H
#define WALKIE_CTX_CTX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/clock.h"
#include "base/status.h"
#include "ctx/cause.h"

#define CTX_MS(n) CLOCK_MS(n)
#define CTX_SECONDS(n) CLOCK_SECONDS(n)

struct ctx; /* borrowed, or counted with ctx_ref */

/* The owner's handle. Made by ctx_with_*, released by ctx_scope_end. */
struct ctx_scope {
    const struct ctx *ctx; /* the context to pass on; never NULL */
};

/* Where in the source a scope was made: for the leak registry and for messages. */
struct ctx_site {
    const char *file;
    int line;
};
#define CTX_HERE ((struct ctx_site){__FILE__, __LINE__})

/* How a cause or a deadline came to this process: over how many hops (0: it arose here; more than
 * CTX_HOPS_MAX are counted as that) and which peer brought it (ctx/peer.h; 0: not known). */
struct ctx_source {
    uint8_t hop;
    uint8_t peer;
};
enum { CTX_HOPS_MAX = UINT8_MAX };
#define CTX_SOURCE_HERE ((struct ctx_source){0, 0})

/* --- roots ---------------------------------------------------------------------------------- */

/* Never done, no deadline, no values. For main, tests and servers. */
RETURNS_NONNULL const struct ctx *ctx_background(void);

/* The same, said where a real context has still to be passed on; the detectors will report it. */
RETURNS_NONNULL const struct ctx *ctx_todo(void);

/* --- deriving ------------------------------------------------------------------------------- */

/* End the scope: its context is done (cause scope_ended unless it was done before), its children
 * too, its timer and its place under the parent are released. Exactly once a scope; accepts NULL.
 * Threads: any, but not concurrently with other uses of the same scope. */
void ctx_scope_end(struct ctx_scope *scope);

/* Fits CLEANUP; unconditional on purpose (the analyzer understands it so). */
static inline void ctx_scope_end_at(struct ctx_scope **scope)
{
    ctx_scope_end(*scope);
}
#define CTX_SCOPE(name, expression) CLEANUP(ctx_scope_end_at) struct ctx_scope *name = (expression)

/* The functions behind the macros below. `parent` is borrowed for the call and pinned afterwards.
 * Threads: any. Never NULL. */
OWNED_UNTIL(ctx_scope_end)
MUST_USE RETURNS_NONNULL struct ctx_scope *ctx_with_cancel_from(
    struct ctx_site site, const struct ctx *parent);
OWNED_UNTIL(ctx_scope_end)
MUST_USE RETURNS_NONNULL struct ctx_scope *ctx_with_deadline_from(struct ctx_site site,
    const struct ctx *parent, enum ctx_origin origin, enum ctx_cause expiry_cause,
    uint64_t deadline_ns);
OWNED_UNTIL(ctx_scope_end)
MUST_USE RETURNS_NONNULL struct ctx_scope *ctx_with_timeout_from(struct ctx_site site,
    const struct ctx *parent, enum ctx_cause expiry_cause, uint64_t timeout_ns);
OWNED_UNTIL(ctx_scope_end)
MUST_USE RETURNS_NONNULL struct ctx_scope *ctx_with_peer_deadline_from(struct ctx_site site,
    const struct ctx *parent, enum ctx_origin origin, struct ctx_source source,
    uint64_t deadline_ns);
OWNED_UNTIL(ctx_scope_end)
MUST_USE RETURNS_NONNULL struct ctx_scope *ctx_with_moving_deadline_from(
    struct ctx_site site, const struct ctx *parent, enum ctx_origin origin, uint64_t deadline_ns);
OWNED_UNTIL(ctx_scope_end)
MUST_USE RETURNS_NONNULL struct ctx_scope *ctx_without_cancel_from(
    struct ctx_site site, const struct ctx *parent);
struct ctx_key;
OWNED_UNTIL(ctx_scope_end)
MUST_USE RETURNS_NONNULL struct ctx_scope *ctx_with_value_from(
    struct ctx_site site, const struct ctx *parent, const struct ctx_key *key, const void *value);

/* A child that can be cancelled (ctx_cancel). */
#define ctx_with_cancel(parent) ctx_with_cancel_from(CTX_HERE, (parent))

/* A child with a deadline (monotonic ns; CLOCK_NEVER: only the parent's) or a timeout from now.
 * The parent's earlier deadline stays in force, with its own origin. */
#define ctx_with_deadline(parent, deadline_ns)                                                     \
    ctx_with_deadline_from(                                                                        \
        CTX_HERE, (parent), CTX_ORIGIN_CODE, CTX_CAUSE_DEADLINE_EXCEEDED, (deadline_ns))
#define ctx_with_timeout(parent, timeout_ns)                                                       \
    ctx_with_timeout_from(CTX_HERE, (parent), CTX_CAUSE_DEADLINE_EXCEEDED, (timeout_ns))

/* The same, saying which setting or header made the deadline. */
#define ctx_with_deadline_origin(parent, origin, deadline_ns)                                      \
    ctx_with_deadline_from(CTX_HERE, (parent), (origin), CTX_CAUSE_DEADLINE_EXCEEDED, (deadline_ns))

/* The same, with the cause that an expiry will give (Go's WithDeadlineCause). */
#define ctx_with_deadline_cause(parent, cause, deadline_ns)                                        \
    ctx_with_deadline_from(CTX_HERE, (parent), CTX_ORIGIN_CODE, (cause), (deadline_ns))
#define ctx_with_timeout_cause(parent, cause, timeout_ns)                                          \
    ctx_with_timeout_from(CTX_HERE, (parent), (cause), (timeout_ns))

/* The same, for a deadline that a peer has told. */
#define ctx_with_deadline_from_peer(parent, origin, source, deadline_ns)                           \
    ctx_with_peer_deadline_from(CTX_HERE, (parent), (origin), (source), (deadline_ns))

/* A child with a deadline that its owner may move, earlier and later (ctx_move_deadline). It counts
 * for all descendants, who see it where it is at each moment: in what they ask, in waits that are
 * under way, and by the timer. What else limits them stays: the earliest of all counts. Only what
 * has been told to others (a call that was sent) does not move with it. */
#define ctx_with_moving_deadline(parent, origin, deadline_ns)                                      \
    ctx_with_moving_deadline_from(CTX_HERE, (parent), (origin), (deadline_ns))

/* Keeps the values, drops deadline and cancellation: the one way to outlive the caller on purpose.
 */
#define ctx_without_cancel(parent) ctx_without_cancel_from(CTX_HERE, (parent))

/* A child in which ctx_value(key) is `value` (borrowed: it must outlive the scope and its refs).
 * A key is its address: `static const struct ctx_key TRACE_KEY = {"trace"};` */
struct ctx_key {
    const char *name;
};
#define ctx_with_value(parent, key, value) ctx_with_value_from(CTX_HERE, (parent), (key), (value))

/* Make the scope's context and all its descendants done. The first cause wins; later ones are
 * ignored. Callbacks run on the notifier thread, not here. Threads: any. */
void ctx_cancel(const struct ctx_scope *scope, enum ctx_cause cause);

/* The same, for a cancel that a peer has told. */
void ctx_cancel_from_peer(
    const struct ctx_scope *scope, enum ctx_cause cause, struct ctx_source source);

/* Move the deadline of a scope that ctx_with_moving_deadline made; CLOCK_NEVER: none of its own.
 * Returns true when the context was not done, and is now bound to the new deadline; false: it is
 * done, also because the new deadline is past. Threads: any. */
bool ctx_move_deadline(const struct ctx_scope *scope, enum ctx_origin origin, uint64_t deadline_ns);
bool ctx_move_deadline_from_peer(const struct ctx_scope *scope, enum ctx_origin origin,
    struct ctx_source source, uint64_t deadline_ns);

/* Callbacks that a cancel has made due and that have not run yet. Starts as CTX_CALLBACKS_NONE. */
struct ctx_after; /* a registration of ctx_after_func */
struct ctx_callbacks {
    struct ctx_after *first; /* guarded inside common/ctx; do not touch */
    struct ctx_after *last;
};
#define CTX_CALLBACKS_NONE                                                                         \
    {                                                                                              \
        NULL, NULL                                                                                 \
    }

/* ctx_cancel_from_peer for those in a hurry who can run callbacks themselves: they are appended to
 * `callbacks`, and this thread runs them with ctx_callbacks_run as soon as it holds no lock. It
 * saves the hand-over to the notifier, some 30 us. Threads: any; `callbacks` is one thread's own.
 */
void ctx_cancel_collect(const struct ctx_scope *scope, enum ctx_cause cause,
    struct ctx_source source, struct ctx_callbacks *callbacks);

/* Run what was collected; always call it after ctx_cancel_collect. Hold no lock. */
void ctx_callbacks_run(struct ctx_callbacks *callbacks);

/* --- asking --------------------------------------------------------------------------------- */

/* Debug builds: abort when the context has been freed. Not for users; ctx_done does it. */
void ctx_check_live(const struct ctx *ctx);

/* Whether somebody has told us to stop: one atomic load, of the word that a context begins with; an
 * expiry shows when its timer fired. */
static inline bool ctx_done(const struct ctx *ctx)
{
#ifndef NDEBUG
    ctx_check_live(ctx);
#endif
    const _Atomic uint32_t *cause = (const void *)ctx;
    return atomic_load_explicit(cause, memory_order_acquire) != CTX_CAUSE_NONE;
}

/* OK, or the status of the cause. Reads the clock too, so that an expiry shows even when the timer
 * thread is starved; the context is then done for everybody. */
enum status ctx_err(const struct ctx *ctx);

/* CTX_CAUSE_NONE while it is not done. Reads the clock like ctx_err. */
enum ctx_cause ctx_cause(const struct ctx *ctx);

/* Monotonic ns of the deadline in force, CLOCK_NEVER when there is none. */
uint64_t ctx_deadline_ns(const struct ctx *ctx);

/* ns until the deadline: 0 when it is past, CLOCK_NEVER when there is none. */
uint64_t ctx_remaining_ns(const struct ctx *ctx);

/* Who set the deadline in force; CTX_ORIGIN_NONE when there is none. */
enum ctx_origin ctx_deadline_origin(const struct ctx *ctx);

/* How that deadline and that cause came to this process. Zeros when there is none. */
struct ctx_source ctx_deadline_source(const struct ctx *ctx);
struct ctx_source ctx_cause_source(const struct ctx *ctx);
static inline unsigned int ctx_deadline_hop(const struct ctx *ctx)
{
    return ctx_deadline_source(ctx).hop;
}
static inline unsigned int ctx_cause_hop(const struct ctx *ctx)
{
    return ctx_cause_source(ctx).hop;
}

/* When the context became done (monotonic ns), 0 while it is not. */
uint64_t ctx_done_at_ns(const struct ctx *ctx);

/* The nearest value under the key, NULL when there is none. Borrowed. */
const void *ctx_value(const struct ctx *ctx, const struct ctx_key *key);

/* Whether `ctx` is `ancestor` or derives from it (without_cancel ends the line of descent). */
bool ctx_descends_from(const struct ctx *ctx, const struct ctx *ancestor);

/* The same, but going on through without_cancel: whether `ctx` was made from `ancestor`, be it to
 * outlive it on purpose. For the detached-call detector (obs/detached.h). */
bool ctx_stems_from(const struct ctx *ctx, const struct ctx *ancestor);

/* --- waiting -------------------------------------------------------------------------------- */

/* Block until done, or until `limit_ns` (monotonic) is reached. Returns ctx_err: OK at the limit.
 */
enum status ctx_wait_until(const struct ctx *ctx, uint64_t limit_ns);

/* Block until done. Returns its status, never OK. Never call it on a context without an end. */
enum status ctx_wait(const struct ctx *ctx);

/* Sleep, unless told to stop. OK after the whole duration, else ctx_err at once. */
MUST_USE enum status ctx_sleep(const struct ctx *ctx, uint64_t duration_ns);

/* An eventfd that becomes readable when the context is done, for poll and epoll; made on first use,
 * owned by the context, closed with its last reference; do not read or close it.
 * Errors: -1 when no descriptor can be had. */
int ctx_done_fd(const struct ctx *ctx);

/* --- being told ----------------------------------------------------------------------------- */

/* Runs once, with no lock held, on the notifier thread or on one that cancels with
 * ctx_cancel_collect. Must not block. May end scopes and start after_funcs. Functions of different
 * registrations may run at the same time: two that ctx_stop_wait for each other never end. */
typedef void ctx_after_fn(void *arg);

/* Have `function(arg)` run once when `ctx` is done; if it is done already, soon. It never runs
 * inside this call.
 *
 * Ownership: pins ctx; `arg` is borrowed until the registration is given back. Give it back with
 *            ctx_stop or ctx_stop_wait, exactly once, whether the function has run or not.
 * Threads:   any.
 * Errors:    NULL when out of memory or threads (the function never runs). */
MUST_USE struct ctx_after *ctx_after_func(const struct ctx *ctx, ctx_after_fn *function, void *arg);

/* Give the registration back. Returns true when it won: the function has not run and never will.
 * False: it has run or is running now, and may still use `arg`. Accepts NULL (true). Does not
 * block. Threads: any. */
bool ctx_stop(struct ctx_after *after);

/* The same, and waits for a function that is running, so that `arg` may be freed. Called from the
 * function itself it does not wait for itself. */
bool ctx_stop_wait(struct ctx_after *after);

/* --- references ----------------------------------------------------------------------------- */

/* Hold the context beyond its scope's end (it is then done). Returns ctx. Threads: any. */
RETURNS_NONNULL const struct ctx *ctx_ref(const struct ctx *ctx);
void ctx_unref(const struct ctx *ctx); /* accepts NULL */

#endif
