/* The traces of the gateway's requests, in memory and bounded: the running ones, the newest of
 * those that are done, and beside them the newest quick ones, so that a flood of cheap calls does
 * not sweep the reports away.
 *
 *     struct trace_record *record = trace_store_begin(store, &facts);      it runs
 *     request->trace.spans = trace_record_spans(record);
 *     trace_store_end(store, record, &facts);                              it is done
 *     n = trace_store_find(store, trace_id, principal, found, TRACE_ROOTS_MAX);  copies
 *
 * What comes later (an END that its caller did not wait for) still finds its way into the record's
 * span log, as long as the store keeps it.
 *
 * Not here: who may see what (api/traces.c), JSON (view.h), sending it elsewhere (otlp.h). */
#ifndef WALKIE_GATEWAY_TRACES_STORE_H
#define WALKIE_GATEWAY_TRACES_STORE_H

#include "base/error.h"
#include "obs/span.h"

enum {
    TRACE_METHOD_MAX = 8,      /* bytes of an HTTP method, with the NUL; longer ones are cut */
    TRACE_PATH_MAX = 128,      /* of a path, likewise */
    TRACE_PRINCIPAL_MAX = 129, /* of who asked: the longest name, as names are compared */
    TRACE_ROOTS_MAX = 32,      /* requests of one trace that are shown together */
    TRACE_LIST_MAX = 200,      /* requests of one list */
    TRACE_RUNNING_MAX = 16384, /* requests that run and are recorded; others only at their end */
    TRACES_MAX_DEFAULT = 1000, /* that are done; and as many quick ones */
    TRACES_BYTES_MAX_DEFAULT = 16 << 20, /* of those that are done */
};

/* One request: what its trace begins with. Times are the monotonic clock's. */
struct trace_facts {
    struct trace trace;     /* ids; `spans` is not used here */
    struct span_log *spans; /* its parts; NULL: none were recorded */
    bool has_caller;        /* traceparent named one: trace.parent_span_id */
    char method[TRACE_METHOD_MAX];
    const char *literal_path;  /* the whole path where that is a route's; NULL: `path` has it */
    char path[TRACE_PATH_MAX]; /* see trace_facts_path */
    char principal[TRACE_PRINCIPAL_MAX];
    uint64_t start_ns;
    uint64_t read_ns;     /* when all of it had been read */
    uint64_t end_ns;      /* 0: it runs */
    uint64_t deadline_ns; /* CLOCK_NEVER: none */
    enum ctx_origin origin;
    uint64_t cancelled_ns; /* 0: not */
    enum ctx_cause cause;
    enum status status;
    int http_status; /* 0: nothing was sent (yet) */
    uint64_t bytes;
    /* Of a call that was too quick to record: what the service said of it. */
    const char *quick_call; /* the method's name, a literal; NULL: there was none */
    uint64_t quick_queue_ns;
    uint64_t quick_run_ns;
};

struct trace_store;
struct trace_record; /* a request that runs; its owner's until trace_store_end */

struct trace_store_options {
    size_t traces_max; /* done ones, and quick ones; > 0 */
    size_t bytes_max;
    /* Called with each that is done, without a lock; must not block. NULL: nobody wants them. */
    void (*on_done)(void *arg, const struct trace_facts *facts);
    void *arg;
};

/* Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status trace_store_new(const struct trace_store_options *options,
    struct trace_store **ret_store, struct error *ret_error);
/* When no request runs any more. Accepts NULL. */
void trace_store_free(struct trace_store *store);

/* A request runs. Copies; makes the span log. NULL: out of memory, or too many run. */
MUST_USE struct trace_record *trace_store_begin(
    struct trace_store *store, const struct trace_facts *facts);

/* Its log, as long as it runs. */
struct span_log *trace_record_spans(struct trace_record *record);

/* It is done; `facts` are final, but for `spans`. The record is the store's from here on. */
void trace_store_end(
    struct trace_store *store, struct trace_record *record, const struct trace_facts *facts);

/* A request that is done and was not recorded while it ran: the place for its facts, which are all
 * to be written (`spans`: NULL), at once: the store is locked until trace_store_added. */
struct trace_facts *trace_store_add(struct trace_store *store);
void trace_store_added(struct trace_store *store, const struct trace_facts *facts);

/* All requests of a trace that are the principal's (NULL: everybody's), by start. Copies that hold
 * their logs: trace_facts_finish. */
size_t trace_store_find(struct trace_store *store, const uint8_t trace_id[TRACE_ID_LEN],
    const char *principal, struct trace_facts *ret_facts, size_t n_max);

struct trace_filter {
    const char *principal; /* NULL: everybody's */
    bool wants_running;
    bool wants_done;
    bool wants_failed_only; /* of those: not OK */
    bool wants_trivial;     /* also those that made no call and went well */
    uint64_t elapsed_min_ns;
    size_t limit; /* at most TRACE_LIST_MAX */
};

/* The newest first. Copies without logs. *ret_facts is the caller's, to free; NULL: none, or no
 * memory. */
size_t trace_store_list(struct trace_store *store, const struct trace_filter *filter,
    uint64_t now_ns, struct trace_facts **ret_facts);

const char *trace_facts_path(const struct trace_facts *facts);
void trace_facts_finish(struct trace_facts *facts);

/* How many are kept, and how many bytes the done ones take: for metrics and tests. */
struct trace_store_size {
    size_t n_running;
    size_t n_done;
    size_t n_quick;
    size_t bytes;
};
struct trace_store_size trace_store_size(struct trace_store *store);

#endif
