/* Condition variables that wait on the monotonic clock.
 *
 *     condition_init(&condition);
 *     while (!is_ready && condition_wait_until(&condition, &mutex, limit_ns)) {
 *     }
 *
 * Not here: contexts; who waits under one has an after_func broadcast. */
#ifndef WALKIE_RPC_CONDITION_H
#define WALKIE_RPC_CONDITION_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

void condition_init(pthread_cond_t *condition);

/* False when `limit_ns` (monotonic; CLOCK_NEVER: none) has passed. */
bool condition_wait_until(pthread_cond_t *condition, pthread_mutex_t *mutex, uint64_t limit_ns);

#endif
