/* syscall() is a Linux extra. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "ctx/futex.h"

#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

void futex_wait_until(_Atomic uint32_t *word, uint32_t expected, uint64_t limit_ns)
{
    struct timespec limit = {
        .tv_sec = (time_t)(limit_ns / CLOCK_SECONDS(1)),
        .tv_nsec = (long)(limit_ns % CLOCK_SECONDS(1)),
    };
    /* WAIT_BITSET and not WAIT, because its time limit is absolute. */
    syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, expected,
        limit_ns == CLOCK_NEVER ? NULL : &limit, NULL, FUTEX_BITSET_MATCH_ANY);
}

void futex_wake(_Atomic uint32_t *word, int n_max)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, n_max, NULL, NULL, 0);
}
