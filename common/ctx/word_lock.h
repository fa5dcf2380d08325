/* A lock in one word, for critical sections of some instructions. Internal to common/ctx.
 *
 *     word_lock(&wheel.lock);
 *     list_remove(timer);
 *     word_unlock(&wheel.lock);
 *
 * Taking it is one atomic operation and releasing it a plain store, a quarter of what a pthread
 * mutex costs; deriving and ending a context is little else. Nobody is woken: who finds it taken
 * spins for a moment and then naps until it is free, so a preempted holder gets its CPU back and
 * there is no wake-up to lose. Not here: waiting for a condition, fairness, holding it over
 * anything that may sleep for long. */
#ifndef WALKIE_CTX_WORD_LOCK_H
#define WALKIE_CTX_WORD_LOCK_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/attributes.h"

/* Zero is free. */
struct word_lock {
    _Atomic uint32_t word;
};

COLD void word_lock_slow(struct word_lock *lock);

static inline void word_lock(struct word_lock *lock)
{
    if (UNLIKELY(atomic_exchange_explicit(&lock->word, 1, memory_order_acquire) != 0)) {
        word_lock_slow(lock);
    }
}

static inline void word_unlock(struct word_lock *lock)
{
    atomic_store_explicit(&lock->word, 0, memory_order_release);
}

#endif
