/* The tree: roots, deriving, ending. Cancelling is in cancel.c.
 *
 * Lock order: one node's lock at a time here. */
#include <stddef.h>

#include "ctx/node.h"

/* How old clock_recent_ns() may be when the machine is well: a generous number of kernel ticks. */
#define RECENT_NS_MAX CLOCK_MS(100)

#define STATIC_NODE(node, node_cause, at_ns)                                                       \
    {                                                                                              \
        .magic = NODE_MAGIC, .references = 1, .cause = (node_cause), .done_fd = -1,                \
        .done_at_ns = (at_ns), .is_static = true, .deadline_ns = CLOCK_NEVER,                      \
        .deadline_owner = &(node), .scope = {                                                      \
            .ctx = &(node)                                                                         \
        }                                                                                          \
    }

static struct ctx background = STATIC_NODE(background, CTX_CAUSE_NONE, 0);
static struct ctx todo = STATIC_NODE(todo, CTX_CAUSE_NONE, 0);
struct ctx CTX_OUT_OF_MEMORY = STATIC_NODE(CTX_OUT_OF_MEMORY, CTX_CAUSE_OUT_OF_MEMORY, 1);

const struct ctx *ctx_background(void)
{
    return &background;
}

const struct ctx *ctx_todo(void)
{
    return &todo;
}

const struct ctx *ctx_ref(const struct ctx *ctx)
{
    node_ref(node_of(ctx));
    return ctx;
}

void ctx_unref(const struct ctx *ctx)
{
    if (ctx != NULL) {
        node_unref(node_of(ctx));
    }
}

/* --- deriving ------------------------------------------------------------------------------- */

static void node_on_deadline(void *arg)
{
    struct ctx *node = arg;
    tree_cancel(node, (struct ending){node->expiry_cause, clock_now_ns(), NULL});
    node_unref(node);
}

/* A node that inherits from `parent` and is not linked yet. NULL when out of memory. */
struct ctx *node_new(struct ctx_site site, struct ctx *parent, uint64_t recent_ns)
{
    struct ctx *node = node_alloc();
    if (UNLIKELY(node == NULL)) {
        return NULL;
    }
    node->magic = NODE_MAGIC;
    atomic_init(&node->lock.word, 0);
    atomic_init(&node->references, 1);
    node->n_pins = 0;
    atomic_init(&node->is_inner, false);
    atomic_init(&node->cause, CTX_CAUSE_NONE);
    atomic_init(&node->done_fd, -1);
    node->children = NULL;
    node->listeners = NULL;
    node->sibling = NULL;
    node->sibling_link = NULL;
    node->parent = parent;
    node->is_static = false;
    node->is_detached = false;
    node->is_moving = false;
    node->origin = parent->origin;
    node->expiry_cause = CTX_CAUSE_NONE;
    node->deadline_owner = parent->deadline_owner;
    node->deadline_ns = parent->deadline_ns;
    node->moving = parent->moving;
    node->values = parent->values;
    node->scope.ctx = node;
    node->is_armed = false;
    atomic_store_explicit(&node->line, site.line, memory_order_relaxed);
    atomic_store_explicit(&node->made_ns, recent_ns, memory_order_relaxed);
    atomic_store_explicit(&node->done_at_ns, 0, memory_order_relaxed);
    atomic_store_explicit(&node->above, parent->is_static ? NULL : parent, memory_order_relaxed);
    /* Last: who sees the file sees what belongs to it. */
    atomic_store_explicit(&node->file, site.file, memory_order_release);
    return node;
}

/* Take over that the parent is done. The node is not shared yet. */
static void node_inherit_end(struct ctx *node, const struct ctx *parent)
{
    atomic_store_explicit(&node->done_at_ns,
        atomic_load_explicit(&parent->done_at_ns, memory_order_relaxed), memory_order_relaxed);
    atomic_store_explicit(&node->cause, node_end(parent), memory_order_relaxed);
}

/* A parent's end reaches the node from here on. Returns whether it is still to become done. */
bool node_attach(struct ctx *node)
{
    struct ctx *parent = node->parent;
    if (parent->is_static) {
        if (UNLIKELY(node_end(parent) != CTX_CAUSE_NONE)) {
            node_inherit_end(node, parent);
            return false;
        }
        return true;
    }
    word_lock(&parent->lock);
    node_pin(parent);
    bool is_done = node_end(parent) != CTX_CAUSE_NONE;
    if (UNLIKELY(is_done)) {
        node_inherit_end(node, parent);
    } else {
        node->sibling = parent->children;
        node->sibling_link = &parent->children;
        if (node->sibling != NULL) {
            node->sibling->sibling_link = &node->sibling;
        }
        parent->children = node;
        atomic_store_explicit(&parent->is_inner, true, memory_order_relaxed);
    }
    word_unlock(&parent->lock);
    return !is_done;
}

struct ctx_scope *ctx_with_cancel_from(struct ctx_site site, const struct ctx *parent)
{
    struct ctx *node = node_new(site, node_of(parent), clock_recent_ns());
    if (UNLIKELY(node == NULL)) {
        return &CTX_OUT_OF_MEMORY.scope;
    }
    node_attach(node);
    return &node->scope;
}

/* Whether a deadline is past. The exact time costs four times as much as the recent one, and is
 * asked for only when the recent one leaves doubt. */
static bool deadline_is_past(uint64_t deadline_ns, uint64_t recent_ns)
{
    return deadline_ns <= recent_ns + RECENT_NS_MAX && deadline_ns <= clock_now_ns();
}

/* The one behind all deadlines that do not move. `recent_ns` may be as old as clock_recent_ns. */
static struct ctx_scope *with_deadline(struct ctx_site site, const struct ctx *parent,
    uint32_t origin, enum ctx_cause expiry_cause, uint64_t deadline_ns, uint64_t recent_ns)
{
    struct ctx *node = node_new(site, node_of(parent), recent_ns);
    if (UNLIKELY(node == NULL)) {
        return &CTX_OUT_OF_MEMORY.scope;
    }
    if (deadline_ns >= parent->deadline_ns) {
        node_attach(node);
        return &node->scope;
    }
    node->deadline_ns = deadline_ns;
    node->deadline_owner = node;
    node->origin = origin;
    node->expiry_cause =
        (uint8_t)(expiry_cause == CTX_CAUSE_NONE ? CTX_CAUSE_DEADLINE_EXCEEDED : expiry_cause);
    if (UNLIKELY(deadline_is_past(deadline_ns, recent_ns))) {
        node_attach(node);
        tree_cancel(node, (struct ending){node->expiry_cause, clock_now_ns(), NULL});
        return &node->scope;
    }
    /* The armed timer holds a reference: it may fire while the scope is being ended. */
    atomic_store_explicit(&node->references, 2, memory_order_relaxed);
    node->is_armed = true;
    if (UNLIKELY(!node_attach(node))) {
        node->is_armed = false;
        node_unref(node);
        return &node->scope;
    }
    ctx_timer_init(&node->deadline.timer, node_on_deadline, node);
    ctx_timer_start(&node->deadline.timer, deadline_ns);
    return &node->scope;
}

struct ctx_scope *ctx_with_deadline_from(struct ctx_site site, const struct ctx *parent,
    enum ctx_origin origin, enum ctx_cause expiry_cause, uint64_t deadline_ns)
{
    return with_deadline(site, parent, origin, expiry_cause, deadline_ns, clock_recent_ns());
}

struct ctx_scope *ctx_with_timeout_from(struct ctx_site site, const struct ctx *parent,
    enum ctx_cause expiry_cause, uint64_t timeout_ns)
{
    uint64_t now_ns = clock_now_ns(); /* read once for both uses */
    return with_deadline(
        site, parent, CTX_ORIGIN_CODE, expiry_cause, clock_add_ns(now_ns, timeout_ns), now_ns);
}

struct ctx_scope *ctx_with_peer_deadline_from(struct ctx_site site, const struct ctx *parent,
    enum ctx_origin origin, struct ctx_source source, uint64_t deadline_ns)
{
    return with_deadline(site, parent, fact_make(origin, source), CTX_CAUSE_DEADLINE_EXCEEDED,
        deadline_ns, clock_recent_ns());
}

struct ctx_scope *ctx_without_cancel_from(struct ctx_site site, const struct ctx *parent)
{
    struct ctx *node = node_new(site, node_of(parent), clock_recent_ns());
    if (UNLIKELY(node == NULL)) {
        return &CTX_OUT_OF_MEMORY.scope;
    }
    node->is_detached = true;
    atomic_store_explicit(&node->above, NULL, memory_order_relaxed);
    node->moving = NULL;
    node->deadline_ns = CLOCK_NEVER;
    node->deadline_owner = node;
    node->origin = CTX_ORIGIN_NONE;
    if (!node->parent->is_static) {
        word_lock(&node->parent->lock);
        node_pin(node->parent);
        word_unlock(&node->parent->lock);
    }
    return &node->scope;
}

struct ctx_scope *ctx_with_value_from(
    struct ctx_site site, const struct ctx *parent, const struct ctx_key *key, const void *value)
{
    struct ctx *node = node_new(site, node_of(parent), clock_recent_ns());
    if (UNLIKELY(node == NULL)) {
        return &CTX_OUT_OF_MEMORY.scope;
    }
    node->pair = (struct node_pair){key, value};
    node->values = node;
    node_attach(node);
    return &node->scope;
}

/* --- ending --------------------------------------------------------------------------------- */

/* Take the node out of its parent's children, if the canceller has not done it. */
static void node_unlink(struct ctx *node)
{
    if (node->sibling_link != NULL) {
        *node->sibling_link = node->sibling;
        if (node->sibling != NULL) {
            node->sibling->sibling_link = node->sibling_link;
        }
        node->sibling_link = NULL;
    }
}

/* Whether nobody but the owner can see the node. The last of the others to let go is seen whole. */
static bool node_is_sole(const struct ctx *node, uint32_t n_own)
{
    return atomic_load_explicit(&node->references, memory_order_acquire) == n_own;
}

void ctx_scope_end(struct ctx_scope *scope)
{
    if (scope == NULL || scope == &CTX_OUT_OF_MEMORY.scope) {
        return;
    }
    struct ctx *node = CONTAINER_OF(scope, struct ctx, scope);
    assert(node->magic == NODE_MAGIC && scope->ctx == node && "a scope is ended twice");
    atomic_store_explicit(&node->file, NULL, memory_order_relaxed);
#ifndef NDEBUG
    /* A later use through this handle faults; holders of a reference keep the node itself. */
    scope->ctx = NULL;
#endif
    bool has_timer_reference = UNLIKELY(node->is_moving)
                                   ? moving_stop(node)
                                   : node->is_armed && ctx_timer_stop(&node->deadline.timer);
    uint32_t n_own = has_timer_reference ? 2 : 1;
    struct ctx *parent = node->parent;
    bool is_unpinned = false;
    bool is_sole;
    if (parent->is_static) {
        is_sole = node_is_sole(node, n_own);
    } else {
        word_lock(&parent->lock);
        node_unlink(node);
        is_sole = node_is_sole(node, n_own);
        is_unpinned = is_sole && node_unpin(parent);
        word_unlock(&parent->lock);
    }
    if (LIKELY(is_sole)) {
        /* There is nobody to tell. */
        node_free(node);
        if (is_unpinned) {
            node_unref(parent);
        }
        return;
    }
    if (has_timer_reference) {
        node_unref(node);
    }
    tree_cancel(node, (struct ending){CTX_CAUSE_SCOPE_ENDED, clock_now_ns(), NULL});
    node_unref(node);
}
