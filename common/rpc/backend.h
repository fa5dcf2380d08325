/* The list of backends as it is written in a setting: "tcp://report-1:9090,ipc:///run/report.ipc".
 *
 *     struct rpc_address backends[RPC_BACKENDS_MAX];
 *     status = backend_list_parse(text, backends, &n_backends, &error);
 *     if (backend_is_name(&backends[0])) { … backend_at(&backends[0], "10.0.0.7", &address); }
 *
 * Pure: nothing is looked up. Not here: addresses of names (channel_resolve.c), dialling. */
#ifndef WALKIE_RPC_BACKEND_H
#define WALKIE_RPC_BACKEND_H

#include "rpc/address.h"
#include "rpc/channel.h"

/* Errors: INVALID_ARGUMENT, naming the entry and what is wrong with it. */
MUST_USE enum status backend_list_parse(const char *list,
    struct rpc_address ret_backends[RPC_BACKENDS_MAX], size_t *ret_n_backends,
    struct error *ret_error);

/* Whether the host is to be looked up; it may have several addresses then. */
bool backend_is_name(const struct rpc_address *backend);

/* The backend with one of its addresses, an IP literal without brackets, in the place of its host.
 */
void backend_at(
    const struct rpc_address *backend, const char *literal, struct rpc_address *ret_address);

#endif
