#include "base/clock.h"

#include <stdatomic.h>
#include <time.h>

#include "base/attributes.h"

#ifdef CLOCK_MONOTONIC_COARSE
#define CLOCK_RECENT CLOCK_MONOTONIC_COARSE
#else
#define CLOCK_RECENT CLOCK_MONOTONIC
#endif

static _Atomic uint64_t clock_fake_ns; /* 0: the real clock */

static uint64_t clock_read(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

uint64_t clock_now_ns(void)
{
    uint64_t fake_ns = atomic_load_explicit(&clock_fake_ns, memory_order_relaxed);
    return UNLIKELY(fake_ns != 0) ? fake_ns : clock_read(CLOCK_MONOTONIC);
}

uint64_t clock_recent_ns(void)
{
    uint64_t fake_ns = atomic_load_explicit(&clock_fake_ns, memory_order_relaxed);
    return UNLIKELY(fake_ns != 0) ? fake_ns : clock_read(CLOCK_RECENT);
}

int64_t clock_epoch_us(void)
{
    return (int64_t)(clock_read(CLOCK_REALTIME) / CLOCK_US(1));
}

uint64_t clock_thread_cpu_ns(void)
{
    return clock_read(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t clock_add_ns(uint64_t base_ns, uint64_t duration_ns)
{
    return duration_ns > CLOCK_NEVER - base_ns ? CLOCK_NEVER : base_ns + duration_ns;
}

void clock_set_fake_ns(uint64_t now_ns)
{
    atomic_store(&clock_fake_ns, now_ns);
}

bool clock_is_fake(void)
{
    return atomic_load_explicit(&clock_fake_ns, memory_order_relaxed) != 0;
}
