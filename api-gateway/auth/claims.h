/* The claims of a JWT whose signature holds: whose it is, what it allows, and until when.
 *
 *     status = claims_read(json, &options, now_s, &claims, &error);
 *
 * Wanted are `exp`, the issuer, the audience, a name, a role and sites; `nbf` and `iat` are looked
 * at when they are there. A claim that is there twice makes the whole token worthless, for who
 * reads it first and who reads it last would see two tokens.
 *
 * Not here: the signature (jwt.h). */
#ifndef WALKIE_GATEWAY_AUTH_CLAIMS_H
#define WALKIE_GATEWAY_AUTH_CLAIMS_H

#include "auth/identity.h"
#include "base/error.h"

enum { CLAIMS_MAX = 128 }; /* claims of one token */

/* What is asked of claims; texts are borrowed. */
struct claims_options {
    const char *issuer;
    const char *audience;
    const char *name_claim;  /* a text */
    const char *role_claim;  /* a text or a list; "realm_access.roles" is one within an object */
    const char *role_prefix; /* what role words begin with; NULL: nothing. Others do not count */
    const char *sites_claim; /* a list of texts or numbers, or one text with commas or blanks */
    int64_t leeway_s;        /* how far clocks may be apart */
};

struct claims {
    char name[IDENTITY_NAME_MAX];
    char authority[AUTHORITY_TEXT_MAX];
    int64_t expires_s; /* since 1970 */
};

/* Errors: UNAUTHENTICATED (malformed, not for us, not now), PERMISSION_DENIED (proven, but without
 * a role or a site), RESOURCE_EXHAUSTED. The text names the claim, and nothing of its value. */
MUST_USE enum status claims_read(struct bytes json, const struct claims_options *options,
    int64_t now_s, struct claims *ret_claims, struct error *ret_error);

#endif
