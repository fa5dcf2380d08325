/* One outgoing call with a deadline of its own, and its answer given back.
 * expect: nothing */
#include "http/client.h"
#include "program.h"

enum status fetch(
    const struct ctx *ctx, struct http_client *client, const char *url, int *ret_status_code);
enum status fetch(
    const struct ctx *ctx, struct http_client *client, const char *url, int *ret_status_code)
{
    CTX_SCOPE(scope, ctx_with_timeout(ctx, CTX_SECONDS(1)));
    const struct http_client_request request = {.method = "GET", .url = url};
    struct http_client_reply reply;
    enum status status = http_client_call(scope->ctx, client, &request, &reply, NULL);
    if (status != STATUS_OK) {
        return status;
    }
    *ret_status_code = reply.status_code;
    http_client_reply_finish(&reply);
    return STATUS_OK;
}
