/* An outgoing call whose failure nobody sees.
 * expect: -Wunused-result */
#include "http/client.h"
#include "program.h"

void fetch(const struct ctx *ctx, struct http_client *client, const char *url);
void fetch(const struct ctx *ctx, struct http_client *client, const char *url)
{
    const struct http_client_request request = {.method = "GET", .url = url};
    struct http_client_reply reply = {.status_code = 0};
    http_client_call(ctx, client, &request, &reply, NULL); /* HERE */
    http_client_reply_finish(&reply);
}
