/* The server's side of interceptors: asks the chain. */
#include "rpc/server_internal.h"

bool server_has_interceptors(const struct rpc_server *server, const struct rpc_method *method)
{
    return server->options.n_interceptors > 0 && (method->flags & RPC_OPEN) == 0;
}

struct refusal server_intercept_call(
    const struct rpc_server *server, const struct rpc_incoming *incoming)
{
    for (size_t i = 0; i < server->options.n_interceptors; i++) {
        const struct rpc_server_interceptor *hooks = &server->options.interceptors[i];
        const char *why = "refused";
        enum status status =
            hooks->on_call == NULL ? STATUS_OK : hooks->on_call(hooks->arg, incoming, &why);
        if (status != STATUS_OK) {
            return (struct refusal){status, why};
        }
    }
    return (struct refusal){STATUS_OK, NULL};
}

static struct rpc_incoming incoming_of(const struct rpc_server_call *call)
{
    return (struct rpc_incoming){.method = call->binding->method,
        .metadata = &call->metadata,
        .peer = rpc_connection_peer_text(call->peer->connection),
        .request = call->request};
}

enum status server_intercept_run(const struct rpc_server_call *call)
{
    const struct rpc_server_options *options = &call->peer->server->options;
    enum status status = STATUS_OK;
    if (call->is_inline || !server_has_interceptors(call->peer->server, call->binding->method)) {
        return STATUS_OK;
    }
    struct rpc_incoming incoming = incoming_of(call);
    for (size_t i = 0; i < options->n_interceptors && status == STATUS_OK; i++) {
        const struct rpc_server_interceptor *hooks = &options->interceptors[i];
        if (hooks->on_run != NULL) {
            status = hooks->on_run(hooks->arg, call->ctx, &incoming);
        }
    }
    return status;
}

void server_intercept_end(const struct rpc_server_call *call, const struct rpc_end *end)
{
    const struct rpc_server_options *options = &call->peer->server->options;
    if (!server_has_interceptors(call->peer->server, call->binding->method)) {
        return;
    }
    struct rpc_incoming incoming = incoming_of(call);
    for (size_t i = 0; i < options->n_interceptors; i++) {
        const struct rpc_server_interceptor *hooks = &options->interceptors[i];
        if (hooks->on_end != NULL) {
            hooks->on_end(hooks->arg, call->ctx, &incoming, end);
        }
    }
}
