/* The folder of results: a file each, whole or not there.
 *
 *     status = result_file_new(files, id, &file, &error);
 *     status = result_file_write(file, piece, &error);
 *     status = result_file_keep(file, &bytes, sha256, &error);      synced, then renamed
 *
 *     ID.result            a result
 *     ID.GATEWAY.part      one that a gateway is writing
 *     GATEWAY.lock         locked while that gateway lives, so that others can tell
 *
 * Several gateways may share the folder. Not here: which of them are to be kept (store.h). Every
 * function may block on the disk: workers call them. */
#ifndef WALKIE_GATEWAY_OPERATIONS_FILES_H
#define WALKIE_GATEWAY_OPERATIONS_FILES_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/error.h"

struct files;
struct result_file;

enum { FILES_ORPHAN_AGE_S = 60 }; /* a result that no record knows goes when it is older */

/* Open the folder, which must be ours alone, and take the lock of this gateway. Both texts are
 * copied. Errors: UNAVAILABLE, RESOURCE_EXHAUSTED. */
MUST_USE enum status files_open(
    const char *folder, const char *gateway, struct files **ret_files, struct error *ret_error);
void files_close(struct files *files); /* takes the lock's file away; accepts NULL */

/* Begin one. `bytes_max`: longer ones fail. Errors: UNAVAILABLE (the disk), RESOURCE_EXHAUSTED. */
MUST_USE enum status result_file_new(struct files *files, const char *id, uint64_t bytes_max,
    struct result_file **ret_file, struct error *ret_error);

/* Append. Errors: UNAVAILABLE (the disk is full or fails), RESOURCE_EXHAUSTED (too long). */
MUST_USE enum status result_file_write(
    struct result_file *file, struct bytes piece, struct error *ret_error);

/* It is whole: on the disk and under its name when this returns. Frees it, also when it fails:
 * nothing is left then. Errors: UNAVAILABLE. */
MUST_USE enum status result_file_keep(
    struct result_file *file, uint64_t *ret_bytes, char ret_sha256[65], struct error *ret_error);
void result_file_drop(struct result_file *file); /* leaves nothing; accepts NULL */

/* A result to read: the caller's to close; -1: it is not in this folder. */
MUST_USE int files_open_result(const struct files *files, const char *id);
void files_remove_result(const struct files *files, const char *id);

/* Whether that gateway has ended: its lock's file was here and nobody holds it; the file goes.
 * False also when there is none: it may have another folder. */
MUST_USE bool files_gateway_has_ended(const struct files *files, const char *gateway);

/* Visit the results that are older than FILES_ORPHAN_AGE_S; remove those that `is_wanted` denies.
 * Parts of gateways that have ended go, too. */
void files_sweep(
    const struct files *files, bool (*is_wanted)(void *arg, const char *id), void *arg);

#endif
