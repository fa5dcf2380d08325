/* The happy path: look the key up; when it is not there, join the flight of its key. The leader
 * looks again (a flight may have landed in between), counts, and keeps what it made before the
 * flight lands, so that there is no moment in which neither has it. */
#include "audit/sources/study_cache.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "obs/metrics.h"

enum { KEY_LEN_MAX = DB_NAME_MAX + DB_STAMP_MAX + 6 * 8 };

static struct metrics_family REQUESTS = {.name = "walkie_study_cache_total",
    .help = "Study-wide facts that reports asked for, by how they came.",
    .kind = METRICS_COUNTER,
    .labels = {"source", "result"}};
static struct metrics_family EVICTIONS = {.name = "walkie_study_cache_evictions_total",
    .help = "Study-wide facts that made room for others.",
    .kind = METRICS_COUNTER};
static struct metrics_family ENTRIES = {.name = "walkie_study_cache_entries",
    .help = "Study-wide facts that are kept.",
    .kind = METRICS_GAUGE};
static struct metrics_family BYTES = {.name = "walkie_study_cache_bytes",
    .help = "Memory of the study-wide facts that are kept.",
    .kind = METRICS_GAUGE,
    .unit = METRICS_BYTES};

struct packed_key {
    size_t len;
    uint8_t bytes[KEY_LEN_MAX];
};

struct entry {
    struct packed_key key;
    struct study_facts *facts; /* a reference */
    size_t len;                /* bytes of the facts */
    uint64_t used_at;          /* the cache's tick when it was last asked for */
};

struct study_cache {
    struct ctx_flights *flights;
    size_t entries_max;
    size_t bytes_max;
    _Atomic unsigned int n_asking;

    pthread_mutex_t mutex; /* guards what follows */
    size_t n_entries;
    size_t n_bytes;
    uint64_t tick;
    struct entry entries[STUDY_CACHE_ENTRIES_MAX];
};

const char *study_outcome_name(enum study_outcome outcome)
{
    switch (outcome) {
    case STUDY_HIT:
        return "hit";
    case STUDY_MISS:
        return "miss";
    case STUDY_SHARED:
        return "shared";
    }
    return "?";
}

struct study_cache *study_cache_new(size_t entries_max, size_t bytes_max)
{
    struct study_cache *cache = calloc(1, sizeof(*cache));
    struct ctx_flights *flights = ctx_flights_new(0);
    if (cache == NULL || flights == NULL) {
        ctx_flights_free(flights);
        free(cache);
        return NULL;
    }
    bool is_fewer = entries_max > 0 && entries_max < STUDY_CACHE_ENTRIES_MAX;
    cache->entries_max = is_fewer ? entries_max : STUDY_CACHE_ENTRIES_MAX;
    cache->bytes_max = bytes_max > 0 ? bytes_max : STUDY_CACHE_BYTES_MAX;
    cache->flights = flights;
    pthread_mutex_init(&cache->mutex, NULL);
    return cache;
}

void study_cache_free(struct study_cache *cache)
{
    if (cache == NULL) {
        return;
    }
    for (size_t i = 0; i < cache->n_entries; i++) {
        ctx_result_unref(&cache->entries[i].facts->result);
    }
    ctx_flights_free(cache->flights);
    pthread_mutex_destroy(&cache->mutex);
    free(cache);
}

/* --- keys ----------------------------------------------------------------------------------- */

static void pack(struct packed_key *packed, const void *data, size_t len)
{
    memcpy(packed->bytes + packed->len, data, len);
    packed->len += len;
}

static void pack_number(struct packed_key *packed, uint64_t number)
{
    uint8_t bytes[8];
    be64_put(bytes, number);
    pack(packed, bytes, sizeof(bytes));
}

/* Every part has a length that is fixed or stands before it: no two keys give the same bytes. */
static void pack_key(const struct study_key *key, struct packed_key *packed)
{
    packed->len = 0;
    size_t source_len = strnlen(key->source, DB_NAME_MAX - 1);
    pack_number(packed, (uint64_t)key->stamp.len << 32 | source_len);
    pack(packed, key->source, source_len);
    pack(packed, key->stamp.bytes, key->stamp.len);
    pack_number(packed, (uintptr_t)key->db);
    pack_number(packed, (uint64_t)key->study_id);
    pack_number(packed, (uint64_t)key->as_of_day);
    pack_number(packed, (uint64_t)key->data_version);
    pack_number(packed, (uint64_t)key->summary_version);
}

/* --- what is kept --------------------------------------------------------------------------- */

static struct entry *find_locked(struct study_cache *cache, const struct packed_key *key)
{
    for (size_t i = 0; i < cache->n_entries; i++) {
        struct entry *entry = &cache->entries[i];
        if (entry->key.len == key->len && memcmp(entry->key.bytes, key->bytes, key->len) == 0) {
            return entry;
        }
    }
    return NULL;
}

/* The facts with a reference of the caller's; NULL when they are not kept. */
static struct study_facts *find(struct study_cache *cache, const struct packed_key *key)
{
    struct study_facts *found = NULL;
    pthread_mutex_lock(&cache->mutex);
    struct entry *entry = find_locked(cache, key);
    if (entry != NULL) {
        entry->used_at = ++cache->tick;
        found = entry->facts;
        ctx_result_ref(&found->result);
    }
    pthread_mutex_unlock(&cache->mutex);
    return found;
}

/* Take the least recently used entry out; its reference is the caller's. */
static struct study_facts *evict_locked(struct study_cache *cache)
{
    size_t oldest = 0;
    for (size_t i = 1; i < cache->n_entries; i++) {
        oldest = cache->entries[i].used_at < cache->entries[oldest].used_at ? i : oldest;
    }
    struct study_facts *facts = cache->entries[oldest].facts;
    cache->n_bytes -= cache->entries[oldest].len;
    cache->entries[oldest] = cache->entries[--cache->n_entries];
    return facts;
}

/* Facts that are larger than all of the cache are not kept, nor what is there: a flight that nobody
 * waited for any more may end well beside the one that came after it. */
static void keep(struct study_cache *cache, const struct packed_key *key, struct study_facts *facts)
{
    struct study_facts *evicted[STUDY_CACHE_ENTRIES_MAX];
    size_t n_evicted = 0;
    size_t len = sizeof(*facts) + arena_used(facts->arena);
    if (len > cache->bytes_max) {
        return;
    }
    pthread_mutex_lock(&cache->mutex);
    if (find_locked(cache, key) == NULL) {
        while (cache->n_entries == cache->entries_max || cache->n_bytes + len > cache->bytes_max) {
            evicted[n_evicted++] = evict_locked(cache);
        }
        ctx_result_ref(&facts->result);
        cache->entries[cache->n_entries++] =
            (struct entry){.key = *key, .facts = facts, .len = len, .used_at = ++cache->tick};
        cache->n_bytes += len;
    }
    metrics_set(metrics_child(&ENTRIES, NULL, NULL, NULL), (int64_t)cache->n_entries);
    metrics_set(metrics_child(&BYTES, NULL, NULL, NULL), (int64_t)cache->n_bytes);
    pthread_mutex_unlock(&cache->mutex);
    for (size_t i = 0; i < n_evicted; i++) {
        ctx_result_unref(&evicted[i]->result);
    }
    metrics_add(metrics_child(&EVICTIONS, NULL, NULL, NULL), n_evicted);
}

/* --- asking --------------------------------------------------------------------------------- */

/* A caller's question; on its stack, where its flight may look at it until it lands. */
struct question {
    struct study_cache *cache;
    const struct packed_key *key;
    study_make_fn *make;
    void *arg;
    enum study_outcome outcome; /* SHARED until this very caller has done something for it */
};

static enum status lead(
    const struct ctx *ctx, void *arg, struct ctx_result **ret_result, struct error *ret_error)
{
    struct question *question = arg;
    struct study_facts *facts = find(question->cache, question->key);
    question->outcome = facts == NULL ? STUDY_MISS : STUDY_HIT;
    if (facts == NULL) {
        enum status status = question->make(ctx, question->arg, &facts, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
        keep(question->cache, question->key, facts);
    }
    *ret_result = &facts->result;
    return STATUS_OK;
}

enum status study_cache_get(const struct ctx *ctx, struct study_cache *cache,
    const struct study_key *key, study_make_fn *make, void *arg, struct study_facts **ret_facts,
    enum study_outcome *ret_outcome, struct error *ret_error)
{
    if (cache == NULL) {
        *ret_outcome = STUDY_MISS;
        return make(ctx, arg, ret_facts, ret_error);
    }
    struct packed_key packed;
    pack_key(key, &packed);
    struct question question = {cache, &packed, make, arg, STUDY_SHARED};
    struct study_facts *facts = find(cache, &packed);
    if (facts != NULL) {
        question.outcome = STUDY_HIT;
    } else {
        struct bytes name = {packed.bytes, packed.len};
        struct ctx_result *result = NULL;
        atomic_fetch_add(&cache->n_asking, 1);
        enum status status =
            ctx_flight_share(ctx, cache->flights, name, lead, &question, &result, ret_error);
        atomic_fetch_sub(&cache->n_asking, 1);
        if (status != STATUS_OK) {
            return status;
        }
        facts = CONTAINER_OF(result, struct study_facts, result);
    }
    const char *outcome = study_outcome_name(question.outcome);
    metrics_add(metrics_child(&REQUESTS, key->source, outcome, NULL), 1);
    *ret_facts = facts;
    *ret_outcome = question.outcome;
    return STATUS_OK;
}

unsigned int study_cache_asking(const struct study_cache *cache)
{
    return atomic_load(&cache->n_asking);
}
