/* The node behind `struct ctx`. Internal to common/ctx.
 *
 * Lock order: a parent's node lock, then its child's, then the notifier's queue lock. The timer
 * wheel's lock is a leaf: a node's lock is never taken under it, and only moving.c takes it under a
 * node's.
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

/* What only a node with a deadline of its own has. */
struct node_deadline {
    struct ctx_timer timer;     /* armed when the node owns it and it was not late; moving.c */
    _Atomic uint64_t moving_ns; /* of a node that is_moving; written under the lock */
};

/* What only a node made by with_value has. */
struct node_pair {
    const struct ctx_key *key;
    const void *value;
};

/* Every request that waits has several of these, and thousands wait: the order leaves no gaps. */
struct ctx {
    /* Shared state. */
    _Atomic uint32_t cause; /* a fact of enum ctx_cause; NONE (0) while not done; set once. First:
                               ctx_done reads it without knowing the rest */
    uint32_t magic;
    struct word_lock lock;
    _Atomic uint32_t references; /* the owner's, ctx_ref's, the armed timer's, one for all pins */
    uint32_t n_pins;             /* children, linked or not, that keep this node; under the lock */
    _Atomic int done_fd;         /* -1: none; made under the lock */
    struct ctx *children;
    struct ctx_listener *listeners;
    struct ctx *sibling;       /* the next in the list that the node is in, if in any: its parent's
                                  children, under the parent's lock; then a canceller's work */
    struct ctx **sibling_link; /* guarded by the parent's lock; NULL: not among its children */
    _Atomic bool is_inner;     /* has had a child, a listener or a descriptor; set under the lock */
    bool is_armed; /* the deadline's timer is; the owner's; of a moving node under the lock */
    bool is_over;  /* of a moving node, under the lock: its scope is being ended: the timer is not
                      started again */

    /* Fixed once shared. */
    bool is_static;   /* background, todo, out_of_memory: no references, no children */
    bool is_detached; /* without_cancel: the line of descent ends here */
    bool is_moving;   /* with_moving_deadline: has a deadline of its own beside deadline_ns */
    uint8_t expiry_cause;
    struct ctx *parent;         /* pinned; NULL: a root */
    struct ctx *deadline_owner; /* whose deadline deadline_ns is: an ancestor or this node */
    uint64_t deadline_ns;       /* the earliest that does not move */
    struct ctx *moving;         /* the nearest node from here upwards that is_moving; NULL: none */
    const struct ctx *values;   /* the nearest node with a pair, from here upwards; NULL: none */
    struct ctx_scope scope;
    union { /* no node has both */
        struct node_deadline deadline;
        struct node_pair pair;
    };
    uint32_t origin;                /* of deadline_ns: a fact of enum ctx_origin */
    _Atomic uint32_t moving_origin; /* of moving_ns, likewise; written under the lock */

    /* For the registry, which reads it at any time, and the free lists; never poisoned. */
    _Atomic(const char *) file; /* where the scope was made; NULL: no live scope */
    _Atomic uint64_t made_ns;
    _Atomic uint64_t done_at_ns;
    _Atomic(struct ctx *) above; /* the parent in the line of descent; NULL: a root, detached */
    struct ctx *next_free;       /* free: the next node of the chain */
    struct ctx *next_chain;      /* free: the next chain of the pool */
    _Atomic int line;
    uint32_t chain_len; /* free: nodes from here on in this chain */
};
_Static_assert(offsetof(struct ctx, cause) == 0, "ctx_done reads the first word");

/* A fact that may have come from a peer in one word: what (of an enum), how many hops ago it arose,
 * and which peer told it. A number without the rest is the fact as of this process. */
enum { FACT_HOP_SHIFT = 8, FACT_PEER_SHIFT = 16, FACT_BYTE = 0xff };

static inline uint32_t fact_make(uint32_t what, struct ctx_source source)
{
    return what | (uint32_t)source.hop << FACT_HOP_SHIFT | (uint32_t)source.peer << FACT_PEER_SHIFT;
}

static inline uint32_t fact_what(uint32_t fact)
{
    return fact & FACT_BYTE;
}

static inline struct ctx_source fact_source(uint32_t fact)
{
    return (struct ctx_source){.hop = (uint8_t)(fact >> FACT_HOP_SHIFT & FACT_BYTE),
        .peer = (uint8_t)(fact >> FACT_PEER_SHIFT & FACT_BYTE)};
}

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

/* The cause with its source; 0 while the node is not done. */
static inline uint32_t node_end(const struct ctx *node)
{
    return atomic_load_explicit(&node->cause, memory_order_acquire);
}

static inline enum ctx_cause node_cause(const struct ctx *node)
{
    return (enum ctx_cause)fact_what(node_end(node));
}

/* How nodes become done. */
struct ending {
    uint32_t cause; /* with its source */
    uint64_t at_ns;
    struct ctx_callbacks *callbacks; /* where callbacks go; NULL: to the notifier */
};

/* Make `root` and its descendants done, unless they are. The caller holds a reference. */
void tree_cancel(struct ctx *root, struct ending ending);

/* Its two halves, for who holds a reference and has more to do under the lock: make one node done,
 * unless it is, and its leaves; with the list returned (or `work`) go on without the lock. */
MUST_USE struct ctx *tree_finish_locked(struct ctx *node, struct ending ending, struct ctx *work);
void tree_work_off(struct ctx *work, struct ending ending);

/* The same, unless the moving node's deadline is later than `now_ns` by now. */
void tree_cancel_if_due(struct ctx *moving, uint64_t now_ns);

/* A deadline of the node's has passed at `now_ns`: make its owner's subtree done, and this node. */
COLD void tree_expire(struct ctx *node, uint64_t now_ns);

/* The earliest deadline of the node and of its line of descent, with those that move, and where
 * that comes from (*ret_origin may be NULL). For nodes with `moving`. */
COLD uint64_t moving_deadline(const struct ctx *node, uint32_t *ret_origin);

/* End a moving node's timer. Returns true when its reference has become the caller's. */
COLD MUST_USE bool moving_stop(struct ctx *moving);

static inline uint64_t node_deadline_ns(const struct ctx *node)
{
    return LIKELY(node->moving == NULL) ? node->deadline_ns : moving_deadline(node, NULL);
}

/* ctx_cause with the time given. */
static inline enum ctx_cause node_cause_at(struct ctx *node, uint64_t now_ns)
{
    enum ctx_cause cause = node_cause(node);
    if (cause == CTX_CAUSE_NONE) {
        uint64_t deadline_ns = node_deadline_ns(node);
        if (UNLIKELY(now_ns >= deadline_ns && deadline_ns != CLOCK_NEVER)) {
            tree_expire(node, now_ns);
            cause = node_cause(node);
        }
    }
    return cause;
}

/* Derive; shared by tree.c and moving.c. */
MUST_USE struct ctx *node_new(struct ctx_site site, struct ctx *parent, uint64_t recent_ns);
/* Pin the parent and share the node. False: it is done already. */
bool node_attach(struct ctx *node);

/* Link a listener. Returns false when the node is done already: it is not linked then. */
MUST_USE bool node_listen(struct ctx *node, struct ctx_listener *listener);

/* Take a listener out. Returns false when the canceller has taken it out already. */
bool node_unlisten(struct ctx *node, struct ctx_listener *listener);

/* Tell one listener, which is in no list any more, that the node is done. Called with the node's
 * lock held. A callback goes to `callbacks`, or to the notifier when that is NULL. */
void ctx_waiter_signal(struct ctx_listener *listener);
void ctx_after_queue(struct ctx_listener *listener, struct ctx_callbacks *callbacks);

/* The earliest time at which a timer is due, CLOCK_NEVER when there is none. For ctx/test.h. */
uint64_t ctx_timer_next_due_ns(void);

#endif
