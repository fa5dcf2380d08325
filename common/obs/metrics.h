/* Metrics: counters, gauges and histograms, for Prometheus to fetch from the admin port.
 *
 *     static struct metrics_family REFUSED = {.name = "walkie_rpc_refused_total",
 *         .help = "Calls that were refused.", .kind = METRICS_COUNTER, .labels = {"method",
 * "why"}};
 *
 *     child = metrics_child(&REFUSED, "Echo", "queue full", NULL);     once; keep it
 *     metrics_add(child, 1);                                           often
 *
 * A family is a static variable of the file that counts; it shows on the page once it has a child.
 * Values are integers: times are given in nanoseconds and shown in seconds (METRICS_SECONDS; the
 * name then says _seconds). Adding is one relaxed atomic add to a cache line that the thread shares
 * with few others, so it may stand on the path of every call; metrics_child takes a lock and
 * compares text, so it may not.
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
};

enum metrics_kind {
    METRICS_COUNTER,   /* only goes up; the name ends in _total */
    METRICS_GAUGE,     /* goes up and down */
    METRICS_HISTOGRAM, /* durations in fixed buckets: 1, 2, 5, 10 … µs to 100 s */
};

enum metrics_unit {
    METRICS_ONE,     /* pieces, bytes: shown as they are */
    METRICS_SECONDS, /* given in ns, shown in seconds; histograms always are */
};

struct metrics_child;

/* The first five fields are the user's, fixed; the rest is the registry's. Static storage. */
struct metrics_family {
    const char *name;
    const char *help; /* one sentence */
    enum metrics_kind kind;
    enum metrics_unit unit;
    const char *labels[METRICS_LABELS_MAX]; /* NULL: no more */

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

/* The same for code that does not know beforehand which children it will need: the first call looks
 * the child up and keeps it at `place` (NULL until then), later ones cost a load. */
RETURNS_NONNULL struct metrics_child *metrics_child_at(_Atomic(struct metrics_child *) *place,
    struct metrics_family *family, const char *value1, const char *value2, const char *value3);

/* Add to a counter. Threads: any. Never waits. */
void metrics_add(struct metrics_child *child, uint64_t n);

/* Set a gauge. Threads: any; the last one counts. */
void metrics_set(struct metrics_child *child, int64_t value);

/* Count a duration in a histogram. Threads: any. Never waits. */
void metrics_observe(struct metrics_child *child, uint64_t duration_ns);

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

/* Append all families, by name, in Prometheus's text format 0.0.4. Fits admin_page; `arg` is not
 * looked at. The process's own (process_*) and the number of live scopes are always there.
 * Threads: any. Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status metrics_page_write(void *arg, struct buffer *page);

#endif
