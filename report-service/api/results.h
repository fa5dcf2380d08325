/* Finished reports of a whole-study run, kept under the caller's idempotency key, so that a second
 * call with the key does not make them again: after a broken connection, a timeout, a killed
 * service.
 *
 *     status = results_begin(ctx, results, &name, &run, &error);     once a run
 *     status = results_find(ctx, run, "101", &result, &fd);     NOT_FOUND: make it
 *     status = results_keep(ctx, run, "101", &result, fd);
 *     results_end(run);
 *
 * A folder a key, named by the SHA-256 of caller and key; in it the request and a file a report
 * (results_file.h), named by site and version of the data. Files are written under another name,
 * synced, then renamed: whatever happens there is a whole file or none. What is read is compared
 * with its SHA-256; what is damaged counts as not there and is removed.
 *
 * Folders that nobody has written to for `keep_ns`, and the oldest ones above `bytes_max`, are
 * swept when a run begins and when the service starts. Not here: reports that are not kept. */
#ifndef WALKIE_SERVICE_RESULTS_H
#define WALKIE_SERVICE_RESULTS_H

#include "api/results_file.h"

struct results;     /* shared by threads */
struct results_run; /* one thread at a time */

enum {
    RESULTS_KEY_LEN_MIN = 16, /* characters of an idempotency key */
    RESULTS_KEY_LEN_MAX = 255,
    RESULTS_RUNS_MAX = 4096, /* folders looked at; more are swept, oldest first */
};
#define RESULTS_BYTES_MAX_DEFAULT (UINT64_C(4) << 30)

struct results_options {
    const char *folder; /* made when it is not there; must be ours alone (mode 700) */
    uint64_t bytes_max; /* of all that is kept; 0: RESULTS_BYTES_MAX_DEFAULT */
    uint64_t keep_ns;   /* since the last report of a run was kept */
};

/* The folder is made when it is first needed. Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status results_new(
    const struct results_options *options, struct results **ret_results, struct error *ret_error);

/* No run may be active. Accepts NULL. */
void results_free(struct results *results);

/* Remove what is too old or too much. Never blocks on another process; leaves off when the context
 * is done. Threads: any. */
void results_sweep(const struct ctx *ctx, struct results *results);

/* What names a run. All are borrowed for the call. */
struct results_name {
    struct bytes principal; /* who asks: another caller's key is another key */
    const char *key;
    const char *request_sha256; /* of the request in one spelling, hex */
    const char *data_sha256;    /* of the data's version, hex: reports of other data do not count */
};

/* Errors: INVALID_ARGUMENT (the key's length or a character); ABORTED (a run with this key is under
 * way, in whatever service); ALREADY_EXISTS (the key came with another request before); UNAVAILABLE
 * (the folder cannot be written, or is full, or is not ours alone); RESOURCE_EXHAUSTED. */
MUST_USE enum status results_begin(const struct ctx *ctx, struct results *results,
    const struct results_name *name, struct results_run **ret_run, struct error *ret_error);
void results_end(struct results_run *run); /* accepts NULL */

/* The report that was kept for a site: the descriptor, the caller's to close, stands at its first
 * byte. Errors: NOT_FOUND; the context's. */
MUST_USE enum status results_find(const struct ctx *ctx, struct results_run *run,
    const char *site_no, struct result *ret_result, int *ret_fd);

/* Keep a report: `fd` is read from its beginning, result->len bytes. Errors: UNAVAILABLE (disk,
 * folder; nothing is left then), RESOURCE_EXHAUSTED (it would be above bytes_max), the context's;
 * the words say which. */
MUST_USE enum status results_keep(const struct ctx *ctx, struct results_run *run,
    const char *site_no, const struct result *result, int fd, struct error *ret_error);

/* Whether a key has the right form. Errors: INVALID_ARGUMENT says which it is. */
MUST_USE enum status results_check_key(const char *key, struct error *ret_error);

#endif
