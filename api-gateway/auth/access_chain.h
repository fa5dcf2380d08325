/* The chain of the access log's lines: each line's is the SHA-256 of the one before and the line.
 *
 *     {"ts":…,"status":200}      becomes      {"ts":…,"status":200,"chain":"9f…"}
 */
#ifndef WALKIE_GATEWAY_AUTH_ACCESS_CHAIN_H
#define WALKIE_GATEWAY_AUTH_ACCESS_CHAIN_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "crypto/sha256.h"

enum { ACCESS_CHAIN_TAIL_LEN = 11 + 64 + 3 }; /* `,"chain":"`, the hash, `"}` and the newline */

struct access_chain {
    struct sha256 *digest;
    char last[SHA256_HEX_MAX];
};

/* At the beginning of all chains: zeros. False: out of memory. */
MUST_USE bool access_chain_init(struct access_chain *chain);
void access_chain_finish(struct access_chain *chain);

/* Append `line` ("{…}\n") to `out` with its chain, which is not taken over yet. */
MUST_USE enum status access_chain_link(const struct access_chain *chain, struct bytes line,
    char ret_link[SHA256_HEX_MAX], struct buffer *out);

/* Read a line, with its newline or without one. False: it has no chain, or has been broken off.
 * `ret_body_len` is what is hashed of it, `ret_link` what it says. */
bool access_chain_read(struct bytes line, size_t *ret_body_len, char ret_link[SHA256_HEX_MAX]);

/* What the link of a line's body is after `before`. */
void access_chain_hash(
    struct sha256 *digest, const char *before, struct bytes body, char ret_link[SHA256_HEX_MAX]);

#endif
