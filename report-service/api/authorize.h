/* Whether a call's caller may have what it asks for. The gateway has asked already; it is asked
 * again here, where the data are, from what the gateway signed: so that neither a stolen place in
 * the network nor a gateway's mistake in a route opens them.
 *
 *     struct authorize authorize = {.has_key = auth != NULL};
 *     interceptors[n++] = rpc_auth_server(auth);             the signature first
 *     interceptors[n++] = service_authorize(&authorize);
 *
 * What a method needs stands in its row (methods.h); a method that has none is the admin's alone.
 * Calls without an authority are those of a gateway that asks nobody who it is: they may all,
 * unless `is_required`. */
#ifndef WALKIE_SERVICE_AUTHORIZE_H
#define WALKIE_SERVICE_AUTHORIZE_H

#include "rpc/authority.h"
#include "rpc/interceptor.h"
#include "rpc/server.h"

struct authorize {
    bool has_key;     /* signatures are checked, so that an authority can be believed */
    bool is_required; /* calls without one are refused */
};

/* `authorize` is borrowed as long as the server lives. */
struct rpc_server_interceptor service_authorize(const struct authorize *authorize);

/* The least role that a method takes. */
enum role service_role_of(const struct rpc_method *method);

/* The caller's authority for handlers; false: it has none, and may see all. */
bool service_authority(const struct rpc_server_call *call, struct authority *ret_authority);

#endif
