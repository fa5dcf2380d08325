#include "obs/metrics.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "obs/metrics_internal.h"

static struct {
    pthread_mutex_t lock; /* guards the families' own fields and the lists of children */
    struct metrics_family *families;
    pthread_mutex_t hooks_lock; /* held while hooks run; outside `lock` */
    struct metrics_hook *hooks;
} registry = {.lock = PTHREAD_MUTEX_INITIALIZER, .hooks_lock = PTHREAD_MUTEX_INITIALIZER};

/* Where everything is counted that there was no memory for. */
static struct metrics_shard lost_shard;
static const struct metrics_family LOST_FAMILY = {.name = "lost"};
static struct metrics_child lost_child = {.family = &LOST_FAMILY,
    .shards = (unsigned char *)&lost_shard,
    .n_shards = 1,
    .shard_size = sizeof(lost_shard)};

#define DECADE(n) CLOCK_US(n), CLOCK_US(2 * (n)), CLOCK_US(5 * (n))
const uint64_t METRICS_BOUNDS_NS[METRICS_BOUNDS] = {DECADE(1), DECADE(10), DECADE(100),
    DECADE(1000), DECADE(10000), DECADE(100000), DECADE(1000000), DECADE(10000000),
    CLOCK_SECONDS(100)};

/* --- children -------------------------------------------------------------------------------- */

static unsigned int shard_size_of(enum metrics_kind kind)
{
    return kind == METRICS_HISTOGRAM ? sizeof(struct metrics_shard) : METRICS_LINE_LEN;
}

static struct metrics_child *child_new(
    const struct metrics_family *family, const char *const values[METRICS_LABELS_MAX])
{
    unsigned int n_shards = family->kind == METRICS_GAUGE ? 1 : METRICS_SHARDS;
    unsigned int shard_size = shard_size_of(family->kind);
    size_t shards_size = (size_t)n_shards * shard_size;
    struct metrics_child *child = calloc(1, sizeof(*child));
    unsigned char *shards = aligned_alloc(METRICS_LINE_LEN, shards_size);
    if (child == NULL || shards == NULL) {
        free(child);
        free(shards);
        return NULL;
    }
    memset(shards, 0, shards_size);
    if (family->has_exemplars && family->kind == METRICS_HISTOGRAM) {
        /* Without memory for them it counts all the same. */
        child->exemplars = calloc(METRICS_BOUNDS + 1, sizeof(*child->exemplars));
    }
    child->family = family;
    child->shards = shards;
    child->n_shards = n_shards;
    child->shard_size = shard_size;
    for (size_t i = 0; i < METRICS_LABELS_MAX; i++) {
        strncpy(child->values[i], values[i], METRICS_LABEL_VALUE_MAX - 1);
    }
    return child;
}

/* The value as a child keeps it: cut where it is too long. */
static bool has_value(const struct metrics_child *child, size_t i, const char *value)
{
    return strncmp(child->values[i], value, METRICS_LABEL_VALUE_MAX - 1) == 0;
}

static struct metrics_child *find_child(
    const struct metrics_family *family, const char *const values[METRICS_LABELS_MAX])
{
    for (struct metrics_child *child = family->first; child != NULL; child = child->next) {
        if (has_value(child, 0, values[0]) && has_value(child, 1, values[1]) &&
            has_value(child, 2, values[2])) {
            return child;
        }
    }
    return NULL;
}

static void insert_family(struct metrics_family *family)
{
    struct metrics_family **at = &registry.families;
    while (*at != NULL && strcmp((*at)->name, family->name) < 0) {
        at = &(*at)->next;
    }
    family->next = *at;
    *at = family;
    family->is_known = true;
}

void metrics_declare(struct metrics_family *family)
{
    pthread_mutex_lock(&registry.lock);
    if (!family->is_known) {
        insert_family(family);
    }
    pthread_mutex_unlock(&registry.lock);
}

static void append_child(struct metrics_family *family, struct metrics_child *child)
{
    if (!family->is_known) {
        insert_family(family);
    }
    *(family->last == NULL ? &family->first : &family->last->next) = child;
    family->last = child;
    family->n_children++;
}

static struct metrics_child *find_or_make(
    struct metrics_family *family, const char *const values[METRICS_LABELS_MAX])
{
    struct metrics_child *child = find_child(family, values);
    if (child != NULL) {
        return child;
    }
    bool is_full = family->n_children >= METRICS_CHILDREN_MAX;
    if (is_full && family->other != NULL) {
        return family->other;
    }
    if (is_full) {
        const char *others[METRICS_LABELS_MAX];
        for (size_t i = 0; i < METRICS_LABELS_MAX; i++) {
            others[i] = family->labels[i] == NULL ? "" : "other";
        }
        child = child_new(family, others);
        family->other = child;
    } else {
        child = child_new(family, values);
    }
    if (child != NULL) {
        append_child(family, child);
    }
    return child;
}

struct metrics_child *metrics_child(
    struct metrics_family *family, const char *value1, const char *value2, const char *value3)
{
    const char *values[METRICS_LABELS_MAX] = {value1, value2, value3};
    for (size_t i = 0; i < METRICS_LABELS_MAX; i++) {
        assert((family->labels[i] == NULL) == (values[i] == NULL) && "a value for each label");
        values[i] = values[i] == NULL ? "" : values[i];
    }
    pthread_mutex_lock(&registry.lock);
    struct metrics_child *child = find_or_make(family, values);
    pthread_mutex_unlock(&registry.lock);
    return child == NULL ? &lost_child : child;
}

struct metrics_child *metrics_child_at(_Atomic(struct metrics_child *) *place,
    struct metrics_family *family, const char *value1, const char *value2, const char *value3)
{
    struct metrics_child *child = atomic_load_explicit(place, memory_order_acquire);
    if (UNLIKELY(child == NULL)) {
        child = metrics_child(family, value1, value2, value3);
        atomic_store_explicit(place, child, memory_order_release);
    }
    return child;
}

enum status metrics_each_family(
    enum status (*visit)(void *arg, const struct metrics_family *family), void *arg)
{
    enum status status = STATUS_OK;
    pthread_mutex_lock(&registry.lock);
    for (struct metrics_family *family = registry.families; status == STATUS_OK && family != NULL;
         family = family->next) {
        status = visit(arg, family);
    }
    pthread_mutex_unlock(&registry.lock);
    return status;
}

/* --- counting -------------------------------------------------------------------------------- */

/* Threads take shards in turn. */
static unsigned int thread_shard(void)
{
    static _Atomic unsigned int n_threads;
    static _Thread_local unsigned int own; /* from 1; 0: not chosen yet */
    if (UNLIKELY(own == 0)) {
        own = atomic_fetch_add_explicit(&n_threads, 1, memory_order_relaxed) % METRICS_SHARDS + 1;
    }
    return own - 1;
}

static _Atomic uint64_t *cell_of(
    const struct metrics_child *child, unsigned int shard, unsigned int cell)
{
    return (_Atomic uint64_t *)(void *)(child->shards + (size_t)shard * child->shard_size) + cell;
}

static void add_to(struct metrics_child *child, unsigned int shard, unsigned int cell, uint64_t n)
{
    atomic_fetch_add_explicit(cell_of(child, shard, cell), n, memory_order_relaxed);
}

void metrics_add(struct metrics_child *child, uint64_t n)
{
    add_to(child, thread_shard() & (child->n_shards - 1), 0, n);
}

void metrics_set(struct metrics_child *child, int64_t value)
{
    atomic_store_explicit(cell_of(child, 0, 0), (uint64_t)value, memory_order_relaxed);
}

/* The bucket of a duration: three bounds a decade are 0.9 a doubling (231/256), which gives one at
 * most two below the right one, and never one above it. */
static unsigned int bucket_of(uint64_t duration_ns)
{
    enum { SKIPPED_BITS = 11, BOUNDS_A_BIT = 231 };
    unsigned int n_bits = 64 - (unsigned int)__builtin_clzll(duration_ns | 1);
    unsigned int bucket = n_bits < SKIPPED_BITS ? 0 : (n_bits - SKIPPED_BITS) * BOUNDS_A_BIT >> 8;
    while (bucket < METRICS_BOUNDS && duration_ns > METRICS_BOUNDS_NS[bucket]) {
        bucket++;
    }
    return bucket < METRICS_BOUNDS ? bucket : METRICS_BOUNDS;
}

static unsigned int observe(struct metrics_child *child, uint64_t duration_ns)
{
    unsigned int shard = thread_shard() & (child->n_shards - 1);
    unsigned int bucket = bucket_of(duration_ns);
    add_to(child, shard, bucket, 1);
    add_to(child, shard, METRICS_SUM, duration_ns);
    return bucket;
}

void metrics_observe(struct metrics_child *child, uint64_t duration_ns)
{
    (void)observe(child, duration_ns);
}

void metrics_observe_in(struct metrics_child *child, uint64_t duration_ns, const uint8_t *trace_id)
{
    unsigned int bucket = observe(child, duration_ns);
    if (trace_id != NULL && child->exemplars != NULL) {
        metrics_exemplar_keep(&child->exemplars[bucket], duration_ns, trace_id);
    }
}

uint64_t metrics_sum(const struct metrics_child *child, unsigned int cell)
{
    uint64_t sum = 0;
    for (unsigned int shard = 0; shard < child->n_shards; shard++) {
        sum += atomic_load_explicit(cell_of(child, shard, cell), memory_order_relaxed);
    }
    return sum;
}

uint64_t metrics_value(const struct metrics_child *child)
{
    if (child->family->kind != METRICS_HISTOGRAM) {
        return metrics_sum(child, 0);
    }
    uint64_t n = 0;
    for (unsigned int bucket = 0; bucket <= METRICS_BOUNDS; bucket++) {
        n += metrics_sum(child, bucket);
    }
    return n;
}

/* --- hooks ----------------------------------------------------------------------------------- */

void metrics_hook_start(struct metrics_hook *hook, void (*function)(void *arg), void *arg)
{
    hook->function = function;
    hook->arg = arg;
    pthread_mutex_lock(&registry.hooks_lock);
    hook->next = registry.hooks;
    registry.hooks = hook;
    pthread_mutex_unlock(&registry.hooks_lock);
}

void metrics_hook_stop(struct metrics_hook *hook)
{
    pthread_mutex_lock(&registry.hooks_lock);
    struct metrics_hook **at = &registry.hooks;
    while (*at != NULL && *at != hook) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = hook->next;
    }
    pthread_mutex_unlock(&registry.hooks_lock);
}

void metrics_run_hooks(void)
{
    pthread_mutex_lock(&registry.hooks_lock);
    for (struct metrics_hook *hook = registry.hooks; hook != NULL; hook = hook->next) {
        hook->function(hook->arg);
    }
    pthread_mutex_unlock(&registry.hooks_lock);
}
