/* The log of a work's spans: an array that grows to SPAN_LOG_MAX. Leaves of one name below one
 * parent share SPAN_LEAVES_MAX places: when those are taken the fastest one goes into a sum. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "obs/span.h"

enum {
    SPANS_FIRST = 2,           /* room for that many at first: thousands of calls only wait */
    LEAVES_TOGETHER_MAX = 192, /* of SPAN_LOG_MAX: what has parts always finds room */
};

_Static_assert(SPAN_LOG_MAX * sizeof(struct span_record) +
                       SPAN_STAGES_MAX * sizeof(struct span_stage) + 1024 <=
                   SPAN_LOG_BYTES_MAX,
    "a log never holds more");

struct span_log {
    _Atomic unsigned int references;
    _Atomic int n_expected;
    pthread_mutex_t mutex; /* guards what follows */
    struct span_record *records;
    size_t n_records;
    size_t capacity;
    size_t n_leaves;
    uint64_t n_dropped;
    struct span_stage *stages; /* an array that grows to SPAN_STAGES_MAX */
    size_t n_stages;
    size_t stages_capacity;
};

struct span_log *span_log_new(void)
{
    struct span_log *log = calloc(1, sizeof(*log));
    if (log != NULL) {
        atomic_init(&log->references, 1);
        pthread_mutex_init(&log->mutex, NULL);
    }
    return log;
}

struct span_log *span_log_ref(struct span_log *log)
{
    if (log != NULL) {
        atomic_fetch_add_explicit(&log->references, 1, memory_order_relaxed);
    }
    return log;
}

void span_log_unref(struct span_log *log)
{
    if (log != NULL && atomic_fetch_sub_explicit(&log->references, 1, memory_order_acq_rel) == 1) {
        pthread_mutex_destroy(&log->mutex);
        free(log->records);
        free(log->stages);
        free(log);
    }
}

void span_log_expect(struct span_log *log, int change)
{
    if (log != NULL) {
        atomic_fetch_add(&log->n_expected, change);
    }
}

bool span_log_is_whole(struct span_log *log)
{
    return log == NULL || atomic_load(&log->n_expected) <= 0;
}

static bool is_sum(const struct span_record *record)
{
    return record->numbers[0].key == SPAN_COUNT;
}

static bool is_like(const struct span_record *a, const struct span_record *b)
{
    return a->parent_id == b->parent_id && strcmp(a->name, b->name) == 0;
}

static uint64_t duration_of(const struct span_record *record)
{
    return record->end_ns > record->start_ns ? record->end_ns - record->start_ns : 0;
}

/* Add `record` to a sum of its likes, whose numbers are count, time and one more of the leaves'. */
static void fold(struct span_record *sum, const struct span_record *record)
{
    sum->numbers[0].value++;
    sum->numbers[1].value += duration_of(record);
    for (size_t i = 0; i < SPAN_NUMBERS_MAX; i++) {
        if (record->numbers[i].key != SPAN_NONE && record->numbers[i].key == sum->numbers[2].key) {
            sum->numbers[2].value += record->numbers[i].value;
        }
    }
    sum->start_ns = record->start_ns < sum->start_ns ? record->start_ns : sum->start_ns;
    sum->end_ns = record->end_ns > sum->end_ns ? record->end_ns : sum->end_ns;
    sum->is_wasted = sum->is_wasted || record->is_wasted;
    sum->status = sum->status == STATUS_OK ? record->status : sum->status;
}

static void become_sum(struct span_record *record)
{
    struct span_number first = record->numbers[0];
    memset(record->numbers, 0, sizeof(record->numbers));
    record->numbers[0] = (struct span_number){SPAN_COUNT, 1};
    record->numbers[1] = (struct span_number){SPAN_SUM_NS, duration_of(record)};
    record->numbers[2] = first;
    record->text_key = SPAN_NONE;
    record->text[0] = '\0';
}

/* Whether a leaf found its place among those that are there. */
static bool fold_locked(struct span_log *log, const struct span_record *record)
{
    struct span_record *sum = NULL;
    struct span_record *fastest = NULL;
    size_t n_likes = 0;
    for (size_t i = 0; i < log->n_records; i++) {
        struct span_record *other = &log->records[i];
        if (!other->is_leaf || !is_like(other, record)) {
            continue;
        }
        if (is_sum(other)) {
            sum = other;
            continue;
        }
        n_likes++;
        if (fastest == NULL || duration_of(other) < duration_of(fastest)) {
            fastest = other;
        }
    }
    bool is_full = log->n_leaves >= LEAVES_TOGETHER_MAX;
    if (fastest == NULL || (n_likes < SPAN_LEAVES_MAX && !is_full)) {
        return false;
    }
    if (sum == NULL) { /* the fastest one becomes it, so that it needs no room */
        become_sum(fastest);
        fold(fastest, record);
    } else if (duration_of(record) > duration_of(fastest)) {
        fold(sum, fastest);
        *fastest = *record;
    } else {
        fold(sum, record);
    }
    return true;
}

static bool make_room_locked(struct span_log *log)
{
    if (log->n_records < log->capacity) {
        return true;
    }
    if (log->capacity >= SPAN_LOG_MAX) {
        return false;
    }
    size_t capacity = log->capacity == 0 ? SPANS_FIRST : 2 * log->capacity;
    struct span_record *records = realloc(log->records, capacity * sizeof(*records));
    if (records == NULL) {
        return false;
    }
    log->records = records;
    log->capacity = capacity;
    return true;
}

uint64_t span_log_put(struct span_log *log, const struct span_record *record)
{
    struct span_record copy = *record;
    copy.id = copy.id == 0 ? span_id_new() : copy.id;
    pthread_mutex_lock(&log->mutex);
    bool is_leaf = copy.is_leaf && !is_sum(&copy);
    if (!is_leaf || !fold_locked(log, &copy)) {
        bool has_room = !is_leaf || log->n_leaves < LEAVES_TOGETHER_MAX;
        if (has_room && make_room_locked(log)) {
            log->records[log->n_records++] = copy;
            log->n_leaves += copy.is_leaf;
        } else {
            log->n_dropped++;
        }
    }
    pthread_mutex_unlock(&log->mutex);
    return copy.id;
}

static struct span_record *find_locked(struct span_log *log, uint64_t id)
{
    for (size_t i = 0; i < log->n_records; i++) {
        if (log->records[i].id == id) {
            return &log->records[i];
        }
    }
    return NULL;
}

void span_log_update(struct span_log *log, const struct span_record *record)
{
    pthread_mutex_lock(&log->mutex);
    struct span_record *there = find_locked(log, record->id);
    if (there != NULL) {
        *there = *record;
    }
    pthread_mutex_unlock(&log->mutex);
    if (there == NULL) {
        span_log_put(log, record);
    }
}

bool span_log_find(struct span_log *log, uint64_t id, struct span_record *ret_record)
{
    pthread_mutex_lock(&log->mutex);
    const struct span_record *there = find_locked(log, id);
    if (there != NULL) {
        *ret_record = *there;
    }
    pthread_mutex_unlock(&log->mutex);
    return there != NULL;
}

/* NULL: all places are taken, or no memory. A call that only waits has one stage. */
static struct span_stage *add_stage_locked(struct span_log *log)
{
    if (log->n_stages == SPAN_STAGES_MAX) {
        return NULL;
    }
    if (log->stages == NULL || log->n_stages == log->stages_capacity) {
        size_t doubled = log->n_stages == 0 ? 1 : 2 * log->n_stages;
        size_t capacity = doubled < SPAN_STAGES_MAX ? doubled : SPAN_STAGES_MAX;
        struct span_stage *grown = realloc(log->stages, capacity * sizeof(*grown));
        if (grown == NULL) {
            return NULL;
        }
        log->stages = grown;
        log->stages_capacity = capacity;
    }
    struct span_stage *added = &log->stages[log->n_stages++];
    *added = (struct span_stage){.done = 0};
    return added;
}

void span_log_stage(
    struct span_log *log, const char *stage, uint64_t done, uint64_t total, uint64_t now_ns)
{
    pthread_mutex_lock(&log->mutex);
    struct span_stage *last = log->n_stages == 0 ? NULL : &log->stages[log->n_stages - 1];
    char name[SPAN_NAME_MAX];
    span_copy_text(name, sizeof(name), stage);
    if (last == NULL || strcmp(last->name, name) != 0) {
        last = add_stage_locked(log);
        if (last != NULL) {
            memcpy(last->name, name, sizeof(name));
            last->start_ns = now_ns;
        }
    }
    if (last != NULL) {
        last->done = done;
        last->total = total;
    }
    pthread_mutex_unlock(&log->mutex);
}

size_t span_log_stages(struct span_log *log, struct span_stage stages[SPAN_STAGES_MAX])
{
    if (log == NULL) {
        return 0;
    }
    pthread_mutex_lock(&log->mutex);
    size_t n = log->n_stages;
    if (n > 0) {
        memcpy(stages, log->stages, n * sizeof(*stages));
    }
    pthread_mutex_unlock(&log->mutex);
    return n;
}

size_t span_log_copy(struct span_log *log, size_t first, struct span_record **ret_records)
{
    *ret_records = NULL;
    if (log == NULL) {
        return 0;
    }
    pthread_mutex_lock(&log->mutex);
    size_t n = log->n_records > first ? log->n_records - first : 0;
    struct span_record *records = n == 0 ? NULL : malloc(n * sizeof(*records));
    if (records != NULL) {
        memcpy(records, log->records + first, n * sizeof(*records));
    }
    pthread_mutex_unlock(&log->mutex);
    *ret_records = records;
    return records == NULL ? 0 : n;
}

void span_log_each(struct span_log *log,
    void (*visit)(void *arg, const struct span_record *record, uint64_t now_ns), void *arg,
    uint64_t now_ns)
{
    pthread_mutex_lock(&log->mutex);
    for (size_t i = 0; i < log->n_records; i++) {
        visit(arg, &log->records[i], now_ns);
    }
    pthread_mutex_unlock(&log->mutex);
}

size_t span_log_count(struct span_log *log)
{
    if (log == NULL) {
        return 0;
    }
    pthread_mutex_lock(&log->mutex);
    size_t n = log->n_records;
    pthread_mutex_unlock(&log->mutex);
    return n;
}

uint64_t span_log_dropped(struct span_log *log)
{
    if (log == NULL) {
        return 0;
    }
    pthread_mutex_lock(&log->mutex);
    uint64_t n = log->n_dropped;
    pthread_mutex_unlock(&log->mutex);
    return n;
}

void span_log_add_dropped(struct span_log *log, uint64_t n)
{
    pthread_mutex_lock(&log->mutex);
    log->n_dropped = n < UINT64_MAX - log->n_dropped ? log->n_dropped + n : UINT64_MAX;
    pthread_mutex_unlock(&log->mutex);
}

size_t span_log_bytes(struct span_log *log)
{
    if (log == NULL) {
        return 0;
    }
    pthread_mutex_lock(&log->mutex);
    size_t len = sizeof(*log) + log->capacity * sizeof(struct span_record);
    len += log->stages_capacity * sizeof(*log->stages);
    pthread_mutex_unlock(&log->mutex);
    return len;
}
