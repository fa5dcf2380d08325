/* What is known of a method's calls, by size: powers of two of whatever its calls are measured in.
 *
 *     struct method_cell *cell = method_times_at(&times, request_ms);
 *     uint64_t cost_ns = method_times_cost_ns(&times, cell);
 *
 * A cell is made when its size is first seen; the most that a method can have is METHOD_SIZES.
 * Threads: none of its own; one at a time. */
#ifndef WALKIE_RPC_METHOD_TIMES_H
#define WALKIE_RPC_METHOD_TIMES_H

#include "rpc/service_time.h"

enum { METHOD_SIZES = 65 }; /* 0, 1, 2–3, 4–7, … */

struct method_cell {
    struct service_time time;
    unsigned int size_class;
    uint64_t tried_ns; /* when such a call last ran, or was let in as a probe; 0: never */
};

struct method_times {
    struct method_cell *cells[METHOD_SIZES]; /* NULL: not seen yet */
};

/* All zero is a fresh one. */
void method_times_finish(struct method_times *times);

/* The cell of a size; NULL: out of memory. Valid until the finish. */
struct method_cell *method_times_at(struct method_times *times, uint64_t size);

/* How long such a call will keep a worker: what its own cell knows, else the next smaller one that
 * knows anything; 0: nothing is known. `cell` may be NULL. */
uint64_t method_times_cost_ns(const struct method_times *times, const struct method_cell *cell);

#endif
