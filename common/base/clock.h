/* Two clocks: monotonic nanoseconds for deadlines, epoch microseconds for log stamps.
 *
 *     uint64_t deadline_ns = clock_now_ns() + CLOCK_MS(300);
 *
 * Tests may put a fake monotonic clock in place, for the whole process; it stands still until it
 * is advanced. Only the monotonic clock can be faked. */
#ifndef WALKIE_BASE_CLOCK_H
#define WALKIE_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_US(n) ((uint64_t)(n)*UINT64_C(1000))
#define CLOCK_MS(n) ((uint64_t)(n)*UINT64_C(1000000))
#define CLOCK_SECONDS(n) ((uint64_t)(n)*UINT64_C(1000000000))
#define CLOCK_NEVER UINT64_MAX /* a deadline that never comes */

/* Monotonic time in nanoseconds, or the fake clock's. Threads: any. */
uint64_t clock_now_ns(void);

/* clock_now_ns() as of the kernel's last tick: some milliseconds late, at a quarter of the cost. */
uint64_t clock_recent_ns(void);

/* Wall-clock time in microseconds since 1970 UTC. Never used to compute a deadline. */
int64_t clock_epoch_us(void);

/* CPU time that the calling thread has used, in nanoseconds. */
uint64_t clock_thread_cpu_ns(void);

/* `base + duration`, CLOCK_NEVER when that would overflow. */
uint64_t clock_add_ns(uint64_t base_ns, uint64_t duration_ns);

/* Tests only: the monotonic clock becomes `now_ns` (> 0) and stands still; 0 gives the real one
 * back. Threads: any. Timers must be told by `ctx_timer_wake()` (ctx/timer.h) after a change. */
void clock_set_fake_ns(uint64_t now_ns);

/* Whether the fake clock is in place: sleeping until a time then needs a wake-up by hand. */
bool clock_is_fake(void);

#endif
