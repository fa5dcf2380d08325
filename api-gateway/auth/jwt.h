/* A JSON Web Token (RFC 7519) as bearer token: signature, then claims.
 *
 *     status = jwt_check(jwks, token, &options, now_s, &claims, &error);
 *
 * RS256 and ES256 alone, each with a key of its own kind: `none`, the HMACs and a public key that
 * is taken for an HMAC's secret are refused before a key is looked for (RFC 8725). What the header
 * says is believed for one thing: which key to try.
 *
 * A signature takes 20 (RS256, 2,048 bits) to 70 us (ES256) of CPU; nothing waits, and jwt_cache.h
 * saves it. */
#ifndef WALKIE_GATEWAY_AUTH_JWT_H
#define WALKIE_GATEWAY_AUTH_JWT_H

#include "auth/claims.h"
#include "auth/jwks.h"

enum {
    JWT_HEADER_MAX = 1024, /* bytes of the header, encoded */
    JWT_HEADER_NAMES_MAX = 32,
};

/* Whether it looks like one: three parts of base64url with dots between. */
bool jwt_has_shape(struct bytes token);

/* Errors: claims_read's; UNAUTHENTICATED for a header or signature that does not hold. */
MUST_USE enum status jwt_check(const struct jwks *jwks, struct bytes token,
    const struct claims_options *options, int64_t now_s, struct claims *ret_claims,
    struct error *ret_error);

#endif
