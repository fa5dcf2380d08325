#include "rpc/condition.h"

#include <time.h>

#include "base/clock.h"

void condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

bool condition_wait_until(pthread_cond_t *condition, pthread_mutex_t *mutex, uint64_t limit_ns)
{
    if (limit_ns == CLOCK_NEVER) {
        return pthread_cond_wait(condition, mutex) == 0;
    }
    struct timespec limit = {.tv_sec = (time_t)(limit_ns / CLOCK_SECONDS(1)),
        .tv_nsec = (long)(limit_ns % CLOCK_SECONDS(1))};
    return pthread_cond_timedwait(condition, mutex, &limit) == 0;
}
