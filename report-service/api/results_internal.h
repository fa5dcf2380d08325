/* What the parts of the store of results share. Private to api/results*.c. */
#ifndef WALKIE_SERVICE_RESULTS_INTERNAL_H
#define WALKIE_SERVICE_RESULTS_INTERNAL_H

#include <pthread.h>

#include "api/results.h"

enum {
    RESULTS_PATH_MAX = 4096,
    RUN_NAME_MAX = 65,     /* hex SHA-256 */
    FILE_NAME_MAX_LEN = 96 /* "<32 hex>-<32 hex>.report" */
};

struct results {
    char *folder;
    uint64_t bytes_max;
    uint64_t keep_ns;
    pthread_mutex_t mutex; /* sweeping and beginning; guards: */
    uint64_t bytes;        /* kept, as of the last sweep and what was added since */
};

struct results_run {
    struct results *results;
    char name[RUN_NAME_MAX];
    char data[RUN_NAME_MAX];
    int folder_fd; /* of the run's folder, locked; -1: not open yet */
};

/* Open, making it where needed, the store's folder: ours alone. -1: *ret_error says why. */
MUST_USE int results_open_folder(const struct results *results, struct error *ret_error);

/* results_sweep.c, under the mutex: so that `needed` bytes more have room. Listens between runs. */
void results_sweep_locked(const struct ctx *ctx, struct results *results, uint64_t needed);

#endif
