/* The one system call under every wait in common/ctx. Internal to common/ctx.
 *
 *     while (atomic_load(&word) == 0) {
 *         futex_wait_until(&word, 0, CLOCK_NEVER);
 *     }
 *
 * Spurious returns are normal: callers loop. Not here: priority inheritance, sharing between
 * processes. */
#ifndef WALKIE_CTX_FUTEX_H
#define WALKIE_CTX_FUTEX_H

#include <stdatomic.h>
#include <stdint.h>

enum { FUTEX_WAKE_EVERYBODY = 0x7fffffff };

/* Sleep while `*word` is `expected`, at most until `limit_ns` of the real monotonic clock
 * (CLOCK_NEVER: no limit). May return early for no reason. */
void futex_wait_until(_Atomic uint32_t *word, uint32_t expected, uint64_t limit_ns);

/* Wake at most `n_max` sleepers. The word may be gone by now: a stray wake is harmless. */
void futex_wake(_Atomic uint32_t *word, int n_max);

#endif
