/* Metrics: counters, gauges and histograms, for Prometheus to fetch from the admin port, in its own
 * text format or as OpenMetrics 1.0.
 *
 *     static struct metrics_family REFUSED = {.name = "walkie_rpc_refused_total",
 *         .help = "Calls that were refused.",
 *         .kind = METRICS_COUNTER, .labels = {"method", "why"}};
 *
 *     child = metrics_child(&REFUSED, "Echo", "queue full", NULL);     once; keep it
 *     metrics_add(child, 1);                                           often
 *
 * A family is a static variable of the file that counts; it shows on the page once it has a child,
 * or has been declared. Values are integers: times are given in nanoseconds and shown in seconds
 * (METRICS_SECONDS; the name then says _seconds). Adding is one relaxed atomic add to a cache line
 * that the thread shares with few others, so it may stand on the path of every call; metrics_child
 * takes a lock and compares text, so it may not.
 *
 * A histogram can remember, by bucket, the trace of one of the last observations (an exemplar),
 * which OpenMetrics shows: from a slow bucket in Grafana to the waterfall of a request that fell
 * into it.
 *
 * Not here: floating point, summaries, children that go away again, pushing. */
#ifndef WALKIE_OBS_METRICS_H
#define WALKIE_OBS_METRICS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum {
    METRICS_LABELS_MAX = 3,
    METRICS_LABEL_VALUE_MAX = 96, /* bytes of a label's value, with the NUL; longer ones are cut */
    METRICS_CHILDREN_MAX = 256,   /* of one family; further ones are counted together as "other" */
    METRICS_TRACE_ID_LEN = 16,    /* bytes */
    METRICS_EXEMPLAR_EVERY_MS = 100, /* a bucket's exemplar stays at least so long */
};

enum metrics_kind {
    METRICS_COUNTER,   /* only goes up; the name ends in _total */
    METRICS_GAUGE,     /* goes up and down */
    METRICS_HISTOGRAM, /* durations in fixed buckets: 1, 2, 5, 10 … µs to 100 s */
};

enum metrics_unit {
    METRICS_ONE,     /* pieces: shown as they are */
    METRICS_SECONDS, /* given in ns, shown in seconds; histograms always are */
    METRICS_BYTES,   /* shown as they are; the name ends in _bytes */
};

struct metrics_child;

/* The first six fields are the user's, fixed; the rest is the registry's. Static storage. */
struct metrics_family {
    const char *name;
    const char *help; /* one sentence */
    enum metrics_kind kind;
    enum metrics_unit unit;
    const char *labels[METRICS_LABELS_MAX]; /* NULL: no more */
    bool has_exemplars;                     /* of a histogram: metrics_observe_in keeps traces */

    struct metrics_family *next;
    struct metrics_child *first;
    struct metrics_child *last;
    struct metrics_child *other;
    unsigned int n_children;
    bool is_known;
};

/* The child with these values of the family's labels (NULL beyond the last label), made when it is
 * new; the same pointer every time. Never NULL: beyond METRICS_CHILDREN_MAX it is the child
 * "other", and when memory runs out one that nobody reads. Valid for good. The values are copied;
 * they are UTF-8. Threads: any. */
RETURNS_NONNULL struct metrics_child *metrics_child(
    struct metrics_family *family, const char *value1, const char *value2, const char *value3);

/* Show a family, with its help, before it has a child: what is not there yet can be asked for.
 * Threads: any. */
void metrics_declare(struct metrics_family *family);

/* metrics_child for code that does not know beforehand which children it will need: the first call
 * looks the child up and keeps it at `place` (NULL until then), later ones cost a load. */
RETURNS_NONNULL struct metrics_child *metrics_child_at(_Atomic(struct metrics_child *) *place,
    struct metrics_family *family, const char *value1, const char *value2, const char *value3);

/* Add to a counter. Threads: any. Never waits. */
void metrics_add(struct metrics_child *child, uint64_t n);

/* Set a gauge, or a counter that somebody else counts. Threads: any; the last one counts. */
void metrics_set(struct metrics_child *child, int64_t value);

/* Count a duration in a histogram. Threads: any. Never waits. */
void metrics_observe(struct metrics_child *child, uint64_t duration_ns);

/* The same, and remember the trace (METRICS_TRACE_ID_LEN bytes, or NULL) where the family has
 * exemplars. */
void metrics_observe_in(struct metrics_child *child, uint64_t duration_ns, const uint8_t *trace_id);

/* A counter's or gauge's value, a histogram's number of observations, as of about now. */
uint64_t metrics_value(const struct metrics_child *child);

/* Values that are cheaper to look up than to keep: `function` runs before each page is written, on
 * the thread that writes it, and sets gauges. It must be quick and may not start or stop hooks. The
 * struct is embedded in its user's. After metrics_hook_stop it does not run and will not again. */
struct metrics_hook {
    struct metrics_hook *next; /* the registry's */
    void (*function)(void *arg);
    void *arg;
};
void metrics_hook_start(struct metrics_hook *hook, void (*function)(void *arg), void *arg);
void metrics_hook_stop(struct metrics_hook *hook); /* accepts one that was never started */

#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

#define METRICS_OPEN_CONTENT_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

/* Append all families, by name, in Prometheus's text format 0.0.4, or as OpenMetrics 1.0 with units
 * and exemplars. The series are the same, letter for letter. Fits admin_page; `arg` is not looked
 * at. The process's own (process_*) and the number of live scopes are always there. Threads: any.
 * Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status metrics_page_write(void *arg, struct buffer *page);
MUST_USE enum status metrics_page_write_open(void *arg, struct buffer *page);

/* walkie_build_info{service,version} 1: which program this is. Once, at its start. */
void metrics_set_build(const char *service, const char *version);

#endif
