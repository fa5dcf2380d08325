/* Who asks: the token of a request, looked up in the token file or checked as a JWT.
 *
 *     status = authenticator_new(&options, &authenticator, &error);
 *     status = authenticator_check(authenticator, http_header(exchange, "authorization"),
 *         authenticator_now_s(), true, &identity, &error);
 *     authenticator_reload(authenticator);                                         SIGHUP
 *
 * A reload reads the files anew; a request under way keeps what it was checked against. When one of
 * them is not good all that was read before stays, and the log says why.
 *
 * Threads: any; checking never blocks. Not here: what the identity may (permission.h). */
#ifndef WALKIE_GATEWAY_AUTH_AUTHENTICATOR_H
#define WALKIE_GATEWAY_AUTH_AUTHENTICATOR_H

#include "auth/claims.h"

struct authenticator;

struct authenticator_options {
    const char *tokens_path; /* NULL: no token file */
    const char *jwks_path;   /* NULL: no JWTs */
    struct claims_options claims;
};

/* Read the files. `options` is borrowed for the call, its texts until authenticator_free. Errors:
 * token_file_load's and jwks_load's. */
MUST_USE enum status authenticator_new(const struct authenticator_options *options,
    struct authenticator **ret_authenticator, struct error *ret_error);
void authenticator_free(struct authenticator *authenticator); /* accepts NULL */

/* Read the files anew, and log what came of it. Blocks for as long as the disk takes. */
void authenticator_reload(struct authenticator *authenticator);

/* Whom the header's token belongs to: counted, the caller's to identity_unref. `header` may be
 * NULL. Errors: UNAUTHENTICATED (none, or none that holds: the text, a literal's or a few words
 * without anything of the token, says which), PERMISSION_DENIED (proven, and without any right
 * here), RESOURCE_EXHAUSTED. Without `may_verify` no signature is computed: a JWT that is not
 * remembered is RESOURCE_EXHAUSTED, for strangers who have sent too many bad ones. */
MUST_USE enum status authenticator_check(struct authenticator *authenticator, const char *header,
    int64_t now_s, bool may_verify, struct identity **ret_identity, struct error *ret_error);

/* The time that tokens are checked against, in seconds since 1970. */
int64_t authenticator_now_s(void);

#endif
