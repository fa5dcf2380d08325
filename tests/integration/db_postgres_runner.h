/* A statement on a thread of its own, in a session of its own, that the test thread stops.
 *
 *     struct runner runner = {.ctx = scope->ctx, .db = db, .sql = RUNNER_ENDLESS};
 *     runner_start(&runner);
 *     ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
 *     runner_join(&runner);                             status, error and times are there now */
#ifndef WALKIE_TESTS_DB_POSTGRES_RUNNER_H
#define WALKIE_TESTS_DB_POSTGRES_RUNNER_H

#include <pthread.h>
#include <stdatomic.h>

#include "db/db.h"

struct runner {
    const struct ctx *ctx;
    struct db *db;
    const char *sql;
    _Atomic uint64_t n_rows;
    enum status status;
    struct error error;
    uint64_t stopped_at_ns; /* when the status was there */
    uint64_t ended_at_ns;   /* after db_end */
    pthread_t thread;
};

enum {
    RUNNER_RETURN_MAX_MS = 20,  /* from the cancel to the status, the design's promise */
    RUNNER_OUTLIVE_MAX_MS = 50, /* from the cancel to the end in the server, the same */
};

/* Runs for hours: nothing but CPU, no rows kept, no files. */
extern const char RUNNER_ENDLESS[];

void runner_start(struct runner *runner);
void runner_join(struct runner *runner);
/* The same on this thread. */
void runner_run(struct runner *runner);

/* Fails when it took far longer: a hundred times, as one of them may on a shared core. What holds
 * of the median of many is for the test. */
void runner_expect_within(uint64_t from_ns, uint64_t to_ns, unsigned int limit_ms);

#endif
