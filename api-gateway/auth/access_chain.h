/* The chain of the access log's lines: each line's is the SHA-256 of the one before and the line,
 * or, with a key, their HMAC-SHA256, which nobody can make anew who has the file alone.
 *
 *     {"ts":…,"status":200}      becomes      {"ts":…,"status":200,"chain":"9f…"}
 */
#ifndef WALKIE_GATEWAY_AUTH_ACCESS_CHAIN_H
#define WALKIE_GATEWAY_AUTH_ACCESS_CHAIN_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "crypto/hmac.h"
#include "crypto/sha256.h"

enum { ACCESS_CHAIN_TAIL_LEN = 11 + 64 + 3 }; /* `,"chain":"`, the hash, `"}` and the newline */

struct access_chain {
    struct sha256 *digest;
    const struct hmac_key *key; /* NULL: none */
    char last[SHA256_HEX_MAX];
};

/* At the beginning of all chains: zeros. The key is borrowed. False: out of memory. */
MUST_USE bool access_chain_init(struct access_chain *chain, const struct hmac_key *key);
void access_chain_finish(struct access_chain *chain);

/* Append `line` ("{…}\n") to `out` with its chain, which is not taken over yet. */
MUST_USE enum status access_chain_link(const struct access_chain *chain, struct bytes line,
    char ret_link[SHA256_HEX_MAX], struct buffer *out);

/* Read a line, with its newline or without one. False: it has no chain, or has been broken off.
 * `ret_body_len` is what is hashed of it, `ret_link` what it says. */
bool access_chain_read(struct bytes line, size_t *ret_body_len, char ret_link[SHA256_HEX_MAX]);

/* What the link of a line's body is after the last one. Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status access_chain_hash(
    const struct access_chain *chain, struct bytes body, char ret_link[SHA256_HEX_MAX]);

#endif
