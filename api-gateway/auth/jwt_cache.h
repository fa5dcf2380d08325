/* Tokens that have been checked: so that a signature is computed once, not for every request.
 *
 *     struct identity *identity = jwt_cache_find(cache, hash, now_s);
 *     jwt_cache_put(cache, hash, identity, claims.expires_s);
 *
 * Keyed by the SHA-256 of the whole token, which is not kept. An entry holds until its token
 * expires, without the leeway of clocks, and no longer than the keys it was checked with: a reload
 * makes a new cache. Bad tokens are not kept: anybody could fill it with them.
 *
 * Threads: any; a lookup is a lock and four comparisons. */
#ifndef WALKIE_GATEWAY_AUTH_JWT_CACHE_H
#define WALKIE_GATEWAY_AUTH_JWT_CACHE_H

#include "auth/identity.h"
#include "crypto/sha256.h"

enum {
    JWT_CACHE_SETS = 256,
    JWT_CACHE_WAYS = 4, /* tokens whose hashes begin alike; the one that expires first goes */
};

struct jwt_cache;

/* NULL: out of memory. */
MUST_USE struct jwt_cache *jwt_cache_new(void);
void jwt_cache_free(struct jwt_cache *cache); /* accepts NULL */

/* Counted, the caller's to identity_unref; NULL: not known, or expired. */
struct identity *jwt_cache_find(
    struct jwt_cache *cache, const uint8_t hash[SHA256_LEN], int64_t now_s);

/* Takes a reference of its own. */
void jwt_cache_put(struct jwt_cache *cache, const uint8_t hash[SHA256_LEN],
    struct identity *identity, int64_t expires_s);

#endif
