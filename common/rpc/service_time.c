#include "rpc/service_time.h"

#include <string.h>

#include "base/clock.h"

/* Where `us` stands, or would stand. */
static uint32_t place_of(const struct service_time *times, uint32_t us)
{
    uint32_t low = 0;
    uint32_t high = times->n_samples;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (times->sorted_us[middle] < us) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void forget_oldest(struct service_time *times)
{
    uint32_t place = place_of(times, times->ring_us[times->oldest]);
    times->n_samples--;
    memmove(&times->sorted_us[place], &times->sorted_us[place + 1],
        (times->n_samples - place) * sizeof(times->sorted_us[0]));
    times->oldest = (times->oldest + 1) % SERVICE_TIME_SAMPLES;
}

static void add(struct service_time *times, uint64_t now_ns, uint64_t run_ns)
{
    while (times->n_samples == SERVICE_TIME_SAMPLES ||
           (times->n_samples > 0 && now_ns > clock_add_ns(times->at_ns[times->oldest],
                                                 CLOCK_SECONDS(SERVICE_TIME_AGE_S)))) {
        forget_oldest(times);
    }
    uint64_t us = run_ns / CLOCK_US(1) + 1;
    uint32_t sample_us = us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
    uint32_t place = place_of(times, sample_us);
    memmove(&times->sorted_us[place + 1], &times->sorted_us[place],
        (times->n_samples - place) * sizeof(times->sorted_us[0]));
    times->sorted_us[place] = sample_us;
    uint32_t newest = (times->oldest + times->n_samples) % SERVICE_TIME_SAMPLES;
    times->ring_us[newest] = sample_us;
    times->at_ns[newest] = now_ns;
    times->n_samples++;
}

void service_time_completed(struct service_time *times, uint64_t now_ns, uint64_t run_ns)
{
    add(times, now_ns, run_ns);
}

void service_time_at_least(struct service_time *times, uint64_t now_ns, uint64_t run_ns)
{
    if (run_ns > service_time_quantile_ns(times)) {
        add(times, now_ns, run_ns);
    }
}

void service_time_held(struct service_time *times, uint64_t held_ns)
{
    if (times->n_held < SERVICE_TIME_HELD_SPAN) {
        times->n_held++;
    }
    if (held_ns >= times->held_ns) {
        times->held_ns += (held_ns - times->held_ns) / times->n_held;
    } else {
        times->held_ns -= (times->held_ns - held_ns) / times->n_held;
    }
}

void service_time_doubt(struct service_time *times)
{
    for (uint32_t n = times->n_samples / 2; n > 0; n--) {
        forget_oldest(times);
    }
}

uint64_t service_time_quantile_ns(const struct service_time *times)
{
    if (times->n_samples < SERVICE_TIME_KNOWN_MIN) {
        return 0;
    }
    return CLOCK_US(times->sorted_us[(times->n_samples - 1) * 9 / 10]);
}

uint64_t service_time_held_ns(const struct service_time *times)
{
    return times->held_ns;
}
