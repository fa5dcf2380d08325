/* Questions to a context. Nothing here takes a lock, except through an expiry that a question
 * discovers. */
#include <stddef.h>

#include "ctx/node.h"

void ctx_check_live(const struct ctx *ctx)
{
    (void)node_of(ctx);
}

enum ctx_cause ctx_cause(const struct ctx *ctx)
{
    struct ctx *node = node_of(ctx);
    enum ctx_cause cause = node_cause(node);
    if (cause != CTX_CAUSE_NONE || (node->deadline_ns == CLOCK_NEVER && node->moving == NULL)) {
        return cause;
    }
    return node_cause_at(node, clock_now_ns());
}

enum status ctx_err(const struct ctx *ctx)
{
    return ctx_cause_status(ctx_cause(ctx));
}

uint64_t ctx_deadline_ns(const struct ctx *ctx)
{
    return node_deadline_ns(node_of(ctx));
}

uint64_t ctx_remaining_ns(const struct ctx *ctx)
{
    uint64_t deadline_ns = node_deadline_ns(node_of(ctx));
    if (deadline_ns == CLOCK_NEVER) {
        return CLOCK_NEVER;
    }
    uint64_t now_ns = clock_now_ns();
    return now_ns < deadline_ns ? deadline_ns - now_ns : 0;
}

static uint32_t node_origin(const struct ctx *ctx)
{
    const struct ctx *node = node_of(ctx);
    uint32_t origin = node->origin;
    if (UNLIKELY(node->moving != NULL)) {
        (void)moving_deadline(node, &origin);
    }
    return origin;
}

enum ctx_origin ctx_deadline_origin(const struct ctx *ctx)
{
    return (enum ctx_origin)fact_what(node_origin(ctx));
}

struct ctx_source ctx_deadline_source(const struct ctx *ctx)
{
    return fact_source(node_origin(ctx));
}

struct ctx_source ctx_cause_source(const struct ctx *ctx)
{
    return fact_source(node_end(node_of(ctx)));
}

uint64_t ctx_done_at_ns(const struct ctx *ctx)
{
    const struct ctx *node = node_of(ctx);
    if (node_cause(node) == CTX_CAUSE_NONE) {
        return 0;
    }
    return atomic_load_explicit(&node->done_at_ns, memory_order_relaxed);
}

const void *ctx_value(const struct ctx *ctx, const struct ctx_key *key)
{
    const struct ctx *node = node_of(ctx)->values;
    while (node != NULL && node->pair.key != key) {
        node = node->parent->values;
    }
    return node == NULL ? NULL : node->pair.value;
}

bool ctx_descends_from(const struct ctx *ctx, const struct ctx *ancestor)
{
    const struct ctx *node = node_of(ctx);
    while (node != ancestor && node != NULL && !node->is_detached) {
        node = node->parent;
    }
    return node == ancestor;
}

bool ctx_stems_from(const struct ctx *ctx, const struct ctx *ancestor)
{
    const struct ctx *node = node_of(ctx);
    while (node != ancestor && node != NULL) {
        node = node->parent;
    }
    return node == ancestor;
}
