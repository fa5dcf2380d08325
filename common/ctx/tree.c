/* The tree: deriving, cancelling, ending.
 *
 * Cancelling goes down without recursion. A node's children are detached under its lock; a leaf is
 * finished on the spot, and one with children or listeners of its own goes to the canceller's work
 * list with a reference. A child is detached once, so it is on one work list at most and is told
 * once, however many cancels race.
 *
 * Lock order: see node.h. */
#include <stddef.h>
#include <unistd.h>

#include "ctx/node.h"

#define STATIC_NODE(node, node_cause, at_ns)                                                       \
    {                                                                                              \
        .magic = NODE_MAGIC, .hold = HOLD_REFERENCE, .cause = (node_cause), .done_fd = -1,         \
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

/* --- references ----------------------------------------------------------------------------- */

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

static void node_close_fd(struct ctx *node)
{
    int fd = atomic_load_explicit(&node->done_fd, memory_order_relaxed);
    if (UNLIKELY(fd >= 0)) {
        close(fd);
    }
}

static bool node_drop(struct ctx *node)
{
    return !node->is_static && atomic_fetch_sub_explicit(&node->hold, HOLD_REFERENCE,
                                   memory_order_acq_rel) == HOLD_REFERENCE;
}

void node_unref(struct ctx *node)
{
    while (node != NULL && node_drop(node)) {
        struct ctx *parent = node->parent;
        node_close_fd(node);
        node_recycle(node);
        node = parent;
    }
}

/* --- cancelling ----------------------------------------------------------------------------- */

/* Make the node done; its lock is held and it was not done. */
static void node_finish(struct ctx *node, enum ctx_cause cause, uint64_t at_ns)
{
    atomic_store_explicit(&node->done_at_ns, at_ns, memory_order_relaxed);
    atomic_store_explicit(&node->cause, cause, memory_order_release);
}

static void node_tell_listeners(struct ctx *node)
{
    int fd = atomic_load_explicit(&node->done_fd, memory_order_relaxed);
    if (fd >= 0) {
        uint64_t one = 1;
        ssize_t written = write(fd, &one, sizeof one);
        assert(written == (ssize_t)sizeof one);
        (void)written;
    }
    while (node->listeners != NULL) {
        struct ctx_listener *listener = node->listeners;
        node->listeners = listener->next;
        listener->link = NULL;
        switch (listener->kind) {
        case CTX_LISTENER_WAITER:
            ctx_waiter_signal(listener);
            break;
        case CTX_LISTENER_AFTER:
            ctx_after_queue(listener);
            break;
        }
    }
}

static bool node_has_dependants(const struct ctx *node)
{
    return node->children != NULL || node->listeners != NULL ||
           atomic_load_explicit(&node->done_fd, memory_order_relaxed) >= 0;
}

/* Detach the children of a node whose lock is held; finish the leaves, return the others. */
static struct ctx *node_finish_children(
    struct ctx *node, enum ctx_cause cause, uint64_t at_ns, struct ctx *work)
{
    while (node->children != NULL) {
        struct ctx *child = node->children;
        node->children = child->sibling;
        child->sibling_link = NULL;
        node_lock(child);
        if (node_cause(child) == CTX_CAUSE_NONE) {
            if (node_has_dependants(child)) {
                node_ref(child);
                child->next_work = work;
                work = child;
            } else {
                node_finish(child, cause, at_ns);
            }
        }
        node_unlock(child);
    }
    return work;
}

void tree_cancel(struct ctx *root, enum ctx_cause cause, uint64_t at_ns)
{
    node_ref(root);
    root->next_work = NULL;
    struct ctx *work = root;
    while (work != NULL) {
        struct ctx *node = work;
        work = node->next_work;
        node_lock(node);
        if (node_cause(node) == CTX_CAUSE_NONE) {
            node_finish(node, cause, at_ns);
            node_tell_listeners(node);
            work = node_finish_children(node, cause, at_ns, work);
        }
        node_unlock(node);
        node_unref(node);
    }
}

void tree_expire(struct ctx *node, uint64_t now_ns)
{
    struct ctx *owner = node->deadline_owner;
    tree_cancel(owner, (enum ctx_cause)owner->expiry_cause, now_ns);
    /* Another thread may be on its way down from the owner: do not make the asker wait for it. */
    tree_cancel(node, (enum ctx_cause)node_cause(owner),
        atomic_load_explicit(&owner->done_at_ns, memory_order_relaxed));
}

void ctx_cancel(const struct ctx_scope *scope, enum ctx_cause cause)
{
    struct ctx *node = node_of(scope->ctx);
    if (!node->is_static) {
        tree_cancel(node, cause == CTX_CAUSE_NONE ? CTX_CAUSE_CANCELLED : cause, clock_now_ns());
    }
}

/* --- deriving ------------------------------------------------------------------------------- */

static void node_on_deadline(void *arg)
{
    struct ctx *node = arg;
    tree_cancel(node, (enum ctx_cause)node->expiry_cause, clock_now_ns());
    node_unref(node);
}

/* A node that inherits from `parent` and is not linked yet. NULL when out of memory. */
static struct ctx *node_new(struct ctx_site site, struct ctx *parent)
{
    struct ctx *node = node_alloc();
    if (UNLIKELY(node == NULL)) {
        return NULL;
    }
    node->magic = NODE_MAGIC;
    atomic_init(&node->hold, HOLD_REFERENCE);
    atomic_init(&node->cause, CTX_CAUSE_NONE);
    atomic_init(&node->done_fd, -1);
    atomic_init(&node->done_at_ns, 0);
    node->children = NULL;
    node->listeners = NULL;
    node->sibling = NULL;
    node->sibling_link = NULL;
    node->next_work = NULL;
    node->parent = parent;
    node->is_static = false;
    node->is_detached = false;
    node->origin = parent->origin;
    node->expiry_cause = CTX_CAUSE_NONE;
    node->deadline_owner = parent->deadline_owner;
    node->deadline_ns = parent->deadline_ns;
    node->values = parent->values;
    node->key = NULL;
    node->value = NULL;
    node->scope.ctx = node;
    node->is_armed = false;
    atomic_store_explicit(&node->line, site.line, memory_order_relaxed);
    atomic_store_explicit(&node->file, site.file, memory_order_relaxed);
    return node;
}

/* Take over that the parent is done. The node is not shared yet. */
static void node_inherit_end(struct ctx *node, const struct ctx *parent)
{
    atomic_store_explicit(&node->done_at_ns,
        atomic_load_explicit(&parent->done_at_ns, memory_order_relaxed), memory_order_relaxed);
    atomic_store_explicit(&node->cause, node_cause(parent), memory_order_relaxed);
}

/* Pin the parent and share the node: a parent's end reaches it from here on. Returns whether the
 * node is still to become done. */
static bool node_attach(struct ctx *node)
{
    struct ctx *parent = node->parent;
    if (parent->is_static) {
        if (UNLIKELY(node_cause(parent) != CTX_CAUSE_NONE)) {
            node_inherit_end(node, parent);
            return false;
        }
        return true;
    }
    node_lock_and_add(parent, HOLD_REFERENCE);
    bool is_done = node_cause(parent) != CTX_CAUSE_NONE;
    if (UNLIKELY(is_done)) {
        node_inherit_end(node, parent);
    } else {
        node->sibling = parent->children;
        node->sibling_link = &parent->children;
        if (node->sibling != NULL) {
            node->sibling->sibling_link = &node->sibling;
        }
        parent->children = node;
    }
    node_unlock(parent);
    return !is_done;
}

struct ctx_scope *ctx_with_cancel_from(struct ctx_site site, const struct ctx *parent)
{
    struct ctx *node = node_new(site, node_of(parent));
    if (UNLIKELY(node == NULL)) {
        return &CTX_OUT_OF_MEMORY.scope;
    }
    node_attach(node);
    return &node->scope;
}

struct ctx_scope *ctx_with_deadline_from(struct ctx_site site, const struct ctx *parent,
    enum ctx_origin origin, enum ctx_cause expiry_cause, uint64_t deadline_ns)
{
    struct ctx *node = node_new(site, node_of(parent));
    if (UNLIKELY(node == NULL)) {
        return &CTX_OUT_OF_MEMORY.scope;
    }
    if (deadline_ns >= parent->deadline_ns) {
        node_attach(node);
        return &node->scope;
    }
    node->deadline_ns = deadline_ns;
    node->deadline_owner = node;
    node->origin = (uint8_t)origin;
    node->expiry_cause =
        (uint8_t)(expiry_cause == CTX_CAUSE_NONE ? CTX_CAUSE_DEADLINE_EXCEEDED : expiry_cause);
    if (!node_attach(node)) {
        return &node->scope;
    }
    uint64_t now_ns = clock_now_ns();
    if (UNLIKELY(now_ns >= deadline_ns)) {
        tree_cancel(node, (enum ctx_cause)node->expiry_cause, now_ns);
        return &node->scope;
    }
    /* The armed timer holds a reference: it may fire while the scope is being ended. */
    node_ref(node);
    node->is_armed = true;
    ctx_timer_init(&node->timer, node_on_deadline, node);
    ctx_timer_start(&node->timer, deadline_ns);
    return &node->scope;
}

struct ctx_scope *ctx_without_cancel_from(struct ctx_site site, const struct ctx *parent)
{
    struct ctx *node = node_new(site, node_of(parent));
    if (UNLIKELY(node == NULL)) {
        return &CTX_OUT_OF_MEMORY.scope;
    }
    node->is_detached = true;
    node->deadline_ns = CLOCK_NEVER;
    node->deadline_owner = node;
    node->origin = CTX_ORIGIN_NONE;
    node_ref(node->parent);
    return &node->scope;
}

struct ctx_scope *ctx_with_value_from(
    struct ctx_site site, const struct ctx *parent, const struct ctx_key *key, const void *value)
{
    struct ctx *node = node_new(site, node_of(parent));
    if (UNLIKELY(node == NULL)) {
        return &CTX_OUT_OF_MEMORY.scope;
    }
    node->key = key;
    node->value = value;
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

static bool node_is_sole(const struct ctx *node, uint32_t n_own)
{
    return atomic_load_explicit(&node->hold, memory_order_acquire) == n_own * HOLD_REFERENCE;
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
    bool has_timer_reference = node->is_armed && ctx_timer_stop(&node->timer);
    uint32_t n_own = has_timer_reference ? 2 : 1;
    struct ctx *parent = node->parent;
    if (parent->is_static) {
        if (node_is_sole(node, n_own)) {
            node_close_fd(node);
            node_recycle(node);
            return;
        }
    } else {
        node_lock(parent);
        node_unlink(node);
        if (node_is_sole(node, n_own)) {
            /* Nobody else can see the node: there is nobody to tell. */
            bool was_last = node_unlock_and_drop(parent, HOLD_REFERENCE);
            node_close_fd(node);
            node_recycle(node);
            if (was_last) {
                struct ctx *above = parent->parent;
                node_close_fd(parent);
                node_recycle(parent);
                node_unref(above);
            }
            return;
        }
        node_unlock(parent);
    }
    if (has_timer_reference) {
        node_unref(node);
    }
    tree_cancel(node, CTX_CAUSE_SCOPE_ENDED, clock_now_ns());
    node_unref(node);
}
