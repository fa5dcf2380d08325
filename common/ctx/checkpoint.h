/* Checkpoints: where long work listens. One call polls the context, records the stage that the
 * work has reached, and feeds progress to whoever watches.
 *
 *     for (size_t row = 0; row < n_rows; row++) {
 *         status = ctx_checkpoint(ctx, "render", row, n_rows);
 *         if (status != STATUS_OK) {
 *             return status;
 *         }
 *
 * The watch is a context value that the server sets for each call; without one a checkpoint only
 * polls. Stage names are string literals. */
#ifndef WALKIE_CTX_CHECKPOINT_H
#define WALKIE_CTX_CHECKPOINT_H

#include <stdatomic.h>
#include <stdint.h>

#include "ctx/ctx.h"

/* What a call's checkpoints have told so far. Atomic: the detectors and END read it at any time. */
struct ctx_watch {
    _Atomic(const char *) stage; /* a literal; NULL before the first checkpoint */
    _Atomic uint64_t done;
    _Atomic uint64_t total;        /* 0: unknown */
    _Atomic(const char *) section; /* a literal; NULL: none noted */
    _Atomic uint32_t page;         /* from 1; 0: none noted */
    _Atomic uint64_t n_polls;
    _Atomic uint64_t last_poll_ns; /* monotonic; of the last checkpoint */
    /* Called by the polling thread at every checkpoint when set; must be quick; it rate-limits. */
    void (*on_progress)(void *arg, const char *stage, uint64_t done, uint64_t total);
    void *arg;
};

extern const struct ctx_key CTX_WATCH_KEY;

/* ctx_err(ctx), after recording stage, done and total in the context's watch. Threads: any. */
MUST_USE enum status ctx_checkpoint(
    const struct ctx *ctx, const char *stage, uint64_t done, uint64_t total);

/* Note which part of what it makes the work is at; the next checkpoint tells it along. `section` is
 * a literal. Threads: any. */
void ctx_note_section(const struct ctx *ctx, const char *section);
void ctx_note_page(const struct ctx *ctx, uint32_t page);

#endif
