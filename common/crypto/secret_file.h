/* A small file that others must not read, or at least not change: a key, hashes of tokens.
 *
 *     struct buffer text = BUFFER_EMPTY(FILE_MAX);
 *     const struct secret_file file = {.kind = "token file", .path = path,
 *         .privacy = SECRET_FILE_PRIVATE, .len_max = FILE_MAX, .hint = ""};
 *     status = secret_file_read(&file, &text, &error);
 *     secret_file_finish(&text);                                  wipes it
 *
 * Blocks for as long as the disk takes. Not here: what is in it. */
#ifndef WALKIE_CRYPTO_SECRET_FILE_H
#define WALKIE_CRYPTO_SECRET_FILE_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/error.h"

enum secret_file_privacy {
    SECRET_FILE_OWN,     /* mode 600 or less: nobody else reads or changes it */
    SECRET_FILE_PRIVATE, /* the same, but the group may read it: mode 640 */
    SECRET_FILE_PUBLIC,  /* everybody may read it, nobody else may change it */
};

struct secret_file {
    const char *kind; /* how errors call it: "key file" */
    const char *path;
    enum secret_file_privacy privacy;
    size_t len_min;   /* bytes */
    size_t len_max;   /* bytes; the buffer's maximum is at least that */
    const char *hint; /* what follows when the length is wrong: ", for example from …"; "" */
};

/* Read it whole into an empty buffer. Errors: INVALID_ARGUMENT (length, mode, no regular file),
 * NOT_FOUND, PERMISSION_DENIED, UNAVAILABLE, RESOURCE_EXHAUSTED; the text names the file and says
 * what to do. Finish the buffer either way. */
MUST_USE enum status secret_file_read(
    const struct secret_file *file, struct buffer *ret_text, struct error *ret_error);

/* Wipe and free. */
void secret_file_finish(struct buffer *text);

#endif
