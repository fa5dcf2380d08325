/* What calls of one method and size took lately: learnt from those that ran, forgotten with time.
 *
 *     service_time_completed(&times, now_ns, run_ns);
 *     uint64_t p90_ns = service_time_quantile_ns(&times);     0: not known yet
 *     uint64_t mean_ns = service_time_held_ns(&times);        how long such a call keeps a worker
 *
 * The quantile is exact, over a window: the last SERVICE_TIME_SAMPLES calls that completed, none
 * older than SERVICE_TIME_AGE_S when a newer one comes. It follows a change for the worse after
 * eight calls. It leaves the greatest out, so that one odd call (a first one, with cold caches)
 * never decides; and it needs two.
 *
 * A call that did not complete (cancelled, failed) teaches only that it would have taken at least
 * so long: it counts when that is more than the quantile, and never makes it smaller.
 *
 * Times are passed in. Threads: none of its own; one at a time. */
#ifndef WALKIE_RPC_SERVICE_TIME_H
#define WALKIE_RPC_SERVICE_TIME_H

#include <stdint.h>

enum {
    SERVICE_TIME_SAMPLES = 64,
    SERVICE_TIME_AGE_S = 60,
    SERVICE_TIME_KNOWN_MIN = 2,  /* samples that make a quantile */
    SERVICE_TIME_HELD_SPAN = 16, /* the mean's weight of one call is at least one over this */
};

struct service_time {
    uint32_t n_samples;
    uint32_t oldest;                          /* index in the ring */
    uint32_t ring_us[SERVICE_TIME_SAMPLES];   /* in the order they came */
    uint32_t sorted_us[SERVICE_TIME_SAMPLES]; /* the same, by size */
    uint64_t at_ns[SERVICE_TIME_SAMPLES];     /* when each came */
    uint64_t held_ns;                         /* mean time on a worker */
    uint32_t n_held;                          /* calls behind it, up to SERVICE_TIME_HELD_SPAN */
};

/* All zero is a fresh one. */

void service_time_completed(struct service_time *times, uint64_t now_ns, uint64_t run_ns);
void service_time_at_least(struct service_time *times, uint64_t now_ns, uint64_t run_ns);

/* How long a call kept its worker, however it ended. */
void service_time_held(struct service_time *times, uint64_t held_ns);

/* Forget the older half: what is learnt next counts for more. */
void service_time_doubt(struct service_time *times);

/* The 0.9 quantile, rounded up to microseconds; 0: too little is known. */
uint64_t service_time_quantile_ns(const struct service_time *times);
uint64_t service_time_held_ns(const struct service_time *times);

#endif
