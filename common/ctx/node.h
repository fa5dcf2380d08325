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
#include "ctx/word_lock.h"

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
    _Atomic uint64_t made_ns;
    uint32_t chain_len;     /* free: nodes from here on in this chain */
    struct ctx *next_free;  /* free: the next node of the chain */
    struct ctx *next_chain; /* free: the next chain of the pool */

    /* Shared state. */
    uint32_t magic;
    struct word_lock lock;
    _Atomic uint32_t references; /* the owner's, ctx_ref's, the armed timer's, one for all pins */
    uint32_t n_pins;             /* children, linked or not, that keep this node; under the lock */
    _Atomic bool is_inner;  /* has had a child, a listener or a descriptor; set under the lock */
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

/* A node that nobody sees yet, its fields behind the registry's undefined.
 * NULL when out of memory. */
MUST_USE struct ctx *node_alloc(void);

/* Give back a node whose references are gone, and close its descriptor. The parent's pin is left
 * to the caller. */
void node_free(struct ctx *node);

static inline struct ctx *node_of(const struct ctx *ctx)
{
    /* Poisoned in debug builds once its last reference is gone. */
    assert(ctx->magic == NODE_MAGIC);
    return (struct ctx *)ctx;
}

static inline void node_ref(struct ctx *node)
{
    if (!node->is_static) {
        atomic_fetch_add_explicit(&node->references, 1, memory_order_relaxed);
    }
}

/* Drop a reference; frees the node and, up the line, every parent that only it pinned. Accepts
 * NULL and static nodes. */
void node_unref(struct ctx *node);

/* A child keeps its parent by a pin. All pins of a node together are one reference, so that only
 * its first child and its last cost an atomic operation. Call with the parent's lock held; when
 * node_unpin returns true, unlock and drop that reference with node_unref. */
static inline void node_pin(struct ctx *parent)
{
    if (parent->n_pins++ == 0) {
        node_ref(parent);
    }
}

static inline bool node_unpin(struct ctx *parent)
{
    return --parent->n_pins == 0;
}

static inline uint32_t node_cause(const struct ctx *node)
{
    return atomic_load_explicit(&node->cause, memory_order_acquire);
}

/* Make `root` and its descendants done, unless they are. The caller holds a reference. */
void tree_cancel(struct ctx *root, enum ctx_cause cause, uint64_t at_ns);

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

/* Link a listener. Returns false when the node is done already: it is not linked then. */
MUST_USE bool node_listen(struct ctx *node, struct ctx_listener *listener);

/* Take a listener out. Returns false when the canceller has taken it out already. */
bool node_unlisten(struct ctx *node, struct ctx_listener *listener);

/* Tell one listener that the node is done. Called with the node's lock held. */
void ctx_waiter_signal(struct ctx_listener *listener);
void ctx_after_queue(struct ctx_listener *listener);

/* The earliest time at which a timer is due, CLOCK_NEVER when there is none. For ctx/test.h. */
uint64_t ctx_timer_next_due_ns(void);

#endif
