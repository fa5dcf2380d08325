#include "ctx/word_lock.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum { SPINS_MAX = 100, NAP_NS = 20000 };

static bool word_try_lock(struct word_lock *lock)
{
    /* Look before taking: the holder's cache line stays shared meanwhile. */
    return atomic_load_explicit(&lock->word, memory_order_relaxed) == 0 &&
           atomic_exchange_explicit(&lock->word, 1, memory_order_acquire) == 0;
}

static inline void cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

void word_lock_slow(struct word_lock *lock)
{
    const struct timespec nap = {.tv_sec = 0, .tv_nsec = NAP_NS};
    for (;;) {
        for (int i = 0; i < SPINS_MAX; i++) {
            if (word_try_lock(lock)) {
                return;
            }
            cpu_relax();
        }
        nanosleep(&nap, NULL);
    }
}
