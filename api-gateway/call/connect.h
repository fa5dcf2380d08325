/* The connection to the service that the settings name.
 *
 *     status = connect_to_service(ctx, settings, &connection, &error);
 *     … connection.channel …
 *     connect_finish(&connection);
 */
#ifndef WALKIE_CALL_CONNECT_H
#define WALKIE_CALL_CONNECT_H

#include "base/settings.h"
#include "rpc/channel.h"
#include "rpc/interceptor_auth.h"

struct connection {
    struct rpc_tls *tls;   /* NULL: none */
    struct rpc_auth *auth; /* NULL: calls are not signed */
    struct rpc_client_interceptor interceptors[1];
    struct rpc_channel *channel;
};

/* Load the key and what TLS needs, dial, and wait until a call would go out, at most
 * --connect-timeout. Fills `connection`, also when it fails: connect_finish either way. Errors:
 * INVALID_ARGUMENT and NOT_FOUND (a setting), UNAVAILABLE (no connection: the text says why not,
 * address by address), the context's. */
MUST_USE enum status connect_to_service(const struct ctx *ctx, const struct settings *settings,
    struct connection *connection, struct error *ret_error);
void connect_finish(struct connection *connection);

#endif
