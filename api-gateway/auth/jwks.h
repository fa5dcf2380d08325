/* The keys that JWTs are checked with: a JSON Web Key Set (RFC 7517) in a file.
 *
 *     status = jwks_load("/etc/walkie/jwks.json", &jwks, &error);
 *     const struct jwks_key *key = jwks_find(jwks, JWT_RS256, "2026-11");
 *
 * Taken are RSA keys of 2048 bits or more and EC keys on P-256, for signatures. Other keys of the
 * set (for encryption, of other kinds) are passed over; a symmetric or a private key makes the file
 * worthless: what is in it may be public.
 *
 * Constant once read; shared by threads. The only rooms besides tests that include cjose are this
 * and jwt.c. Not here: fetching the set from an issuer; put it there and send SIGHUP. */
#ifndef WALKIE_GATEWAY_AUTH_JWKS_H
#define WALKIE_GATEWAY_AUTH_JWKS_H

#include <cjose/cjose.h>

#include "base/bytes.h"
#include "base/error.h"

enum {
    JWKS_FILE_LEN_MAX = 256 << 10, /* bytes */
    JWKS_KEYS_MAX = 64,
    JWKS_RSA_BITS_MIN = 2048,
    JWKS_KID_MAX = 256, /* bytes of a key's id, with the NUL */
};

enum jwt_algorithm { JWT_RS256, JWT_ES256 };

struct jwks;

struct jwks_key {
    char kid[JWKS_KID_MAX]; /* "": it has none */
    enum jwt_algorithm algorithm;
    cjose_jwk_t *key;
};

/* Errors: INVALID_ARGUMENT ("key 3: …"), RESOURCE_EXHAUSTED. */
MUST_USE enum status jwks_parse(struct bytes text, struct jwks **ret_jwks, struct error *ret_error);

/* The same of a file that nobody else may change. Errors: those, and secret_file_read's. */
MUST_USE enum status jwks_load(const char *path, struct jwks **ret_jwks, struct error *ret_error);
void jwks_free(struct jwks *jwks); /* accepts NULL */

size_t jwks_count(const struct jwks *jwks);

/* The key of that kind with that id. `kid` NULL (the token names none): the only one of its kind.
 * NULL: there is none. */
const struct jwks_key *jwks_find(
    const struct jwks *jwks, enum jwt_algorithm algorithm, const char *kid);

#endif
