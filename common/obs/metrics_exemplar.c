/* A bucket's exemplar: written by whoever comes first after its time, read by pages, without locks.
 */
#include <string.h>
#include <time.h>

#include "obs/metrics_internal.h"

static uint64_t real_now_us(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) {
        return 0;
    }
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void metrics_exemplar_keep(
    struct metrics_exemplar *exemplar, uint64_t value_ns, const uint8_t *trace_id)
{
    uint64_t now_ns = clock_recent_ns();
    uint64_t next_ns = atomic_load_explicit(&exemplar->next_at_ns, memory_order_relaxed);
    uint64_t sequence = atomic_load_explicit(&exemplar->sequence, memory_order_relaxed);
    if (now_ns < next_ns || sequence % 2 != 0 ||
        !atomic_compare_exchange_strong(&exemplar->sequence, &sequence, sequence + 1)) {
        return; /* it is fresh, or somebody else writes it */
    }
    for (size_t i = 0; i < LENGTH_OF(exemplar->trace_id); i++) {
        uint64_t word;
        memcpy(&word, trace_id + i * sizeof(word), sizeof(word));
        atomic_store_explicit(&exemplar->trace_id[i], word, memory_order_relaxed);
    }
    atomic_store_explicit(&exemplar->value_ns, value_ns, memory_order_relaxed);
    atomic_store_explicit(&exemplar->at_us, real_now_us(), memory_order_relaxed);
    atomic_store_explicit(
        &exemplar->next_at_ns, now_ns + CLOCK_MS(METRICS_EXEMPLAR_EVERY_MS), memory_order_relaxed);
    atomic_store(&exemplar->sequence, sequence + 2);
}

bool metrics_exemplar_read(
    const struct metrics_exemplar *exemplar, struct metrics_exemplar_view *ret_view)
{
    uint64_t sequence = atomic_load(&exemplar->sequence);
    if (sequence == 0 || sequence % 2 != 0) {
        return false;
    }
    struct metrics_exemplar_view view;
    for (size_t i = 0; i < LENGTH_OF(exemplar->trace_id); i++) {
        uint64_t word = atomic_load(&exemplar->trace_id[i]);
        memcpy(view.trace_id + i * sizeof(word), &word, sizeof(word));
    }
    view.value_ns = atomic_load(&exemplar->value_ns);
    view.at_us = atomic_load(&exemplar->at_us);
    if (atomic_load(&exemplar->sequence) != sequence) {
        return false;
    }
    *ret_view = view;
    return true;
}
