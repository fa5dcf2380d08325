/* Traces as JSON: one whole, and the list.
 *
 *     {"trace_id":…,"state":"done","started":"2026-11-25T20:00:00.123Z","elapsed_ms":812.3,…,
 *      "spans":[{"span_id":…,"parent_id":…,"service":…,"name":…,"start_ms":…,"end_ms":…,…}]}
 *
 * Times are ms from the first request's start. Not here: who may see it (api/traces.c). */
#ifndef WALKIE_GATEWAY_TRACES_VIEW_H
#define WALKIE_GATEWAY_TRACES_VIEW_H

#include "traces/store.h"

enum { TRACE_VIEW_MAX = 8 << 20 }; /* bytes of a trace's JSON */

/* What time it is, on both clocks: what is kept is monotonic, what is shown is not. */
struct trace_now {
    uint64_t monotonic_ns;
    int64_t epoch_us;
};
struct trace_now trace_now(void);

/* `roots` by start, at least one. Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status trace_view_write(
    const struct trace_facts *roots, size_t n_roots, struct trace_now now, struct buffer *out);
MUST_USE enum status trace_view_write_list(
    const struct trace_facts *facts, size_t n_facts, struct trace_now now, struct buffer *out);

#endif
