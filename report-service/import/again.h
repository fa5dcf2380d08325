/* Whether a data set holds this very input already: meta.import_digest is the input's digest, made
 * by this version of its reader.
 *
 *     status = again_check(ctx, &dataset_options, digest, &is_same, &error);
 *     ... or else load, and dataset_set_meta(dataset, kind, AGAIN_KEY, digest)
 *
 * Not here: making digests (input_file.h). */
#ifndef WALKIE_IMPORT_AGAIN_H
#define WALKIE_IMPORT_AGAIN_H

#include <stdbool.h>

#include "import/dataset.h"

enum { AGAIN_DIGEST_MAX = 96 }; /* bytes of "odm/1:" and a digest, with the NUL */

#define AGAIN_KEY "import_digest"

/* True when every database of the options was made from the input of this digest. Databases that
 * are not there, or cannot be read, hold nothing. Errors: the context's. */
MUST_USE enum status again_check(const struct ctx *ctx, const struct dataset_options *options,
    const char *digest, bool *ret_is_same, struct error *ret_error);

/* Whether there is anything that again_check could look into: spares the digest where not. */
bool again_has_target(const struct dataset_options *options);

#endif
