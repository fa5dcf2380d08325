/* Study-wide facts, kept per version of the data and made once for all who ask at the same time.
 *
 *     struct study_key key = {.db = edc, .study_id = 1, .as_of_day = 18202, .data_version = 7};
 *     status = study_cache_get(ctx, cache, &key, count, fetch, &facts, &outcome, &error);
 *     …
 *     ctx_result_unref(&facts->result);
 *
 * The version in the key is the one that the caller read inside its own snapshot, in which it also
 * counts; so what lies under a key is what that snapshot holds, whatever is imported meanwhile.
 * Callers of one key at one time share a computation (ctx/flight.h): it runs on the first one's
 * thread and connection, stops when nobody waits any more, and who has no time left goes alone.
 * Beyond STUDY_CACHE_ENTRIES_MAX or STUDY_CACHE_BYTES_MAX the least recently used facts go; who
 * still holds them keeps them.
 *
 * Metrics: walkie_study_cache_total by source and result, …_evictions_total, …_entries, …_bytes.
 * Lock order: the cache's mutex is a leaf. Not here: what is counted (edc_study.c, ctms_study.c).
 */
#ifndef WALKIE_AUDIT_SOURCES_STUDY_CACHE_H
#define WALKIE_AUDIT_SOURCES_STUDY_CACHE_H

#include "audit/sources/facts_study.h"
#include "base/error.h"
#include "ctx/ctx.h"
#include "db/db.h"

enum {
    STUDY_CACHE_ENTRIES_MAX = 64,
    STUDY_CACHE_BYTES_MAX = 64 * 1024 * 1024, /* of all facts that are kept */
};

struct study_cache; /* shared by threads */

/* Which facts: everything that they are a function of. */
struct study_key {
    const char *source;    /* "edc", "ctms" */
    const struct db *db;   /* its identity: the cache must not outlive it */
    struct db_stamp stamp; /* of the file that the snapshot is of; len 0: the database has none */
    int64_t study_id;
    int64_t as_of_day;
    int64_t data_version;
    int64_t summary_version;
};

enum study_outcome {
    STUDY_HIT,    /* it was there */
    STUDY_MISS,   /* the caller made it */
    STUDY_SHARED, /* another caller did, while this one waited */
};

/* "hit", "miss", "shared": as logs and metrics have it. */
const char *study_outcome_name(enum study_outcome outcome);

/* Bounds for tests; 0: the maximum above. NULL when out of memory. */
MUST_USE struct study_cache *study_cache_new(size_t entries_max, size_t bytes_max);

/* Nobody may be inside study_cache_get. Accepts NULL. */
void study_cache_free(struct study_cache *cache);

/* Make the facts, under a context that is not the caller's. OK: one reference. */
typedef enum status study_make_fn(
    const struct ctx *ctx, void *arg, struct study_facts **ret_facts, struct error *ret_error);

/* The facts of the key: kept ones, or what `make` makes, on this thread or another caller's.
 *
 * Ownership: *ret_facts is the caller's, to be given back with ctx_result_unref.
 * Threads:   any. Without a cache (NULL) `make` runs under the caller's own context.
 * Errors:    the context's; what `make` returned, to all who waited for it; RESOURCE_EXHAUSTED. */
MUST_USE enum status study_cache_get(const struct ctx *ctx, struct study_cache *cache,
    const struct study_key *key, study_make_fn *make, void *arg, struct study_facts **ret_facts,
    enum study_outcome *ret_outcome, struct error *ret_error);

/* Callers that make facts or wait for somebody who does, about now. Threads: any. */
unsigned int study_cache_asking(const struct study_cache *cache);

#endif
