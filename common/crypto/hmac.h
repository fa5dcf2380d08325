/* HMAC-SHA256 (RFC 2104) over OpenSSL, and a comparison that tells nothing by how long it takes.
 *
 *     struct hmac_key *key = hmac_key_new(secret, secret_len);
 *     const struct hmac_part parts[] = {{method, method_len}, {hash, SHA256_LEN}};
 *     status = hmac_sign(key, parts, LENGTH_OF(parts), mac);
 *     bool is_same = crypto_equal(mac, told, HMAC_LEN);
 *     hmac_key_free(key);
 *
 * Parts are joined as they are: who signs several texts of varying length says their lengths, too.
 * Not here: how keys are changed. */
#ifndef WALKIE_CRYPTO_HMAC_H
#define WALKIE_CRYPTO_HMAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"

enum {
    HMAC_LEN = 32,
    HMAC_KEY_FILE_MIN = 32, /* bytes of a key file */
    HMAC_KEY_FILE_MAX = 4096,
};

struct hmac_key; /* shared by threads */

struct hmac_part {
    const void *data; /* may be NULL when len is 0 */
    size_t len;
};

/* The key is copied. NULL when out of memory. */
MUST_USE struct hmac_key *hmac_key_new(const void *key, size_t len);
void hmac_key_free(struct hmac_key *key); /* accepts NULL; the copy is wiped */

/* The key is what is in a file that others must not read. Errors: those of secret_file_read. */
MUST_USE enum status hmac_key_load(
    const char *path, struct hmac_key **ret_key, struct error *ret_error);

/* The MAC of the parts, one after the other. Threads: any. Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status hmac_sign(const struct hmac_key *key, const struct hmac_part *parts,
    size_t n_parts, uint8_t ret_mac[HMAC_LEN]);

/* Whether the bytes are the same, in a time that depends on `len` alone. */
MUST_USE bool crypto_equal(const void *one, const void *other, size_t len);

/* Overwrite a secret, also where the compiler sees no use of it. */
void crypto_wipe(void *secret, size_t len);

#endif
