/* Nodes: their memory, their references, the registry.
 *
 * Nodes come from slabs that are never given back to the system: this makes the registry free of
 * charge (it walks the slabs and looks for nodes with a live scope), lets a debug build look at a
 * poisoned node safely, and keeps ending a scope off malloc. Each thread has two chains of free
 * nodes; whole chains move to and from a pool, so that threads which only make and threads which
 * only end scopes meet there once in NODE_CHAIN_LEN operations.
 *
 * Lock order: the pool's lock is a leaf. node_unref takes the parent's lock alone. */
#include "ctx/node.h"

#include "ctx/registry.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define POISON(start, len) ASAN_POISON_MEMORY_REGION(start, len)
#define UNPOISON(start, len) ASAN_UNPOISON_MEMORY_REGION(start, len)
#else
#define POISON(start, len) ((void)(start), (void)(len))
#define UNPOISON(start, len) ((void)(start), (void)(len))
#endif

enum {
    NODE_CHAIN_LEN = 64,
    LINE_LOOK_MAX = 1000, /* steps up a line of descent: deeper ones are not looked at */
};

struct slab {
    struct slab *next;
    struct ctx nodes[NODE_CHAIN_LEN];
};

struct chain {
    struct ctx *head;
    uint32_t len;
};

/* A thread's free nodes. `spare` is empty or full. */
struct cache {
    struct chain active;
    struct chain spare;
    bool is_registered; /* the key's destructor will give the nodes back */
};

static _Thread_local struct cache node_cache;

static struct {
    pthread_mutex_t lock;
    struct ctx *chains;
    _Atomic(struct slab *) slabs;
    pthread_once_t key_once;
    pthread_key_t key;
    bool has_key;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .key_once = PTHREAD_ONCE_INIT};

/* --- memory --------------------------------------------------------------------------------- */

/* What lies before the registry's fields. */
static void *node_body(struct ctx *node)
{
    return node;
}

enum { NODE_BODY_LEN = offsetof(struct ctx, file) };

static void pool_give(struct chain *chain)
{
    if (chain->len == 0) {
        return;
    }
    chain->head->chain_len = chain->len;
    pthread_mutex_lock(&pool.lock);
    chain->head->next_chain = pool.chains;
    pool.chains = chain->head;
    pthread_mutex_unlock(&pool.lock);
    *chain = (struct chain){.head = NULL, .len = 0};
}

static struct chain pool_take(void)
{
    pthread_mutex_lock(&pool.lock);
    struct ctx *head = pool.chains;
    if (head != NULL) {
        pool.chains = head->next_chain;
    }
    pthread_mutex_unlock(&pool.lock);
    return (struct chain){.head = head, .len = head == NULL ? 0 : head->chain_len};
}

static void cache_finish(void *arg)
{
    struct cache *cache = arg;
    pool_give(&cache->active);
    pool_give(&cache->spare);
    cache->is_registered = false;
}

static void pool_make_key(void)
{
    pool.has_key = pthread_key_create(&pool.key, cache_finish) == 0;
}

/* Have the cache given back when this thread ends. */
static COLD bool cache_register(struct cache *cache)
{
    pthread_once(&pool.key_once, pool_make_key);
    cache->is_registered = pool.has_key && pthread_setspecific(pool.key, cache) == 0;
    return cache->is_registered;
}

static struct chain slab_new(void)
{
    struct slab *slab = malloc(sizeof *slab);
    if (slab == NULL) {
        return (struct chain){.head = NULL, .len = 0};
    }
    for (size_t i = 0; i < NODE_CHAIN_LEN; i++) {
        struct ctx *node = &slab->nodes[i];
        atomic_init(&node->file, NULL);
        atomic_init(&node->line, 0);
        atomic_init(&node->made_ns, 0);
        atomic_init(&node->done_at_ns, 0);
        atomic_init(&node->above, NULL);
        node->next_free = i + 1 < NODE_CHAIN_LEN ? node + 1 : NULL;
        node->next_chain = NULL;
        node->chain_len = NODE_CHAIN_LEN;
        memset(node_body(node), NODE_POISON, NODE_BODY_LEN);
        POISON(node_body(node), NODE_BODY_LEN);
    }
    slab->next = atomic_load_explicit(&pool.slabs, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(
        &pool.slabs, &slab->next, slab, memory_order_release, memory_order_relaxed)) {
    }
    return (struct chain){.head = &slab->nodes[0], .len = NODE_CHAIN_LEN};
}

static COLD bool cache_fill(struct cache *cache)
{
    if (cache->spare.len > 0) {
        cache->active = cache->spare;
        cache->spare = (struct chain){.head = NULL, .len = 0};
        return true;
    }
    cache->active = pool_take();
    if (cache->active.len == 0) {
        cache->active = slab_new();
    }
    return cache->active.len > 0;
}

struct ctx *node_alloc(void)
{
    struct cache *cache = &node_cache;
    if (UNLIKELY(cache->active.len == 0)) {
        if ((!cache->is_registered && !cache_register(cache)) || !cache_fill(cache)) {
            return NULL;
        }
    }
    struct ctx *node = cache->active.head;
    cache->active.head = node->next_free;
    cache->active.len--;
    UNPOISON(node_body(node), NODE_BODY_LEN);
    return node;
}

static COLD void node_close_fd(struct ctx *node)
{
    close(atomic_load_explicit(&node->done_fd, memory_order_relaxed));
}

void node_free(struct ctx *node)
{
    if (UNLIKELY(atomic_load_explicit(&node->done_fd, memory_order_relaxed) >= 0)) {
        node_close_fd(node);
    }
    struct cache *cache = &node_cache;
#ifndef NDEBUG
    memset(node_body(node), NODE_POISON, NODE_BODY_LEN);
#endif
    POISON(node_body(node), NODE_BODY_LEN);
    if (UNLIKELY(cache->active.len == NODE_CHAIN_LEN)) {
        pool_give(&cache->spare);
        cache->spare = cache->active;
        cache->active = (struct chain){.head = NULL, .len = 0};
    }
    node->next_free = cache->active.head;
    cache->active.head = node;
    cache->active.len++;
    if (UNLIKELY(!cache->is_registered) && !cache_register(cache)) {
        cache_finish(cache);
    }
}

/* --- references ----------------------------------------------------------------------------- */

static bool node_drop(struct ctx *node)
{
    return !node->is_static &&
           atomic_fetch_sub_explicit(&node->references, 1, memory_order_acq_rel) == 1;
}

void node_unref(struct ctx *node)
{
    while (node != NULL && node_drop(node)) {
        struct ctx *parent = node->parent;
        node_free(node);
        if (parent->is_static) {
            return;
        }
        word_lock(&parent->lock);
        bool is_unpinned = node_unpin(parent);
        word_unlock(&parent->lock);
        node = is_unpinned ? parent : NULL;
    }
}

/* --- registry ------------------------------------------------------------------------------- */

/* What the registry says of a node; false: it has no live scope. */
static bool read_live(const struct ctx *node, uint64_t now_ns, struct ctx_live *ret_live)
{
    const char *file = atomic_load_explicit(&node->file, memory_order_acquire);
    if (file == NULL) {
        return false;
    }
    uint64_t made_ns = atomic_load_explicit(&node->made_ns, memory_order_relaxed);
    uint64_t done_at_ns = atomic_load_explicit(&node->done_at_ns, memory_order_relaxed);
    *ret_live = (struct ctx_live){
        .site = {file, atomic_load_explicit(&node->line, memory_order_relaxed)},
        .age_ns = now_ns > made_ns ? now_ns - made_ns : 0,
        .is_done = done_at_ns != 0,
        .done_ns = done_at_ns != 0 && now_ns > done_at_ns ? now_ns - done_at_ns : 0,
    };
    return true;
}

/* Whether the node stands below `top`. It may be ended and its memory used again meanwhile: then
 * the answer is of no use, but it comes. */
static bool is_below(const struct ctx *node, const struct ctx *top)
{
    for (int n = 0; n < LINE_LOOK_MAX; n++) {
        node = atomic_load_explicit(&node->above, memory_order_relaxed);
        if (node == NULL || node == top) {
            return node != NULL;
        }
    }
    return false;
}

static void visit_below(const struct ctx *top, ctx_visit_fn *visit, void *arg)
{
    uint64_t now_ns = clock_now_ns();
    struct slab *slab = atomic_load_explicit(&pool.slabs, memory_order_acquire);
    for (; slab != NULL; slab = slab->next) {
        for (size_t i = 0; i < NODE_CHAIN_LEN; i++) {
            const struct ctx *node = &slab->nodes[i];
            struct ctx_live live;
            if (read_live(node, now_ns, &live) && (top == NULL || is_below(node, top))) {
                visit(arg, &live);
            }
        }
    }
}

void ctx_registry_visit(ctx_visit_fn *visit, void *arg)
{
    visit_below(NULL, visit, arg);
}

void ctx_registry_visit_below(const struct ctx *ctx, ctx_visit_fn *visit, void *arg)
{
    visit_below(node_of(ctx), visit, arg);
}

bool ctx_scope_is_pinned(const struct ctx_scope *scope)
{
    struct ctx *node = node_of(scope->ctx);
    /* The owner's reference alone, as nearly always: nobody else can add one. */
    if (node->is_static || atomic_load_explicit(&node->references, memory_order_acquire) == 1) {
        return false;
    }
    word_lock(&node->lock);
    bool is_pinned = node->n_pins > 0;
    word_unlock(&node->lock);
    return is_pinned;
}
