#include "call/connect.h"

#include <stdio.h>
#include <string.h>

#include "rpc/tls_settings.h"

enum { REASONS_TEXT_MAX = 320 }; /* bytes; an error's text holds that and the rest */

/* "ADDRESS: why", for each that is not connected. */
static void add_reason(void *arg, const struct rpc_link_info *info)
{
    char *text = arg;
    size_t len = strlen(text);
    const char *why = info->last_error[0] == '\0' ? info->state : info->last_error;
    snprintf(
        text + len, REASONS_TEXT_MAX - len, "%s%s: %s", len == 0 ? "" : "; ", info->address, why);
}

static enum status wait_for_connection(
    const struct ctx *ctx, struct rpc_channel *channel, uint64_t wait_ns, struct error *ret_error)
{
    CTX_SCOPE(scope, ctx_with_timeout(ctx, wait_ns));
    enum status status = rpc_channel_wait_ready(scope->ctx, channel);
    if (status == STATUS_DEADLINE_EXCEEDED) {
        char reasons[REASONS_TEXT_MAX] = "";
        rpc_channel_each_link(channel, add_reason, reasons);
        return error_set(ret_error, STATUS_UNAVAILABLE,
            "no connection within %.1f s: %s (see --backend and --connect-timeout)",
            (double)wait_ns / 1e9, reasons);
    }
    return status == STATUS_OK
               ? status
               : error_set(ret_error, status, "interrupted before there was a connection");
}

enum status connect_to_service(const struct ctx *ctx, const struct settings *settings,
    struct connection *connection, struct error *ret_error)
{
    *connection = (struct connection){.channel = NULL};
    enum status status =
        rpc_tls_from_settings(settings, RPC_TLS_CLIENT, false, &connection->tls, ret_error);
    if (status == STATUS_OK) {
        status = rpc_auth_from_settings(settings, &connection->auth, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (connection->auth != NULL) {
        connection->interceptors[0] = rpc_auth_client(connection->auth);
    }
    const struct rpc_channel_options options = {.backend = settings_text(settings, "backend"),
        .tls = connection->tls,
        .name = "walkie-call",
        .interceptors = connection->interceptors,
        .n_interceptors = connection->auth == NULL ? 0 : 1};
    status = rpc_channel_new(&options, &connection->channel, ret_error);
    if (status != STATUS_OK) {
        error_prefix(ret_error, "--backend");
        return status;
    }
    return wait_for_connection(
        ctx, connection->channel, settings_duration_ns(settings, "connect-timeout"), ret_error);
}

void connect_finish(struct connection *connection)
{
    rpc_channel_free(connection->channel);
    rpc_auth_free(connection->auth);
    rpc_tls_free(connection->tls);
}
