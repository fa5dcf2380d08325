/* An .xz file's contents, piece by piece: what csv_new reads from.
 *
 *     status = xz_open(path, &file, &error);
 *     csv = csv_new(CSV_COMMA, xz_read, file);
 *     xz_close(file);
 *
 * Not here: writing, other compressions. */
#ifndef WALKIE_IMPORT_XZ_FILE_H
#define WALKIE_IMPORT_XZ_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { XZ_MEMORY_MAX = 128 << 20 }; /* bytes that a file may ask its reader to need */

struct xz_file;

/* Errors: UNAVAILABLE (missing, unreadable), RESOURCE_EXHAUSTED. */
MUST_USE enum status xz_open(const char *path, struct xz_file **ret_file, struct error *ret_error);
void xz_close(struct xz_file *file); /* accepts NULL */

/* A csv_read_fn; `arg` is the file. Errors: UNAVAILABLE, DATA_LOSS (corrupt or cut off). */
enum status xz_read(void *arg, void *data, size_t size, size_t *ret_len, struct error *ret_error);

/* Compressed bytes read so far: what progress is measured in. */
uint64_t xz_position(const struct xz_file *file);
uint64_t xz_size(const struct xz_file *file); /* compressed bytes in all */

#endif
