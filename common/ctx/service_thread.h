/* The two threads that common/ctx starts for itself: timers and notifier. Internal to common/ctx.
 *
 * They are detached, live as long as the process and take no signals. */
#ifndef WALKIE_CTX_SERVICE_THREAD_H
#define WALKIE_CTX_SERVICE_THREAD_H

#include <stdbool.h>

#include "base/attributes.h"

/* Start `run(NULL)` on a thread of that name (15 bytes at most). False when none can be had. */
MUST_USE bool service_thread_start(const char *name, void *(*run)(void *arg));

#endif
