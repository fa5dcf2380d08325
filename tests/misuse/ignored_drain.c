/* Whether the server is empty is not looked at.
 * expect: -Wunused-result */
#include "http/server.h"
#include "program.h"

void shut(const struct ctx *ctx, struct http_server *server);
void shut(const struct ctx *ctx, struct http_server *server)
{
    http_server_drain(ctx, server); /* HERE */
    http_server_stop(server);
}
