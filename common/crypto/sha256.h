/* SHA-256, at once or piece by piece.
 *
 *     struct sha256 *digest = sha256_new();
 *     sha256_update(digest, data, len);
 *     sha256_finish_hex(digest, hex);           // and ready for the next message
 *     sha256_free(digest);
 *
 * Not here: keyed digests (a MAC must not be built from this by hand), passwords. */
#ifndef WALKIE_CRYPTO_SHA256_H
#define WALKIE_CRYPTO_SHA256_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

enum {
    SHA256_LEN = 32,
    SHA256_HEX_MAX = 65, /* 64 lower-case hex digits and the NUL */
};

struct sha256; /* one message at a time, one thread at a time */

/* NULL when out of memory. The caller's until sha256_free. */
MUST_USE struct sha256 *sha256_new(void);
void sha256_free(struct sha256 *digest); /* accepts NULL; fits CLEANUP through sha256_free_at */
void sha256_free_at(struct sha256 **digest);

/* Add bytes to the message. `data` may be NULL when `len` is 0. */
void sha256_update(struct sha256 *digest, const void *data, size_t len);

/* End the message; the next update begins a new one. */
void sha256_finish(struct sha256 *digest, uint8_t ret_hash[SHA256_LEN]);
void sha256_finish_hex(struct sha256 *digest, char ret_hex[SHA256_HEX_MAX]);

/* 32 bytes in hexadecimal. */
void sha256_hex(const uint8_t hash[SHA256_LEN], char ret_hex[SHA256_HEX_MAX]);

#endif
