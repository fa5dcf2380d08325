/* Running and done records are two lists, quick ones a ring of facts that is allocated once. One
 * lock guards it all: what is done under it is short, but for looking a trace up, which compares
 * ids one by one and happens when somebody looks. */
#include "traces/store.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct trace_record {
    struct trace_facts facts; /* under the store's lock, but for `spans`, which is fixed */
    struct trace_record *newer;
    struct trace_record *older;
    size_t bytes; /* as they were counted */
};

struct record_list {
    struct trace_record *newest;
    struct trace_record *oldest;
    size_t n;
};

struct trace_store {
    struct trace_store_options options;
    pthread_mutex_t mutex; /* guards what follows */
    struct record_list running;
    struct record_list done;
    size_t bytes; /* of the done ones */
    struct trace_facts *quick;
    size_t n_quick;
    size_t quick_next;
};

static void list_push(struct record_list *list, struct trace_record *record)
{
    record->newer = NULL;
    record->older = list->newest;
    *(list->newest != NULL ? &list->newest->newer : &list->oldest) = record;
    list->newest = record;
    list->n++;
}

static void list_remove(struct record_list *list, struct trace_record *record)
{
    *(record->newer != NULL ? &record->newer->older : &list->newest) = record->older;
    *(record->older != NULL ? &record->older->newer : &list->oldest) = record->newer;
    list->n--;
}

enum status trace_store_new(const struct trace_store_options *options,
    struct trace_store **ret_store, struct error *ret_error)
{
    struct trace_store *store = calloc(1, sizeof(*store));
    struct trace_facts *quick = calloc(options->traces_max, sizeof(*quick));
    if (store == NULL || quick == NULL) {
        free(store);
        free(quick);
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "out of memory for %zu traces (--traces-max)", options->traces_max);
    }
    store->options = *options;
    store->quick = quick;
    pthread_mutex_init(&store->mutex, NULL);
    *ret_store = store;
    return STATUS_OK;
}

static void record_free(struct trace_record *record)
{
    span_log_unref(record->facts.spans);
    free(record);
}

static void free_all(struct record_list *list)
{
    struct trace_record *older;
    for (struct trace_record *record = list->newest; record != NULL; record = older) {
        older = record->older;
        record_free(record);
    }
}

void trace_store_free(struct trace_store *store)
{
    if (store != NULL) {
        free_all(&store->running);
        free_all(&store->done);
        pthread_mutex_destroy(&store->mutex);
        free(store->quick);
        free(store);
    }
}

struct trace_record *trace_store_begin(struct trace_store *store, const struct trace_facts *facts)
{
    struct trace_record *record = malloc(sizeof(*record));
    struct span_log *spans = span_log_new();
    if (record == NULL || spans == NULL) {
        free(record);
        span_log_unref(spans);
        return NULL;
    }
    record->facts = *facts;
    record->facts.spans = spans;
    record->bytes = 0;
    pthread_mutex_lock(&store->mutex);
    bool has_room = store->running.n < TRACE_RUNNING_MAX;
    if (has_room) {
        list_push(&store->running, record);
    }
    pthread_mutex_unlock(&store->mutex);
    if (!has_room) {
        record_free(record);
        return NULL;
    }
    return record;
}

struct span_log *trace_record_spans(struct trace_record *record)
{
    return record->facts.spans;
}

/* The oldest go, and are returned as a list by `older`, to be freed without the lock. */
static struct trace_record *shrink_locked(struct trace_store *store)
{
    struct trace_record *gone = NULL;
    while (store->done.n > store->options.traces_max ||
           (store->bytes > store->options.bytes_max && store->done.n > 1)) {
        struct trace_record *oldest = store->done.oldest;
        assert(oldest != NULL);
        list_remove(&store->done, oldest);
        store->bytes -= oldest->bytes;
        oldest->older = gone;
        gone = oldest;
    }
    return gone;
}

static size_t bytes_of_record(const struct trace_record *record)
{
    /* What is still to come is counted as if it were the most that can. */
    size_t spans = span_log_is_whole(record->facts.spans) ? span_log_bytes(record->facts.spans)
                                                          : SPAN_LOG_BYTES_MAX;
    return sizeof(*record) + spans;
}

void trace_store_end(
    struct trace_store *store, struct trace_record *record, const struct trace_facts *facts)
{
    pthread_mutex_lock(&store->mutex);
    list_remove(&store->running, record);
    struct trace_facts done = *facts;
    done.spans = record->facts.spans;
    record->facts = done;
    span_log_ref(done.spans);
    record->bytes = bytes_of_record(record);
    store->bytes += record->bytes;
    list_push(&store->done, record);
    struct record_list gone = {.newest = shrink_locked(store)};
    pthread_mutex_unlock(&store->mutex);
    free_all(&gone);
    if (store->options.on_done != NULL) {
        store->options.on_done(store->options.arg, &done);
    }
    trace_facts_finish(&done);
}

struct trace_facts *trace_store_add(struct trace_store *store)
{
    pthread_mutex_lock(&store->mutex);
    size_t at = store->quick_next;
    store->quick_next = at + 1 == store->options.traces_max ? 0 : at + 1;
    store->n_quick += store->n_quick < store->options.traces_max;
    return &store->quick[at];
}

void trace_store_added(struct trace_store *store, const struct trace_facts *facts)
{
    if (store->options.on_done == NULL) {
        pthread_mutex_unlock(&store->mutex);
        return;
    }
    struct trace_facts done = *facts;
    pthread_mutex_unlock(&store->mutex);
    store->options.on_done(store->options.arg, &done);
}

/* --- looking -------------------------------------------------------------------------------- */

/* Calls `visit` with every request until it says false; newest first within each kind. */
static void each_locked(
    struct trace_store *store, bool (*visit)(void *arg, struct trace_facts *), void *arg)
{
    struct record_list *const LISTS[] = {&store->running, &store->done};
    for (size_t i = 0; i < LENGTH_OF(LISTS); i++) {
        struct trace_record *record = LISTS[i]->newest;
        while (record != NULL && visit(arg, &record->facts)) {
            record = record->older;
        }
    }
    for (size_t i = 0; i < store->n_quick; i++) {
        size_t at =
            (store->quick_next + store->options.traces_max - 1 - i) % store->options.traces_max;
        if (!visit(arg, &store->quick[at])) {
            break;
        }
    }
}

static int compare_start(const void *a, const void *b)
{
    const struct trace_facts *left = a;
    const struct trace_facts *right = b;
    return left->start_ns == right->start_ns ? 0 : (left->start_ns < right->start_ns ? -1 : 1);
}

/* NULL: everybody's. */
static bool is_of(const struct trace_facts *facts, const char *principal)
{
    return principal == NULL || strcmp(principal, facts->principal) == 0;
}

struct search {
    const uint8_t *trace_id;
    const char *principal;
    struct trace_facts *found;
    size_t n_found;
    size_t n_max;
};

static bool take_if_same(void *arg, struct trace_facts *facts)
{
    struct search *search = arg;
    if (memcmp(facts->trace.trace_id, search->trace_id, TRACE_ID_LEN) == 0 &&
        is_of(facts, search->principal) && search->n_found < search->n_max) {
        span_log_ref(facts->spans);
        search->found[search->n_found++] = *facts;
    }
    return search->n_found < search->n_max;
}

size_t trace_store_find(struct trace_store *store, const uint8_t trace_id[TRACE_ID_LEN],
    const char *principal, struct trace_facts *ret_facts, size_t n_max)
{
    struct search search = {
        .trace_id = trace_id, .principal = principal, .found = ret_facts, .n_max = n_max};
    pthread_mutex_lock(&store->mutex);
    each_locked(store, take_if_same, &search);
    pthread_mutex_unlock(&store->mutex);
    qsort(ret_facts, search.n_found, sizeof(*ret_facts), compare_start);
    return search.n_found;
}

struct listing {
    const struct trace_filter *filter;
    uint64_t now_ns;
    struct trace_facts *found;
    size_t n_found;
    size_t n_since; /* of the kind that is visited now */
    bool was_running;
    bool was_quick;
};

static bool is_wanted(const struct listing *listing, const struct trace_facts *facts)
{
    const struct trace_filter *filter = listing->filter;
    bool is_running = facts->end_ns == 0;
    uint64_t end_ns = is_running ? listing->now_ns : facts->end_ns;
    uint64_t elapsed_ns = end_ns > facts->start_ns ? end_ns - facts->start_ns : 0;
    bool is_trivial =
        facts->spans == NULL && facts->quick_call == NULL && facts->status == STATUS_OK;
    return (is_running ? filter->wants_running : filter->wants_done) &&
           !(filter->wants_failed_only && facts->status == STATUS_OK) &&
           !(is_trivial && !filter->wants_trivial) && elapsed_ns >= filter->elapsed_min_ns &&
           is_of(facts, filter->principal);
}

/* As many of each kind as the whole list may have: the newest of them all are among those. */
static bool take_if_wanted(void *arg, struct trace_facts *facts)
{
    struct listing *listing = arg;
    bool is_running = facts->end_ns == 0;
    bool is_quick = facts->spans == NULL;
    if (is_running != listing->was_running || is_quick != listing->was_quick) {
        listing->n_since = 0;
        listing->was_running = is_running;
        listing->was_quick = is_quick;
    }
    if (is_wanted(listing, facts) && listing->n_since < listing->filter->limit) {
        listing->found[listing->n_found] = *facts;
        listing->found[listing->n_found++].spans = NULL;
        listing->n_since++;
    }
    return listing->n_since < listing->filter->limit;
}

static int compare_newest(const void *a, const void *b)
{
    return -compare_start(a, b);
}

size_t trace_store_list(struct trace_store *store, const struct trace_filter *filter,
    uint64_t now_ns, struct trace_facts **ret_facts)
{
    enum { KINDS = 3 };
    struct trace_filter bounded = *filter;
    bounded.limit = filter->limit < TRACE_LIST_MAX ? filter->limit : TRACE_LIST_MAX;
    struct listing listing = {.filter = &bounded,
        .now_ns = now_ns,
        .was_running = true,
        .found = calloc(KINDS * TRACE_LIST_MAX, sizeof(struct trace_facts))};
    *ret_facts = listing.found;
    if (listing.found == NULL) {
        return 0;
    }
    pthread_mutex_lock(&store->mutex);
    each_locked(store, take_if_wanted, &listing);
    pthread_mutex_unlock(&store->mutex);
    qsort(listing.found, listing.n_found, sizeof(*listing.found), compare_newest);
    return listing.n_found < bounded.limit ? listing.n_found : bounded.limit;
}

const char *trace_facts_path(const struct trace_facts *facts)
{
    return facts->literal_path != NULL ? facts->literal_path : facts->path;
}

void trace_facts_finish(struct trace_facts *facts)
{
    span_log_unref(facts->spans);
    facts->spans = NULL;
}

struct trace_store_size trace_store_size(struct trace_store *store)
{
    pthread_mutex_lock(&store->mutex);
    struct trace_store_size size = {store->running.n, store->done.n, store->n_quick, store->bytes};
    pthread_mutex_unlock(&store->mutex);
    return size;
}
