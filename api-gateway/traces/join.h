/* The spans of a trace's requests as one list: each request's own, those that rode home, and what
 * stands for those that are not known yet or were not recorded. Every span has a parent in the list
 * or is a request's.
 *
 *     struct joined joined;
 *     if (trace_join(roots, n_roots, &joined)) { … joined.spans … }
 *     joined_finish(&joined);
 *
 * Not here: JSON (view.h). */
#ifndef WALKIE_GATEWAY_TRACES_JOIN_H
#define WALKIE_GATEWAY_TRACES_JOIN_H

#include "traces/store.h"

struct joined_span {
    struct span_record record;      /* parent_id 0: a request */
    const struct trace_facts *root; /* whose it is */
    bool is_request;
    bool has_stage; /* a running call's stage, with how far it is */
    uint64_t done;
    uint64_t total;
};

struct joined {
    struct joined_span *spans; /* by request, then start */
    size_t n_spans;
    uint64_t n_dropped;
};

/* `roots` stay the caller's, and must live as long. False: out of memory. */
MUST_USE bool trace_join(
    const struct trace_facts *roots, size_t n_roots, struct joined *ret_joined);
void joined_finish(struct joined *joined);

#endif
