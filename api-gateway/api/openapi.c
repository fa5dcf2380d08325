/* GET /openapi.json: written once, when the gateway starts (openapi/openapi.h). */
#include "api/handlers.h"

enum status handle_openapi(struct request *request, struct error *ret_error)
{
    const char *text = request->gateway->openapi;
    if (text == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "there was no memory to write it");
    }
    http_respond_header(request->exchange, "Cache-Control", "no-cache");
    http_respond(request->exchange, 200, "application/json", bytes_of(text));
    return STATUS_OK;
}
