/* The client's side of interceptors: asks the chain before a call is sent, and keeps the metadata
 * that it made with the call. */
#include "rpc/channel_internal.h"

static bool is_asked(const struct rpc_client_call *call)
{
    return call->channel->n_interceptors > 0 && !call->is_check;
}

/* What the caller's context carries, in an array with room for more. */
static void take_over(const struct rpc_metadata *from, struct rpc_metadata *to)
{
    if (from == NULL) {
        return;
    }
    for (size_t i = 0; i < from->n_entries; i++) {
        to->entries[i] = from->entries[i];
    }
    to->n_entries = from->n_entries;
    to->len = from->len;
}

struct call_unsent client_intercept_start(
    struct rpc_client_call *call, const ProtobufCMessage *request)
{
    const struct rpc_channel *channel = call->channel;
    if (!is_asked(call)) {
        return (struct call_unsent){.status = STATUS_OK};
    }
    struct rpc_metadata_entry entries[RPC_METADATA_ENTRIES_MAX];
    struct rpc_metadata metadata;
    uint8_t rooms[RPC_INTERCEPTORS_MAX][RPC_METADATA_VALUE_MAX];
    rpc_metadata_init(&metadata, entries, RPC_METADATA_ENTRIES_MAX);
    take_over(rpc_metadata_of(call->ctx), &metadata);
    struct rpc_outgoing_call outgoing = {
        .method = call->method, .request = request, .metadata = &metadata};
    const char *why = "refused by an interceptor";
    enum status status = STATUS_OK;
    for (size_t i = 0; i < channel->n_interceptors && status == STATUS_OK; i++) {
        const struct rpc_client_interceptor *hooks = &channel->interceptors[i];
        if (hooks->on_start != NULL) {
            status = hooks->on_start(hooks->arg, call->ctx, &outgoing, rooms[i], &why);
        }
    }
    if (status == STATUS_OK) {
        why = "out of memory";
        status = rpc_metadata_copy(&metadata, &call->metadata, &call->metadata_copy);
    }
    return (struct call_unsent){.status = status, .why = status == STATUS_OK ? NULL : why};
}

const struct rpc_metadata *client_metadata(const struct rpc_client_call *call)
{
    return is_asked(call) ? &call->metadata : rpc_metadata_of(call->ctx);
}

void client_intercept_end(const struct rpc_client_call *call, const struct rpc_end *end)
{
    const struct rpc_channel *channel = call->channel;
    size_t n = is_asked(call) ? channel->n_interceptors : 0;
    for (size_t i = 0; i < n; i++) {
        const struct rpc_client_interceptor *hooks = &channel->interceptors[i];
        if (hooks->on_end != NULL) {
            hooks->on_end(hooks->arg, call->ctx, call->method, end);
        }
    }
}
