/* The node behind `struct ctx`. Internal to common/ctx.
 *
 * Lock order: a parent's node lock, then its child's, then the notifier's queue lock. The timer
 * wheel's lock is taken with none of these held, and a node's lock is never taken under it.
 *
 * The node lock guards: children, listeners, the step of `cause` from NONE, and the sibling links
 * of the node's *children*. Everything under "fixed" is written before the node is shared. */
#ifndef WALKIE_CTX_NODE_H
#define WALKIE_CTX_NODE_H

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "ctx/ctx.h"
#include "ctx/timer.h"

/* The lock and the reference count share one word, so that linking a child under its parent and
 * pinning that parent is one atomic operation, and undoing both is one too. */
enum { HOLD_LOCKED = 1, HOLD_CONTENDED = 2, HOLD_REFERENCE = 4 };

enum { NODE_MAGIC = 0x57414c4b, NODE_POISON = 0xd5 };

enum ctx_listener_kind { CTX_LISTENER_WAITER, CTX_LISTENER_AFTER };

/* Whoever is told when the node is done: a waiting thread or an after_func. */
struct ctx_listener {
    struct ctx_listener *next;
    struct ctx_listener **link; /* NULL: not in a node's list */
    enum ctx_listener_kind kind;
};

struct ctx {
    /* For the registry, which reads it at any time, and the free lists; never poisoned. */
    _Atomic(const char *) file; /* where the scope was made; NULL: no live scope */
    _Atomic int line;
    uint32_t chain_len;     /* free: nodes from here on in this chain */
    struct ctx *next_free;  /* free: the next node of the chain */
    struct ctx *next_chain; /* free: the next chain of the pool */

    /* Shared state. */
    uint32_t magic;
    _Atomic uint32_t hold;  /* lock bits + HOLD_REFERENCE * references */
    _Atomic uint32_t cause; /* enum ctx_cause; NONE while not done; set once */
    _Atomic int done_fd;    /* -1: none; made under the lock */
    _Atomic uint64_t done_at_ns;
    struct ctx *children;
    struct ctx_listener *listeners;
    struct ctx *sibling;       /* guarded by the parent's lock */
    struct ctx **sibling_link; /* guarded by the parent's lock; NULL: not linked */
    struct ctx *next_work;     /* the canceller's work list; at most one holds a node */

    /* Fixed once shared. */
    struct ctx *parent; /* pinned; NULL: a root */
    bool is_static;     /* background, todo, out_of_memory: no references, no children */
    bool is_detached;   /* without_cancel: the line of descent ends here */
    uint8_t origin;     /* enum ctx_origin of deadline_ns */
    uint8_t expiry_cause;
    struct ctx *deadline_owner; /* whose deadline deadline_ns is: an ancestor or this node */
    uint64_t deadline_ns;
    const struct ctx *values; /* the nearest node with a key, from here upwards; NULL: none */
    const struct ctx_key *key;
    const void *value;
    struct ctx_scope scope;

    struct ctx_timer timer; /* armed exactly when deadline_owner is this node and it was not late */
    bool is_armed;          /* the owner's */
};

extern struct ctx CTX_OUT_OF_MEMORY;

/* A node that nobody sees yet, its fields except the registry's and the lock word zero.
 * NULL when out of memory. */
MUST_USE struct ctx *node_alloc(void);

/* Give a node back whose references are gone. Does not touch the parent. */
void node_recycle(struct ctx *node);

COLD void node_lock_slow(struct ctx *node, uint32_t added);
COLD void node_unlock_contended(struct ctx *node);

static inline struct ctx *node_of(const struct ctx *ctx)
{
    /* Poisoned in debug builds once its last reference is gone. */
    assert(ctx->magic == NODE_MAGIC);
    return (struct ctx *)ctx;
}

/* Lock, and add `added` (0 or HOLD_REFERENCE) in the same step. */
static inline void node_lock_and_add(struct ctx *node, uint32_t added)
{
    uint32_t seen = atomic_load_explicit(&node->hold, memory_order_relaxed);
    if (LIKELY((seen & HOLD_LOCKED) == 0) &&
        LIKELY(atomic_compare_exchange_strong_explicit(&node->hold, &seen,
            (seen | HOLD_LOCKED) + added, memory_order_acquire, memory_order_relaxed))) {
        return;
    }
    node_lock_slow(node, added);
}

/* Unlock, and drop `dropped` (0 or HOLD_REFERENCE) in the same step. Returns true when that was
 * the last reference: the caller then frees the node. */
static inline bool node_unlock_and_drop(struct ctx *node, uint32_t dropped)
{
    uint32_t seen = atomic_load_explicit(&node->hold, memory_order_relaxed);
    uint32_t next;
    do {
        next = (seen & ~(uint32_t)(HOLD_LOCKED | HOLD_CONTENDED)) - dropped;
    } while (!atomic_compare_exchange_weak_explicit(
        &node->hold, &seen, next, memory_order_acq_rel, memory_order_relaxed));
    if (UNLIKELY((seen & HOLD_CONTENDED) != 0)) {
        node_unlock_contended(node);
    }
    return next == 0;
}

static inline void node_lock(struct ctx *node)
{
    node_lock_and_add(node, 0);
}

static inline void node_unlock(struct ctx *node)
{
    (void)node_unlock_and_drop(node, 0);
}

static inline void node_ref(struct ctx *node)
{
    if (!node->is_static) {
        atomic_fetch_add_explicit(&node->hold, HOLD_REFERENCE, memory_order_relaxed);
    }
}

/* Drop a reference; frees the node and, up the line, every parent that only it pinned. */
void node_unref(struct ctx *node);

static inline uint32_t node_cause(const struct ctx *node)
{
    return atomic_load_explicit(&node->cause, memory_order_acquire);
}

/* Make the node and its descendants done, unless they are. The caller holds a reference. */
void tree_cancel(struct ctx *node, enum ctx_cause cause, uint64_t at_ns);

/* The node's deadline has passed at `now_ns`: make its owner's subtree done, and this node. */
COLD void tree_expire(struct ctx *node, uint64_t now_ns);

/* ctx_cause with the time given. */
static inline enum ctx_cause node_cause_at(struct ctx *node, uint64_t now_ns)
{
    uint32_t cause = node_cause(node);
    if (cause == CTX_CAUSE_NONE && now_ns >= node->deadline_ns &&
        node->deadline_ns != CLOCK_NEVER) {
        tree_expire(node, now_ns);
        cause = node_cause(node);
    }
    return (enum ctx_cause)cause;
}

/* Link a listener. Returns false when the node is done already: it is not linked then.
 * The node must not be `is_static` and done. */
MUST_USE bool node_listen(struct ctx *node, struct ctx_listener *listener);

/* Take a listener out. Returns false when the canceller has taken it out already. */
bool node_unlisten(struct ctx *node, struct ctx_listener *listener);

/* Tell one listener that the node is done. Called with the node's lock held. */
void ctx_waiter_signal(struct ctx_listener *listener);
void ctx_after_queue(struct ctx_listener *listener);

/* The registry: `visit` for every live scope; it sees a moment's picture, without a lock. */
typedef void node_visit_fn(void *arg, const char *file, int line);
void node_visit_live(node_visit_fn *visit, void *arg);

/* Tests: see test.c. */
uint64_t ctx_timer_next_due_ns(void);

#endif
