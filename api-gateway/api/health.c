#include "api/handlers.h"

enum status handle_healthz(struct request *request, struct error *ret_error)
{
    (void)ret_error;
    http_respond(request->exchange, 200, "text/plain", bytes_of("ok\n"));
    return STATUS_OK;
}

enum status handle_readyz(struct request *request, struct error *ret_error)
{
    if (atomic_load(&request->gateway->is_draining)) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "draining");
    }
    if (!rpc_channel_is_ready(request->gateway->channel)) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "no connection to the report service");
    }
    http_respond(request->exchange, 200, "text/plain", bytes_of("ready\n"));
    return STATUS_OK;
}
