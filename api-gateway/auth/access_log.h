/* The access log: who asked for what and what came of it, one JSON line a request, for auditors.
 *
 *     status = access_log_new(&(struct access_log_options){.path = path}, &log, &error);
 *     access_log_put(log, fields, LENGTH_OF(fields));              any thread, never blocks
 *     access_log_reopen(log);                                      SIGHUP
 *
 * Lines are only ever appended (O_APPEND), each with one write(2), by a thread of its own: what is
 * put is in the file some milliseconds later, and at the latest when the log is freed. Each line
 * ends with `chain`, the SHA-256 of the chain of the line before and of the line itself, or their
 * HMAC with a key that is kept apart, so that nobody can make the chain anew: a line
 * that was changed, taken out or put in shows (access_log_check). A file that is opened goes on
 * from its last line; a new one begins with the chain of the one before it.
 *
 * A line that cannot be written is counted (walkie_access_log_lost_total) and the reason is logged
 * once a minute. With `is_required` nothing is lost as long as there is room in memory: the line is
 * tried again, and access_log_is_ready says no until that has succeeded.
 *
 * Not here: what is in a line (api/access.c); telling that a file's last lines were cut off before
 * a line follows them: keep the chain's last value elsewhere, or ship the lines. */
#ifndef WALKIE_GATEWAY_AUTH_ACCESS_LOG_H
#define WALKIE_GATEWAY_AUTH_ACCESS_LOG_H

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/hmac.h"
#include "obs/log.h"

enum {
    ACCESS_LOG_QUEUE_MAX = 4 << 20, /* bytes that wait for the disk; further lines are lost */
    ACCESS_LOG_RETRY_MS = 200,      /* between tries to write a line that is required */
};

struct access_log_options {
    const char *path;     /* borrowed until access_log_free */
    const char *key_path; /* of the chain's key (hmac_key_load); NULL: it has none */
    bool is_required;     /* requests are refused while lines cannot be written */
};

struct access_log;

/* Open (mode 600 when it is made) and start the thread. Errors: UNAVAILABLE names the file;
 * RESOURCE_EXHAUSTED; those of hmac_key_load. */
MUST_USE enum status access_log_new(
    const struct access_log_options *options, struct access_log **ret_log, struct error *ret_error);

/* Write what waits, once, and close. Accepts NULL. */
void access_log_free(struct access_log *log);

/* Open the file of that name anew, after it was renamed. The old one stays when that fails; the log
 * says so. */
void access_log_reopen(struct access_log *log);

/* Whether requests may go on: lines can be written, or are not required. */
bool access_log_is_ready(const struct access_log *log);

/* A line of these fields, with `ts` in front. */
void access_log_put(struct access_log *log, const struct log_field *fields, size_t n_fields);

/* Whether the chain of a file's lines holds; `key`: that of the log, or NULL. `on_finding` is
 * called for each line that does not follow from the one before, or was broken off (by a full disk;
 * the one behind it follows from the one before it), with words that begin with the file and the
 * line; they last for the call. Blocks. Errors: NOT_FOUND, UNAVAILABLE; DATA_LOSS: the text says
 * how many were found. */
typedef void access_log_finding_fn(void *arg, const char *words);
MUST_USE enum status access_log_check(const char *path, const struct hmac_key *key,
    access_log_finding_fn *on_finding, void *arg, uint64_t *ret_n_lines, struct error *ret_error);

#endif
