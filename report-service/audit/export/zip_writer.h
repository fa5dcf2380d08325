/* A zip file as a stream: entries go out as they are written, memory stays flat, nothing is sought
 * back to.
 *
 *     status = zip_new(write, arg, &zip, &error);
 *     status = zip_begin(zip, "findings.csv", ZIP_DEFLATED, ZIP_LEN_UNKNOWN, &error);
 *     status = zip_write(zip, piece);                    as often as needed
 *     status = zip_end(zip, &error);
 *     status = zip_finish(zip, &error);                  the directory: without it there is no zip
 *     zip_free(zip);
 *
 * The same entries give the same bytes: no entry has a time (readers show 1980-01-01). A file whose
 * directory is missing is refused by every reader, so what was broken off cannot be taken for
 * whole. Not here: reading zip files, names that are not ASCII. */
#ifndef WALKIE_AUDIT_EXPORT_ZIP_WRITER_H
#define WALKIE_AUDIT_EXPORT_ZIP_WRITER_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

struct zip_writer;

enum zip_method {
    ZIP_STORED, /* for what is compressed already */
    ZIP_DEFLATED,
};

enum {
    ZIP_PIECE_MAX = 64 << 10, /* bytes of one piece handed to `write` */
    ZIP_NAME_MAX = 256,       /* bytes of an entry's name, with the NUL */
};
#define ZIP_LEN_UNKNOWN UINT64_MAX

/* Takes the next piece of the file. Anything but OK is remembered: it is what zip_* then return. */
typedef enum status zip_write_fn(void *arg, struct bytes piece);

/* One thread at a time a writer. Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status zip_new(
    zip_write_fn *write, void *arg, struct zip_writer **ret_zip, struct error *ret_error);

/* Frees; a file that was not finished stays without its directory. Accepts NULL. */
void zip_free(struct zip_writer *zip);
void zip_free_at(struct zip_writer **zip);

/* Begin an entry. `name` is a relative path of ASCII letters, digits and ".-_/". With a known `len`
 * exactly so many bytes must follow. Errors (of all of these): what `write` returned; INTERNAL with
 * libarchive's words; RESOURCE_EXHAUSTED. */
MUST_USE enum status zip_begin(struct zip_writer *zip, const char *name, enum zip_method method,
    uint64_t len, struct error *ret_error);
MUST_USE enum status zip_write(struct zip_writer *zip, struct bytes piece, struct error *ret_error);
MUST_USE enum status zip_end(struct zip_writer *zip, struct error *ret_error);

/* Hand out what is gathered, so that a reader at the other end has all entries that have ended. */
MUST_USE enum status zip_flush(struct zip_writer *zip, struct error *ret_error);

MUST_USE enum status zip_finish(struct zip_writer *zip, struct error *ret_error);

#endif
