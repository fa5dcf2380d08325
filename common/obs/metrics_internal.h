/* What the metrics_*.c files share: a child's memory and the registry's list.
 *
 * A child's numbers lie in shards, so that threads that count the same thing at the same time
 * seldom write to the same cache line; a reader adds the shards up. Locks: the registry's is
 * innermost. */
#ifndef WALKIE_OBS_METRICS_INTERNAL_H
#define WALKIE_OBS_METRICS_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "obs/metrics.h"

enum {
    METRICS_SHARDS = 8, /* a power of two */
    METRICS_BOUNDS = 25,
    METRICS_LINE_LEN = 64, /* bytes of a cache line */
    /* Cells of a histogram's shard: one a bucket, the one above all bounds, the sum in ns. */
    METRICS_CELLS_MAX = METRICS_BOUNDS + 2,
    METRICS_SUM = METRICS_BOUNDS + 1,
};

/* The upper bounds of the buckets, rising. */
extern const uint64_t METRICS_BOUNDS_NS[METRICS_BOUNDS];

struct metrics_shard {
    _Alignas(METRICS_LINE_LEN) _Atomic uint64_t cells[METRICS_CELLS_MAX];
};

/* One of the last observations that fell into a bucket. `sequence` is odd while it is written, 0
 * before the first; a reader that sees it change takes nothing. */
struct metrics_exemplar {
    _Atomic uint64_t next_at_ns; /* on the coarse clock: kept until then */
    _Atomic uint64_t sequence;
    _Atomic uint64_t trace_id[METRICS_TRACE_ID_LEN / sizeof(uint64_t)];
    _Atomic uint64_t value_ns;
    _Atomic uint64_t at_us; /* since 1970 */
};

/* A counter's shard is one line, a gauge has one shard: a child has what it needs. */
struct metrics_child {
    const struct metrics_family *family;
    struct metrics_child *next;
    unsigned char *shards;              /* n_shards of shard_size bytes, on lines of their own */
    unsigned int n_shards;              /* a power of two */
    unsigned int shard_size;            /* bytes */
    struct metrics_exemplar *exemplars; /* METRICS_BOUNDS + 1; NULL: it keeps none */
    char values[METRICS_LABELS_MAX][METRICS_LABEL_VALUE_MAX];
};

/* Cell `cell` of all shards together. */
uint64_t metrics_sum(const struct metrics_child *child, unsigned int cell);

/* The families known so far, by name, until `visit` fails; it runs under the registry's lock. */
MUST_USE enum status metrics_each_family(
    enum status (*visit)(void *arg, const struct metrics_family *family), void *arg);

/* metrics.c */
void metrics_run_hooks(void);

/* metrics_exemplar.c */
struct metrics_exemplar_view {
    uint8_t trace_id[METRICS_TRACE_ID_LEN];
    uint64_t value_ns;
    uint64_t at_us;
};
void metrics_exemplar_keep(
    struct metrics_exemplar *exemplar, uint64_t value_ns, const uint8_t *trace_id);
/* False: there is none, or it is being written. */
bool metrics_exemplar_read(
    const struct metrics_exemplar *exemplar, struct metrics_exemplar_view *ret_view);

/* metrics_process.c: the process's gauges, as of now. */
void metrics_process_refresh(void);

#endif
