/* A file that is read once from beginning to end, with its digest: what an import remembers to know
 * the same file again.
 *
 *     status = input_open(ctx, path, &file, &error);
 *     status = xml_stream_read(ctx, input_read, file, &handler, arg, &error);
 *     input_digest_hex(file, hex);
 *     input_close(file);
 *
 * "-" is standard input. Waiting for a pipe hears the context. Not here: compression (xz_file.h),
 * writing. One thread. */
#ifndef WALKIE_IMPORT_INPUT_FILE_H
#define WALKIE_IMPORT_INPUT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "crypto/sha256.h"
#include "ctx/ctx.h"

struct input_file;

/* Borrows ctx until input_close. Errors: UNAVAILABLE (missing, unreadable, a folder; the text names
 * the file), RESOURCE_EXHAUSTED. */
MUST_USE enum status input_open(
    const struct ctx *ctx, const char *path, struct input_file **ret_file, struct error *ret_error);
void input_close(struct input_file *file); /* accepts NULL */

/* An xml_read_fn and csv_read_fn; `file` is the input file. Errors: UNAVAILABLE, the context's. */
enum status input_read(
    void *file, void *data, size_t size, size_t *ret_len, struct error *ret_error);

/* Back to the beginning, for files that can. False: a pipe. */
MUST_USE bool input_rewind(struct input_file *file);

uint64_t input_position(const struct input_file *file);
uint64_t input_size(const struct input_file *file); /* 0: not known */

/* The digest of what was read since the beginning; ends the counting. */
void input_digest_hex(struct input_file *file, char ret_hex[SHA256_HEX_MAX]);

#endif
