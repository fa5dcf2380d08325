/* One line a place in the source and interval: for warnings that a bug would repeat without end.
 *
 *     static struct site_limit limit = SITE_LIMIT_INIT(CLOCK_SECONDS(10));
 *     if (site_limit_allows(&limit, CTX_HERE, clock_now_ns(), &n_silent)) {
 *         LOG_WARN(…, log_u64("silent", n_silent));
 *     }
 *
 * Not here: limits by anything but the place. */
#ifndef WALKIE_OBS_SITE_LIMIT_H
#define WALKIE_OBS_SITE_LIMIT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "ctx/ctx.h"

enum { SITE_LIMIT_SITES_MAX = 64 }; /* further places share one entry */

struct site_limit_entry {
    struct ctx_site site;
    uint64_t next_ns; /* no line before this */
    uint64_t n_silent;
};

struct site_limit {
    uint64_t interval_ns;
    pthread_mutex_t mutex; /* guards what follows */
    unsigned int n_sites;
    struct site_limit_entry entries[SITE_LIMIT_SITES_MAX + 1]; /* the last is shared */
};

#define SITE_LIMIT_INIT(interval)                                                                  \
    {                                                                                              \
        .interval_ns = (interval), .mutex = PTHREAD_MUTEX_INITIALIZER                              \
    }

/* Whether the place may write a line at `now_ns`; how many it was refused since its last one.
 * Threads: any. */
MUST_USE bool site_limit_allows(
    struct site_limit *limit, struct ctx_site site, uint64_t now_ns, uint64_t *ret_n_silent);

#endif
