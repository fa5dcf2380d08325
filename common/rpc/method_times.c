#include "rpc/method_times.h"

#include <stdlib.h>

static unsigned int class_of(uint64_t size)
{
    return size == 0 ? 0 : 64 - (unsigned int)__builtin_clzll(size);
}

void method_times_finish(struct method_times *times)
{
    for (unsigned int i = 0; i < METHOD_SIZES; i++) {
        free(times->cells[i]);
        times->cells[i] = NULL;
    }
}

struct method_cell *method_times_at(struct method_times *times, uint64_t size)
{
    unsigned int size_class = class_of(size);
    struct method_cell *cell = times->cells[size_class];
    if (cell == NULL) {
        cell = calloc(1, sizeof(*cell));
        if (cell != NULL) {
            cell->size_class = size_class;
            times->cells[size_class] = cell;
        }
    }
    return cell;
}

uint64_t method_times_cost_ns(const struct method_times *times, const struct method_cell *cell)
{
    if (cell == NULL) {
        return 0;
    }
    for (unsigned int i = cell->size_class + 1; i > 0; i--) {
        const struct method_cell *known = times->cells[i - 1];
        if (known != NULL && known->time.n_held > 0) {
            return service_time_held_ns(&known->time);
        }
    }
    return 0;
}
