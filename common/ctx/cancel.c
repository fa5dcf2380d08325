/* Cancelling.
 *
 * It goes down without recursion. A node's children are detached under its lock; a leaf is finished
 * on the spot, any other goes to the canceller's work list with a reference. A child is detached
 * once, so it is on one list at a time, its parent's and then one canceller's, and is told once,
 * however many cancels race.
 *
 * Lock order: a node's lock, then its child's, then the notifier's. */
#include <stddef.h>
#include <unistd.h>

#include "ctx/node.h"

/* Make the node done; its lock is held and it was not done. */
static void node_finish(struct ctx *node, uint32_t cause, uint64_t at_ns)
{
    atomic_store_explicit(&node->done_at_ns, at_ns, memory_order_relaxed);
    atomic_store_explicit(&node->cause, cause, memory_order_release);
}

static void node_tell_listeners(struct ctx *node, struct ctx_callbacks *callbacks)
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
            ctx_after_queue(listener, callbacks);
            break;
        }
    }
}

/* Detach the children of a node whose lock is held; finish the leaves, return the others. */
static struct ctx *node_finish_children(
    struct ctx *node, uint32_t cause, uint64_t at_ns, struct ctx *work)
{
    while (node->children != NULL) {
        struct ctx *child = node->children;
        node->children = child->sibling;
        child->sibling_link = NULL;
        if (!atomic_load_explicit(&child->is_inner, memory_order_relaxed)) {
            word_lock(&child->lock);
            bool is_leaf = !atomic_load_explicit(&child->is_inner, memory_order_relaxed);
            if (is_leaf && node_cause(child) == CTX_CAUSE_NONE) {
                node_finish(child, cause, at_ns);
            }
            word_unlock(&child->lock);
            if (is_leaf) {
                continue;
            }
        }
        /* Safe without the child's lock: its owner must take ours before it lets go of it. */
        node_ref(child);
        child->sibling = work;
        work = child;
    }
    return work;
}

struct ctx *tree_finish_locked(struct ctx *node, struct ending ending, struct ctx *work)
{
    if (node_end(node) != CTX_CAUSE_NONE) {
        return work;
    }
    node_finish(node, ending.cause, ending.at_ns);
    node_tell_listeners(node, ending.callbacks);
    return node_finish_children(node, ending.cause, ending.at_ns, work);
}

void tree_work_off(struct ctx *work, struct ending ending)
{
    while (work != NULL) {
        struct ctx *node = work;
        word_lock(&node->lock);
        work = tree_finish_locked(node, ending, node->sibling);
        word_unlock(&node->lock);
        node_unref(node);
    }
}

void tree_cancel(struct ctx *root, struct ending ending)
{
    /* The root is not put on the list: it may be on another canceller's, by way of its parent. The
     * reference keeps it while it is locked: those who are told here may end its scope at once. */
    node_ref(root);
    word_lock(&root->lock);
    struct ctx *work = tree_finish_locked(root, ending, NULL);
    word_unlock(&root->lock);
    node_unref(root);
    tree_work_off(work, ending);
}

void tree_cancel_if_due(struct ctx *moving, uint64_t now_ns)
{
    const struct ending ending = {CTX_CAUSE_DEADLINE_EXCEEDED, now_ns, NULL};
    struct ctx *work = NULL;
    node_ref(moving);
    word_lock(&moving->lock);
    if (atomic_load_explicit(&moving->deadline.moving_ns, memory_order_relaxed) <= now_ns) {
        work = tree_finish_locked(moving, ending, NULL);
    }
    word_unlock(&moving->lock);
    node_unref(moving);
    tree_work_off(work, ending);
}

/* The node whose deadline has made its subtree done by `now_ns`; NULL when that one was moved. */
static struct ctx *expire_owner(struct ctx *node, uint64_t now_ns)
{
    if (node->deadline_ns <= now_ns) {
        struct ctx *owner = node->deadline_owner;
        tree_cancel(owner, (struct ending){owner->expiry_cause, now_ns, NULL});
        return owner;
    }
    for (struct ctx *moving = node->moving; moving != NULL; moving = moving->parent->moving) {
        tree_cancel_if_due(moving, now_ns);
        if (node_end(moving) != CTX_CAUSE_NONE) {
            return moving;
        }
    }
    return NULL;
}

void tree_expire(struct ctx *node, uint64_t now_ns)
{
    struct ctx *owner = expire_owner(node, now_ns);
    if (owner != NULL) {
        /* Another thread may be on its way down from the owner: do not make the asker wait. */
        uint64_t at_ns = atomic_load_explicit(&owner->done_at_ns, memory_order_relaxed);
        tree_cancel(node, (struct ending){node_end(owner), at_ns, NULL});
    }
}

void ctx_cancel_collect(const struct ctx_scope *scope, enum ctx_cause cause,
    struct ctx_source source, struct ctx_callbacks *callbacks)
{
    struct ctx *node = node_of(scope->ctx);
    if (!node->is_static) {
        enum ctx_cause known = cause == CTX_CAUSE_NONE ? CTX_CAUSE_CANCELLED : cause;
        tree_cancel(node, (struct ending){fact_make(known, source), clock_now_ns(), callbacks});
    }
}

void ctx_cancel_from_peer(
    const struct ctx_scope *scope, enum ctx_cause cause, struct ctx_source source)
{
    ctx_cancel_collect(scope, cause, source, NULL);
}

void ctx_cancel(const struct ctx_scope *scope, enum ctx_cause cause)
{
    ctx_cancel_from_peer(scope, cause, CTX_SOURCE_HERE);
}
