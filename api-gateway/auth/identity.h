/* Who a request comes from, once that is proven: a name, and what it may. Counted: a token's is
 * shared by all requests that bring the token.
 *
 *     struct identity *identity = identity_new(IDENTITY_TOKEN, "ana", "auditor 101,102");
 *     identity_unref(identity);
 *
 * Constant. Threads: any. Not here: the proof (tokens.h, jwt.h). */
#ifndef WALKIE_GATEWAY_AUTH_IDENTITY_H
#define WALKIE_GATEWAY_AUTH_IDENTITY_H

#include <stdatomic.h>

#include "rpc/authority.h"

enum { IDENTITY_NAME_MAX = 129 }; /* bytes of a name, with the NUL */

enum identity_means { IDENTITY_TOKEN, IDENTITY_JWT };

struct identity {
    _Atomic int n_holders;
    enum identity_means means;
    const char *name;           /* the principal */
    const char *text;           /* of the authority, as it travels */
    struct authority authority; /* a view of it */
    char room[];
};

/* Copies. NULL: out of memory, or no authority (a bug of the caller's). */
MUST_USE struct identity *identity_new(
    enum identity_means means, const char *name, const char *authority);
struct identity *identity_ref(struct identity *identity);
void identity_unref(struct identity *identity); /* accepts NULL */

/* "token", "jwt": how it was proven, in the access log. */
const char *identity_means_word(enum identity_means means);

#endif
