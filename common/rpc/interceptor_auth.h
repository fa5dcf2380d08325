/* Signed calls: both sides hold one key, and a server that has it takes no call without a
 * signature.
 *
 *     status = rpc_auth_load("/etc/walkie/rpc.key", &auth, &error);
 *     const struct rpc_client_interceptor chain[] = {rpc_auth_client(auth)};
 *
 * Signed with HMAC-SHA256 are the method, the principal, the authorization scope, the SHA-256 of
 * the request and the time until which all that holds: a peer without the key can neither call nor
 * say who somebody else is. A server refuses UNAUTHENTICATED, unstarted, and says why: no
 * signature, a wrong one, one that has expired. The request is hashed on the I/O thread, so a
 * signed call's request has a maximum.
 *
 * Not here: hiding anything (TLS), keeping a signed call from being sent again before it expires,
 * several keys at once, users. Clocks must agree to some seconds. */
#ifndef WALKIE_RPC_INTERCEPTOR_AUTH_H
#define WALKIE_RPC_INTERCEPTOR_AUTH_H

#include "base/settings.h"
#include "rpc/interceptor.h"

enum {
    RPC_AUTH_REQUEST_MAX = 4 << 20,    /* bytes of a signed call's request: as much as a frame has.
                                        * Hashing takes 0.7 ms a MiB, a third of carrying it */
    RPC_AUTH_SLACK_S = 30,             /* a signature holds so much longer than the call's time */
    RPC_AUTH_LIFETIME_MAX_S = 15 * 60, /* longer ones are not made, and not believed */
};
#define RPC_AUTH_SIGNATURE "signature" /* the entry of metadata */

struct rpc_auth; /* shared by threads */

/* Read the key: any bytes. Errors: INVALID_ARGUMENT (too short, too long, others may read it, no
 * regular file), NOT_FOUND, PERMISSION_DENIED, RESOURCE_EXHAUSTED; the text says what to do. */
MUST_USE enum status rpc_auth_load(
    const char *path, struct rpc_auth **ret_auth, struct error *ret_error);
/* The same of a program's setting; its row stands in the program's own table. *ret_auth is NULL,
 * and OK comes back, when it is not set. */
#define RPC_AUTH_SETTING "rpc-key-file"
MUST_USE enum status rpc_auth_from_settings(
    const struct settings *settings, struct rpc_auth **ret_auth, struct error *ret_error);

void rpc_auth_free(struct rpc_auth *auth); /* accepts NULL; after the server or channel */

/* For the chains; `auth` is borrowed. */
struct rpc_server_interceptor rpc_auth_server(struct rpc_auth *auth);
struct rpc_client_interceptor rpc_auth_client(struct rpc_auth *auth);

#endif
