#include "ctx/checkpoint.h"

#include <stddef.h>

#include "ctx/node.h"

const struct ctx_key CTX_WATCH_KEY = {"watch"};

/* Values are const for those they pass by; the watch's maker handed it out to be written. */
static struct ctx_watch *watch_of(const struct ctx *ctx)
{
    return (struct ctx_watch *)ctx_value(ctx, &CTX_WATCH_KEY);
}

void ctx_note_section(const struct ctx *ctx, const char *section)
{
    struct ctx_watch *watch = watch_of(ctx);
    if (watch != NULL) {
        atomic_store_explicit(&watch->section, section, memory_order_relaxed);
    }
}

void ctx_note_page(const struct ctx *ctx, uint32_t page)
{
    struct ctx_watch *watch = watch_of(ctx);
    if (watch != NULL) {
        atomic_store_explicit(&watch->page, page, memory_order_relaxed);
    }
}

enum status ctx_checkpoint(const struct ctx *ctx, const char *stage, uint64_t done, uint64_t total)
{
    uint64_t now_ns = clock_now_ns();
    struct ctx_watch *watch = watch_of(ctx);
    if (watch != NULL) {
        atomic_store_explicit(&watch->stage, stage, memory_order_relaxed);
        atomic_store_explicit(&watch->done, done, memory_order_relaxed);
        atomic_store_explicit(&watch->total, total, memory_order_relaxed);
        atomic_store_explicit(&watch->last_poll_ns, now_ns, memory_order_relaxed);
        atomic_fetch_add_explicit(&watch->n_polls, 1, memory_order_relaxed);
        if (watch->on_progress != NULL) {
            watch->on_progress(watch->arg, stage, done, total);
        }
    }
    return ctx_cause_status(node_cause_at(node_of(ctx), now_ns));
}
